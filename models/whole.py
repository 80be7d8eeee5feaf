"""All tokens of a row, as the candidates with which a chain begins."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .candidates import Candidates, Ids, all_but, product
from .distribution import Distribution
from .nucleus import FEW
from .ranking import Ranking
from .softmax import LN2, Array

View = Callable[[float], Distribution]
"""A row's distribution at a temperature."""

NONE: Ids = np.empty(0, np.intp)
NOTHING: Array = np.empty(0)

_SOUND = 0.05
"""Between this and its inverse a sum that is corrected has all its digits but one; beyond, it is made anew."""

_EXPONENTS = 700.0
"""e to this is a float64, and so is e to minus this."""


class Whole(Candidates):
    """Every token of a row without masked ones. Positions are ids."""

    def __init__(self, ranking: Ranking, view: View, temperature: float = 1.0) -> None:
        self.ranking = ranking
        self.view = view
        self.logits = ranking.logits
        self.temperature = temperature
        self.n = ranking.n

    @cached_property
    def ids(self) -> Ids:
        return np.arange(self.n)

    @property
    def where(self) -> Ids | slice:
        return slice(None)

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
        share = 1.0 - self.removed(few)
        if few is self or p >= share or at_least > FEW:
            return super().reaching(p, at_least)
        return few.reaching(p / share, at_least)

    def at(self, temperature: float) -> Candidates:
        return Whole(self.ranking, self.view, product(self.temperature, temperature))

    def of(self, positions: Ids) -> Array:
        return self.alone.of(positions)

    def _with(self, positions: Ids, logits: Array) -> Candidates:
        return Corrected(self)._with(positions, logits)

    def _without(self, positions: Ids) -> Candidates:
        return Corrected(self)._without(positions)


class Corrected(Whole):
    """Every token of a row but the few that are gone, some of them with other logits. Positions count what is left.

    What is known of the row is corrected for these tokens: no power is made anew, and no list over the vocabulary.
    """

    def __init__(self, row: Whole, moved: Ids = NONE, now: Array = NOTHING, gone: Ids = NONE) -> None:
        """`now` are the logits of the `moved` tokens, before the temperature; both ids ascend, and none is in both."""
        self.ranking = row.ranking
        self.view = row.view
        self.temperature = row.temperature
        self.n = row.n - len(gone)
        self._row = row
        self._moved = moved
        self._now = now
        self._gone = gone

    # ---- what they are ---------------------------------------------------------------------------------------------

    @cached_property
    def ids(self) -> Ids:
        return all_but(self._gone, self._row.n)

    @property
    def where(self) -> Ids | slice:
        return self.ids if len(self._gone) else slice(None)

    @cached_property
    def logits(self) -> Array:
        logits = self._row.logits.astype(np.float64)
        logits[self._moved] = self._now
        return np.delete(logits, self._gone) if len(self._gone) else logits

    def logits_at(self, positions: Ids) -> Array:
        return self._logits_of(self.tokens(positions))

    def tokens(self, positions: Ids) -> Ids:
        # The i-th token that is gone has i others before it; those left up to it are so many fewer.
        return positions + (self._gone - np.arange(len(self._gone))).searchsorted(positions, side="right")

    def find(self, tokens: Ids) -> Ids:
        left = self._row.find(tokens)
        if len(self._gone):
            left = np.setdiff1d(left, self._gone, assume_unique=True)
        return left - self._gone.searchsorted(left)

    @property
    def greatest(self) -> float:
        return float(self.logits_at(self._head(1))[0])

    # ---- their distribution ----------------------------------------------------------------------------------------

    @cached_property
    def alone(self) -> Distribution:
        return Distribution(Ranking(self.logits), self.temperature)

    @cached_property
    def _softmax(self) -> tuple[Array, float, float]:
        return super(Whole, self)._softmax

    @cached_property
    def probs(self) -> Array:
        if not self._sound:
            return self._softmax[0]
        total, _ = self._sums
        powers = self._row.alone.powers
        probs = np.delete(powers, self._gone) if len(self._gone) else powers.copy()
        probs /= self._row.alone.z * total
        probs[self._moved - self._gone.searchsorted(self._moved)] = self._weights(self._now)[0] / total
        return probs

    def of(self, positions: Ids) -> Array:
        return self._weights(self.logits_at(positions))[0] / self._sums[0] if self._sound else self.probs[positions]

    @property
    def entropy_bits(self) -> float:
        if not self._sound:
            return self.alone.entropy_bits
        total, mean = self._sums
        return max(0.0, math.log(total) - mean / total) / LN2

    @property
    def _sound(self) -> bool:
        return _SOUND < self._sums[0] < 1 / _SOUND

    @cached_property
    def _sums(self) -> tuple[float, float]:
        """The sum of w = p' Z' / Z over all tokens, and that of w ln w, where Z is the row's own and Z' the new one."""
        w, ln_w = self._weights(self._row.logits[np.concatenate([self._moved, self._gone])])
        now, ln_now = self._weights(self._now)
        total = 1.0 - float(w.sum()) + float(now.sum())
        mean = -self._row.entropy_bits * LN2 - float((w * ln_w).sum()) + float((now * ln_now).sum())
        return total, mean

    def _weights(self, logits: npt.NDArray[np.floating]) -> tuple[Array, Array]:
        """w and ln w of tokens with these logits."""
        with np.errstate(over="ignore"):  # clipped at once
            ln_w = np.subtract(logits, self.ranking.max, dtype=np.float64) / self.temperature - self._row.alone.log_z
        np.clip(ln_w, -_EXPONENTS, _EXPONENTS, out=ln_w)
        return np.exp(ln_w), ln_w

    # ---- cuts and moves --------------------------------------------------------------------------------------------

    def best(self, k: int) -> Candidates:
        return self._best(self._head(k)) if k < self.n else self

    def _head(self, k: int) -> Ids:
        """The positions of the k best, best first."""
        # Those of them that have not been moved are among so many of the row itself.
        reach = min(self._row.n, k + len(self._moved) + len(self._gone))
        pool = self.find(np.union1d(self.ranking.head(reach), self._moved))
        return pool[np.argsort(-self.logits_at(pool), kind="stable")][:k]

    def at(self, temperature: float) -> Candidates:
        row = Whole(self.ranking, self.view, product(self.temperature, temperature))
        return Corrected(row, self._moved, self._now, self._gone)

    def _with(self, positions: Ids, logits: Array) -> Candidates:
        tokens = self.tokens(positions)
        moved = np.union1d(self._moved, tokens)
        now = self._logits_of(moved)
        now[moved.searchsorted(tokens)] = logits
        return Corrected(self._row, moved, now, self._gone)

    def _without(self, positions: Ids) -> Candidates:
        if self.n - len(positions) <= FEW:
            return super(Whole, self)._without(positions)
        gone = np.union1d(self._gone, self.tokens(positions))
        stays = np.isin(self._moved, gone, invert=True)
        return Corrected(self._row, self._moved[stays], self._now[stays], gone)

    def _logits_of(self, tokens: Ids) -> Array:
        logits = self._row.logits[tokens].astype(np.float64)
        if len(self._moved):
            place = np.minimum(self._moved.searchsorted(tokens), len(self._moved) - 1)
            logits = np.where(self._moved[place] == tokens, self._now[place], logits)
        return logits


def all_of(ranking: Ranking, view: View) -> Candidates:
    """The candidates before any transform: every token that is not masked."""
    if ranking.n_finite < ranking.n:
        ids = np.flatnonzero(ranking.logits > -np.inf)
        return Candidates(ids, ranking.logits[ids])
    return Whole(ranking, view)
