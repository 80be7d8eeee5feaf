"""The curve y = e^(x/T) over the logits: what the temperature does to the height of every token."""

from __future__ import annotations

import math

from ..picture_data import CurveView
from .axis import nice_ticks, number
from .braille import Line, Mark
from .chart import Axis, chart
from .legend import WITHOUT_SAMPLERS, legend, short

Run = tuple[str, str]

_TALL = 12
"""From so many rows on the axes have titles."""

NAME_CELLS = 16


_BREAK = (math.nan, math.nan)
"""Between the stems, which are one line."""


def curve(view: CurveView, width: int, height: int) -> list[list[Run]]:
    """A legend, and the curve with its ghost at T = 1; every candidate stands on it as the end of a stem."""
    x, y = view.highlighted
    inside = x >= view.left
    lines = [
        Line([(x, 0.0), (x, y)] if inside else [], "point"),
        Line(view.curve, "curve"),
        Line(view.ghost, "ghost", dotted=True),
        Line([place for cx, cy in view.candidates for place in ((cx, 0.0), (cx, cy), _BREAK)], "axis", dotted=True),
    ]
    marks = [Mark(point, "●", "curve") for point in reversed(view.candidates)]
    marks += [Mark((x, y), "◆", "point")] if inside else []
    tall = height >= _TALL
    (lowest, first), *others = nice_ticks(view.left, 0.0, max(width // 14, 1)) or [(view.left, "")]
    across = Axis((view.left, 0.0), "x: logit − greatest logit", [(lowest, first), *others])
    if not tall:
        across = Axis((view.left, 0.0), "", [(lowest, f"{first} logits"), *others])
    up = Axis((0.0, 1.0), "e^(x/T)" if tall else "")
    return [_legend(view, width), *chart(lines, width, height - 1, across, up, marks)][: max(height, 0)]


def _legend(view: CurveView, width: int) -> list[Run]:
    x, y = view.highlighted
    at = f"x {number(x, 2)} → {_height(y)}" if x > float("-inf") else "masked → 0"
    parts = [
        (f"━ e^(x/T), T {view.temperature}", "curve"),
        ("┅ e^x", "ghost"),
        (f"◆ {short(view.name, NAME_CELLS)}: {at}", "point"),
        ("● candidates", "curve"),
        (f"{view.beyond:,} tokens farther left", "label"),
    ]
    kept = [part for part, there in zip(parts, (1, view.ghost, 1, 1, view.beyond), strict=True) if there]
    return legend([WITHOUT_SAMPLERS, *kept] if view.chained else kept, width)


def _height(y: float) -> str:
    """Between 0 and 1, never "0.000" for what is not 0, always as wide."""
    return "0     " if y == 0 else "<0.001" if y < 0.001 else f"{y:.3f} " if y < 1 else "1     "
