"""A chart: curves with their axes, whole labels only, exactly as wide and high as asked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..display import cell_len, fit
from .axis import Tick, nice_ticks, place_labels
from .braille import Line, Mark, Range, Run, plot_lines

_LEAST = 4
"""Fewer columns or rows than this for the curves, and the axis is left out."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis spans, its name, and its ticks (round values where none are given)."""

    range: Range
    title: str = ""
    ticks: Sequence[Tick] | None = None

    def marks(self, most: int) -> list[Tick]:
        """The ticks within the range."""
        lo, hi = self.range
        ticks = nice_ticks(lo, hi, most) if self.ticks is None else self.ticks
        return [tick for tick in ticks if lo <= tick[0] <= hi] if 0 < hi - lo < math.inf else []


def chart(
    lines: Iterable[Line],
    width: int,
    height: int,
    x: Axis,
    y: Axis,
    marks: Iterable[Mark] = (),
    right: Axis | None = None,
    least: tuple[int, int] = (0, 0),
) -> list[list[Run]]:
    """`height` rows of runs that fill exactly `width`; the axes have the role "axis".

    The labels of y stand left, its title above them; the labels of x and its title make the two lowest rows. `right` is
    a second scale, labelled at the right: the lines that use it are given in the range of y. `least` are the cells left
    free beside the curves at least, so that charts above each other can agree. Where the terminal is too small for an
    axis, the curves have the room.
    """
    titled = bool(y.title or (right and right.title)) and height > _LEAST + 3
    inner = height - titled - (2 if x.title else 1)
    most = max(inner // 3, 2)
    gutter, margin = max(least[0], _gutter(y, most)), max(least[1], _gutter(right, most) if right else 0)
    cells = width - gutter - margin
    if cells < _LEAST or inner < _LEAST:
        return plot_lines(lines, width, height, x.range, y.range, marks)
    labels = row_labels(y.marks(most), y.range, inner, gutter)
    opposite = row_labels(right.marks(most), right.range, inner, margin) if right else [""] * inner
    curves = plot_lines(lines, cells, inner, x.range, y.range, marks)
    rows: list[list[Run]] = [[(_titles(y.title, right.title if right else "", width), "axis")]] if titled else []
    for label, runs, other in zip(labels, curves, opposite, strict=True):
        rows.append([(label, "axis"), *runs, (fit(" " + other.strip(), margin), "axis")])
    rows += [[(" " * gutter + line + " " * margin, "axis")] for line in _below(x, cells)]
    return [[run for run in row if run[0]] for row in rows]


def _gutter(axis: Axis, most: int) -> int:
    """The cells that the labels of a scale take, with the space between them and the curves."""
    return max((cell_len(label) for _, label in axis.marks(most)), default=-1) + 1


def _titles(left: str, right: str, width: int) -> str:
    """The titles of both scales in a line; the left one has the right of way."""
    room = width - cell_len(left) - 1
    return left + " " + fit(right, room, align="right") if 0 < cell_len(right) <= room else fit(left, width)


def row_labels(ticks: Iterable[Tick], y_range: Range, height: int, cells: int) -> list[str]:
    """One label of exactly `cells` for each of `height` rows, right-aligned with a space after it, blank for most."""
    rows = [" " * cells] * height
    taken: set[int] = set()
    lo, hi = y_range
    for value, label in ticks:
        row = int((hi - value) / (hi - lo) * (4 * height - 1) + 0.5) // 4
        if row not in taken and 0 <= row < height and cell_len(label) < cells:
            taken.add(row)
            rows[row] = fit(label, cells - 1, align="right") + " "
    return rows


def _below(x: Axis, cells: int) -> list[str]:
    """The labels of x under their columns (the ends first), and the title in the middle."""
    lo, hi = x.range
    ticks = x.marks(max(cells // 10, 1))
    ordered = [*ticks[-1:], *ticks[:1], *ticks[1:-1]]
    columns = [((value - lo) / (hi - lo) * (cells - 1) + 0.5, label) for value, label in ordered]
    return [place_labels(columns, cells), *([fit(x.title, cells, align="center")] if x.title else [])]
