"""All tokens of a row, as the candidates with which a chain begins."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .candidates import Candidates, Ids, product
from .distribution import Distribution
from .nucleus import FEW
from .ranking import Ranking
from .softmax import LN2, Array

View = Callable[[float], Distribution]
"""A row's distribution at a temperature."""

_NONE: Ids = np.empty(0, np.intp)

_SAFE = 1e-3
"""A sum that is corrected beyond this (or its inverse) has lost digits, and is made anew."""

_SOUND = 0.05
"""Between this and its inverse a sum that is corrected has all its digits but one."""

_EXPONENTS = 700.0
"""e to this is a float64, and so is e to minus this."""


class Whole(Candidates):
    """Every token of a row without masked ones. Positions are ids."""

    def __init__(self, ranking: Ranking, view: View, temperature: float = 1.0) -> None:
        super().__init__(_NONE, ranking.logits, temperature)
        self.ranking = ranking
        self.view = view

    @cached_property
    def alone(self) -> Distribution:
        return self.view(self.temperature)

    @cached_property
    def _softmax(self) -> tuple[Array, float, float]:
        return self.alone.probs, self.alone.log_z, self.alone.entropy_bits

    @property
    def entropy_bits(self) -> float:
        return self.alone.entropy_bits

    @property
    def greatest(self) -> float:
        return self.ranking.max

    def tokens(self, positions: Ids) -> Ids:
        return positions

    def find(self, tokens: Ids) -> Ids:
        return tokens[: int(tokens.searchsorted(self.n))]

    def best(self, k: int) -> Candidates:
        return self._best(self.ranking.head(k)) if k < self.n else self

    def reaching(self, p: float, at_least: int = 1) -> Candidates:
        few = self.best(FEW)
        share = 1.0 - few.removed
        if few is self or p >= share or at_least > FEW:
            return super().reaching(p, at_least)
        after = few.reaching(p / share, at_least)
        if after is not few:
            after.removed = few.removed + share * after.removed
        return after

    def at(self, temperature: float) -> Candidates:
        return Whole(self.ranking, self.view, product(self.temperature, temperature))

    def _reordered(self, logits: Array, moved: Ids) -> Candidates:
        return MovedRow(self, logits, moved)

    def _mass(self, positions: Ids) -> float:
        return float(np.add.reduce(self.alone.of(positions)))


class MovedRow(Whole):
    """Every token of a row of which few logits have been moved: what is known of the row is corrected for these."""

    def __init__(self, row: Whole, logits: Array, moved: Ids) -> None:
        super().__init__(row.ranking, row.view, row.temperature)
        self.logits = logits
        self._row = row
        self._moved = moved

    @cached_property
    def alone(self) -> Distribution:
        return Distribution(Ranking(self.logits), self.temperature)

    @cached_property
    def _softmax(self) -> tuple[Array, float, float]:
        return super(Whole, self)._softmax

    @property
    def probs(self) -> Array:
        return self._scaled

    @cached_property
    def _scaled(self) -> Array:
        """p of the row itself, scaled, but for the few: no power is made anew where the scale is a sound number."""
        total, row = self._sums[0], self._row.alone
        if not _SOUND < total < 1 / _SOUND:
            return self._softmax[0]
        probs = row.powers / (row.z * total)
        with np.errstate(over="ignore"):  # to -inf, and so to 0
            probs[self._moved] = np.exp(self._ln_w(self.logits[self._moved])) / total
        return probs

    @property
    def greatest(self) -> float:
        return float(self.logits.max())

    @property
    def entropy_bits(self) -> float:
        total, mean = self._sums
        return max(0.0, math.log(total) - mean / total) / LN2 if _SAFE < total < 1 / _SAFE else self.alone.entropy_bits

    def best(self, k: int) -> Candidates:
        if k >= self.n:
            return self
        # Those of the k best that have not been moved are among so many of the row itself.
        pool = np.union1d(self.ranking.head(min(self.n, k + len(self._moved))), self._moved)
        return self._best(pool[np.argsort(-self.logits[pool], kind="stable")][:k])

    def at(self, temperature: float) -> Candidates:
        row = Whole(self.ranking, self.view, product(self.temperature, temperature))
        return MovedRow(row, self.logits, self._moved)

    def _reordered(self, logits: Array, moved: Ids) -> Candidates:
        return MovedRow(self._row, logits, np.union1d(self._moved, moved))

    def _mass(self, positions: Ids) -> float:
        total, _ = self._sums
        if not _SAFE < total < 1 / _SAFE:
            return super()._mass(positions)
        return self._weigh(self.logits[positions])[0] / total

    @cached_property
    def _sums(self) -> tuple[float, float]:
        """The sum of w = p' Z' / Z over all tokens, and that of w ln w, where Z is the row's own and Z' the new one."""
        before, before_mean = self._weigh(self._row.logits[self._moved])
        now, now_mean = self._weigh(self.logits[self._moved])
        return 1.0 - before + now, -self._row.entropy_bits * LN2 - before_mean + now_mean

    def _weigh(self, logits: npt.NDArray[np.floating]) -> tuple[float, float]:
        with np.errstate(over="ignore"):  # clipped below
            ln_w = self._ln_w(logits)
        np.clip(ln_w, -_EXPONENTS, _EXPONENTS, out=ln_w)
        w = np.exp(ln_w)
        return float(w.sum()), float((w * ln_w).sum())

    def _ln_w(self, logits: npt.NDArray[np.floating]) -> Array:
        return np.subtract(logits, self.ranking.max, dtype=np.float64) / self.temperature - self._row.alone.log_z


def all_of(ranking: Ranking, view: View) -> Candidates:
    """The candidates before any transform: every token that is not masked."""
    if ranking.n_finite < ranking.n:
        ids = np.flatnonzero(ranking.logits > -np.inf)
        return Candidates(ids, ranking.logits[ids])
    return Whole(ranking, view)
