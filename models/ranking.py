"""The order of a row of logits: which token has which rank.

The order does not depend on the temperature, so it is made once per row and kept. A full sort of 262,144 logits takes
28 ms, far too long for the step loop; instead the logits are put into buckets of equal width once (half a ms), and
only the buckets that a question touches are ever sorted. Ties go to the lowest id, everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .softmax import below_maximum, with_argmax

N_BUCKETS = 4096
_SLACK = 1e-6
"""More than float32 loses between a logit and its bucket."""

_LEAST_SPAN = 1e-30
"""Between this and its inverse float32 can tell the logits of a row apart."""

_DIVISIBLE = 1e-300
"""The least span that float64 can divide into buckets."""

_AT_ONCE = 1 << 15
"""Tokens whose buckets are counted at a time: `bincount` makes its numbers four times as long, and they are to stay in
the processor's cache."""

_REACHES = (3.0, 6.0, 9.0, 12.0)
_FEW = 2048
"""Logits below the maximum within which a head is looked for, and how many tokens are few enough to sort for it."""


class Ranking:
    """One row of logits, float32 or float64 [n], ranked on demand. Rank 1 is the greatest logit."""

    def __init__(self, logits: npt.ArrayLike) -> None:
        """Raises BadLogits for a row that is no distribution."""
        self.logits, self.argmax = with_argmax(logits)
        self.n = int(self.logits.size)
        self.max = float(self.logits[self.argmax])
        self._sorted: dict[int, npt.NDArray[np.intp]] = {}

    @cached_property
    def buckets(self) -> npt.NDArray[np.uint16]:
        """The bucket of every token, uint16 [n]: 0 holds the greatest logits, the last one the masked tokens."""
        # Rounding keeps the order, and half as many bytes take half the time; what is close to an edge, `bucket_edges`
        # allows for.
        short = self.logits.dtype == np.float32 and _LEAST_SPAN < self.span < 1 / _LEAST_SPAN
        depth = np.subtract(self.max, self.logits, dtype=np.float32 if short else np.float64)
        if self._width > 0:
            depth /= self._width
        if self._least == -np.inf:
            np.minimum(depth, N_BUCKETS, out=depth)
        return depth.astype(np.uint16)

    @cached_property
    def _least(self) -> float:
        return float(self.logits.min())

    @cached_property
    def span(self) -> float:
        """From the maximum to the least logit that is not masked."""
        least = self._least if self._least > -np.inf else float(self.logits[np.isfinite(self.logits)].min())
        return self.max - least

    @property
    def _width(self) -> float:
        """Of a bucket, in logits; 0, and all in one, where float64 cannot divide the span."""
        return self.span / (N_BUCKETS - 1) if self.span > _DIVISIBLE else 0.0

    @cached_property
    def bucket_edges(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Depths below the maximum between which the tokens of each bucket lie, two float64 [N_BUCKETS + 1].

        A little wider than the buckets, so that no rounding leaves a token outside.
        """
        low = np.append(np.arange(N_BUCKETS) * self._width, np.inf)
        high = np.append(low[1:], np.inf)
        if not self._width:
            high[0] = self.span
        return low * (1 - _SLACK), high * (1 + _SLACK)

    @cached_property
    def ends(self) -> npt.NDArray[np.intp]:
        """How many tokens the buckets up to and including each hold, intp [N_BUCKETS + 1]."""
        return self.per_bucket(None).cumsum().astype(np.intp)

    def per_bucket(self, weights: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64]:
        """The sum of the weights of each bucket's tokens, or their number, float64 [N_BUCKETS + 1]."""
        sums = np.zeros(N_BUCKETS + 1)
        for i in range(0, self.n, _AT_ONCE):
            part = slice(i, i + _AT_ONCE)
            sums += np.bincount(self.buckets[part], None if weights is None else weights[part], N_BUCKETS + 1)
        return sums

    def n_before(self, bucket: int) -> int:
        """How many tokens the buckets before one hold; for one of them less work than all `ends`."""
        return int(np.count_nonzero(self.buckets < bucket))

    def in_bucket(self, bucket: int) -> npt.NDArray[np.intp]:
        """The ids in one bucket, best first."""
        ids = self._sorted.get(bucket)
        if ids is None:
            members = np.flatnonzero(self.buckets == bucket)
            ids = members[np.argsort(-self.logits[members], kind="stable")]
            self._sorted[bucket] = ids
        return ids

    def ids(self, start: int, stop: int) -> npt.NDArray[np.intp]:
        """The token ids of ranks start+1 … stop, best first, intp [stop - start]."""
        start, stop = max(0, start), min(stop, self.n)
        if start >= stop:
            return np.empty(0, np.intp)
        if stop <= len(self._head):
            return self._head[start:stop]
        first = int(np.searchsorted(self.ends, start, side="right"))
        last = int(np.searchsorted(self.ends, stop, side="left"))
        before = int(self.ends[first - 1]) if first else 0
        buckets = self.buckets
        members = np.flatnonzero((buckets >= first) & (buckets <= last))
        ordered = members[np.argsort(-self.logits[members], kind="stable")]
        return ordered[start - before : stop - before]

    def head(self, k: int) -> npt.NDArray[np.intp]:
        """The k best ids; the longest head asked for so far is kept."""
        if len(self._head) < min(k, self.n):
            self._head = self._within_reach(max(k, 64))
        return self._head[:k]

    def _within_reach(self, k: int) -> npt.NDArray[np.intp]:
        """The k best ids, or somewhat more: all that lie within a few logits of the maximum are a head already.

        In the step loop this is the only order that is made; the buckets cost more than all the rest of a step.
        """
        for reach in _REACHES:
            near = np.flatnonzero(self.logits >= self.max - reach)
            if len(near) >= k:
                break
        else:
            return self.ids(0, k)
        if len(near) > max(_FEW, 4 * k):
            return self.ids(0, k)
        return near[np.argsort(-self.logits[near], kind="stable")]

    _head: npt.NDArray[np.intp] = np.empty(0, np.intp)

    def rank_of(self, token: int) -> int:
        """The rank of a token, from 1."""
        if known := self._rank_in_head(token):
            return known
        logit = self.logits[token]
        return 1 + int((self.logits > logit).sum()) + int((self.logits[:token] == logit).sum())

    def _rank_in_head(self, token: int) -> int:
        """The rank of a token from the head that is known, 0 if it is not among it."""
        place = np.flatnonzero(self._head == token)
        return 1 + int(place[0]) if len(place) else 0

    def ranks_of(self, tokens: Sequence[int]) -> list[int]:
        """The ranks of several tokens, from a head or their sorted buckets; a few take microseconds."""
        return [self._rank_by_bucket(token) for token in tokens]

    def _rank_by_bucket(self, token: int) -> int:
        if known := self._rank_in_head(token):
            return known
        bucket = int(self.buckets[token])
        return 1 + self.n_before(bucket) + int(np.flatnonzero(self.in_bucket(bucket) == token)[0])

    @cached_property
    def below_maximum(self) -> npt.NDArray[np.float64]:
        """l - max of every token, float64 [n]; kept, since every temperature divides the same."""
        return below_maximum(self.logits)

    def n_beyond(self, depth: float) -> int:
        """Tokens more than so far below the maximum, masked ones not counted; the last answer is kept."""
        if self._beyond[0] != depth:
            self._beyond = depth, int(np.count_nonzero(self.below_maximum < -depth)) - (self.n - self.n_finite)
        return self._beyond[1]

    _beyond = (-1.0, 0)

    @cached_property
    def n_finite(self) -> int:
        """Tokens that are not masked."""
        return int(np.count_nonzero(self.logits > -np.inf))

    @cached_property
    def n_best(self) -> int:
        """Tokens that share the maximum; more than 1 is a tie."""
        return int((self.logits == self.logits[self.argmax]).sum())
