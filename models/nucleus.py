"""The fewest tokens, in some order, whose probability reaches a mass: without sorting the vocabulary.

Tokens are put into buckets by their key. Whole buckets are taken while the mass lasts; only the one in which it is
reached is looked into, again by buckets until it is small.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .softmax import Array

FEW = 1024
"""So many tokens are sorted faster than they are put into buckets."""

_N_BUCKETS = 2048


def nucleus(keys: npt.NDArray[np.floating], probs: Array, mass: float, at_least: int = 1) -> npt.NDArray[np.intp]:
    """The positions, ascending, of the fewest tokens, least key first (ties by lowest position), whose probabilities
    add up to `mass` or more, but of `at_least` so many. Keys are finite, [n]; all tokens if their sum stays below.
    """
    pool: npt.NDArray[np.intp] | None = None
    taken = np.zeros(len(keys), bool)
    before, n_before = 0.0, 0
    while len(keys) > FEW and 0 < (span := float(keys.max()) - float(keys.min())) < np.inf:
        buckets = _buckets(keys, span)
        masses = before + np.bincount(buckets, weights=probs).cumsum()
        counts = n_before + np.bincount(buckets).cumsum()
        hit = _first(masses, counts, mass, at_least)
        whole, inside = np.flatnonzero(buckets < hit), np.flatnonzero(buckets == hit)
        taken[whole if pool is None else pool[whole]] = True
        pool = inside if pool is None else pool[inside]
        keys, probs = keys[inside], probs[inside]
        if hit:
            before, n_before = float(masses[hit - 1]), int(counts[hit - 1])
    order = np.argsort(keys, kind="stable")
    counts = n_before + np.arange(1, len(order) + 1)
    last = _first(before + probs[order].cumsum(), counts, mass, at_least)
    taken[order[: last + 1] if pool is None else pool[order[: last + 1]]] = True
    return np.flatnonzero(taken)


def _buckets(keys: npt.NDArray[np.floating], span: float) -> npt.NDArray[np.intp]:
    share = np.subtract(keys, keys.min(), dtype=np.float64)
    share /= span  # before the product, which may overflow
    share *= _N_BUCKETS - 1
    return share.astype(np.intp)


def _first(masses: Array, counts: npt.NDArray[np.intp], mass: float, at_least: int) -> int:
    """The first place at which both are reached, or the last place."""
    return min(max(int(masses.searchsorted(mass)), int(counts.searchsorted(at_least))), len(masses) - 1)
