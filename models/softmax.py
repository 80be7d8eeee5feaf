"""The temperature softmax and what is measured on it, in float64 over the whole vocabulary.

For logits l and temperature T > 0, with m = max(l):

    p_i = e^((l_i - m) / T) / Z        Z = sum_j e^((l_j - m) / T)

The maximum is subtracted BEFORE the division, so no exponent is positive and nothing overflows at any T. T = 0 is the
limit: all probability on the maximum with the lowest id. A logit of -inf is a masked token: p = 0, and 0 * log 0 = 0.
(Goodfellow et al., Deep Learning, 2016, section 6.2.2.3; Hinton et al., Distilling the Knowledge, 2015, for T.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .engine import BadLogits

Array = npt.NDArray[np.float64]

LN2 = math.log(2.0)


def check_temperature(value: float) -> float:
    """The temperature as a float. Raises ValueError by name unless it is finite and at least 0."""
    temperature = float(value)
    if not math.isfinite(temperature) or temperature < 0:
        raise ValueError(f"the temperature must be a finite number of at least 0, not {value}")
    return temperature


def check_logits(logits: npt.ArrayLike) -> npt.NDArray[np.floating]:
    """The logits as an array [n], n >= 1. Raises BadLogits for NaN, +inf, or if no logit is finite."""
    return with_argmax(logits)[0]


def with_argmax(logits: npt.ArrayLike) -> tuple[npt.NDArray[np.floating], int]:
    """What `check_logits` gives, and the lowest id of the maximum, in one pass over the row."""
    row = np.asarray(logits)
    if row.dtype.kind != "f":
        row = row.astype(np.float64)
    if row.ndim != 1 or row.size == 0:
        raise BadLogits(f"A distribution needs one row of logits, not an array of shape {row.shape}.")
    argmax = int(row.argmax())  # of a NaN, where there is one
    top = row[argmax]
    if np.isnan(top):
        raise BadLogits(f"{int(np.isnan(row).sum()):,} of {row.size:,} logits are NaN, so there is no distribution.")
    if top == np.inf:
        n = int((row == np.inf).sum())
        raise BadLogits(f"{n:,} of {row.size:,} logits are +inf, which no healthy model computes.")
    if top == -np.inf:
        raise BadLogits(f"None of the {row.size:,} logits is finite: every token is masked.")
    return row, argmax


def scaled(logits: npt.NDArray[np.floating], temperature: float) -> Array:
    """(l - max) / T, float64 [n], never positive; at T = 0 it is 0 for the lowest-id maximum and -inf elsewhere."""
    if temperature == 0:
        z = np.full(logits.shape, -np.inf)
        z[int(logits.argmax())] = 0.0
        return z
    return cooled(below_maximum(logits), temperature)


def below_maximum(logits: npt.NDArray[np.floating]) -> Array:
    """l - max, float64 [n], never positive: the part of `scaled` that no turn of the temperature changes."""
    return np.subtract(logits, logits.max(), dtype=np.float64)


def cooled(below: Array, temperature: float) -> Array:
    """(l - max) / T for T > 0, float64 [n]."""
    # A tiny T may take an exponent past the smallest float64: -inf is then exact (p = 0).
    with np.errstate(over="ignore"):
        return below / temperature


def powers(below: Array, temperature: float) -> Array:
    """e^((l - max)/T), float64 [n], what Z adds up; at T = 0 the limit: 1 for every maximum, 0 for all others."""
    if temperature == 0:
        return (below == 0).astype(np.float64)
    return np.exp(cooled(below, temperature))


def softmax(logits: npt.ArrayLike, temperature: float = 1.0) -> Array:
    """p over the whole row, float64 [n], summing to 1."""
    p = np.exp(scaled(check_logits(logits), check_temperature(temperature)))
    p /= p.sum()
    return p


def surprisal_bits(logprob: float) -> float:
    """-log2 p of a token from its natural logprob, in bits; inf for an impossible one, never -0."""
    return abs(logprob) / LN2


def perplexity(surprisals_bits: Sequence[float]) -> float:
    """2^(mean surprisal) of a text; its per-token surprisals in bits, at least one. Raises ValueError for none."""
    if not surprisals_bits:
        raise ValueError("a text without tokens has no perplexity")
    return 2.0 ** (math.fsum(surprisals_bits) / len(surprisals_bits))
