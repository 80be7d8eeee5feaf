"""Probabilities of the best tokens, and the entropy, against the temperature from 0 to 5."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..picture_data import RANGE_SHARES, SweepLine, SweepView
from .axis import nice_ticks
from .braille import Line, Mark
from .chart import Axis, chart
from .formats import bits, percent, percent_column, probability_tick
from .legend import WITHOUT_SAMPLERS, legend, legend_rows, longest, share_label, short

Run = tuple[str, str]

MAX_T = 5.0
_TALL = 13
_NARROW, _WIDE = 72, 120
"""Below the one the legend is brief, from the other on it has room in one line."""

NAME_CELLS = 14
DECADES = 6
"""The logarithmic scale begins at 10^-6."""

_MARGIN = 0.15  # of T, free of marks at both ends


def sweep(view: SweepView, width: int, height: int) -> list[list[Run]]:
    """A legend with what everything is now, what there is to say of the highlighted token, and the chart.

    Only the lines whose names have room in the legend are drawn.
    """
    tall = height >= _TALL
    named, others = _legend(view, width, tall)
    rows = [*named, _facts(view, width)]
    if height < 5:
        return rows[::-1][: max(height, 0)]
    if height < 7:  # no room for a legend: the highlighted line alone
        rows, others = rows[1:], []
    y = _probabilities(view, height)
    bit = (y.range[1] - y.range[0]) / view.most_bits  # the entropy is drawn on the scale of y
    lines = [
        Line([(view.temperature, y.range[0]), (view.temperature, y.range[1])], "number", dotted=True),
        Line(_placed(view, view.highlighted), "point"),
        *(Line(_placed(view, line), f"line-{i}") for i, line in others),
        Line([(t, y.range[0] + h * bit) for t, h in view.entropy], "axis", dotted=True),
    ]
    inner = height - len(rows) - (3 if tall else 1)
    marks = _marks(view, [*others, (-1, view.highlighted)], width, inner, y.range)
    x = Axis(
        (0.0, MAX_T), "temperature T" if tall else "", [(float(t), str(t) if t or tall else "T 0") for t in range(6)]
    )
    return [*rows, *chart(lines, width, height - len(rows), x, y, marks, _bits_scale(view, y, inner, tall))]


def _probabilities(view: SweepView, height: int) -> Axis:
    """The scale of the probabilities: from 0, or logarithmic like the bars of the candidates."""
    title = "probability" if height >= _TALL else ""
    if view.logarithmic:
        step = 1 if height >= 2 * _TALL else 2 if height >= _TALL else 3
        return Axis((-DECADES, 0.0), title, [(-float(e), probability_tick(-e)) for e in range(0, DECADES + 1, step)])
    percents = (0, 25, 50, 75, 100) if height >= _TALL else (0, 50, 100)
    return Axis((0.0, 1.0), title, [(p / 100, f"{p} %") for p in percents])


def _bits_scale(view: SweepView, y: Axis, rows: int, titled: bool) -> Axis:
    """The scale of the entropy, from 0 to the most that this vocabulary can have."""
    low, high = y.range
    ticks = nice_ticks(0.0, view.most_bits, max(2, min(4, rows // 3)))
    labels = [(low + h / view.most_bits * (high - low), label if titled else f"{label} bits") for h, label in ticks]
    return Axis(y.range, "entropy in bits" if titled else "", labels)


def _placed(view: SweepView, line: SweepLine) -> Sequence[tuple[float, float]]:
    """A line on the scale of y; where its probability is nothing, a logarithm far below."""
    if not view.logarithmic:
        return line.points
    return [(t, math.log10(p) if p > 1e-99 else -99.0) for t, p in line.points]


def _marks(
    view: SweepView, lines: Sequence[tuple[int, SweepLine]], width: int, rows: int, y_range: tuple[float, float]
) -> list[Mark]:
    """Each line's rank (◆ for the highlighted one) on it, where it is highest of all that is free."""
    low, high = y_range
    taken: set[tuple[int, int]] = set()
    marks = []
    for i, line in reversed(lines):
        for t, p in sorted(_placed(view, line), key=lambda point: -point[1]):
            cell = int(t / MAX_T * (width - 12) / 3), int((p - low) / (high - low) * rows)
            if cell not in taken and _MARGIN < t < MAX_T - _MARGIN and p >= low:
                taken.add(cell)
                marks.append(Mark((t, p), "◆" if i < 0 else str(line.rank), "point" if i < 0 else f"line-{i}"))
                break
    return marks


def _legend(view: SweepView, width: int, tall: bool) -> tuple[list[list[Run]], list[tuple[int, SweepLine]]]:
    """The rows of the legend, and the lines (with their place among the best) that it names beside the highlighted."""
    now, highlighted = view.temperature, view.highlighted
    name, narrow = short(highlighted.name, NAME_CELLS), width < _NARROW
    entropy = f"{bits(view.entropy_now):>10}"
    parts = [
        (f"┆ T {view.label}" if now <= MAX_T else f"T {view.label} is farther right", "number"),
        (f"◆ {name}" if narrow else f"◆ {name} {percent_column(highlighted.now)}", "point"),
        (f"┅ {entropy}" if narrow else f"┅ entropy {entropy}", "axis"),
    ]
    if view.chained:
        parts.insert(0, WITHOUT_SAMPLERS)
    for i, line in enumerate(view.lines):
        if line.rank != highlighted.rank:
            prob = f" {percent_column(line.now)}" if tall else ""
            parts.append((f"{line.rank} {short(line.name, NAME_CELLS)}{prob}", f"line-{i}"))
    rows = legend_rows(parts, width, 2 if tall and width < _WIDE else 1)
    named = {role for row in rows for _, role in row}
    return rows, [(i, line) for i, line in enumerate(view.lines) if f"line-{i}" in named]


def _facts(view: SweepView, width: int) -> list[Run]:
    """Where the highlighted token is most probable, and where it has 1 % and 10 %."""
    name = short(view.highlighted.name, NAME_CELLS)
    if view.peak is None:
        return legend([(f"{name} is masked: it has no probability at any T", "number")], width)
    t, p = view.peak
    end = ("left end" if t == 0 else "right end") if view.peak_at_end else ""
    most = f"{name} peaks at T {_temperature(t)}" + (
        f", the {end}, with {percent(p)}" if end else f" with {percent(p)}"
    )
    brief = f"◆ peak {percent(p)} at T {_temperature(t)}" + (" (end)" if end else "")
    spans = [f"{_temperature(span[0])}–{_temperature(span[1])}" if span else "" for span in view.ranges]
    told = [(share_label(share), span) for share, span in zip(RANGE_SHARES, spans, strict=True)]
    wide = [f"at least {share}: {f'T {span}' if span else 'never'}" for share, span in told]
    middle = [f"≥{share.replace(' ', '')} {f'T {span}' if span else 'never'}" for share, span in told]
    narrow = [f"≥{share.replace(' ', '')} {span or 'never'}" for share, span in told]
    wordings = ((most, *wide), (most, *middle), (brief, *middle), (brief, *narrow))
    return longest([[(text, "number") for text in wording] for wording in wordings], width)


def _temperature(t: float) -> str:
    return f"{t:g}" if t in (0.0, MAX_T) else f"{t:.2f}"
