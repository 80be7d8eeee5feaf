"""The text pane's lines: never wider than asked, nothing lost, tokens in order, broken at spaces where possible."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tempviz.tui.display import cell_len, flow
from tempviz.tui.renderables.text import Line, wrap
from tempviz.tui.viewdata import TextView
from tempviz.tui.widgets.text_pane import CARET, TextPane

from .driving import PIECES

WIDTHS = st.integers(2, 30)
TEXTS = st.lists(st.text("ab  字\n", max_size=8).map(str.encode), max_size=12)
ANYTHING = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6)), max_size=12)


def lines_of(pieces: list[bytes], width: int) -> list[Line]:
    return wrap(tuple(flow(pieces)), width)


def shown(pieces: list[bytes], width: int) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines_of(pieces, width)]


def words(*texts: str) -> list[bytes]:
    return [text.encode() for text in texts]


@pytest.mark.parametrize(
    ("pieces", "width", "lines"),
    [
        ([], 10, [""]),
        (words("The", " capital", " of"), 30, ["The capital of"]),
        (words("The", " capital", " of"), 11, ["The capital", "of"]),
        (words("The", " capital", " of"), 10, ["The ", "capital of"]),
        # A token that goes on a word takes the word's beginning with it.
        (words("one", " cap", "ital"), 8, ["one ", "capital"]),
        (words("abcdefgh"), 3, ["abc", "def", "gh"]),
        (words("字字字"), 5, ["字字", "字"]),
        (words("a字"), 2, ["a", "字"]),
        (words("a\n", "b"), 10, ["a⏎", "b"]),
        (words("a\n"), 10, ["a⏎", ""]),
        (words("\n\n"), 10, ["⏎", "⏎", ""]),
    ],
)
def test_a_table_of_wrapped_text(pieces: list[bytes], width: int, lines: list[str]) -> None:
    assert shown(pieces, width) == lines


@given(st.one_of(TEXTS, ANYTHING), WIDTHS)
@example([b"a\xe5\xad\x97"], 2)
@example([b"ab  "], 3)
@example([b"ab", b" ", b" "], 2)
@example([b"ab     cd"], 3)
def test_no_line_is_wider_than_asked(pieces: list[bytes], width: int) -> None:
    for line in lines_of(pieces, width):
        assert sum(piece.cells for piece in line) <= width
        assert all(piece.cells == cell_len(piece.text) for piece in line)


@given(st.one_of(TEXTS, ANYTHING), WIDTHS)
@example([b"aaa ", b" "], 3)
@example([b"aaa ", b" ", b" b"], 3)
def test_no_text_is_lost_but_spaces_where_a_line_is_broken(pieces: list[bytes], width: int) -> None:
    """At most one at each end of a line."""
    whole = "".join(run.text for run in flow(pieces))
    lines = " ?".join(map(re.escape, shown(pieces, width)))
    assert re.fullmatch(f"{lines} ?", whole)


@given(st.one_of(TEXTS, ANYTHING), WIDTHS)
def test_tokens_come_in_order_and_every_one_has_a_place(pieces: list[bytes], width: int) -> None:
    tokens = [piece.token for line in lines_of(pieces, width) for piece in line]
    assert tokens == sorted(tokens)
    assert set(tokens) == set(range(len(pieces)))


@given(TEXTS, WIDTHS)
def test_a_line_break_in_the_text_ends_the_line(pieces: list[bytes], width: int) -> None:
    for line in shown(pieces, width):
        assert "⏎" not in line[:-1]


@given(st.lists(st.text("ab", min_size=1, max_size=6).map(lambda word: f" {word}".encode()), max_size=12))
def test_words_that_fit_are_not_broken(pieces: list[bytes]) -> None:
    whole = [word for line in shown(pieces, 8) for word in line.split()]
    assert whole == [piece.decode().strip() for piece in pieces]


# ---- with the cursor in it -----------------------------------------------------------------------------------------


def pane_rows(pieces: list[bytes], caret: int, width: int, height: int) -> list[list[tuple[str, str]]]:
    data = TextView(tuple(flow(pieces)), ("s0",) * len(pieces), (0,) * len(pieces), caret, "")
    return TextPane().rows(data, width, height)


@given(st.one_of(TEXTS, ANYTHING), st.data(), WIDTHS)
@example([b"a", "\u0301".encode(), b"b"], None, 8)
def test_rows_are_exactly_as_wide_as_the_pane(pieces: list[bytes], data: st.DataObject | None, width: int) -> None:
    carets = range(len(pieces) + 1) if data is None else [data.draw(st.integers(0, len(pieces)))]
    for caret in carets:
        rows = pane_rows(pieces, caret, width + 1, 1000)
        assert all(cell_len("".join(text for text, _ in row)) == width + 1 for row in rows)
        assert any(role.startswith("caret") for row in rows for _, role in row)


@given(TEXTS, st.data())
def test_the_cursor_is_in_sight(pieces: list[bytes], data: st.DataObject) -> None:
    height = data.draw(st.integers(1, 4))
    rows = pane_rows(pieces, data.draw(st.integers(0, len(pieces))), 12, height)
    assert len(rows) <= height
    assert any(role.startswith("caret") for row in rows for _, role in row)


@pytest.mark.parametrize("width", range(8, 40))
@pytest.mark.parametrize("caret", range(9))
def test_the_cursor_is_one_on_the_line_of_its_token(caret: int, width: int) -> None:
    """Also where the space that the token begins with is the break of the line."""
    pieces = words("The", " quick", " brown", " fox", " jumps ", " over", " the", " lazy", " dogs")
    for height in (1, 2):
        rows = pane_rows(pieces, caret, width, height)
        seen = [text for row in rows for text, role in row if role == "caret"]
        assert "".join(seen).strip() == pieces[caret].decode().strip()
    (space,) = [text for row in pane_rows(words("ab", " ", "cd"), 1, 3, 2) for text, role in row if role == "caret"]
    assert space == CARET


def test_the_pane_scrolls_no_more_than_it_must() -> None:
    """One pane that is walked from end to end and back: the line of the cursor stays in sight, others move little."""
    pieces = [b"line\n"] * 9 + [b"end"]
    data = TextView(tuple(flow(pieces)), ("s0",) * 10, (0,) * 10, 10, "")
    pane, shown = TextPane(), []
    for caret in (10, 8, 7, 6, 0, 2, 3, 9):
        rows = pane.rows(data._replace(caret=caret), 20, 3)
        shown.append([i for i, row in enumerate(rows) if any(role.startswith("caret") for _, role in row)])
    assert shown == [[2], [1], [0], [0], [0], [2], [2], [2]]
