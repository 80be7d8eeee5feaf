"""The scale of probabilities in a chart: from 0, or logarithmic like the bars of the candidates."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .chart import Axis
from .formats import probability_tick

Points = Sequence[tuple[float, float]]

DECADES = 6
"""The logarithmic scale begins at 10^-6."""

TALL = 13
"""Rows from which on a chart has titles and all its labels."""


def probability_axis(logarithmic: bool, height: int) -> Axis:
    """The scale in a picture of so many rows; titled where there is room."""
    title = "probability" if height >= TALL else ""
    if logarithmic:
        step = 1 if height >= 2 * TALL else 2 if height >= TALL else 3
        return Axis((-DECADES, 0.0), title, [(-float(e), probability_tick(-e)) for e in range(0, DECADES + 1, step)])
    percents = (0, 25, 50, 75, 100) if height >= TALL else (0, 50, 100)
    return Axis((0.0, 1.0), title, [(p / 100, f"{p} %") for p in percents])


def placed(points: Points, logarithmic: bool) -> Points:
    """A line on that scale; where its probability is nothing, a logarithm far below. NaN stays."""
    if not logarithmic:
        return points
    return [(x, p if math.isnan(p) else math.log10(p) if p > 1e-99 else -99.0) for x, p in points]
