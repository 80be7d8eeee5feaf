"""The drawing of a comparison: every cell of small ones, and that it always fills its room."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models.compare import Column, Comparison
from tempviz.models.sampling import coin
from tempviz.models.state import Settings
from tempviz.models.vocabulary import Vocabulary
from tempviz.tui.compare_view import compare_view
from tempviz.tui.display import cell_len
from tempviz.tui.renderables.compare import column_at, compare_lines, text_lines, text_room

PIECES = (b"</s>", b" one", b" two", b" three", b"\n", b"\xe6\xad", b"\x1b[2J", "日本".encode(), b"")
WORDS = Vocabulary.of(PIECES, eog=[0])


def comparison(*columns: Column, limit: int = 9, n_ctx: int = 99) -> Comparison:
    return Comparison((1,), Settings(seed=7), limit, n_ctx, WORDS, columns)


def column(temperature: float, *tokens: int, end=None) -> Column:
    """A text each token of which had 2 bits, out of 3 expected."""
    return Column(temperature, tokens, (2.0,) * len(tokens), (3.0,) * len(tokens), end)


TWO = comparison(column(0.5, 1, 2, 3, 0, end="eog"), column(1.0, 1, 2, 2, 2, 2, 4, 7, 5), limit=9)


def drawn(of: Comparison, width: int, height: int | None = None, chosen: int | None = None, first: int = 0):
    rows = compare_lines(compare_view(of, chosen), width, height, first)
    return ["".join(text for text, _ in row) for row in rows]


def test_exact_rows_without_a_height():
    assert drawn(TWO, 60) == [
        "T 0.50                       │ T 1.00                       ",
        " one two┃ three</s>          │  one two┃ two two two⏎       ",
        "                             │ 日本⟨E6 AD⟩                  ",
        "── at T=1 ───────────────────┼─── at T=1 ────────────────── ",
        "mean surprisal   2.00 bits   │ mean surprisal   2.00 bits   ",
        "mean entropy     3.00 bits   │ mean entropy     3.00 bits   ",
        "perplexity            4.00   │ perplexity            4.00   ",
        "distinct tokens      100 %   │ distinct tokens       62 %   ",
        "4 tokens   ended by itself   │ 8 tokens              of 9   ",
    ]


def test_a_column_that_has_not_begun_waits():
    assert drawn(comparison(column(0.5, 1), column(1.0)), 60)[-1] == (
        "1 token               of 9   │ 0 tokens           waiting   "
    )


def test_exact_rows_of_a_small_picture_with_a_chosen_column():
    figures = [
        "── at T=1 ────┼─── at T=1 ───",
        "surp. 2.00    │ surp. 2.00   ",
        "entr. 3.00    │ entr. 3.00   ",
        "perp. 4.00    │ perp. 4.00   ",
        "dist. 100%    │ dist.  62%   ",
        "4    ended    │ 8     of 9   ",
    ]
    assert drawn(TWO, 29, 9, chosen=1) == [
        "  T 0.50      │ ▸ T 1.00     ",
        " one two┃     │  one two┃ two",
        "three</s>     │ ↓ 2 more     ",
        *figures,
    ]
    assert drawn(TWO, 29, 9, chosen=0, first=2) == [
        "▸ T 0.50      │   T 1.00     ",
        "              │ 日本⟨E6 AD⟩  ",
        "              │              ",
        *figures,
    ]


def test_roles_tell_the_mark_the_surprisal_and_the_end():
    surprising = Column(2.0, (1, 3, 6, 0), (0.5, 3.5, 12.0, 1.0), (1.0,) * 4, "eog")
    view = compare_view(comparison(surprising, column(1.0, 1, 2)), chosen=0)
    first, text = compare_lines(view, 80)[:2]
    assert ("▸ T 2.00", "highlight") in [(text.rstrip(), role) for text, role in first]
    left = text[: [run for run, _ in text].index(" │ ")]
    assert left[:-1] == [
        (" ", "s0"),
        ("one", "s0"),
        ("┃", "coin"),
        (" ", "s2"),
        ("three", "s2"),
        ("␛", "stand-in"),
        ("[2J", "s4"),
        ("</s>", "eog"),
    ]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ((column(1.0), column(2.0)), "The columns are the same so far."),
        ((column(1.0, 1, end="limit"), column(2.0, 1, end="limit")), "All columns are the same."),
        (
            (column(0.5, 1, 2), column(1.0, 1, 2), column(2.0, 1, 4)),
            f"┃ They part at token 2, coin {coin(7, 1):.3f}: ␣two at T 0.50, 1.00; ⏎ at T 2.00.",
        ),
    ],
)
def test_where_they_part_is_said(columns: tuple[Column, ...], said: str):
    assert compare_view(comparison(*columns)).parting == said


@pytest.mark.parametrize(("end", "said"), [("context", "context full"), ("failed", "failed"), (None, "of 9")])
def test_why_a_column_ended_is_said(end, said: str):
    assert drawn(comparison(column(1.0, 1, end=end), column(2.0)), 80)[-1].startswith(f"1 token{said:>19}")


NUMBERS = st.floats(0, 1e4) | st.sampled_from([0.0, 1e-9, math.inf])
COLUMNS = st.builds(
    lambda t, tokens, bits, end: Column(t, tuple(tokens), (bits,) * len(tokens), (bits,) * len(tokens), end),
    st.floats(0, 1e9),
    st.lists(st.integers(0, len(PIECES) - 1), max_size=30),
    st.floats(0, 1000),
    st.sampled_from([None, "eog", "limit", "context", "failed"]),
)


@given(
    columns=st.lists(COLUMNS, min_size=2, max_size=6),
    width=st.integers(1, 250),
    height=st.none() | st.integers(8, 70),
    chosen=st.none() | st.integers(0, 5),
    first=st.integers(0, 20),
)
def test_every_row_is_exactly_as_wide_as_asked(columns, width, height, chosen, first):
    rows = drawn(comparison(*columns), width, height, chosen, first)
    assert {cell_len(row) for row in rows} == {width}
    if height is not None:
        assert len(rows) == height


@given(columns=st.lists(COLUMNS, min_size=2, max_size=6), width=st.integers(20, 250))
def test_what_is_in_sight_and_what_is_left_is_all(columns, width):
    view = compare_view(comparison(*columns))
    lines = text_lines(view, width)
    assert len(compare_lines(view, width)) == lines + 2 + 5
    height = 12
    assert text_room(view, height) == height - 7
    last = compare_lines(view, width, height, max(0, lines - text_room(view, height)))
    assert not any("more" in text for row in last for text, role in row if role == "dim")


def test_a_cell_belongs_to_the_column_that_is_drawn_there():
    view = compare_view(TWO, 0)
    heading = drawn(TWO, 60, 12, chosen=0)[0]
    for label, index in (("T 0.50", 0), ("T 1.00", 1)):
        assert column_at(heading.index(label), view, 60) == index
    assert (column_at(-1, view, 60), column_at(59, view, 60)) == (0, 1)
