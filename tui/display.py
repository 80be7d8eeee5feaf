"""Untrusted text made safe and visible: the one gate between a model's bytes and the terminal.

Pieces of a vocabulary, prompts, metadata, file names and traces may hold escape sequences, bidi controls,
invisible characters or half a character. Whatever could move the cursor, hide, reorder, or be of a width that
terminals disagree on is shown by a stand-in. It is done code point by code point on decoded text, so no
sequence has to be parsed and none can slip through in halves:

    C0, DEL                  control pictures ␛ ␡; newline ⏎, tab ⇥
    bytes that are no UTF-8  ⟨E6 AD⟩
    everything else unsafe   ⟨U+202E⟩ (C1, format, private, unassigned, odd spaces, selectors, parts of emoji)
    a mark without a base    stands on a dotted circle ◌

What comes out never holds a control, format, surrogate, private-use or unassigned code point, and its width
is the sum of the widths of its characters, as `cell_len` (Textual's own measure) tells it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

from rich.cells import cell_len

from ..models.vocabulary import decode_runs

__all__ = ["Run", "Span", "cell_len", "display", "display_spans", "fit", "flow", "one_for_one", "token_label"]

NEWLINE, TAB, SPACE, ELLIPSIS, DOTTED_CIRCLE = "⏎", "⇥", "␣", "…", "◌"

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Me", "Zl", "Zp", "Zs"})

_UNSAFE = frozenset(
    chr(code)
    for first, last in (
        (0x034F, 0x034F),  # combining grapheme joiner
        (0x115F, 0x1160),  # Hangul fillers: letters by category, blank to the eye
        (0x17B4, 0x17B5),  # Khmer inherent vowels, invisible
        (0x180B, 0x180F),  # Mongolian variation selectors
        (0x2800, 0x2800),  # blank Braille pattern
        (0x3164, 0x3164),  # Hangul filler
        (0xFE00, 0xFE0F),  # variation selectors: VS16 changes the width of what stands before it
        (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
        (0x16FE4, 0x16FE4),  # Khitan filler
        (0x1D159, 0x1D159),  # musical null notehead
        (0x1F1E6, 0x1F1FF),  # regional indicators: one or two cells, as each terminal likes
        (0x1F3FB, 0x1F3FF),  # skin tones: none or two cells
        (0xE0100, 0xE01EF),  # more variation selectors
    )
    for code in range(first, last + 1)
)

_MOST_MARKS = 8
"""Marks on one base; more start on a circle of their own, so that no text without width grows on and on."""

_MOST_BYTES = 8
"""Stray bytes in one bracket."""


class Span(NamedTuple):
    """A stretch of safe text, either as it is in the data or standing in for something."""

    text: str
    stand_in: bool


class Run(NamedTuple):
    """What one token adds to a text pane; the line ends after it if `breaks_line`."""

    token_index: int
    text: str
    breaks_line: bool = False
    stand_in: bool = False


_Unit = tuple[str, int, bool]
"""Safe text that is never cut inside, how many characters of the data it shows, whether it is a stand-in."""


@lru_cache(maxsize=65536)
def _look(char: str) -> tuple[str, bool, bool]:
    """(safe text, is a stand-in, is a mark that joins what stands before it) of one character."""
    code = ord(char)
    if char in "\n\t":
        return (NEWLINE if char == "\n" else TAB), True, False
    if code < 0x20:
        return chr(0x2400 + code), True, False
    if code == 0x7F:
        return "␡", True, False
    category = unicodedata.category(char)
    if char != " " and (category in _UNSAFE_CATEGORIES or char in _UNSAFE):
        return f"⟨U+{code:04X}⟩", True, False
    return char, False, category in ("Mn", "Mc") or cell_len(char) == 0


class _Units:
    """Cuts decoded text into units; remembers from one text to the next whether a mark finds a base."""

    def __init__(self, spaces: bool = False) -> None:
        self.spaces = spaces
        self.room = 0  # marks that the last base still takes

    def __call__(self, text: str) -> Iterator[_Unit]:
        index = 0
        while index < len(text):
            unit = self._bytes(text, index) or self._character(text[index])
            index += unit[1]
            yield unit

    def _bytes(self, text: str, start: int) -> _Unit | None:
        """The undecodable bytes (as surrogateescape left them) that begin at `start`, if any."""
        end = start
        while end < len(text) and end - start < _MOST_BYTES and "\udc80" <= text[end] <= "\udcff":
            end += 1
        if end == start:
            return None
        self.room = 0
        return _bracket(ord(char) - 0xDC00 for char in text[start:end]), end - start, True

    def _character(self, char: str) -> _Unit:
        shown, stand_in, mark = _look(char)
        if mark and self.room == 0:
            self.room = _MOST_MARKS - 1
            return DOTTED_CIRCLE + shown, 1, True
        if mark:
            self.room -= 1
        else:
            self.room = 0 if stand_in or char == " " else _MOST_MARKS
        if char == " " and self.spaces:
            return SPACE, 1, True
        return shown, 1, stand_in


def display_spans(data: bytes | str, *, max_cells: int | None = 256, spaces: bool = False) -> list[Span]:
    """Like `display`, in stretches that say which text is a stand-in, so that it can be styled as one."""
    text = data.decode("utf-8", "surrogateescape") if isinstance(data, bytes) else data
    units: list[_Unit] = []
    cells = 0
    for unit in _Units(spaces)(text):
        units.append(unit)
        cells += cell_len(unit[0])
        if max_cells is not None and cells > max_cells:
            units = _cap(units, max_cells, len(text))
            break
    grouped = groupby(units, key=lambda unit: unit[2])
    return [Span("".join(unit[0] for unit in group), stand_in) for stand_in, group in grouped]


def display(data: bytes | str, *, max_cells: int | None = 256, spaces: bool = False) -> str:
    """Safe, visible text for any bytes or any str; total, and leaves what it returned as it is.

    `spaces` shows U+0020 as ␣. More than `max_cells` cells end in "…(+n)", n being the characters (or stray
    bytes) not shown, or in a bare "…" where the number would take more than half of the room.
    """
    text = data if isinstance(data, str) else data.decode("utf-8", "surrogateescape")
    if _is_plain(text) and (max_cells is None or len(text) <= max_cells):
        return text.replace(" ", SPACE) if spaces else text
    return "".join(span.text for span in display_spans(text, max_cells=max_cells, spaces=spaces))


def token_label(piece: bytes, *, max_cells: int | None = 256) -> str:
    """The visible name of one token: `display` with visible spaces; a token without bytes is ⟨⟩."""
    return display(piece or "⟨⟩", max_cells=max_cells, spaces=True)


def one_for_one(text: str) -> str:
    """Safe text of as many characters as `text` has, for an editor whose cursor counts them."""
    return "".join(shown if len(shown := display(char, max_cells=None)) == 1 else "\ufffd" for char in text)


def fit(text: str, cells: int, *, align: Literal["left", "right", "center"] = "left") -> str:
    """Safe text in exactly `cells` cells: cut with … between graphemes, or padded with spaces."""
    if cell_len(text) > cells:
        text = _cut(text, cells)
    pad = max(cells - cell_len(text), 0)
    before = {"left": 0, "right": pad, "center": pad // 2}[align]
    return " " * before + text + " " * (pad - before)


def flow(pieces: Iterable[bytes]) -> Iterator[Run]:
    """The pieces of one UTF-8 stream as runs for a text pane, in order, at least one per piece.

    A character split over pieces belongs to the piece that completes it; the others have an empty run. Bytes
    that still wait at the end of the stream come last, as ⟨E6 AD⟩. A newline is ⏎ with `breaks_line`.
    """
    after = START
    for runs, state in flow_from(0, pieces):
        yield from runs
        after = state
    yield from waiting_run(after)


class FlowState(NamedTuple):
    """What the runs of a piece depend on, of all that came before it."""

    piece: int = -1  # the index of the last one
    waiting: bytes = b""  # of a character that is not complete yet
    room: int = 0  # marks that the last base still takes


START = FlowState()


def flow_from(index: int, pieces: Iterable[bytes], before: FlowState = START) -> Iterator[tuple[list[Run], FlowState]]:
    """The runs of each piece from the index-th on, and what the next one's depend on."""
    units = _Units()
    units.room = before.room
    for i, (text, waiting) in enumerate(decode_runs(pieces, before.waiting), index):
        runs = list(_runs(i, text, units))
        yield runs, FlowState(i, waiting, units.room)


