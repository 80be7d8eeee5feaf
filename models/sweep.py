"""Probabilities against the temperature: one row of logits seen at every T from 0 to 5.

With d_i the depth of token i below the maximum and b = 1/T, ln p_i = -b d_i - ln Z(b), whose slope in b is E[d] - d_i.
ln Z is convex in b, so ln p_i is concave: every token has ONE peak, where the mean depth E[d] equals its own (E[d]
grows with T), and the temperatures at which p_i is at least some share are ONE range around it.

The numerators are exact; Z is `PartitionSum`'s, so a probability is off by at most its `Z_ERROR` (3e-5, relative), and
not at all (but for rounding) in a row of up to 64 tokens. Nothing here depends on the current temperature.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .partition import PartitionSum
from .softmax import LN2, Array
from .state import MAX_KEYED_T

POINTS = 161
"""Temperatures, T = 0 and T = 5 among them; the lower, the denser."""

_PRECISION = 1e-6  # of a temperature that is searched


@dataclass(frozen=True, slots=True)
class Peak:
    """Where a token is most probable within 0 … 5. At an end of that range it need not be a true maximum."""

    temperature: float
    prob: float  # just above T = 0 where the temperature is 0
    at_end: bool


class Sweep:
    """The probabilities of one row at temperatures from 0 to 5."""

    def __init__(self, partition: PartitionSum) -> None:
        self._partition = partition
        self._ranking = partition.ranking
        self.temperatures: Array = MAX_KEYED_T * np.linspace(0.0, 1.0, POINTS) ** 1.5
        """float64 [POINTS], from 0 to 5."""
        self._z, self._mean_depth = partition.sums(self.temperatures[1:])
        self._peaks: dict[int, Peak | None] = {}
        self._ranges: dict[tuple[int, float], tuple[float, float] | None] = {}

    @cached_property
    def entropy_bits(self) -> Array:
        """H = ln Z + E[d]/T in bits at each of the temperatures, float64 [POINTS]; 0 at T = 0."""
        nats = np.log(self._z) + self._mean_depth / self.temperatures[1:]
        return np.concatenate([[0.0], np.maximum(nats, 0.0) / LN2])

    def depth(self, token: int) -> float:
        """How far a token's logit lies below the maximum; inf if it is masked."""
        return self._ranking.max - float(self._ranking.logits[token])

    def probs(self, token: int) -> Array:
        """p of a token at each of the temperatures, float64 [POINTS]; at T = 0 the lowest-id maximum has it all."""
        with np.errstate(over="ignore"):
            p = np.exp(-self.depth(token) / self.temperatures[1:]) / self._z
        return np.concatenate([[float(token == self._ranking.argmax)], p])

    def prob(self, token: int, temperature: float) -> float:
        """p of a token at one temperature from 0 to 5."""
        if temperature == 0:
            return float(token == self._ranking.argmax)
        return math.exp(-self.depth(token) / temperature) / self._partition.at(temperature)[0]

    def peak(self, token: int) -> Peak | None:
        """Where a token is most probable; None for a masked one, which never is.

        A token that shares the maximum peaks as T falls to 0; at T = 0 itself the one with the lowest id has it all.
        """
        if token not in self._peaks:
            self._peaks[token] = self._find_peak(token)
        return self._peaks[token]

    def range_above(self, token: int, share: float) -> tuple[float, float] | None:
        """The temperatures in 0 … 5 at which a token has at least this share; None where it never has."""
        if (token, share) not in self._ranges:
            self._ranges[token, share] = self._find_range(token, share)
        return self._ranges[token, share]

    def _find_peak(self, token: int) -> Peak | None:
        depth = self.depth(token)
        if depth == math.inf:
            return None
        if depth == 0:
            return Peak(0.0, self._just_above_zero(token), True)
        if depth >= self._mean_depth[-1]:
            return Peak(MAX_KEYED_T, self.prob(token, MAX_KEYED_T), True)
        t = self._where(lambda t: self._partition.at(t)[1] >= depth, int(np.argmax(self._mean_depth >= depth)))
        return Peak(t, self.prob(token, t), False)

    def _find_range(self, token: int, share: float) -> tuple[float, float] | None:
        peak = self.peak(token)
        if peak is None or peak.prob < share:
            return None
        after = self.temperatures[1:] > peak.temperature
        reached = self.probs(token)[1:] >= share
        low, high = 0.0, MAX_KEYED_T
        if self._just_above_zero(token) < share:
            rising = np.flatnonzero(reached | after)
            low = self._where(lambda t: t >= peak.temperature or self.prob(token, t) >= share, _first(rising))
        if self.prob(token, MAX_KEYED_T) < share:
            falling = np.flatnonzero(~reached & after)
            high = self._where(lambda t: t > peak.temperature and self.prob(token, t) < share, _first(falling))
        return low, high

    def _just_above_zero(self, token: int) -> float:
        """The limit of p as T falls to 0."""
        return 1.0 / self._ranking.n_best if self.depth(token) == 0 else 0.0

    def _where(self, reached: Callable[[float], bool], i: int) -> float:
        """The temperature from which on something is so, by bisection: so at temperatures[i + 1], not at [i]."""
        low, high = float(self.temperatures[i]), float(self.temperatures[i + 1])
        while high - low > _PRECISION:
            middle = (low + high) / 2
            low, high = (low, middle) if reached(middle) else (middle, high)
        return high


def _first(places: np.ndarray) -> int:
    return int(places[0]) if len(places) else POINTS - 2
