"""The tokens that a chain has left at one point, with their logits: what every transform takes and gives back.

Three shapes of one thing, so that no stage looks at more tokens than are left:

- `Candidates`: any tokens, in order of id.
- `Whole` (in `whole.py`): every token of a row. It asks the row for what it knows already; where few tokens are gone
  or moved, that is corrected for these.
- `Ranked`: a few, best first. There every cut is a prefix, and the running sums that decide it are made once.

Logits are kept as they are before the temperature; z = (l - max) / T. Masked tokens (-inf) are never among them, so
all logits here are finite. Order is by logit, ties by lowest id, everywhere.
"""

from __future__ import annotations

import math
import sys
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .distribution import Distribution, rest, sum_outside
from .nucleus import FEW, nucleus
from .ranking import Ranking
from .softmax import LN2, Array, below_maximum

Ids = npt.NDArray[np.intp]
Row = npt.NDArray[np.floating]

DEAD = -750.0
"""e^z is 0 from here down; with -inf in its place, 0 * z would be NaN."""


_GREATEST = 1e300
"""Bound of a moved logit, lest it leave float64 at a huge temperature."""


def product(a: float, b: float) -> float:
    """The temperature after two of them, within float64."""
    return min(max(a * b, math.ulp(0.0)), sys.float_info.max)


def all_but(positions: Ids, n: int) -> Ids:
    """All of n positions but these, ascending."""
    stays = np.ones(n, bool)
    stays[positions] = False
    return np.flatnonzero(stays)


class Candidates:
    """Tokens in order of id, [n], n >= 1."""

    moves: tuple[Ids, Array] | None = None
    """The tokens whose logits have just been moved, and by how much (after the temperature)."""

    def __init__(self, ids: Ids, logits: Row, temperature: float = 1.0) -> None:
        self.ids = ids
        self.logits = logits
        self.temperature = temperature
        self.n = len(logits)

    # ---- what they are ---------------------------------------------------------------------------------------------

    @cached_property
    def alone(self) -> Distribution:
        """Their distribution as a row of its own: its token ids are positions here."""
        return Distribution(Ranking(self.logits), self.temperature)

    @cached_property
    def _softmax(self) -> tuple[Array, float, float]:
        """p of each, ln Z, and H in bits: `alone` would keep more than these."""
        z = self._z()
        probs = np.exp(z)
        total = float(probs.sum())
        mean = float(np.einsum("i,i", probs, z)) / total
        probs /= total
        log_z = math.log(total)
        return probs, log_z, max(0.0, log_z - mean) / LN2

    def _z(self) -> Array:
        z = below_maximum(self.logits)
        np.maximum(z, DEAD * self.temperature, out=z)  # before the division, which may overflow
        if self.temperature != 1:
            z /= self.temperature
        return z

    @cached_property
    def probs(self) -> Array:
        """p of each, float64 [n], summing to 1 over what is left."""
        return self._softmax[0]

    def of(self, positions: Ids) -> Array:
        """p of those at some positions, float64."""
        return self.probs[positions]

    def mass(self, positions: Ids) -> float:
        """Their probability together."""
        return float(np.add.reduce(self.of(positions)))

    @property
    def entropy_bits(self) -> float:
        """H of what is left."""
        return self._softmax[2]

    def surprisals(self) -> Array:
        """-ln p of each, float64 [n], at most some 750."""
        z = self._z()
        return np.subtract(self._softmax[1], z, out=z)

    @property
    def greatest(self) -> float:
        """The greatest logit."""
        return float(self.logits.max())

    @property
    def in_order(self) -> Ranked:
        """The same tokens, best first."""
        return self._best(np.argsort(-self.logits, kind="stable"))

    def removed(self, left: Candidates) -> float:
        """The probability of those that are not `left`, all of which are among these: with all its digits."""
        if left.n == self.n:
            return 0.0
        positions = self.find(np.sort(left.ids))
        return rest(self.mass(positions), lambda: sum_outside(self.probs, positions))

    @property
    def where(self) -> Ids | slice:
        """Their ids, as the index of an array over the vocabulary."""
        return self.ids

    def find(self, tokens: Ids) -> Ids:
        """The positions of those of `tokens` (ascending, each once) that are left."""
        positions = np.minimum(self.ids.searchsorted(tokens), self.n - 1)
        return positions[self.ids[positions] == tokens]

    def tokens(self, positions: Ids) -> Ids:
        """The ids at these positions."""
        return self.ids[positions]

    def logits_at(self, positions: Ids) -> Row:
        """The logits at these positions, before the temperature."""
        return self.logits[positions]

    def current(self, positions: Ids) -> Array:
        """The logits at these positions as they are now, after the temperature."""
        with np.errstate(over="ignore"):
            return self.logits_at(positions).astype(np.float64) / self.temperature

    # ---- cuts ------------------------------------------------------------------------------------------------------

    def best(self, k: int) -> Candidates:
        """The k best."""
        if k >= self.n:
            return self
        worst = np.partition(self.logits, self.n - k)[self.n - k]
        pool = np.flatnonzero(self.logits >= worst)
        return self._best(pool[np.argsort(-self.logits[pool], kind="stable")][:k])

    def above(self, logit: float, at_least: int = 1) -> Candidates:
        """Those whose logit reaches a bound, or the best if these are too few."""
        # NumPy would round the bound to the logits' own type, perhaps downwards.
        kind = np.finfo(self.logits.dtype)
        bound = kind.dtype.type(max(logit, float(kind.min)))
        positions = np.flatnonzero(self.logits >= (bound if float(bound) >= logit else np.nextafter(bound, kind.max)))
        return self._kept(positions) if len(positions) >= at_least else self.best(at_least)

    def reaching(self, p: float, at_least: int = 1) -> Candidates:
        """The fewest of the best whose probability reaches p."""
        if self.n <= FEW:
            after = self.in_order.reaching(p, at_least)
            return after if after.n < self.n else self
        return self._kept(nucleus(-self.logits, self.probs, p, at_least))

    def typical(self, p: float, at_least: int = 1) -> Candidates:
        """The fewest whose surprisal is nearest to the entropy and whose probability exceeds p."""
        distance = self.surprisals()
        distance -= self.entropy_bits * LN2
        return self._kept(nucleus(np.abs(distance, out=distance), self.probs, np.nextafter(p, 2), at_least))

    def without_top_choices(self, threshold: float) -> Candidates:
        """Without the tokens whose probability reaches a threshold, except the last of them."""
        likely = np.flatnonzero(self.probs >= threshold)
        if len(likely) < 2:
            return self
        spared = likely[len(likely) - 1 - self.logits_at(likely)[::-1].argmin()]
        return self.without(likely[likely != spared])

    def without(self, positions: Ids) -> Candidates:
        """Without these, which ascend; the best stays if nothing else would."""
        return self._without(positions) if len(positions) < self.n else self.best(1)

    # ---- moves -----------------------------------------------------------------------------------------------------

    def at(self, temperature: float) -> Candidates:
        """With their logits divided by a temperature (above 0), on top of what divided them before."""
        return type(self)(self.ids, self.logits, product(self.temperature, temperature))

    def moved(self, positions: Ids, logits: Array) -> Candidates:
        """With other logits (as they are after the temperature) at these positions."""
        with np.errstate(over="ignore", invalid="ignore"):
            by = logits - self.current(positions)
            if not by.any():
                return self
            after = self._with(positions, np.clip(logits * self.temperature, -_GREATEST, _GREATEST))
        after.moves = self.tokens(positions), by
        return after

    # ---- how it is done --------------------------------------------------------------------------------------------

    def _with(self, positions: Ids, logits: Array) -> Candidates:
        """With other logits (before the temperature) at these positions."""
        row = self.logits.astype(np.float64)
        row[positions] = logits
        return Candidates(self.ids, row, self.temperature)

    def _without(self, positions: Ids) -> Candidates:
        return self._kept(all_but(positions, self.n))

    def _kept(self, positions: Ids) -> Candidates:
        """Those at positions that ascend."""
        if len(positions) == self.n:
            return self
        if len(positions) <= FEW:
            return self._best(positions[np.argsort(-self.logits[positions], kind="stable")])
        return Candidates(self.tokens(positions), self.logits[positions], self.temperature)

    def _best(self, positions: Ids) -> Ranked:
        """Those at positions that go from best to worst."""
        return Ranked(self.tokens(positions), self.logits_at(positions).astype(np.float64), self.temperature)


