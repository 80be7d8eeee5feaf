"""What the timeline says of the watches: their numbers now, and the letters on their lines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..display import fit
from ..picture_data import TimelineView, WatchLine
from .braille import Mark
from .formats import count, counted, percent, percent_column
from .legend import longest, short
from .lines import pad
from .probabilities import TALL

Run = tuple[str, str]

NAME_CELLS = 14
_WIDE_NAME = 28

_WIDE, _NUMBERS, _FEW_NUMBERS = 84, 70, 34
"""From so many cells on all is said above the numbers; what they and that take; what they take alone."""

_APART = 24
"""Cells between two letters on a line, about."""


def watch_legend(view: TimelineView, width: int, height: int) -> list[list[Run]]:
    """Every watch with its numbers at the cursor: a row each where there is room, else all in one row."""
    if not view.watched:
        return []
    unknown = _unknown(view.watched)
    if height < TALL:
        said = [(f"{count(unknown)} unseen", "label")] if unknown else []
        forms = [
            [
                ("T 1, no chain:", "label"),
                *((_brief(line, form), f"watch-{i}") for i, line in enumerate(view.watched)),
                *said,
            ]
            for form in range(3)
        ]
        return [longest(forms, width)]
    wide = width >= _WIDE
    name = min(_WIDE_NAME, width - _NUMBERS) if wide else max(8, width - _FEW_NUMBERS)
    plain, now = ("T 1, no chain", f"now, at {view.settings}") if wide else ("T 1", "     now")
    heading = f"   {'watched':<{name}}  {plain:>{13 if wide else 8}}   {'rank':>7}   {now}"
    rows = [[(heading, "label")], *(_row(i, line, name, wide) for i, line in enumerate(view.watched))]
    if unknown:
        places = f"{counted(unknown, 'position')} {'was' if unknown == 1 else 'were'}"
        there = " passed before the watch: walk there to see it" if wide else " before the watch: walk there"
        rows.append([(f" {places}{there}", "label")])
    return [pad(row, width) for row in rows]


def _row(i: int, line: WatchLine, name: int, wide: bool) -> list[Run]:
    return [
        (f" {line.mark} {fit(line.name, name)}  ", f"watch-{i}"),
        (f"{percent(line.plain):>{13 if wide else 8}}   {_rank(line):>7}   {percent_column(line.now)}", "number"),
    ]


def _brief(line: WatchLine, form: int) -> str:
    """A watch in a line of all, from the form with the most room to the one with the least."""
    if form == 2:
        return f"{line.mark} {short(line.name, 6)}"
    return f"{line.mark} {short(line.name, NAME_CELLS)} {percent(line.plain)}" + f" #{_rank(line)}" * (form == 0)


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
