"""Untrusted text: a table one can read, and what holds for every text there is."""

import re
import unicodedata
from itertools import pairwise

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tempviz.tui.display import Run, Span, cell_len, display, display_spans, fit, flow, token_label

any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)  # lone surrogates included
nasty = st.sampled_from(list("\x1b\x07\x9b\n\r\t \u202e\u200d\ufe0f\u0301\u20e3\ud800\udce6字👩🇫🏽\ufdd0\ue000"))
mixed_text = st.lists(st.one_of(nasty, st.characters(exclude_categories=()))).map("".join)
anything = st.one_of(any_text, mixed_text, st.binary(max_size=60))

TABLE = [
    ("plain", "plain"),
    ("[/INST]", "[/INST]"),
    ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
    ("\x1b]52;c;AAAA\x07", "␛]52;c;AAAA␇"),
    ("\x1b[31mred", "␛[31mred"),
    ("\x00\x7f", "␀␡"),
    ("\x9b31m", "⟨U+009B⟩31m"),
    ("a\tb\r\nc", "a⇥b␍⏎c"),
    ("\u202eabc\u2066", "⟨U+202E⟩abc⟨U+2066⟩"),
    ("a\u200bb\ufeff", "a⟨U+200B⟩b⟨U+FEFF⟩"),
    ("\u2028\u2029", "⟨U+2028⟩⟨U+2029⟩"),
    ("\U000e0041", "⟨U+E0041⟩"),
    ("👩‍👩‍👧", "👩⟨U+200D⟩👩⟨U+200D⟩👧"),
    ("👍🏽", "👍⟨U+1F3FD⟩"),
    ("🇫🇷", "⟨U+1F1EB⟩⟨U+1F1F7⟩"),
    ("1️⃣", "1⟨U+FE0F⟩⟨U+20E3⟩"),
    ("❤️", "❤⟨U+FE0F⟩"),
    ("e\u0301", "e\u0301"),
    ("\u0301x", "◌\u0301x"),
    (" \u0301", " ◌\u0301"),
    ("\x1b\u0301", "␛◌\u0301"),
    ("سلام", "سلام"),
    ("日本語", "日本語"),
    ("हिन्दी", "हिन्दी"),
    ("\u1100\u1161", "\u1100\u1161"),
    ("\u1161", "◌\u1161"),
    ("a\u00a0b\u3000", "a⟨U+00A0⟩b⟨U+3000⟩"),
    ("\u3164\u2800", "⟨U+3164⟩⟨U+2800⟩"),
    ("\ue000\ufdd0\U0010ffff", "⟨U+E000⟩⟨U+FDD0⟩⟨U+10FFFF⟩"),
    ("\ud800", "⟨U+D800⟩"),
    ("\udce6\udcad!", "⟨E6 AD⟩!"),
    (b"\xe6\xad", "⟨E6 AD⟩"),
    (b"\xe6\xad\xa3", "正"),
    (b"ok\xff\xfe.", "ok⟨FF FE⟩."),
    (b"\xff" * 10, "⟨FF FF FF FF FF FF FF FF⟩⟨FF FF⟩"),
    (b"\xc0\xaf\xed\xa0\x80", "⟨C0 AF ED A0 80⟩"),
    (b"", ""),
]


@pytest.mark.parametrize(("data", "shown"), TABLE)
def test_a_table_of_untrusted_text(data: bytes | str, shown: str) -> None:
    assert display(data) == shown


@pytest.mark.parametrize(
    ("piece", "label"),
    [
        (b" to", "␣to"),
        (b"  ", "␣␣"),
        (b"a b ", "a␣b␣"),
        (b"\n\n", "⏎⏎"),
        (b" \xcc\x81", "␣◌\u0301"),
        (b"", "⟨⟩"),
    ],
)
def test_a_token_shows_its_spaces(piece: bytes, label: str) -> None:
    assert token_label(piece) == label


