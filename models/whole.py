"""All tokens of a row, as the candidates with which a chain begins, and nearly all of them, some with other logits."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .candidates import DEAD, Candidates, Ids, all_but, product
from .distribution import Distribution
from .nucleus import FEW
from .ranking import Ranking
from .softmax import LN2, Array

View = Callable[[float], Distribution]
"""A row's distribution at a temperature."""

_NONE: Ids = np.empty(0, np.intp)
_NOTHING: Array = np.empty(0)

_SOUND = 0.05
"""Between this and its inverse a sum that is corrected has all its digits but one; beyond, it is made anew."""

_FAINT = 1e-6
"""An entropy in bits below which a corrected one has lost digits."""

_GREATEST = 600.0
"""e to this is a float64, and so are sums of such powers."""


class OfRow(Candidates):
    """Nearly every token of a row: what is known of the row spares a look at all of them."""

    ranking: Ranking
    view: View

    def _head(self, k: int) -> Ids:
        """The positions of the k best, best first."""
        raise NotImplementedError

    def best(self, k: int) -> Candidates:
        return self._best(self._head(k)) if k < self.n else self

    def removed(self, left: Candidates) -> float:
        if isinstance(left, Corrected) and left.n < self.n:
            return self.mass(self.find(left.gone))  # few, and with all their digits
        return super().removed(left)

    def reaching(self, p: float, at_least: int = 1) -> Candidates:
        few = self.best(FEW)
        share = 1.0 - self.removed(few)
        if few is self or p >= share or at_least > FEW:
            return super().reaching(p, at_least)
        return few.reaching(p / share, at_least)


class Whole(OfRow):
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

    def _head(self, k: int) -> Ids:
        return self.ranking.head(k)

    def at(self, temperature: float) -> Candidates:
        return Whole(self.ranking, self.view, product(self.temperature, temperature))

    def of(self, positions: Ids) -> Array:
        return self.alone.of(positions)

    def _with(self, positions: Ids, logits: Array) -> Candidates:
        return Corrected(self)._with(positions, logits)

    def _without(self, positions: Ids) -> Candidates:
        return Corrected(self)._without(positions)


class Corrected(OfRow):
    """Every token of a row but the few that are gone, some of them with other logits. Positions count what is left.

    What is known of the row is corrected for these tokens: no power is made anew, and no list over the vocabulary until
    one is asked for.
    """

    def __init__(self, row: Whole, moved: Ids = _NONE, now: Array = _NOTHING, gone: Ids = _NONE) -> None:
        """`now` are the logits of the `moved` tokens, before the temperature; both ids ascend, and none is in both."""
        self.ranking = row.ranking
        self.view = row.view
        self.temperature = row.temperature
        self.n = row.n - len(gone)
        self._row = row
        self._moved = moved
        self._now = now
        self.gone = gone
        """The ids of the row's tokens that are not among these, ascending."""

    # ---- what they are ---------------------------------------------------------------------------------------------

    @cached_property
    def ids(self) -> Ids:
        return all_but(self.gone, self._row.n)

    @property
    def where(self) -> Ids | slice:
        return self.ids if len(self.gone) else slice(None)

    @cached_property
    def logits(self) -> Array:
        logits = self._row.logits.astype(np.float64)
        logits[self._moved] = self._now
        return np.delete(logits, self.gone) if len(self.gone) else logits

    def logits_at(self, positions: Ids) -> Array:
        return self._logits_of(self.tokens(positions))

    def tokens(self, positions: Ids) -> Ids:
        # The i-th token that is gone has i others before it; those left up to it are so many fewer.
        return positions + (self.gone - np.arange(len(self.gone))).searchsorted(positions, side="right")

    def find(self, tokens: Ids) -> Ids:
        left = self._row.find(tokens)
        if len(self.gone):
            left = np.setdiff1d(left, self.gone, assume_unique=True)
        return left - self.gone.searchsorted(left)

    @property
    def greatest(self) -> float:
        return float(self.logits_at(self._head(1))[0])

    # ---- their distribution ----------------------------------------------------------------------------------------

    @cached_property
    def probs(self) -> Array:
        if not self._sound:
            return self._softmax[0]
        total, _ = self._sums
        powers = self._row.alone.powers
        probs = np.delete(powers, self.gone) if len(self.gone) else powers.copy()
        probs /= self._row.alone.z * total
        probs[self._moved - self.gone.searchsorted(self._moved)] = self._weights(self._now)[0] / total
        return probs

    def of(self, positions: Ids) -> Array:
        return self._weights(self.logits_at(positions))[0] / self._sums[0] if self._sound else self.probs[positions]

    @property
    def entropy_bits(self) -> float:
        total, mean = self._sums
        entropy = (math.log(total) - mean / total) / LN2 if self._sound else 0.0
        return entropy if entropy > _FAINT else self.alone.entropy_bits

    @property
    def _sound(self) -> bool:
        return _SOUND < self._sums[0] < 1 / _SOUND

    @cached_property
    def _sums(self) -> tuple[float, float]:
        """The sum of w = p' Z' / Z over all tokens, and that of w ln w, where Z is the row's own and Z' the new one."""
        w, ln_w = self._weights(self._row.logits[np.concatenate([self._moved, self.gone])])
        now, ln_now = self._weights(self._now)
        total = 1.0 - float(w.sum()) + float(now.sum())
        mean = -self._row.entropy_bits * LN2 - float((w * ln_w).sum()) + float((now * ln_now).sum())
        return total, mean

    def _weights(self, logits: npt.NDArray[np.floating]) -> tuple[Array, Array]:
        """w and ln w of tokens with these logits."""
        with np.errstate(over="ignore"):  # clipped at once
            ln_w = np.subtract(logits, self.ranking.max, dtype=np.float64) / self.temperature - self._row.alone.log_z
        np.clip(ln_w, DEAD, _GREATEST, out=ln_w)
        return np.exp(ln_w), ln_w

    # ---- cuts and moves --------------------------------------------------------------------------------------------

    def _head(self, k: int) -> Ids:
        # Those of them that have not been moved are among so many of the row itself.
        reach = min(self._row.n, k + len(self._moved) + len(self.gone))
        pool = self.find(np.union1d(self.ranking.head(reach), self._moved))
        return pool[np.argsort(-self.logits_at(pool), kind="stable")][:k]

    def at(self, temperature: float) -> Candidates:
        row = Whole(self.ranking, self.view, product(self.temperature, temperature))
        return Corrected(row, self._moved, self._now, self.gone)

    def _with(self, positions: Ids, logits: Array) -> Candidates:
        tokens = self.tokens(positions)
        moved = np.union1d(self._moved, tokens)
        now = self._logits_of(moved)
        now[moved.searchsorted(tokens)] = logits
        return Corrected(self._row, moved, now, self.gone)

    def _without(self, positions: Ids) -> Candidates:
        gone = np.union1d(self.gone, self.tokens(positions))
        if len(gone) > FEW or self._row.n - len(gone) <= FEW:
            return super()._without(positions)
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