class Ranked(Candidates):
    """A few tokens, best first, with float64 logits."""

    _known: tuple[Array, Array] | None = None

    @property
    def _sums(self) -> tuple[Array, Array]:
        """w = e^z of each, and the running sum of w."""
        if self._known is None:
            w = np.exp(self._z())
            self._known = w, np.add.accumulate(w)
        return self._known

    def _z(self) -> Array:
        z = np.subtract(self.logits, self.greatest, dtype=np.float64)
        if z[-1] < DEAD * self.temperature:
            np.maximum(z, DEAD * self.temperature, out=z)  # before the division, which may overflow
        z /= self.temperature
        return z

    @cached_property
    def probs(self) -> Array:
        w, mass = self._sums
        return w / mass[-1]

    @property
    def greatest(self) -> float:
        return self.logits.item(0)

    @property
    def in_order(self) -> Ranked:
        return self

    def best(self, k: int) -> Candidates:
        return self._prefix(k) if k < self.n else self

    def above(self, logit: float, at_least: int = 1) -> Candidates:
        return self._prefix(max(at_least, int(np.count_nonzero(self.logits >= logit))))

    def reaching(self, p: float, at_least: int = 1) -> Candidates:
        mass = self._sums[1]
        return self._prefix(max(at_least, 1 + int(mass.searchsorted(p * mass[-1]))))

    def _prefix(self, k: int) -> Candidates:
        if k >= self.n:
            return self
        w, mass = self._sums
        after = Ranked(self.ids[:k], self.logits[:k], self.temperature)
        after._known = w[:k], mass[:k]
        return after

    def _with(self, positions: Ids, logits: Array) -> Candidates:
        row = self.logits.copy()
        row[positions] = logits
        order = np.lexsort((self.ids, -row))
        return Ranked(self.ids[order], row[order], self.temperature)

    def find(self, tokens: Ids) -> Ids:
        return np.flatnonzero(np.isin(self.ids, tokens))

    def _kept(self, positions: Ids) -> Candidates:
        return self._best(positions) if len(positions) < self.n else self
