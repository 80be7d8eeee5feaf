"""The tokens that a chain has left at one point, with their logits: what every transform takes and gives back.

Three shapes of one thing, so that no stage looks at more tokens than are left:

- `Candidates`: any tokens, in order of id.
- `Whole` (in `whole.py`): every token of a row. It asks the row for what it knows already.
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

_DEAD = -750.0
"""e^z is 0 from here down; with -inf in its place, 0 * z would be NaN."""


_GREATEST = 1e300
"""Bound of a moved logit, lest it leave float64 at a huge temperature."""


def product(a: float, b: float) -> float:
    """The temperature after two of them, within float64."""
    return min(max(a * b, math.ulp(0.0)), sys.float_info.max)


class Candidates:
    """Tokens in order of id, [n], n >= 1."""

    removed = 0.0
    """The probability that the cut which left these took away, on the distribution it cut."""

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
        np.maximum(z, _DEAD * self.temperature, out=z)  # before the division, which may overflow
        if self.temperature != 1:
            z /= self.temperature
        return z

    @property
    def probs(self) -> Array:
        """p of each, float64 [n], summing to 1 over what is left."""
        return self._softmax[0]

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

    def find(self, tokens: Ids) -> Ids:
        """The positions of those of `tokens` (ascending, each once) that are left."""
        positions = np.minimum(self.ids.searchsorted(tokens), self.n - 1)
        return positions[self.ids[positions] == tokens]

    def tokens(self, positions: Ids) -> Ids:
        """The ids at these positions."""
        return self.ids[positions]

    def current(self, positions: Ids | slice) -> Array:
        """The logits at these positions as they are now, after the temperature."""
        with np.errstate(over="ignore"):
            return self.logits[positions].astype(np.float64) / self.temperature

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
        spared = likely[len(likely) - 1 - self.logits[likely][::-1].argmin()]
        return self.without(likely[likely != spared])

    def without(self, positions: Ids) -> Candidates:
        """Without these; the best stays if nothing else would."""
        if len(positions) == self.n:
            return self.best(1)
        stays = np.ones(self.n, bool)
        stays[positions] = False
        return self._kept(np.flatnonzero(stays), self._mass(positions))

    # ---- moves -----------------------------------------------------------------------------------------------------

    def at(self, temperature: float) -> Candidates:
        """With their logits divided by a temperature (above 0), on top of what divided them before."""
        return type(self)(self.ids, self.logits, product(self.temperature, temperature))

    def moved(self, positions: Ids, logits: Array) -> Candidates:
        """With other logits (as they are after the temperature) at these positions."""
        row = self.logits.astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            by = logits - self.current(positions)
            if not by.any():
                return self
            row[positions] = np.clip(logits * self.temperature, -_GREATEST, _GREATEST)
        after = self._reordered(row, self.tokens(positions))
        after.moves = self.tokens(positions), by
        return after

    # ---- how it is done --------------------------------------------------------------------------------------------

    def _reordered(self, logits: Array, moved: Ids) -> Candidates:
        return Candidates(self.ids, logits, self.temperature)

    def _mass(self, positions: Ids) -> float:
        return float(np.add.reduce(self.probs[positions]))

    def _mass_outside(self, positions: Ids) -> float:
        return rest(self._mass(positions), lambda: sum_outside(self.probs, positions))

    def _kept(self, positions: Ids, removed: float | None = None) -> Candidates:
        """Those at positions that ascend."""
        if len(positions) == self.n:
            return self
        if len(positions) <= FEW:
            return self._best(positions[np.argsort(-self.logits[positions], kind="stable")])
        after = Candidates(self.tokens(positions), self.logits[positions], self.temperature)
        after.removed = self._mass_outside(positions) if removed is None else removed
        return after

    def _best(self, positions: Ids) -> Ranked:
        """Those at positions that go from best to worst."""
        after = Ranked(self.tokens(positions), self.logits[positions].astype(np.float64), self.temperature)
        after.removed = self._mass_outside(positions) if after.n < self.n else 0.0
        return after


class Ranked(Candidates):
    """A few tokens, best first, with float64 logits."""

    _known: tuple[Array, Array, Array] | None = None

    @property
    def _sums(self) -> tuple[Array, Array, Array]:
        """w = e^z of each, the running sum of w, and that of w z."""
        if self._known is None:
            z = self.logits - self.greatest
            if z[-1] < _DEAD * self.temperature:
                np.maximum(z, _DEAD * self.temperature, out=z)  # before the division, which may overflow
            z /= self.temperature
            w = np.exp(z)
            z *= w
            self._known = w, np.add.accumulate(w), np.add.accumulate(z)
        return self._known

    @cached_property
    def _softmax(self) -> tuple[Array, float, float]:
        w, mass, _ = self._sums
        total = float(mass[-1])
        return w / total, math.log(total), self.entropy_bits

    @property
    def entropy_bits(self) -> float:
        _, mass, mean = self._sums
        total = mass.item(-1)
        return max(0.0, math.log(total) - mean.item(-1) / total) / LN2

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
        w, mass, mean = self._sums
        after = Ranked(self.ids[:k], self.logits[:k], self.temperature)
        after._known = w[:k], mass[:k], mean[:k]
        total = float(mass[-1])
        after.removed = rest(float(mass[k - 1]) / total, lambda: float(w[k:].sum()) / total)
        return after

    def _reordered(self, logits: Array, moved: Ids) -> Candidates:
        order = np.lexsort((self.ids, -logits))
        return Ranked(self.ids[order], logits[order], self.temperature)

    def find(self, tokens: Ids) -> Ids:
        return np.flatnonzero(np.isin(self.ids, tokens))

    def _kept(self, positions: Ids, removed: float | None = None) -> Candidates:
        return self._best(positions) if len(positions) < self.n else self
