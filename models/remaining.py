"""The probabilities of what a chain has left, with everything that `Distribution` offers.

Ranks are those of the raw logits, so that tokens keep their places on the screen. The draw goes in the order of the
FINAL logits, ties by lowest id: penalties and biases change that order, and cuts leave it.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from .candidates import Candidates
from .distribution import DecadeCounts, Distribution, Landing
from .ranking import Ranking
from .softmax import Array


class Remaining(Distribution):
    """p of every token, 0 where it has been cut."""

    def __init__(self, ranking: Ranking, left: Candidates) -> None:
        self.ranking = ranking
        self.temperature = left.temperature
        self.z = 1.0
        self._left = left

    @cached_property
    def powers(self) -> Array:
        """p of every token, float64 [n_vocab]. To draw one takes no list of all."""
        where = self._left.where
        if isinstance(where, slice):
            return self._left.probs
        probs = np.zeros(self.ranking.n)
        probs[where] = self._left.probs
        return probs

    @cached_property
    def probs(self) -> Array:
        """The same. (Not the inherited one: the lock of a cached property is that of all instances, and `powers` asks
        another distribution for its own.)"""
        return self.powers

    @cached_property
    def entropy_bits(self) -> float:
        """H of what is left."""
        return self._left.entropy_bits

    def logprob(self, token: int) -> float:
        """ln p of a token; -inf where it has been cut (and exact where p itself underflows)."""
        position = self._left.find(np.array([token]))
        return self._left.alone.logprob(int(position[0])) if len(position) else -math.inf

    def land(self, coin: float) -> Landing:
        """The token on which a coin in [0, 1) falls: inverse CDF in the order of the final logits.

        The rank it gives is that of the raw logits.
        """
        landing = self._left.alone.land(coin)
        token = int(self._left.tokens(np.array([landing.token]))[0])
        return Landing(token, self.ranking.rank_of(token), landing.low, landing.high)

    @cached_property
    def decades(self) -> DecadeCounts:
        """The histogram per decade of probability; the last row holds the tokens that have been cut, too."""
        left = self._left.alone.decades
        count = left.count.copy()
        count[-1] += self.ranking.n - self._left.n
        return DecadeCounts(left.mass, count)
