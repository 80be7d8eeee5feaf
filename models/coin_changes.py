"""Which tokens a fixed coin falls on as the temperature turns.

With F_k(T) the probability of the k best tokens: d ln F_k / dT = (E[d | rank <= k] - E[d]) / T^2 <= 0, for the k best
are the least deep. So F_k falls with T, and a fixed coin u falls on a rank that only grows with T. It leaves rank k at
the one temperature where F_k(T) = u, the border of k, found by Ridders' method. Borders do not depend on the current T.

F_k is `PartitionSum`'s, exact for k <= 64 but for Z, and off by at most `Z_ERROR` (relative) beyond.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .distribution import Landing
from .partition import EXACT, PartitionSum
from .softmax import Array
from .state import MAX_KEYED_T

_NEAR = 2.0**-34  # of T / (1 + T): a border at T = 5 is found to 10^-8
_ON_EACH_SIDE = 2


@dataclass(frozen=True, slots=True)
class Change:
    """Below this temperature (at T = 0: at it) the coin falls on the token `before`, from it on on `after`."""

    temperature: float
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class CoinChanges:
    """The nearest changes around the current temperature, at most two on each side, by rising temperature."""

    here: int  # the token on which the coin falls now
    below: tuple[Change, ...]
    above: tuple[Change, ...]
    from_zero: bool  # nothing changes below the first of them
    to_the_end: bool  # nothing changes above the last of them, up to T = 5

    @property
    def changes(self) -> tuple[Change, ...]:
        """All of them, by rising temperature."""
        return self.below + self.above


class CoinPath:
    """The borders of one coin in one row. What was found is kept."""

    def __init__(self, partition: PartitionSum, coin: float, ids: npt.NDArray[np.intp] | None = None) -> None:
        """`ids` are the tokens of a row that a chain has shortened or moved, before its temperature."""
        self.coin = coin
        self._ids = ids
        self._partition = partition
        self._ranking = partition.ranking
        self._borders: dict[int, float] = {}
        self._kept: tuple[int, Array] = (-1, np.empty(0))

    def border(self, rank: int) -> float:
        """The temperature at which the coin leaves the ranks 1 … `rank`: 0 if at once, inf if never."""
        if rank not in self._borders:
            self._borders[rank] = self._find(rank)
        return self._borders[rank]

    def around(self, temperature: float, landing: Landing) -> CoinChanges:
        """The nearest changes around a temperature at which the coin lands so."""
        below: list[tuple[float, int, int]] = []  # temperature, rank before, rank after
        first = last = self._rank_of(landing)
        while first > 1 and len(below) < _ON_EACH_SIDE:
            t = min(self.border(first - 1), temperature)
            # At T = 0 the best token has it all, however many share the maximum.
            before = first - 1 if t > 0 else 1
            below.append((t, before, first))
            first = before
        above: list[tuple[float, int, int]] = []
        while (t := max(self.border(last), temperature)) <= MAX_KEYED_T and len(above) < _ON_EACH_SIDE:
            after = last + 1 if t > 0 else self._rank_above_zero()
            above.append((t, last, after))
            last = after
        return CoinChanges(landing.token, self._named(below[::-1]), self._named(above), first == 1, t > MAX_KEYED_T)

    def _named(self, changes: Sequence[tuple[float, int, int]]) -> tuple[Change, ...]:
        """The tokens of those ranks; ranks are looked up side by side, since each look-up costs as much as many."""
        if not changes:
            return ()
        ranks = sorted({rank for _, *both in changes for rank in both if rank > 1})
        ids = self._ranking.ids(ranks[0] - 1, ranks[-1]) if ranks[-1] - ranks[0] < 2 * _ON_EACH_SIDE else []
        token = {1: self._ranking.argmax}
        for rank in ranks:
            token[rank] = int(ids[rank - ranks[0]] if len(ids) else self._ranking.ids(rank - 1, rank)[0])
        if self._ids is not None:
            token = {rank: int(self._ids[place]) for rank, place in token.items()}
        return tuple(Change(t, token[before], token[after]) for t, before, after in changes)

    def _rank_of(self, landing: Landing) -> int:
        """The rank in this row; a landing tells that of the raw logits."""
        if self._ids is None:
            return landing.rank
        return self._ranking.rank_of(int(np.flatnonzero(self._ids == landing.token)[0]))

    def _rank_above_zero(self) -> int:
        """The rank on which the coin falls as T falls to 0: the tokens that share the maximum share the mass."""
        n = self._ranking.n_best
        return min(n, 1 + int(np.searchsorted(np.arange(1, n + 1) / n, self.coin, side="right")))

    def _find(self, rank: int) -> float:
        best, finite = self._ranking.n_best, self._partition.n_finite
        if rank >= finite or rank / finite > self.coin:
            return math.inf
        if rank < best and rank / best <= self.coin:
            return 0.0
        mass_of_best = self._mass_of_best(rank)
        share = _crossing(
            lambda x: mass_of_best(x / (1 - x)) - self.coin,
            min(rank, best) / best - self.coin,
            rank / finite - self.coin,
        )
        return share / (1 - share) if share < 1 else math.inf

    def _mass_of_best(self, k: int) -> Callable[[float], float]:
        """F_k as a function of T > 0. The bucket in which rank k lies is cut there: its part is a bucket too."""
        sums, ends = self._partition, self._partition.ends
        whole = int(np.searchsorted(ends, k, side="right"))
        cut = self._depths(whole)[: k - (int(ends[whole - 1]) if whole else EXACT)] if k > EXACT else np.empty(0)
        n, mean, variance = len(cut), cut.mean() if len(cut) else 0.0, cut.var() if len(cut) else 0.0

        def mass(temperature: float) -> float:
            head, tail = sums.masses(temperature)
            part = n * math.exp(-mean / temperature) * (1 + variance / (2 * temperature**2))
            return float((head[:k].sum() + tail[:whole].sum() + part) / (head.sum() + tail.sum()))

        return mass

    def _depths(self, bucket: int) -> Array:
        """The depths of the tokens of a bucket, rising; neighbouring ranks lie in the same one, so the last is kept."""
        if self._kept[0] != bucket:
            ends = self._partition.ends
            start = int(ends[bucket - 1]) if bucket else EXACT
            ids = self._ranking.ids(start, int(ends[bucket])) if bucket < len(ends) else np.empty(0, np.intp)
            self._kept = bucket, -self._ranking.below_maximum[ids]
        return self._kept[1]


def _crossing(f: Callable[[float], float], at_low: float, at_high: float) -> float:
    """Where a falling function on (0, 1) with these limits, above and not above 0, crosses 0 (Ridders, 1979)."""
    low, high, last = 0.0, 1.0, math.inf
    while high - low > _NEAR:
        middle = (low + high) / 2
        at_middle = f(middle)
        if at_middle == 0:
            return middle
        x = middle + (middle - low) * at_middle / math.sqrt(at_middle**2 - at_low * at_high)
        x = min(max(x, low), high)
        at_x = f(x) if low < x < high else 0.0
        if abs(x - last) < _NEAR or at_x == 0:
            return x
        last = x
        for place, value in sorted(((middle, at_middle), (x, at_x))):
            if value > 0 and place > low:
                low, at_low = place, value
            elif value <= 0 and place < high:
                high, at_high = place, value
    return high
