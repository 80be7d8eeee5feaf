"""The text pane: runs of tokens wrapped into lines, broken at spaces where possible, never inside a character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..display import Run, cell_len


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one token on one line."""

    text: str
    token: int
    stand_in: bool
    cells: int


Line = list[Piece]


def wrap(runs: Sequence[Run], width: int) -> list[Line]:
    """The runs as lines of at most `width` cells; the one space at which a line is broken may go."""
    lines: list[Line] = [[]]
    used = 0  # cells of the line so far
    for run in runs:
        for word in _words(run.text):
            cells = cell_len(word)
            hang = cell_len(word.rstrip(" "))
            if word == " " and used == width:
                # The one space at which the line is broken is not worth a column of its own.
                lines[-1].append(Piece("", run.token_index, run.stand_in, 0))
                continue
            if used + hang > width and used:
                carried = [] if word.startswith(" ") else _carry(lines[-1])
                if carried and sum(p.cells for p in carried) + hang <= width:
                    lines.append(carried)
                    used = sum(p.cells for p in carried)
                else:
                    lines[-1].extend(carried)
                    lines.append([])
                    used = 0
            for part in _chop(word, width, used):
                if used >= width:
                    lines.append([])
                    used = 0
                cells = cell_len(part)
                lines[-1].append(Piece(part, run.token_index, run.stand_in, cells))
                used += cells
        if not run.text:
            lines[-1].append(Piece("", run.token_index, run.stand_in, 0))
        if run.breaks_line:
            lines.append([])
            used = 0
    return lines


def _words(text: str) -> list[str]:
    """The text cut before every run of letters that follows a space: " a b" → " ", "a ", "b"."""
    words, start = [], 0
    for i in range(1, len(text)):
        if text[i - 1] == " " and text[i] != " ":
            words.append(text[start:i])
            start = i
    if text:
        words.append(text[start:])
    return words


def _carry(line: Line) -> Line:
    """Take the word that the line ends with off it, to go on the next line with what follows."""
    i = len(line)
    while i > 0 and not line[i - 1].text.endswith(" "):
        i -= 1
    if i == 0:
        return []
    carried = line[i:]
    del line[i:]
    return carried


def _chop(word: str, width: int, used: int) -> list[str]:
    """A word that is wider than a line, in parts that fit."""
    if used + cell_len(word.rstrip(" ")) <= width:
        return [word]
    parts, part, cells, room = [], "", 0, width - used
    for char in word:
        wide = cell_len(char)
        if cells + wide > room and part:
            parts.append(part)
            part, cells, room = "", 0, width
        part, cells = part + char, cells + wide
    return [*parts, part] if part else parts
