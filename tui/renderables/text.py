"""The text pane: runs of tokens wrapped into lines, broken at spaces where possible, never inside a character."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..display import Run, cell_len
from ..text_runs import common_prefix


class Piece(NamedTuple):
    """A stretch of one token on one line."""

    text: str
    token: int
    stand_in: bool
    cells: int


Line = list[Piece]


def wrap(runs: Sequence[Run], width: int) -> list[Line]:
    """The runs as lines of at most `width` cells; a space that has no room at the end of a line may go."""
    return Wrapping(width).of(runs)


_EVERY = 64
"""Runs after which the state of a wrapping is kept, to go on from."""


class _Point(NamedTuple):
    """Where a wrapping can go on: what stood before a run."""

    lines: int  # that were complete
    last: tuple[Piece, ...]
    used: int
    start: int
    before: int
    broken: bool


class Wrapping:
    """The lines of the last text, made anew only from where the next one differs."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._runs: Sequence[Run] = ()
        self._wrapped = _Wrapped(width)
        self._points: list[_Point] = []

    def of(self, runs: Sequence[Run]) -> list[Line]:
        """The lines of a text; not to be changed."""
        if runs is self._runs:
            return self._wrapped.lines
        known = min(common_prefix(self._runs, runs) // _EVERY, max(0, len(self._points) - 1))
        text = _Wrapped(self.width)
        if known:
            text.go_on(self._wrapped.lines, self._points[known])
        del self._points[known:]
        for i in range(known * _EVERY, len(runs)):
            if i % _EVERY == 0:
                self._points.append(text.point)
            text.run(runs[i])
        self._runs, self._wrapped = runs, text
        return text.lines


class _Wrapped:
    """Lines that grow at their end."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[Line] = []
        self.new_line()

    @property
    def point(self) -> _Point:
        """Where it stands."""
        last = tuple(self.lines[-1])
        return _Point(len(self.lines) - 1, last, self.used, self.start, self.before, self.broken)

    def go_on(self, lines: Sequence[Line], point: _Point) -> None:
        """Stand where another one stood, whose lines these are."""
        self.lines = [*lines[: point.lines], list(point.last)]
        self.used, self.start, self.before, self.broken = point[2:]

    def run(self, run: Run) -> None:
        """Add what one run holds."""
        for word, spaces in _words(run.text):
            self.word(word, run)
            self.spaces(spaces, run)
        if not run.text:
            self.put("", run)
        if run.breaks_line:
            self.new_line()

    def new_line(self, carried: Line | None = None) -> None:
        """Begin a line with what is carried over from the last one."""
        self.lines.append(carried or [])
        self.used = sum(piece.cells for piece in self.lines[-1])
        self.start = 0  # of the word that the line ends with, as an index of pieces
        self.before = 0  # cells before that word
        self.broken = False  # by a space that has gone; what comes next starts a line

    def put(self, text: str, run: Run) -> None:
        """Add a stretch of a token to the line."""
        cells = cell_len(text)
        self.lines[-1].append(Piece(text, run.token_index, run.stand_in, cells))
        self.used += cells

    def word(self, text: str, run: Run) -> None:
        """Add letters, with what the word began with (in the tokens before) on a new line if that makes them fit."""
        if not text:
            return
        cells = cell_len(text)
        if self.used + cells > self.width and self.start and self.used - self.before + cells <= self.width:
            carried = self.lines[-1][self.start :]
            del self.lines[-1][self.start :]
            self.new_line(carried)
        if self.used + cells <= self.width:
            self.put(text, run)
        else:
            self._chopped(text, run)

    def _chopped(self, text: str, run: Run) -> None:
        """Add a word that is wider than a line, character by character."""
        part, cells = "", 0
        for char in text:
            wide = cell_len(char)
            if self.used + cells + wide > self.width and (part or self.used):
                if part:
                    self.put(part, run)
                self.new_line()
                part, cells = "", 0
            part, cells = part + char, cells + wide
        self.put(part, run)

    def spaces(self, text: str, run: Run) -> None:
        """Add spaces; where they do not fit, one of them is the break of the line."""
        if not text:
            return
        if self.broken:
            self.new_line()
        room = self.width - self.used
        self.put(text[:room], run)
        for i in range(room + 1, len(text), self.width):
            self.new_line()
            self.put(text[i : i + self.width], run)
        self.broken = len(text) == room + 1
        self.start, self.before = len(self.lines[-1]), self.used


def _words(text: str) -> Iterator[tuple[str, str]]:
    """The text as letters and the spaces after them: " a b" → ("", " "), ("a", " "), ("b", "")."""
    for match in _WORD.finditer(text):
        yield match[1], match[2]


_WORD = re.compile("([^ ]*)( *)")
