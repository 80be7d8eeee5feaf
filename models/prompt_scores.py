"""How a model read a given text: what it thought of each token before it saw it, at T = 1 and without a chain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .softmax import LN2, check_logits

_NOTHING = -800.0  # e^z is 0 below about -745, so a masked logit may stand here, where 0 * z is 0 and not NaN


@dataclass(frozen=True, eq=False)
class PromptScores:
    """Of the tokens at positions 1 … n - 1 of a text; entry i is about position i + 1. All arrays are [n - 1]."""

    logprob: npt.NDArray[np.float64]  # natural, of the token that stands there; -inf for a masked one
    rank: npt.NDArray[np.int64]  # of that token, from 1, ties by lowest id
    entropy_bits: npt.NDArray[np.float64]  # of the whole distribution before it

    @classmethod
    def empty(cls, n: int) -> PromptScores:
        """For `n` positions, all zero."""
        return cls(np.zeros(n), np.zeros(n, np.int64), np.zeros(n))

    def tobytes(self) -> bytes:
        """The three arrays one after the other."""
        return self.logprob.tobytes() + self.rank.tobytes() + self.entropy_bits.tobytes()

    @classmethod
    def frombytes(cls, data: bytes) -> PromptScores:
        """The scores of `tobytes`, read-only."""
        third = len(data) // 3
        return cls(
            np.frombuffer(data[:third], np.float64),
            np.frombuffer(data[third : 2 * third], np.int64),
            np.frombuffer(data[2 * third :], np.float64),
        )

    def measure(self, begin: int, rows: Sequence[npt.NDArray[np.float32]], tokens: Sequence[int]) -> None:
        """Fill the entries from `begin` on: `rows[i]` [n_vocab] are the logits before `tokens[i]`.

        Raises `BadLogits` for a row that is no distribution.
        """
        for i, (row, token) in enumerate(zip(rows, tokens, strict=True), begin):
            self.logprob[i], self.rank[i], self.entropy_bits[i] = _measured(row, token)


def _measured(row: npt.NDArray[np.float32], token: int) -> tuple[float, int, float]:
    """(logprob, rank, entropy in bits) by z = l - max, Z = sum e^z, H = ln Z - sum(z e^z) / Z, in float64."""
    top, own = float(row.max()), row[token]
    z = np.subtract(row, top, dtype=np.float64)
    np.maximum(z, _NOTHING, out=z)
    p = np.exp(z)
    total = float(p.sum())
    if not total >= 1:
        check_logits(row)
    rank = 1 + int(np.count_nonzero(row > own) + np.count_nonzero(row[:token] == own))
    entropy = math.log(total) - float(p @ z) / total
    return float(own) - top - math.log(total), rank, max(0.0, entropy / LN2)
