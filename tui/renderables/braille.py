"""Curves in braille: two dots across and four down in a cell, lines connected and clipped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
Range = tuple[float, float]
Run = tuple[str, str]
Places = npt.NDArray[np.intp]

# Bit of the dot at (row, column) of a cell: https://en.wikipedia.org/wiki/Braille_Patterns
_BITS = np.array(((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80)), np.uint8)
_BLANK = 0x2800

_BREAK = (math.nan, math.nan)

_FAR = 1e9
"""Dots farther out than this are drawn towards here: differences of huge numbers would overflow."""


@dataclass(frozen=True, slots=True)
class Line:
    """Points that are connected in order; one that is not finite begins another part.

    `dotted` sets one dot in three of each part.
    """

    points: Sequence[Point]
    role: str = "line"
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One character (a cell wide) at a point, drawn over the lines."""

    point: Point
    text: str = "●"
    role: str = "mark"


class Canvas:
    """Dots in a grid of `width` times `height` cells; a cell has the role of the first line that drew in it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(width, 0), max(height, 0)
        self._codes = np.full((self.height, self.width), ord(" "), np.uint32)
        self._roles = np.zeros((self.height, self.width), np.uint8)
        self._names = ["empty"]

    def dots(self, x: Places, y: Places, lines: Places, roles: Sequence[str]) -> None:
        """Set all dots, x from the left in 0 … 2 * width - 1, y from the top in 0 … 4 * height - 1.

        `lines` are the places in `roles` of the lines that they belong to; all three intp [n].
        """
        cells = y >> 2, x >> 1
        bits = np.zeros((self.height, self.width), np.uint8)
        np.bitwise_or.at(bits, cells, _BITS[y & 3, x & 1])
        first = np.full((self.height, self.width), len(roles))
        np.minimum.at(first, cells, lines)
        self._codes[cells] = _BLANK + bits[cells].astype(np.uint32)
        self._roles[cells] = np.array([*map(self._role, roles)], np.uint8)[first[cells]]

    def text(self, column: int, row: int, text: str, role: str) -> None:
        """Put one character in a cell, in place of its dots."""
        self._codes[row, column] = ord(text)
        self._roles[row, column] = self._role(role)

    def _role(self, name: str) -> int:
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def rows(self) -> list[list[Run]]:
        """The picture, each row as runs that fill exactly `width`; role "empty" where nothing is drawn."""
        rows: list[list[Run]] = [[] for _ in range(self.height)]
        if not self.width:
            return rows
        text, roles = self._codes.tobytes().decode("utf-32"), self._roles.ravel()
        cut = np.ones(len(roles) + 1, bool)
        cut[1:-1] = roles[1:] != roles[:-1]
        cut[:: self.width] = True
        cuts = np.flatnonzero(cut).tolist()
        for (start, end), role in zip(pairwise(cuts), roles[cuts[:-1]].tolist(), strict=True):
            rows[start // self.width].append((text[start:end], self._names[role]))
        return rows


def plot_lines(
    lines: Iterable[Line], width: int, height: int, x_range: Range, y_range: Range, marks: Iterable[Mark] = ()
) -> list[list[Run]]:
    """Lines and marks in `height` rows of `width` cells, y upwards; the first line is in front.

    What lies outside the ranges is clipped. An empty or unfinite range leaves the picture blank.
    """
    canvas = Canvas(width, height)
    to_dots = _scale(canvas, x_range, y_range)
    if to_dots is None:
        return canvas.rows()
    # All lines as one, with a break after each: a dozen passes over few points take as long as over many.
    lines = list(lines)
    points = [point for line in lines for point in (*line.points, _BREAK)]
    line = np.repeat(np.arange(len(lines)), [len(line.points) + 1 for line in lines])
    dotted = np.array([line.dotted for line in lines], bool)
    canvas.dots(*_walk(canvas, to_dots(points), line, dotted), [line.role for line in lines])
    marks = list(marks)
    cells = np.floor(to_dots([mark.point for mark in marks]) + 0.5) // (2, 4)
    for mark, (column, row) in zip(marks, cells.tolist(), strict=True):
        if 0 <= column < canvas.width and 0 <= row < canvas.height:
            canvas.text(int(column), int(row), mark.text, mark.role)
    return canvas.rows()


def _scale(canvas: Canvas, x_range: Range, y_range: Range):
    """The way from points to places in dots, float64 [n, 2], not finite where the point is not; None for no way."""
    (x0, x1), (y0, y1) = x_range, y_range
    right, bottom = 2 * canvas.width - 1, 4 * canvas.height - 1
    if right < 0 or bottom < 0 or not (x1 > x0 and y1 > y0) or not math.isfinite(x1 - x0 + y1 - y0):
        return None

    def to_dots(points: Sequence[Point]) -> npt.NDArray[np.float64]:
        at = np.array(points, np.float64).reshape(-1, 2)
        with np.errstate(over="ignore", invalid="ignore"):
            x, y = (at[:, 0] - x0) / (x1 - x0) * right, (y1 - at[:, 1]) / (y1 - y0) * bottom
        places = np.stack((x, y), axis=1)
        finite = np.isfinite(places).all(axis=1, keepdims=True)
        return np.where(finite, np.clip(places, -_FAR, _FAR), np.nan)

    return to_dots


def _walk(
    canvas: Canvas, places: npt.NDArray[np.float64], line: Places, dotted: npt.NDArray[np.bool_]
) -> tuple[Places, Places, Places]:
    """The dots inside the canvas in order, x, y and the line of each, all intp.

    Each is once in a row, so that a dotted line is evenly dotted. `line` is that of every place, [n].
    """
    starts, ends, parts, line = _strokes(canvas, places, line)
    way = ends - starts
    dots_each = np.maximum(np.ceil(np.abs(way).max(axis=1, initial=0)), 1).astype(np.intp) + 1
    stroke = np.repeat(np.arange(len(dots_each)), dots_each)
    step = np.arange(len(stroke)) - (dots_each.cumsum() - dots_each)[stroke]
    dots = np.floor(starts[stroke] + way[stroke] * (step / (dots_each - 1)[stroke])[:, None] + 0.5).astype(np.intp)
    line, part = line[stroke], parts[stroke]
    moved = np.ones(len(dots), bool)
    moved[1:] = (dots[1:, 0] != dots[:-1, 0]) | (dots[1:, 1] != dots[:-1, 1]) | (line[1:] != line[:-1])
    dots, line, part = dots[moved], line[moved], part[moved]
    if dotted.any():
        kept = ~dotted[line] | ((np.arange(len(part)) - np.searchsorted(part, part)) % 3 == 0)
        dots, line = dots[kept], line[kept]
    return dots[:, 0], dots[:, 1], line


def _strokes(
    canvas: Canvas, places: npt.NDArray[np.float64], line: Places
) -> tuple[npt.NDArray, npt.NDArray, Places, Places]:
    """The straight lines from each place to the next (to itself at an end), clipped to the canvas: two [m, 2].

    And in which part each lies and of which line it is, intp [m]: a place that is not finite begins another part.
    """
    right, bottom = 2 * canvas.width - 1, 4 * canvas.height - 1
    finite = np.isfinite(places[:, 0])
    following = np.roll(places, -1, axis=0)
    following[-1:] = np.nan
    starts, ends = places[finite], np.where(np.isfinite(following), following, places)[finite]
    corner = np.array([right, bottom])
    kept = np.all((starts >= 0) & (starts <= corner) & (ends >= 0) & (ends <= corner), axis=1)
    for i in np.flatnonzero(~kept).tolist():
        (xa, ya), (xb, yb) = starts[i].tolist(), ends[i].tolist()
        part = clip((xa, ya), (xb, yb), right, bottom)
        if part is not None:
            starts[i], ends[i], kept[i] = *part, True
    return starts[kept], ends[kept], (~finite).cumsum()[finite][kept], line[finite][kept]


def clip(start: Point, end: Point, right: float, bottom: float) -> tuple[Point, Point] | None:
    """The part of a straight line in the box from (0, 0) to (right, bottom), if any (Liang and Barsky 1984)."""
    if 0 <= start[0] <= right and 0 <= end[0] <= right and 0 <= start[1] <= bottom and 0 <= end[1] <= bottom:
        return start, end
    dx, dy = end[0] - start[0], end[1] - start[1]
    enter, leave = 0.0, 1.0
    for direction, distance in (
        (-dx, start[0]),
        (dx, right - start[0]),
        (-dy, start[1]),
        (dy, bottom - start[1]),
    ):
        if direction == 0:
            if distance < 0:
                return None
        elif direction < 0:
            enter = max(enter, distance / direction)
        else:
            leave = min(leave, distance / direction)
    if enter > leave:
        return None
    return (
        (_within(start[0] + enter * dx, right), _within(start[1] + enter * dy, bottom)),
        (_within(start[0] + leave * dx, right), _within(start[1] + leave * dy, bottom)),
    )


def _within(value: float, most: float, least: float = 0.0) -> float:
    return min(max(value, least), most)
