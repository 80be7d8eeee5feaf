"""The sum Z(T) of one row at any temperature above 0, in microseconds: what the pictures against T are made of.

    Z(T) = sum_j e^(-d_j / T)        d_j = max(l) - l_j, the depth of a token in logits

The best 64 tokens are summed one by one. The others are put into buckets of equal RELATIVE width in depth (128 to an
octave, so a bucket at depth d is at most d/128 wide), once per row: every bucket keeps the number of its tokens, their
mean depth and their variance, and is summed as count * e^(-mean/T) * (1 + variance / 2T^2).

The error is bounded for every row and every T > 0, whatever the span of the logits. A bucket at x = d/T is w <= x/128
wide in the exponent; Taylor's remainder after the second order is at most w^3/24 * e^w of the bucket, and a bucket of
n tokens is at most n e^-x / (1 + n e^-x) of Z. With n = 262,144 the product is greatest at x = 11.5, and below
`Z_ERROR` there: that is the relative error of Z, and so of every probability.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .ranking import Ranking
from .softmax import Array

EXACT = 64
"""The best tokens, which are in no bucket."""

Z_ERROR = 3e-5
"""The greatest relative error of Z and of a probability, up to 262,144 tokens."""

_MANTISSA_BITS = 7  # of a float32, that number a bucket within its octave: 2^7 = 128
_SHIFT = 23 - _MANTISSA_BITS
_LOWEST, _HIGHEST = -60, 128  # octaves: less deep shares a bucket; masked, or deeper than a float32 tells, is left out
_FIRST = (127 + _LOWEST) << _MANTISSA_BITS
_BUCKETS = (_HIGHEST - _LOWEST) << _MANTISSA_BITS


class PartitionSum:
    """Z(T), the mean depth and the cumulative mass of one row, without another pass over the vocabulary."""

    def __init__(self, ranking: Ranking) -> None:
        self.ranking = ranking
        head = ranking.head(EXACT)
        depth = -ranking.below_maximum
        self.head: Array = depth[head]
        """Depths of the best tokens, float64 [min(n, 64)], in rank order; inf where masked."""
        with np.errstate(over="ignore"):
            bits = depth.astype(np.float32).view(np.int32)  # of a positive float they grow with it
        bucket = np.clip((bits >> _SHIFT) - _FIRST, 0, _BUCKETS).astype(np.intp)  # as bincount wants it, three times
        bucket[head] = _BUCKETS
        count = np.bincount(bucket, minlength=_BUCKETS + 1)[:_BUCKETS]
        used = np.flatnonzero(count)
        total = np.bincount(bucket, depth, _BUCKETS + 1)[used]
        with np.errstate(over="ignore"):
            depth *= depth
        square = np.bincount(bucket, depth, _BUCKETS + 1)[used]
        self.count: Array = count[used].astype(np.float64)
        """Tokens per bucket, float64 [buckets in use], the least deep first."""
        self.mean: Array = total / self.count
        """Their mean depth, float64 [buckets in use]."""
        variance = np.maximum(square / self.count - self.mean**2, 0.0)
        self.ends: npt.NDArray[np.intp] = len(head) + count[used].cumsum()
        """The rank at which each bucket ends, intp [buckets in use]."""
        self.n_finite = int(np.isfinite(self.head).sum() + count.sum())
        """Tokens that are not masked."""
        # Columns: what is multiplied with e^(-mean/T) for Z (two orders) and for the sum of d e^(-d/T) (two orders).
        parts = (np.ones_like(self.mean), variance / 2, self.mean, self.mean * variance / 2, -variance)
        self._moments: Array = self.count[:, None] * np.stack(parts, axis=1)

    def sums(self, temperatures: npt.ArrayLike) -> tuple[Array, Array]:
        """Z and the mean depth E[d] at temperatures above 0 (10^-6 and more), two float64 [m]."""
        t = np.asarray(temperatures, np.float64)[:, None]
        with np.errstate(over="ignore"):
            head = np.exp(-self.head / t)
            # einsum runs in this thread, unlike @, whose threads would fight with the model's for the cores.
            tail = np.einsum("tb,bm->tm", np.exp(-self.mean / t), self._moments)
        b = 1 / t[:, 0]
        z = head.sum(1) + tail[:, 0] + tail[:, 1] * b * b
        finite = np.where(np.isfinite(self.head), self.head, 0.0)
        depth = np.einsum("th,h->t", head, finite) + tail[:, 2] + tail[:, 3] * b * b + tail[:, 4] * b
        return z, depth / z

    def at(self, temperature: float) -> tuple[float, float]:
        """Z and the mean depth at one temperature above 0."""
        z, depth = self.sums([temperature])
        return float(z[0]), float(depth[0])

    def masses(self, temperature: float) -> tuple[Array, Array]:
        """e^(-d/T) of the best tokens and the sums of the buckets: their total is Z(T > 0)."""
        with np.errstate(over="ignore"):
            head = np.exp(-self.head / temperature)
            tail = np.exp(-self.mean / temperature)
        return head, tail * (self._moments[:, 0] + self._moments[:, 1] / temperature**2)