def test_long_text_says_how_much_is_missing() -> None:
    assert display("x" * 100, max_cells=20) == "xxxxxxxxxxxxxx…(+86)"
    assert display("x" * 20, max_cells=20) == "x" * 20
    assert display("字" * 100, max_cells=15) == "字字字字…(+96)"
    assert display("x" * 100, max_cells=8) == "xxxxxxx…"
    assert display("\x9b" * 3, max_cells=9) == "⟨U+009B⟩…"
    assert display("\x9b" * 3, max_cells=8) == "…"
    assert display("abc", max_cells=0) == ""
    assert display("x" * 1000, max_cells=None) == "x" * 1000
    assert cell_len(display(b"\x1b" * 5_000_000)) <= 256


def test_marks_cannot_pile_up_without_end() -> None:
    assert display("e" + "\u0301" * 10) == "e" + "\u0301" * 8 + "◌" + "\u0301" * 2
    assert len(display("e" + "\u0301" * 100_000)) < 3000


def test_a_stand_in_is_told_from_the_same_text_written_out() -> None:
    assert display_spans("␛⟨U+009B⟩") == [Span("␛⟨U+009B⟩", False)]
    assert display_spans("a\x1b\x9bb") == [Span("a", False), Span("␛⟨U+009B⟩", True), Span("b", False)]


def is_safe(char: str) -> bool:
    category = unicodedata.category(char)
    return char == " " or category not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zs", "Zl", "Zp")


@given(anything, st.booleans(), st.one_of(st.none(), st.integers(0, 40)))
def test_whatever_goes_in_only_safe_text_comes_out(data: bytes | str, spaces: bool, cells: int | None) -> None:
    shown = display(data, spaces=spaces, max_cells=cells)
    assert all(map(is_safe, shown))
    assert cells is None or cell_len(shown) <= cells
    assert display(shown, max_cells=cells) == shown
    shown.encode("utf-8")


@given(anything)
@example("🇫🇷🏽\u20e3\ufe0f\u200d字\u0301")
def test_the_measured_width_is_the_sum_of_its_parts_and_what_a_terminal_moves(data: bytes | str) -> None:
    shown = display(data, max_cells=190)
    terminal = pyte.Screen(200, 2)
    stream = pyte.Stream(terminal)
    for char in shown:  # one by one: pyte drops what follows a mark of combining class 0 in the same write
        stream.feed(char)
    assert terminal.cursor.x == cell_len(shown) == sum(map(cell_len, shown))


def test_every_single_code_point_is_safe_and_moves_a_terminal_as_measured() -> None:
    terminal = pyte.Screen(40, 2)
    stream = pyte.Stream(terminal)
    for code in [*range(0x3400), *range(0xA000, 0xAC00), *range(0xD7B0, 0x11000), *range(0x1F000, 0x1FC00)]:
        shown = display(chr(code))
        stream.feed(shown)
        assert terminal.cursor.x == cell_len(shown) >= 1 or code == 0x20, hex(code)
        terminal.cursor.x = 0


@given(anything, st.integers(0, 30), st.sampled_from(["left", "right", "center"]))
def test_fit_is_exact(data: bytes | str, cells: int, align) -> None:
    text = display(data)
    fitted = fit(text, cells, align=align)
    assert cell_len(fitted) == cells
    if cell_len(text) <= cells:
        assert fitted.strip(" ") == text.strip(" ")
    elif cells:
        assert "…" in fitted and fitted.rstrip(" ").endswith("…")


def test_fit_reads_well() -> None:
    assert fit("abc", 5) == "abc  "
    assert fit("abc", 5, align="right") == "  abc"
    assert fit("abc", 6, align="center") == " abc  "
    assert fit("abcdef", 4) == "abc…"
    assert fit("日本語", 4) == "日… "
    assert fit("日本語", 4, align="right") == " 日…"
    assert fit("e\u0301e\u0301e\u0301", 2) == "e\u0301…"
    assert fit("abc", 0) == ""
    assert fit("abc", -3) == ""