def waiting_run(after: FlowState) -> list[Run]:
    """The bytes that still wait at the end of a stream."""
    return [Run(after.piece, _bracket(after.waiting), stand_in=True)] if after.waiting else []


def _runs(index: int, text: str, units: _Units) -> Iterator[Run]:
    """The runs of one piece: split where the text turns into a stand-in or back, and after every newline."""
    if text and _is_plain(text):
        units.room = 0 if text[-1] == " " else _MOST_MARKS
        yield Run(index, text)
        return
    shown, was_stand_in = "", False
    for unit, _, stand_in in units(text):
        if shown and stand_in != was_stand_in:
            yield Run(index, shown, stand_in=was_stand_in)
            shown = ""
        shown, was_stand_in = shown + unit, stand_in
        if stand_in and unit == NEWLINE:
            yield Run(index, shown, breaks_line=True, stand_in=True)
            shown = ""
    if shown or not text:
        yield Run(index, shown, stand_in=was_stand_in)


def _is_plain(text: str) -> bool:
    """Printable ASCII: safe as it is, one cell a character. Most text is, so this is the fast way through."""
    return text.isascii() and text.isprintable()


def _bracket(data: Iterable[int]) -> str:
    return "⟨" + " ".join(f"{byte:02X}" for byte in data) + "⟩"


def _cap(units: list[_Unit], max_cells: int, characters: int) -> list[_Unit]:
    """As many of the leading units as leave room for the note of what is missing."""
    cells = sum(cell_len(unit[0]) for unit in units)
    missing = characters - sum(unit[1] for unit in units)
    counted = 2 * len(f"{ELLIPSIS}(+{characters})") <= max_cells
    while True:
        note = f"{ELLIPSIS}(+{missing})" if counted else ELLIPSIS[:max_cells] if max_cells > 0 else ""
        if cells + len(note) <= max_cells or not units:
            return [*units, (note, missing, True)]
        text, shown, _ = units.pop()
        cells, missing = cells - cell_len(text), missing + shown


def _cut(text: str, cells: int) -> str:
    if cells <= 0:
        return ""
    used = 0
    for index, char in enumerate(text):
        used += cell_len(char)
        if used > cells - 1:
            return text[:index] + ELLIPSIS
    return text
