"""What the pictures of the temperature are drawn from: Curve, Rank and Sweep, as plain data."""

from __future__ import annotations

import math

import numpy as np

from ..models.partition import EXACT
from ..models.percentages import temperature_label
from ..models.rank_curve import tokens_for_mass
from ..models.row import Row
from ..models.softmax import Array, powers
from ..models.state import State
from ..models.vocabulary import Vocabulary
from .labels import spoken
from .picture_data import MASS_SHARES, RANGE_SHARES, CurveView, Points, RankView, SweepLine, SweepView
from .renderables.axis import nice_step
from .watch_view import watch_sweeps

CURVE_POINTS = 201
DEEPEST = 20.0
"""Logits below the maximum that the curve shows at most: e^(-20/T) is 2 percent at T = 5, less than a dot at T = 4."""

CANDIDATES = 24
"""Points on the curve."""

MOST_DECADES = 12

LINES = 5
"""Tokens in the sweep."""


def curve_view(s: State) -> CurveView:
    """The function that turns logits into shares, and where the candidates stand on it."""
    assert s.row is not None and s.info is not None
    ranking, t = s.row.ranking, s.settings.temperature
    token, _ = _highlighted(s, s.row)
    left, beyond = _reach(s.row)
    x = left * np.linspace(1.0, 0.0, CURVE_POINTS) ** 2
    below = ranking.below_maximum
    best = np.array([i for i in ranking.head(CANDIDATES).tolist() if i != token and below[i] >= left], np.intp)
    at = float(below[token])
    return CurveView(
        temperature=temperature_label(t),
        left=left,
        curve=_points(x, powers(x, t)),
        ghost=_points(x, powers(x, 1.0)) if t != 1 else (),
        candidates=_points(below[best], powers(below[best], t)),
        highlighted=(at, float(powers(np.array([at]), t)[0])),
        name=spoken(s.info.vocabulary, token),
        beyond=beyond,
        chained=bool(s.settings.samplers),
    )


def rank_view(s: State) -> RankView:
    """Probability against rank, and how many tokens make most of it."""
    assert s.row is not None and s.info is not None
    curve, t = s.row.rank_curve, s.settings.temperature
    now, plain = s.row.at(t), s.row.at(1.0)
    token, rank = _highlighted(s, s.row)
    ranks = np.log10(curve.ranks)
    counts, cumulative = tuple(tokens_for_mass(now, MASS_SHARES)), curve.cumulative(t)
    return RankView(
        temperature=temperature_label(t),
        tokens=s.row.ranking.n_finite,
        decades=_decades(float(curve.depths[-1])),
        curve=_points(ranks, curve.log10_probs(t)),
        ghost=_points(ranks, curve.log10_probs(1.0)) if t != 1 else (),
        cumulative=_points(ranks, cumulative),
        highlighted=(math.log10(rank), now.logprob(token) / math.log(10)),
        name=spoken(s.info.vocabulary, token),
        rank=rank,
        counts=counts,
        reached=tuple(np.interp(np.log10(counts), ranks, cumulative).tolist()),
        plain_counts=tuple(tokens_for_mass(plain, MASS_SHARES)) if t != 1 else counts,
        chained=bool(s.settings.samplers),
    )


def sweep_view(s: State) -> SweepView:
    """Probabilities and entropy at every temperature."""
    assert s.row is not None and s.info is not None
    row, t = s.row, s.settings.temperature
    now, sweep, vocabulary = row.at(t), row.sweep, s.info.vocabulary
    token, rank = _highlighted(s, row)
    peak = sweep.peak(token)
    best = row.ranking.head(LINES).tolist()
    return SweepView(
        temperature=t,
        label=temperature_label(t),
        watched=watch_sweeps(s, row),
        lines=tuple(_line(row, vocabulary, i, r, now.prob(i)) for r, i in enumerate(best, 1)),
        highlighted=_line(row, vocabulary, token, rank, now.prob(token)),
        entropy=_points(sweep.temperatures, sweep.entropy_bits),
        most_bits=math.log2(max(row.ranking.n, 2)),
        entropy_now=now.entropy_bits,
        ranges=tuple(sweep.range_above(token, share) for share in RANGE_SHARES),
        peak=(peak.temperature, peak.prob) if peak else None,
        peak_at_end=peak is not None and peak.at_end,
        logarithmic=s.scale == "logarithmic",
        chained=bool(s.settings.samplers),
    )


def _highlighted(s: State, row: Row) -> tuple[int, int]:
    """The highlighted token and its rank."""
    rank = min(s.highlight, row.ranking.n)
    best = row.ranking.head(EXACT)
    return int(best[rank - 1] if rank <= len(best) else row.ranking.ids(rank - 1, rank)[0]), rank


def _reach(row: Row) -> tuple[float, int]:
    """How far the curve goes to the left (a round number of logits), and how many tokens lie beyond."""
    deepest = row.ranking.span
    if deepest == 0:
        return -1.0, 0
    step = nice_step(min(deepest, DEEPEST), 6)
    left = -min(DEEPEST, step * math.ceil(deepest / step - 1e-9))
    return left, row.ranking.n_beyond(-left)


def _decades(depth: float) -> int:
    """So many decades that the last token is seen down to T = 1/2, but at most 12; no turn of T changes it."""
    return min(MOST_DECADES, max(3, math.ceil(2 * depth / math.log(10)) + 1)) if depth < 100 else MOST_DECADES


def _line(row: Row, vocabulary: Vocabulary, token: int, rank: int, now: float) -> SweepLine:
    points = _points(row.sweep.temperatures, row.sweep.probs(token))
    return SweepLine(rank, spoken(vocabulary, token), points, now)


def _points(x: Array, y: Array) -> Points:
    return tuple(zip(x.tolist(), y.tolist(), strict=True))
