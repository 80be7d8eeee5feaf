"""The transforms that cut by probability or rank, and the temperature, as llama.cpp defines and names them.

top_k and top_p: Fan et al. 2018; Holtzman et al., The Curious Case of Neural Text Degeneration, 2020. typ_p: Meister et
al., Locally Typical Sampling, 2022. min_p: Nguyen et al., Turning Up the Heat, 2024. top_n_sigma: Tang et al., Top-nσ:
Not All Logits Are You Need, 2024. xtc: llama.cpp's "exclude top choices". Dynamic temperature: Zhu et al., Hot or Cold?
Adaptive Temperature Sampling, 2023, in the form of llama.cpp. Each keeps one token at least.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .candidates import Candidates
from .softmax import LN2
from .transform import Context, Transform, knob


def _min_keep() -> int:
    return knob(0, "min-keep", 0, step=1, whole=True)


def _at_least(min_keep: int) -> str:
    return f", at least {min_keep:,} tokens" if min_keep > 1 else ""


@dataclass(frozen=True)
class TopK(Transform):
    """The k best."""

    name: ClassVar[str] = "top_k"
    off: ClassVar[dict[str, float]] = {"k": 0}

    k: int = knob(40, "top-k", 0, step=1, whole=True)

    @property
    def setting(self) -> str:
        return f"k {self.k:,}"

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        return candidates.best(self.k)

    def listed(self, n_listed: int, n_in: int, n_out: int) -> int:
        return min(self.k, n_listed)


@dataclass(frozen=True)
class TopP(Transform):
    """The fewest of the best whose probability reaches p: the nucleus. p = 0 keeps the best alone."""

    name: ClassVar[str] = "top_p"
    off: ClassVar[dict[str, float]] = {"p": 1.0}

    p: float = knob(0.95, "top-p", 0, 1, step=0.01)
    min_keep: int = _min_keep()

    @property
    def setting(self) -> str:
        return f"p {self.p:g}{_at_least(self.min_keep)}"

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        return candidates.reaching(self.p, max(1, self.min_keep))

    def listed(self, n_listed: int, n_in: int, n_out: int) -> int:
        return max(n_out, min(self.min_keep, n_listed))


@dataclass(frozen=True)
class MinP(Transform):
    """The tokens that are at least p times as probable as the best. p = 1 keeps those that tie with it."""

    name: ClassVar[str] = "min_p"
    off: ClassVar[dict[str, float]] = {"p": 0.0}

    p: float = knob(0.05, "min-p", 0, 1, step=0.01)
    min_keep: int = _min_keep()

    @property
    def setting(self) -> str:
        return f"p {self.p:g}{_at_least(self.min_keep)}"

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        lowest = candidates.greatest + candidates.temperature * math.log(self.p)
        return candidates.above(lowest, max(1, self.min_keep))

    def listed(self, n_listed: int, n_in: int, n_out: int) -> int:
        return max(n_out, min(self.min_keep, n_listed))


@dataclass(frozen=True)
class TypP(Transform):
    """The fewest tokens whose surprisal is nearest to the entropy and whose probability exceeds p."""

    name: ClassVar[str] = "typ_p"
    off: ClassVar[dict[str, float]] = {"p": 1.0}

    p: float = knob(1.0, "typical", 0, 1, step=0.01)
    min_keep: int = _min_keep()

    @property
    def setting(self) -> str:
        return f"p {self.p:g}{_at_least(self.min_keep)}"

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        return candidates.typical(self.p, max(1, self.min_keep))

    def listed(self, n_listed: int, n_in: int, n_out: int) -> int:
        return max(n_out, min(self.min_keep, n_listed))


@dataclass(frozen=True)
class TopNSigma(Transform):
    """The tokens whose logit is at most n standard deviations below the greatest; 0 and less is off."""

    name: ClassVar[str] = "top_n_sigma"
    off: ClassVar[dict[str, float]] = {"n": -1.0}

    n: float = knob(-1.0, "top-n-sigma", -1e6, 1e6, step=0.1)

    @property
    def active(self) -> bool:
        return self.n > 0

    @property
    def setting(self) -> str:
        return f"n {self.n:g}"

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        with np.errstate(over="ignore", invalid="ignore"):  # after a tiny T the squares are no floats any more
            deviation = float(np.std(candidates.logits, dtype=np.float64))
        return candidates.above(candidates.greatest - self.n * deviation) if math.isfinite(deviation) else candidates


@dataclass(frozen=True)
class Xtc(Transform):
    """By chance, without the top choices: of the tokens that reach the threshold only the last stays."""

    name: ClassVar[str] = "xtc"
    off: ClassVar[dict[str, float]] = {"probability": 0.0}

    probability: float = knob(0.0, "xtc-probability", 0, 1, step=0.05)
    threshold: float = knob(0.1, "xtc-threshold", 0, 1, step=0.01)

    @property
    def active(self) -> bool:
        return self.probability > 0 and self.threshold <= 0.5

    @property
    def setting(self) -> str:
        return f"probability {self.probability:g}, threshold {self.threshold:g}"

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        if candidates.n < 2 or context.coin("xtc") > self.probability:
            return candidates
        return candidates.without_top_choices(self.threshold)

    def listed(self, n_listed: int, n_in: int, n_out: int) -> int:
        return n_listed - (n_in - n_out)


@dataclass(frozen=True)
class Temperature(Transform):
    """Logits divided by T; 0 keeps the best alone.

    With a range, T depends on the entropy H of what is left: from t - range for a sure choice to t + range where all
    are equally likely, as (H / H_max) ^ exponent.
    """

    name: ClassVar[str] = "temperature"
    off: ClassVar[dict[str, float]] = {"t": 1.0, "range": 0.0}

    t: float = knob(0.8, "temp", 0, step=0.01)
    range: float = knob(0.0, "dynatemp-range", 0, 1e6, step=0.05)
    exponent: float = knob(1.0, "dynatemp-exp", 0, 1e6, step=0.1)

    @property
    def setting(self) -> str:
        if not self.range:
            return f"T {self.t:g}"
        power = f", exponent {self.exponent:g}" if self.exponent != 1 else ""
        return f"T {max(0, self.t - self.range):g} to {self.t + self.range:g}{power}"

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        t = self.of(candidates, context.n_listed)
        if t == 0:
            return candidates.best(1)
        return candidates.at(t) if t != 1 else candidates

    def of(self, candidates: Candidates, n_listed: int) -> float:
        """The temperature for these candidates; H_max is that of `n_listed` tokens."""
        if not self.range or n_listed < 2:
            return self.t if not self.range else 1.0
        coldest, hottest = max(0.0, self.t - self.range), self.t + self.range
        sureness = candidates.entropy_bits * LN2 / math.log(n_listed)
        return coldest + (hottest - coldest) * sureness**self.exponent
