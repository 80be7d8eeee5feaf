"""Probability and cumulative mass against rank, at ranks that are evenly spaced on a logarithmic scale.

Which logits stand at those ranks does not depend on the temperature and is looked up once per row; a turn of the
temperature costs microseconds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from .distribution import Distribution
from .partition import PartitionSum
from .ranking import Ranking
from .softmax import Array

POINTS = 160
"""At most so many ranks."""

_ROUNDING = 1e-12


class RankCurve:
    """Ranks 1 … n of one row (masked tokens have no part in it), and what stands there at any temperature."""

    def __init__(self, partition: PartitionSum) -> None:
        self._partition = partition
        n = partition.ranking.n_finite
        self.ranks: npt.NDArray[np.intp] = np.unique(np.geomspace(1, n, POINTS).round().astype(np.intp))
        """intp [points], rising from 1 to the last token that is not masked."""
        self.depths: Array = depths_at(partition.ranking, self.ranks)
        """How far the logits there lie below the maximum, float64 [points], rising from 0."""

    def log10_probs(self, temperature: float) -> Array:
        """log10 p at the ranks, float64 [points]; -inf behind the first at T = 0. Off by at most 1.3e-5 (`Z_ERROR`)."""
        if temperature == 0:
            return np.where(self.ranks == 1, 0.0, -np.inf)
        with np.errstate(over="ignore"):
            return (-self.depths / temperature - math.log(self._partition.at(temperature)[0])) / math.log(10)

    def cumulative(self, temperature: float) -> Array:
        """The probability of all tokens up to the ranks, float64 [points], rising to 1.

        Exact up to rank 64 but for `Z_ERROR`; beyond, the tokens within 1/128 of the same depth count as equal.
        """
        if temperature == 0:
            return np.ones(len(self.ranks))
        head, tail = self._partition.masses(temperature)
        mass = np.concatenate([head, tail]).cumsum()
        ends = np.concatenate([np.arange(1, len(head) + 1), self._partition.ends])
        return np.interp(self.ranks, ends, mass / mass[-1])


def depths_at(ranking: Ranking, ranks: npt.NDArray[np.intp]) -> Array:
    """The depths of the logits at some ranks, float64 [m]: only the buckets in which they lie are sorted."""
    of_rank = np.searchsorted(ranking.ends, ranks - 1, side="right")
    wanted = np.zeros(len(ranking.ends), bool)
    wanted[of_rank] = True
    logits = np.sort(ranking.logits[wanted[ranking.buckets]])[::-1]
    sizes = np.diff(ranking.ends, prepend=0)
    left_out = np.where(wanted, 0, sizes).cumsum()[of_rank]
    return ranking.max - logits[ranks - 1 - left_out].astype(np.float64)


def tokens_for_mass(distribution: Distribution, shares: Iterable[float]) -> list[int]:
    """How many of the best tokens it takes for each share of the probability, shares in (0, 1); exact.

    A sum that rounding leaves a hair below a share (1e-12 of it) reaches it.
    """
    ranking = distribution.ranking
    mass = distribution.bucket_masses.cumsum()
    counts = []
    for share in shares:
        goal = share * (1 - _ROUNDING)
        bucket = int(np.searchsorted(mass, goal))
        before, low = (int(ranking.ends[bucket - 1]), float(mass[bucket - 1])) if bucket else (0, 0.0)
        edges = low + distribution.of(ranking.in_bucket(bucket)).cumsum()
        counts.append(before + 1 + min(int(np.searchsorted(edges, goal)), len(edges) - 1))
    return counts
