"""Curves in braille: two dots across and four down in a cell, lines connected and clipped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
Range = tuple[float, float]
Run = tuple[str, str]

# Bit of the dot at (row, column) of a cell: https://en.wikipedia.org/wiki/Braille_Patterns
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800

_FAR = 1e9
"""Dots farther out than this are drawn towards here: differences of huge numbers would overflow."""


@dataclass(frozen=True, slots=True)
class Line:
    """Points that are connected in order; one that is not finite breaks the line. `dotted` sets one dot in three."""

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
    """Dots in a grid of `width` times `height` cells; a cell has the role of the first that drew in it."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(width, 0), max(height, 0)
        self._bits = [[0] * self.width for _ in range(self.height)]
        self._roles = [["empty"] * self.width for _ in range(self.height)]
        self._texts: dict[tuple[int, int], str] = {}

    def dot(self, x: int, y: int, role: str) -> None:
        """Set a dot, x from the left in 0 … 2 * width - 1, y from the top in 0 … 4 * height - 1."""
        row, column = y >> 2, x >> 1
        if not self._bits[row][column]:
            self._roles[row][column] = role
        self._bits[row][column] |= _BITS[y & 3][x & 1]

    def text(self, column: int, row: int, text: str, role: str) -> None:
        """Put one character in a cell, in place of its dots."""
        self._texts[row, column] = text
        self._roles[row][column] = role

    def rows(self) -> list[list[Run]]:
        """The picture, each row as runs that fill exactly `width`; role "empty" where nothing is drawn."""
        rows = []
        for row in range(self.height):
            runs: list[Run] = []
            for column, (bits, role) in enumerate(zip(self._bits[row], self._roles[row], strict=True)):
                char = self._texts.get((row, column)) or (chr(_BLANK + bits) if bits else " ")
                if runs and runs[-1][1] == role:
                    runs[-1] = (runs[-1][0] + char, role)
                else:
                    runs.append((char, role))
            rows.append(runs)
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
    for line in lines:
        _draw(canvas, [to_dots(point) for point in line.points], line)
    for mark in marks:
        place = to_dots(mark.point)
        x, y = (math.floor(place[0] + 0.5), math.floor(place[1] + 0.5)) if place else (-1, -1)
        if 0 <= x < 2 * canvas.width and 0 <= y < 4 * canvas.height:
            canvas.text(x >> 1, y >> 2, mark.text, mark.role)
    return canvas.rows()


def _scale(canvas: Canvas, x_range: Range, y_range: Range):
    """The way from a point to dots (None for a point that is not finite), or None where there is no way."""
    (x0, x1), (y0, y1) = x_range, y_range
    right, bottom = 2 * canvas.width - 1, 4 * canvas.height - 1
    if right < 0 or bottom < 0 or not (x1 > x0 and y1 > y0) or not math.isfinite(x1 - x0 + y1 - y0):
        return None

    def to_dots(point: Point) -> Point | None:
        x, y = (point[0] - x0) / (x1 - x0) * right, (y1 - point[1]) / (y1 - y0) * bottom
        return (_within(x, _FAR, -_FAR), _within(y, _FAR, -_FAR)) if math.isfinite(x) and math.isfinite(y) else None

    return to_dots


def _draw(canvas: Canvas, places: Sequence[Point | None], line: Line) -> None:
    """Set the dots of a line, each at most once in a row of dots, so that a dotted line is evenly dotted."""
    walked, last = 0, None
    for start, end in pairwise([*places, None]):
        if start is None:
            continue
        for dot in _between(canvas, start, end or start):
            if dot != last:
                if not (line.dotted and walked % 3):
                    canvas.dot(*dot, line.role)
                walked, last = walked + 1, dot


def _between(canvas: Canvas, start: Point, end: Point) -> Iterable[tuple[int, int]]:
    """The dots of a straight line inside the canvas, in order."""
    clipped = clip(start, end, 2 * canvas.width - 1, 4 * canvas.height - 1)
    if clipped is None:
        return
    (xa, ya), (xb, yb) = clipped
    steps = max(math.ceil(max(abs(xb - xa), abs(yb - ya))), 1)
    for step in range(steps + 1):
        part = step / steps
        yield math.floor(xa + (xb - xa) * part + 0.5), math.floor(ya + (yb - ya) * part + 0.5)


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
