"""What the timeline says of the watches: their numbers now, and the letters on their lines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..display import fit
from ..picture_data import TimelineView, WatchLine
from .braille import Mark
from .formats import count, percent, percent_column
from .legend import legend_rows, short
from .lines import pad
from .probabilities import TALL

Run = tuple[str, str]

NAME_CELLS = 14
_WIDE_NAME = 28

_NUMBERS = 70
"""Cells that the numbers and what is said above them take."""

_APART = 24
"""Cells between two letters on a line, about."""


def watch_legend(view: TimelineView, width: int, height: int) -> list[list[Run]]:
    """Every watch with its numbers at the cursor: a row each where there is room, else all in one row."""
    if not view.watched:
        return []
    unknown = _unknown(view.watched)
    if height < TALL:
        said = [(f"{count(unknown)} unseen", "label")] if unknown else []
        parts = [(_brief(line), f"watch-{i}") for i, line in enumerate(view.watched)]
        return legend_rows([("p at T 1, no chain:", "label"), *parts, *said], width, 1)
    name = min(_WIDE_NAME, max(NAME_CELLS, width - _NUMBERS))
    heading = f"   {'watched':<{name}}   {'T 1, no chain':>13}   {'rank':>7}   {'now, at ' + view.settings}"
    rows = [[(heading, "label")], *(_row(i, line, name) for i, line in enumerate(view.watched))]
    if unknown:
        places = "1 position was" if unknown == 1 else f"{count(unknown)} positions were"
        rows.append([(f" {places} passed before the watch: walk there to see it", "label")])
    return [pad(row, width) for row in rows]


def _row(i: int, line: WatchLine, name: int) -> list[Run]:
    return [
        (f" {line.mark} {fit(line.name, name)}   ", f"watch-{i}"),
        (f"{percent(line.plain):>13}   {_rank(line):>7}   {percent_column(line.now)}", "number"),
    ]


def _brief(line: WatchLine) -> str:
    return f"{line.mark} {short(line.name, NAME_CELLS)} {percent(line.plain)} #{_rank(line)}"


def _rank(line: WatchLine) -> str:
    return "–" if math.isnan(line.rank) else count(int(line.rank))


def _unknown(lines: Sequence[WatchLine]) -> int:
    """Positions at which one of the lines has a gap."""
    return sum(any(map(math.isnan, probs)) for probs in zip(*(line.probs for line in lines), strict=True))


def watch_marks(view: TimelineView, lines: Sequence[Sequence[tuple[float, float]]], width: int) -> list[Mark]:
    """The letter of each watch along its line, and at its last point: so they are told apart without colour."""
    marks = []
    for k, (watch, points) in enumerate(zip(view.watched, lines, strict=True)):
        known = [point for point in points if math.isfinite(point[1])]
        step = max(1, round(_APART * max(len(points), 8) / max(width, 1)))
        shift = k * step // len(view.watched)
        chosen = [point for i, point in enumerate(known[:-1]) if i % step == shift] + known[-1:]
        marks += [Mark(point, watch.mark, f"watch-{k}") for point in chosen]
    return marks
