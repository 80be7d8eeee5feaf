"""The timeline: entropy and surprisal over the positions of the text, the watches too, with the cursor among them."""

from __future__ import annotations

import math

from ..picture_data import TimelineView
from .braille import Line, Mark
from .chart import Axis, chart
from .formats import count
from .lines import pad
from .probabilities import placed, probability_axis
from .watched import watch_legend, watch_marks

Run = tuple[str, str]

LEAST_BITS = 8.0
"""The axis of bits reaches at least this far, so that it seldom changes."""

_RANKS_FROM = 14
"""Rows below the legend from which on the ranks of the watches have a chart of their own."""


def timeline(view: TimelineView, width: int, height: int) -> list[list[Run]]:
    """A legend and a chart; where the text is longer than the chart has dots, the part around the cursor."""
    legend: list[Run] = [
        (" ━ entropy", "curve"),
        ("   ┅ surprisal of the token taken", "second"),
        ("   │ cursor", "point"),
    ]
    n = len(view.surprisals)
    if n == 0 and not view.watched:
        return [pad([(" Nothing is taken yet: space takes the first token.", "label")], width)]
    rows = [pad(legend, width), *watch_legend(view, width, height)][: max(1, height - 4)]
    room = max(8, 2 * (width - 6))
    end = n + bool(view.watched)  # a watch is known before its token is taken
    first = max(0, min(view.cursor - room // 2, end - room))
    last = min(end, first + room)
    x = Axis((first + 0.5, max(last, first + 8) + 0.5), "position")
    if view.watched and height - len(rows) >= _RANKS_FROM:
        ranks = max(6, (height - len(rows)) * 2 // 5)
        least = len(count(view.n_vocab)) + 2, len("100 %") + 1
        rows += _bits(view, width, height - len(rows) - ranks, x, first, last, least)
        return rows + _ranks(view, width, ranks, x, first, last, least)
    return rows + _bits(view, width, height - len(rows), x, first, last)


def _bits(
    view: TimelineView, width: int, height: int, x: Axis, first: int, last: int, least: tuple[int, int] = (0, 0)
) -> list[list[Run]]:
    """Entropy, surprisal, and the probabilities of the watches on a scale of their own."""
    taken = range(first, min(last, len(view.surprisals)))
    bits = [b for i in taken for b in (view.surprisals[i], view.entropies[i]) if math.isfinite(b)]
    top = max([LEAST_BITS, *bits])
    lines = [
        Line([(i + 1, view.entropies[i]) for i in taken], "curve"),
        Line([(i + 1, view.surprisals[i]) for i in taken], "second", dotted=True),
    ]
    # A token that had no chance has no finite surprisal; it stands at the top.
    marks = [Mark((i + 1, top), "∞", "second") for i in taken if not math.isfinite(view.surprisals[i])]
    right = None
    if view.watched:
        scale = probability_axis(view.logarithmic, height)
        low, high = scale.range
        onto = top / (high - low)
        right = Axis((0.0, top), scale.title, [((at - low) * onto, label) for at, label in scale.marks(9)])
        watched = [
            [
                (i, (p - low) * onto)
                for i, p in placed([(i + 1, w.probs[i]) for i in range(first, last)], view.logarithmic)
            ]
            for w in view.watched
        ]
        lines = [*(Line(points, f"watch-{k}") for k, points in enumerate(watched)), *lines]
        marks += watch_marks(view, watched, width)
    lines.append(_cursor(view, top))
    return chart(lines, width, height, x, Axis((0.0, top), "bits"), marks, right, least)


def _ranks(
    view: TimelineView, width: int, height: int, x: Axis, first: int, last: int, least: tuple[int, int]
) -> list[list[Run]]:
    """The ranks of the watches, in powers of ten, the first at the top."""
    lowest = max(1.0, math.log10(view.n_vocab))
    ticks = [(-float(k), f"#{count(10**k)}") for k in range(int(lowest) + 1)]
    watched = [[(i + 1, -math.log10(w.ranks[i])) for i in range(first, last)] for w in view.watched]
    lines = [Line(points, f"watch-{k}") for k, points in enumerate(watched)]
    y = Axis((-lowest, 0.0), "rank", ticks)
    cursor = Line([(view.cursor + 0.5, -lowest), (view.cursor + 0.5, 0.0)], "point")
    return chart([*lines, cursor], width, height, x, y, watch_marks(view, watched, width), least=least)


def _cursor(view: TimelineView, top: float) -> Line:
    at = view.cursor + 0.5
    return Line([(at, 0.0), (at, top)], "point")
