"""The probabilities of the next token at one position, at one temperature, over the whole vocabulary.

Nothing is renormalised over what is shown: `prob` is the share of all tokens, and what a list leaves out is
`tail_mass`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .ranking import Ranking
from .softmax import LN2, Array, check_temperature, cooled

DECADES = 12
"""Rows of the histogram: p >= 10 %, then one per power of ten, the last holding everything smaller, 0 too."""


_HEAD = 64
"""The ranks among which most coins fall."""

_FEW = 8192
"""Tokens of which the buckets are sorted in no time, and then known."""

_NOISY = 1e-3
"""Below this, 1 minus a sum has lost so many digits that adding up is worth a pass over the vocabulary."""


def rest(inside: float, added_up: Callable[[], float]) -> float:
    """1 - inside, the rest of a probability, with all its digits: where it is tiny, added up."""
    return 1.0 - inside if inside < 1 - _NOISY else added_up()


def sum_outside(probs: Array, ids: npt.NDArray[np.intp]) -> float:
    """The sum of all of these numbers but those of some tokens."""
    others = probs.copy()
    others[ids] = 0.0
    return float(others.sum())


@dataclass(frozen=True)
class Landing:
    """Where a coin falls: the token, its rank from 1, and its share [low, high) of the unit interval in rank order."""

    token: int
    rank: int
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class DecadeCounts:
    """How probability and tokens spread over the decades of p. `mass` sums to 1 and `count` to the vocabulary."""

    mass: Array  # float64 [DECADES]
    count: npt.NDArray[np.intp]  # intp [DECADES]


class Distribution:
    """p = softmax(l / T) of one ranked row. Made anew for every turn of the temperature; a few ms at 262,144 tokens."""

    def __init__(self, ranking: Ranking, temperature: float) -> None:
        """Raises ValueError for a temperature that is negative or not finite."""
        self.ranking = ranking
        self.temperature = check_temperature(temperature)

    @cached_property
    def powers(self) -> Array:
        """e^((l - max) / T) of every token, float64 [n_vocab], whose sum is Z; at T = 0 the limit, p itself."""
        # One array, worked on in place: a fresh one costs more than the arithmetic on it.
        if self.temperature == 0:
            powers = np.zeros(self.ranking.n)
            powers[self.ranking.argmax] = 1.0
            return powers
        if self.temperature == 1:
            return np.exp(self.ranking.below_maximum)
        powers = cooled(self.ranking.below_maximum, self.temperature)
        return np.exp(powers, out=powers)

    @cached_property
    def z(self) -> float:
        """The sum Z of the powers."""
        return float(self.powers.sum()) if self.temperature else 1.0

    @property
    def log_z(self) -> float:
        """ln Z; 0 at T = 0."""
        return math.log(self.z)

    @cached_property
    def probs(self) -> Array:
        """p of every token, float64 [n_vocab]: one more pass over the vocabulary, of which `of` has no need."""
        return self.powers if self.z == 1.0 else self.powers / self.z

    def of(self, ids: npt.NDArray[np.intp]) -> Array:
        """p of some tokens, float64 [len(ids)]."""
        return self.powers[ids] / self.z

    @cached_property
    def entropy_bits(self) -> float:
        """H = ln Z - E[z], in bits: one pass, and no NaN where p underflows."""
        if self.temperature == 0:
            return 0.0
        below = self.ranking.below_maximum
        # einsum runs in this thread, unlike dot, whose threads would fight with the model's for the cores.
        with np.errstate(invalid="ignore"):
            total = float(np.einsum("i,i", self.powers, below))
        if math.isnan(total):  # 0 * -inf, where it is to be 0
            total = float(np.einsum("i,i", self.powers, np.where(self.powers > 0, below, 0.0)))
        return max(0.0, self.log_z - total / self.z / self.temperature) / LN2

    @property
    def effective_choices(self) -> float:
        """2^H: how many equally likely tokens would leave the same doubt."""
        return 2.0**self.entropy_bits

    def prob(self, token: int) -> float:
        """p of a token."""
        return float(self.powers[token]) / self.z

    def logprob(self, token: int) -> float:
        """ln p of a token; -inf where p = 0 (and exact where p itself underflows)."""
        if self.temperature == 0:
            return 0.0 if token == self.ranking.argmax else -math.inf
        return float(cooled(self.ranking.below_maximum[token : token + 1], self.temperature)[0]) - self.log_z

    def tail_mass(self, start: int, stop: int) -> float:
        """The probability of all ranks outside start+1 … stop, with all its digits even where it is tiny."""
        return self.mass_outside(self.ranking.ids(start, stop))

    def mass_outside(self, ids: npt.NDArray[np.intp]) -> float:
        """The probability of all tokens but these, with all its digits even where it is tiny."""
        return rest(float(self.of(ids).sum()), lambda: sum_outside(self.powers, ids) / self.z)

    @cached_property
    def bucket_masses(self) -> Array:
        """The probability of each bucket of the ranking, float64 [N_BUCKETS + 1]."""
        return self.ranking.per_bucket(self.powers) / self.z

    def land(self, coin: float) -> Landing:
        """The token on which a coin in [0, 1) falls: inverse CDF in rank order.

        Looks among the best tokens first, then bucket by bucket, so nothing but the bucket that is hit gets sorted. A
        coin that rounding leaves beyond the last share falls on the last token that has one.
        """
        if self.temperature == 0:
            return Landing(self.ranking.argmax, 1, 0.0, 1.0)
        if coin * self.z < _HEAD:  # beyond, so many tokens as likely as the best one would not reach it
            best = self.ranking.head(_HEAD)
            edges = self.of(best).cumsum()
            if coin < edges[-1]:
                i = int(np.searchsorted(edges, coin, side="right"))
                return Landing(int(best[i]), i + 1, float(edges[i - 1]) if i else 0.0, float(edges[i]))
        masses = self.bucket_masses
        cumulative = masses.cumsum()
        bucket = int(np.searchsorted(cumulative, coin, side="right"))
        if bucket >= len(masses):
            bucket = int(np.flatnonzero(masses)[-1])
        ids = self.ranking.in_bucket(bucket)
        low = float(cumulative[bucket - 1]) if bucket else 0.0
        edges = low + self.of(ids).cumsum()
        i = int(np.searchsorted(edges, coin, side="right"))
        if i >= len(ids) or self.powers[ids[i]] == 0:
            i = int(np.flatnonzero(self.powers[ids])[-1])
        return Landing(
            int(ids[i]), self.ranking.n_before(bucket) + i + 1, float(edges[i - 1]) if i else low, float(edges[i])
        )

    @cached_property
    def decades(self) -> DecadeCounts:
        """The histogram of the whole vocabulary per decade of probability."""
        if self.temperature == 0:
            mass, count = np.zeros(DECADES), np.zeros(DECADES, np.intp)
            mass[0] = count[0] = 1
            count[-1] += self.ranking.n - 1
            return DecadeCounts(mass, count)
        low, high = map(self._decade, self.ranking.bucket_edges)
        whole, used = low == high, np.diff(self.ranking.ends, prepend=0)
        count = np.bincount(low[whole], weights=used[whole], minlength=DECADES)
        mass = np.bincount(low[whole], weights=self.bucket_masses[whole], minlength=DECADES)
        # The few buckets that a border between two decades goes through are told token by token.
        split = np.flatnonzero(~whole & (used > 0))
        if used[split].sum() < _FEW:
            between = np.concatenate([np.empty(0, np.intp), *map(self.ranking.in_bucket, split.tolist())])
        else:  # one logit far below all others: to sort so full a bucket would take longest
            between = np.flatnonzero((~whole)[self.ranking.buckets])
        row = self._decade(-self.ranking.below_maximum[between])
        count += np.bincount(row, minlength=DECADES)
        mass += np.bincount(row, weights=self.of(between), minlength=DECADES)
        return DecadeCounts(mass.astype(np.float64, copy=False), count.astype(np.intp))

    def _decade(self, depth: Array) -> npt.NDArray[np.intp]:
        """The row of the histogram for tokens so far below the maximum, T > 0."""
        decades = (cooled(depth, self.temperature) + self.log_z) / math.log(10)
        return np.clip(np.ceil(decades) - 1, 0, DECADES - 1).astype(np.intp)
