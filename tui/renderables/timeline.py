"""The timeline: entropy and surprisal over the positions of the text, the watches too, with the cursor among them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ..picture_data import TimelineView
from .braille import Line, Mark
from .chart import Axis, chart
from .formats import count
from .legend import legend
from .lines import pad
from .probabilities import placed, probability_axis
from .watched import watch_legend, watch_marks

Run = tuple[str, str]

LEAST_BITS = 8.0
"""The axis of bits reaches at least this far, so that it seldom changes."""

_RANKS_FROM = 11
"""Rows below the legend from which on the ranks of the watches have a chart of their own."""

_UNTITLED = 6
"""Rows up to which that chart has no name for the positions."""


def timeline(view: TimelineView, width: int, height: int) -> list[list[Run]]:
    """A legend and a chart; where the text is longer than the chart has dots, the part around the cursor."""
    names: list[Run] = [
        ("━ entropy", "curve"),
        ("┅ surprisal of the token taken", "second"),
        ("│ cursor", "point"),
        *([("┊ end of the prompt", "axis")] if view.first <= view.stem else []),
    ]
    n = len(view.surprisals)
    if n == 0 and not view.watched:
        return [pad([(f" {view.hint}", "label")], width)]
    rows = [legend(names, width), *watch_legend(view, width, height)][: max(1, height - 4)]
    room = max(8, 2 * (width - 6))
    end = view.first + n + bool(view.watched)  # a watch is known before its token is taken
    first = max(view.first, min(view.cursor + 1 - room // 2, end - room))
    shown = range(first, min(end, first + room))
    title = "position" if first > view.stem else "position; the prompt is left of ┊"
    x = Axis((first - 0.5, max(shown.stop, first + 8) - 0.5), title)
    if view.watched and height - len(rows) >= _RANKS_FROM:
        ranks = (height - len(rows)) * 2 // 5 + 1
        least = len(count(view.n_vocab)) + 2, len("100 %") + 1
        rows += _bits(view, width, height - len(rows) - ranks, replace(x, title=""), shown, least)
        return rows + _ranks(view, width, ranks, x if ranks > _UNTITLED else replace(x, title=""), shown, least)
    return rows + _bits(view, width, height - len(rows), x, shown)


def _bits(
    view: TimelineView, width: int, height: int, x: Axis, shown: range, least: tuple[int, int] = (0, 0)
) -> list[list[Run]]:
    """Entropy, surprisal, and the probabilities of the watches on a scale of their own."""
    taken = range(shown.start, min(shown.stop, view.first + len(view.surprisals)))
    surprisals = [(i, view.surprisals[i - view.first]) for i in taken]
    entropies = [(i, view.entropies[i - view.first]) for i in taken]
    top = max([LEAST_BITS, *(b for _, b in (*surprisals, *entropies) if math.isfinite(b))])
    lines = [Line(entropies, "curve"), Line(surprisals, "second", dotted=True)]
    # A token that had no chance has no finite surprisal; it stands at the top.
    marks = [Mark((i, top), "∞", "second") for i, b in surprisals if not math.isfinite(b)]
    right = None
    if view.watched:
        scale = probability_axis(view.logarithmic, height)
        low, high = scale.range
        onto = top / (high - low)
        right = Axis((0.0, top), scale.title, [((at - low) * onto, label) for at, label in scale.marks(9)])
        watched = [
            [(i, (p - low) * onto) for i, p in placed(_watched(view, w.probs, shown), view.logarithmic)]
            for w in view.watched
        ]
        lines = [*(Line(points, f"watch-{k}") for k, points in enumerate(watched)), *lines]
        marks += watch_marks(view, watched, width)
    return chart(
        [*lines, *_uprights(view, shown, 0.0, top)], width, height, x, Axis((0.0, top), "bits"), marks, right, least
    )


def _watched(view: TimelineView, numbers: Sequence[float], shown: range) -> list[tuple[float, float]]:
    """A watch's numbers at their positions, which begin after the prompt."""
    return [(i, numbers[i - view.stem - 1]) for i in shown if i > view.stem]


def _ranks(
    view: TimelineView, width: int, height: int, x: Axis, shown: range, least: tuple[int, int]
) -> list[list[Run]]:
    """The ranks of the watches, in powers of ten, the first at the top."""
    lowest = max(1.0, math.log10(view.n_vocab))
    ticks = [(-float(k), f"#{count(10**k)}") for k in range(int(lowest) + 1)]
    watched = [[(i, -math.log10(rank)) for i, rank in _watched(view, w.ranks, shown)] for w in view.watched]
    lines = [Line(points, f"watch-{k}") for k, points in enumerate(watched)]
    lines += _uprights(view, shown, -lowest, 0.0)
    y = Axis((-lowest, 0.0), "rank", ticks)
    return chart(lines, width, height, x, y, watch_marks(view, watched, width), least=least)


def _uprights(view: TimelineView, shown: range, low: float, high: float) -> list[Line]:
    """The end of the prompt and the cursor, from the bottom of the chart to its top."""
    end, cursor = view.stem + 0.5, view.cursor + 0.5
    ends = [Line([(end, low), (end, high)], "axis", dotted=True)] if shown.start <= view.stem else []
    return [*ends, Line([(cursor, low), (cursor, high)], "point")]
