"""Probability against rank, both logarithmic, and how much of the probability the best tokens make."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..picture_data import MASS_SHARES, RankView
from .axis import Tick
from .braille import Line, Mark
from .chart import Axis, chart
from .formats import count, probability_tick
from .legend import WITHOUT_SAMPLERS, legend, share_label, short

Run = tuple[str, str]

_TALL = 13
_NARROW = 72
_SENTENCE = 104
"""From this width on there is room for the counts as a sentence, whatever they are."""

NAME_CELLS = 16


def rank(view: RankView, width: int, height: int) -> list[list[Run]]:
    """A legend, the counts, and the chart; the cumulative mass has the scale at the right."""
    rows = [_legend(view, width), _counts(view, width)]
    if height < 3:
        return rows[::-1][: max(height, 0)]
    rows = rows if height > 6 else rows[1:]
    last = max(math.log10(view.tokens), math.log10(2))
    up = (-float(view.decades), 0.0)

    def on_scale(share: float) -> float:
        return (share - 1) * view.decades

    lines = [
        Line([(x, y) for x, y in view.curve if y >= 2 * up[0]], "curve"),
        Line([(x, on_scale(share)) for x, share in view.cumulative], "second", dotted=True),
        Line(view.ghost, "ghost", dotted=True),
    ]
    reached = zip(view.counts, view.reached, strict=True)
    marks = [Mark((math.log10(n), on_scale(share)), "●", "second") for n, share in reached]
    marks.append(Mark(view.highlighted, "◆", "point"))
    tall = height >= _TALL
    x = Axis((0.0, last), "rank" if tall else "", _rank_ticks(last, tall))
    y = Axis(up, "probability" if tall else "", _probability_ticks(view.decades, height - 4))
    mass = [(on_scale(share), share_label(share)) for share in (0.0, 0.5, 1.0)]
    right = Axis(up, "cumulative" if tall else "", mass)
    return [*rows, *chart(lines, width, height - len(rows), x, y, marks, right)]


def _legend(view: RankView, width: int) -> list[Run]:
    narrow = width < _NARROW
    highlighted = f"rank {count(view.rank)}" if narrow else f"{short(view.name, NAME_CELLS)}, rank {count(view.rank)}"
    parts = [
        (f"━ p, T {view.temperature}", "curve"),
        ("┅ ● cumulative (right)", "second"),
        ("┅ T 1" if narrow else "┅ p, T 1", "ghost"),
        (f"◆ {highlighted}", "point"),
    ]
    kept = [part for part in parts if view.ghost or part[1] != "ghost"]
    return legend([WITHOUT_SAMPLERS, *kept] if view.chained else kept, width)


def _counts(view: RankView, width: int) -> list[Run]:
    """How many of the best tokens make half of the probability and more; at T 1 too, where there is room."""
    made = [(share_label(share), count(n)) for share, n in zip(MASS_SHARES, view.counts, strict=True)]
    if width >= _SENTENCE:
        (half, few), *more = made
        text = f"The best {few} make {half}" + "".join(f", {n} make {share}" for share, n in more)
    else:
        text = "Tokens for " + " · ".join(f"{share}: {n}" for share, n in made)
    at_one = " · ".join(count(n) for n in view.plain_counts)
    return legend([(text, "number"), (f"at T 1: {at_one}", "ghost")] if view.ghost else [(text, "number")], width)


def _rank_ticks(last: float, titled: bool) -> Sequence[Tick]:
    """Powers of ten, and 2 and 5 times them where there are few."""
    factors = (1, 2, 5) if last < 2 else (1,)
    ranks = [f * 10**e for e in range(math.floor(last) + 1) for f in factors]
    return [(math.log10(r), count(r) if r > 1 or titled else f"rank {r}") for r in ranks if math.log10(r) <= last]


def _probability_ticks(decades: int, rows: int) -> Sequence[Tick]:
    """As many decades as there are rows for, the same distance apart."""
    step = next((s for s in (1, 2, 3, 4, 6) if 2 * decades // s < rows), decades)
    return [(float(-e), probability_tick(-e)) for e in range(0, decades + 1, step)]