def test_flow_shows_what_each_piece_adds() -> None:
    assert list(flow([b"Hi", b" \xe6", b"\xad\xa3", b"!\n\nx", b"\x1b[", b"\xe6", b"\xad"])) == [
        Run(0, "Hi"),
        Run(1, " "),
        Run(2, "正"),
        Run(3, "!"),
        Run(3, "⏎", breaks_line=True, stand_in=True),
        Run(3, "⏎", breaks_line=True, stand_in=True),
        Run(3, "x"),
        Run(4, "␛", stand_in=True),
        Run(4, "["),
        Run(5, ""),
        Run(6, ""),
        Run(6, "⟨E6 AD⟩", stand_in=True),
    ]
    assert list(flow([])) == []
    assert list(flow([b"a\r\n"])) == [Run(0, "a"), Run(0, "␍⏎", True, True)]


def test_flow_lets_a_mark_join_the_token_before_it() -> None:
    assert [run.text for run in flow([b"e", b"\xcc\x81", b" ", b"\xcc\x81"])] == [
        "e",
        "\u0301",
        " ",
        "◌\u0301",
    ]
    assert [run.text for run in flow(["字".encode(), b"\xcc\x81", b"\n", b"\xcc\x81"])][1:] == [
        "\u0301",
        "⏎",
        "◌\u0301",
    ]


STAND_IN = re.compile(r"⟨U\+(?P<code>[0-9A-F]+)⟩|⟨(?P<bytes>[0-9A-F ]+)⟩|◌(?P<mark>.)|(?P<picture>[␀-␡⏎⇥])")


def undo(found: re.Match[str]) -> str:
    """What a stand-in stands for."""
    if found["code"]:
        return chr(int(found["code"], 16))
    if found["bytes"]:
        return bytes.fromhex(found["bytes"]).decode("ascii", "surrogateescape")
    if found["picture"]:
        return {"⏎": "\n", "⇥": "\t", "␡": "\x7f"}.get(found["picture"]) or chr(ord(found["picture"]) - 0x2400)
    return found["mark"]


@given(any_text)
def test_visible_spaces_are_all_of_them(text: str) -> None:
    literal = "".join(span.text for span in display_spans(text, spaces=True) if not span.stand_in)
    assert " " not in literal


@given(anything)
def test_stand_ins_lose_nothing(data: bytes | str) -> None:
    spans = display_spans(data, max_cells=None)
    undone = "".join(STAND_IN.sub(undo, span.text) if span.stand_in else span.text for span in spans)
    assert undone == (data if isinstance(data, str) else data.decode("utf-8", "surrogateescape"))


@given(st.lists(st.one_of(st.binary(max_size=6), any_text.map(lambda text: text.encode("utf-8", "replace")))))
def test_flow_loses_nothing_and_keeps_the_order(pieces: list[bytes]) -> None:
    runs = list(flow(pieces))
    indices = [run.token_index for run in runs]
    assert sorted(set(indices)) == list(range(len(pieces))) and indices == sorted(indices)
    assert all(map(is_safe, "".join(run.text for run in runs)))
    assert all(run.breaks_line == (run.stand_in and run.text.endswith("⏎")) for run in runs)
    undone = "".join(STAND_IN.sub(undo, run.text) if run.stand_in else run.text for run in runs)
    assert undone.encode("utf-8", "surrogateescape") == b"".join(pieces)


@given(st.binary(max_size=40), st.lists(st.integers(0, 40)))
def test_where_the_stream_is_cut_changes_nothing(data: bytes, cuts: list[int]) -> None:
    marks = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(marks)]

    def bare(text: str) -> str:
        return text.replace("⟩⟨", " ")  # stray bytes that came in two pieces are two brackets

    assert bare("".join(run.text for run in flow(pieces))) == bare(display(data, max_cells=None))
