"""The timeline: entropy and surprisal over the positions of the text, with the cursor among them."""

from __future__ import annotations

import math

from ..picture_data import TimelineView
from .braille import Line, Mark
from .chart import Axis, chart
from .lines import pad

Run = tuple[str, str]

LEAST_BITS = 8.0
"""The axis of bits reaches at least this far, so that it seldom changes."""


def timeline(view: TimelineView, width: int, height: int) -> list[list[Run]]:
    """A legend and a chart; where the text is longer than the chart has dots, the part around the cursor."""
    legend: list[Run] = [
        (" ━ entropy", "curve"),
        ("   ┅ surprisal of the token taken", "second"),
        ("   │ cursor", "point"),
    ]
    n = len(view.surprisals)
    if n == 0:
        return [pad([(" Nothing is taken yet: space takes the first token.", "label")], width)]
    room = max(8, 2 * (width - 6))
    first = max(0, min(view.cursor - room // 2, n - room))
    last = min(n, first + room)
    bits = [b for b in (*view.surprisals[first:last], *view.entropies[first:last]) if math.isfinite(b)]
    top = max([LEAST_BITS, *bits])
    lines = [
        Line([(i + 1, view.entropies[i]) for i in range(first, last)], "curve"),
        Line([(i + 1, view.surprisals[i]) for i in range(first, last)], "second", dotted=True),
    ]
    # A token that had no chance has no finite surprisal; it stands at the top.
    marks = [Mark((i + 1, top), "∞", "second") for i in range(first, last) if not math.isfinite(view.surprisals[i])]
    at = view.cursor + 0.5
    cursor = Line([(at, 0.0), (at, top)], "point")
    x = Axis((first + 0.5, max(last, first + 8) + 0.5), "position")
    return [pad(legend, width), *chart([*lines, cursor], width, height - 1, x, Axis((0.0, top), "bits"), marks)]
