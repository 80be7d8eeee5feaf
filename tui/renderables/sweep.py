"""Probabilities of the best tokens, and the entropy, against the temperature from 0 to 5."""

from __future__ import annotations

from collections.abc import Sequence

from ...models.state import MAX_KEYED_T
from ..picture_data import RANGE_SHARES, SweepLine, SweepView
from .axis import nice_ticks
from .braille import Line, Mark
from .chart import Axis, chart
from .formats import bits, percent, percent_column
from .legend import WITHOUT_SAMPLERS, legend, legend_rows, longest, share_label, short
from .probabilities import TALL, placed, probability_axis

Run = tuple[str, str]

_LOW = 8
"""Up to so many rows the legend is a single one."""

_NARROW, _WIDE = 72, 120
"""Below the one the legend is brief, from the other on it has room in one line."""

NAME_CELLS = 14
_MARGIN = 0.15  # of T, free of marks at both ends


def sweep(view: SweepView, width: int, height: int) -> list[list[Run]]:
    """A legend with what everything is now, what there is to say of the highlighted token, and the chart.

    Only the lines whose names have room in the legend are drawn.
    """
    tall = height >= TALL
    named, others = _legend(view, width, height)
    rows = [*named, _facts(view, width)]
    if height < 3:
        return rows[::-1][: max(height, 0)]
    if height < 7:  # no room for a legend: the highlighted line alone
        rows, others = rows[1:], []
    y = probability_axis(view.logarithmic, height)
    bit = (y.range[1] - y.range[0]) / view.most_bits  # the entropy is drawn on the scale of y
    lines = [
        Line([(view.temperature, y.range[0]), (view.temperature, y.range[1])], "number", dotted=True),
        Line(placed(view.highlighted.points, view.logarithmic), "point"),
        *(Line(placed(line.points, view.logarithmic), role) for role, line in others),
        Line([(t, y.range[0] + h * bit) for t, h in view.entropy], "axis", dotted=True),
    ]
    inner = height - len(rows) - (3 if tall else 1)
    marks = _marks(view, [*others, ("point", view.highlighted)], width, inner, y.range)
    x = Axis(
        (0.0, MAX_KEYED_T),
        "temperature T" if tall else "",
        [(float(t), str(t) if t or tall else "T 0") for t in range(6)],
    )
    return [*rows, *chart(lines, width, height - len(rows), x, y, marks, _bits_scale(view, y, inner, tall))]


def _bits_scale(view: SweepView, y: Axis, rows: int, titled: bool) -> Axis:
    """The scale of the entropy, from 0 to the most that this vocabulary can have."""
    low, high = y.range
    ticks = nice_ticks(0.0, view.most_bits, max(2, min(4, rows // 3)))
    labels = [(low + h / view.most_bits * (high - low), label if titled else f"{label} bits") for h, label in ticks]
    return Axis(y.range, "entropy in bits" if titled else "", labels)


def _marks(
    view: SweepView, lines: Sequence[tuple[str, SweepLine]], width: int, rows: int, y_range: tuple[float, float]
) -> list[Mark]:
    """Each line's letter or rank (◆ for the highlighted one) on it, where it is highest of all that is free."""
    low, high = y_range
    taken: set[tuple[int, int]] = set()
    marks = []
    for role, line in reversed(lines):
        mark = "◆" if role == "point" else line.mark or str(line.rank)
        for t, p in sorted(placed(line.points, view.logarithmic), key=lambda point: -point[1]):
            cell = int(t / MAX_KEYED_T * (width - 12) / 3), int((p - low) / (high - low) * rows)
            if cell not in taken and _MARGIN < t < MAX_KEYED_T - _MARGIN and p >= low:
                taken.add(cell)
                marks.append(Mark((t, p), mark, role))
                break
    return marks


def _legend(view: SweepView, width: int, height: int) -> tuple[list[list[Run]], list[tuple[str, SweepLine]]]:
    """The rows of the legend, and the lines, each with its role, that it names beside the highlighted one."""
    tall, now, highlighted = height >= TALL, view.temperature, view.highlighted
    name, narrow = short(highlighted.name, NAME_CELLS), width < _NARROW
    entropy = f"{bits(view.entropy_now):>10}"
    parts = [
        (f"┆ T {view.label}" if now <= MAX_KEYED_T else f"T {view.label} is farther right", "number"),
        (f"◆ {name}" if narrow else f"◆ {name} {percent_column(highlighted.now)}", "point"),
        (f"┅ {entropy}" if narrow else f"┅ entropy {entropy}", "axis"),
    ]
    if view.chained:
        parts.insert(0, WITHOUT_SAMPLERS)
    best = [(f"line-{i}", line) for i, line in enumerate(view.lines) if line.rank != highlighted.rank]
    watched = [(f"watch-{i}", line) for i, line in enumerate(view.watched)]
    best_parts, watch_parts = _parts(best, tall), _parts(watched, tall)
    most = 2 if tall and width < _WIDE else 1
    if watched and height > _LOW:  # rows of their own, so that none is left out for a better token
        rows = [*legend_rows([*parts, *best_parts], width, most), *legend_rows(watch_parts, width, 1)]
        if tall and watched[-1][0] not in {role for _, role in rows[-1]}:
            rows[-1:] = legend_rows(watch_parts, width, 2)
    else:
        rows = legend_rows([*parts, *watch_parts, *best_parts], width, most)
    named = {role for row in rows for _, role in row}
    return rows, [(role, line) for role, line in (*watched, *best) if role in named]


def _parts(lines: Sequence[tuple[str, SweepLine]], tall: bool) -> list[tuple[str, str]]:
    """What the legend says of lines, each with its role."""
    return [
        (
            f"{line.mark or line.rank} {short(line.name, NAME_CELLS)}{f' {percent_column(line.now)}' if tall else ''}",
            role,
        )
        for role, line in lines
    ]


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
    return f"{t:g}" if t in (0.0, MAX_KEYED_T) else f"{t:.2f}"
