"""How a model read a given text: what it thought of each token before it saw it, at T = 1 and without a chain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .softmax import LN2, check_logits, perplexity

_NOTHING = -800.0  # e^z is 0 below about -745, so a masked logit may stand here, where 0 * z is 0 and not NaN


@dataclass(frozen=True, eq=False)
class Reading:
    """Of the tokens at positions 1 … n - 1 of a text; entry i is about position i + 1. All arrays are [n - 1].

    The first token has no entry: nothing stands before it.
    """

    tokens: tuple[int, ...]  # the text
    logprob: npt.NDArray[np.float64]  # natural, of the token that stands there; -inf for a masked one
    rank: npt.NDArray[np.int64]  # of that token, from 1, ties by lowest id
    entropy_bits: npt.NDArray[np.float64]  # of the whole distribution before it

    @classmethod
    def of(cls, tokens: tuple[int, ...]) -> Reading:
        """Of a text that nobody has read: all zero."""
        n = max(0, len(tokens) - 1)
        return cls(tokens, np.zeros(n), np.zeros(n, np.int64), np.zeros(n))

    @cached_property
    def surprisal_bits(self) -> tuple[float, ...]:
        """-log2 p of every token but the first; inf for a masked one."""
        return tuple((np.abs(self.logprob) / LN2).tolist())

    @cached_property
    def entropies(self) -> tuple[float, ...]:
        """`entropy_bits`, for what is drawn."""
        return tuple(self.entropy_bits.tolist())

    @property
    def mean_surprisal(self) -> float:
        """Bits a token; NaN for a text of one token."""
        return math.fsum(self.surprisal_bits) / len(self.surprisal_bits) if self.surprisal_bits else math.nan

    @property
    def perplexity(self) -> float:
        """2^(mean surprisal); NaN for a text of one token."""
        return perplexity(self.surprisal_bits) if self.surprisal_bits else math.nan

    def tobytes(self) -> bytes:
        """The three arrays one after the other."""
        return self.logprob.tobytes() + self.rank.tobytes() + self.entropy_bits.tobytes()

    @classmethod
    def frombytes(cls, tokens: tuple[int, ...], data: bytes) -> Reading:
        """The reading of `tobytes`, read-only."""
        third = len(data) // 3
        return cls(
            tokens,
            np.frombuffer(data[:third], np.float64),
            np.frombuffer(data[third : 2 * third], np.int64),
            np.frombuffer(data[2 * third :], np.float64),
        )

    def copy_from(self, other: Reading, n: int) -> None:
        """Take over the first `n` entries of another one."""
        for name in ("logprob", "rank", "entropy_bits"):
            getattr(self, name)[:n] = getattr(other, name)[:n]

    def measure(self, begin: int, rows: Sequence[npt.NDArray[np.float32]]) -> None:
        """Fill the entries from `begin` on: `rows[i]` [n_vocab] are the logits before the token of entry begin + i.

        Raises `BadLogits` for a row that is no distribution.
        """
        if not rows:
            return
        # One pair of buffers for all rows: fresh ones for each cost four times the arithmetic, in page faults.
        z, p = np.empty(len(rows[0])), np.empty(len(rows[0]))
        for i, row in enumerate(rows, begin):
            self.logprob[i], self.rank[i], self.entropy_bits[i] = _measured(row, self.tokens[i + 1], z, p)


_Buffer = npt.NDArray[np.float64]


def _measured(row: npt.NDArray[np.float32], token: int, z: _Buffer, p: _Buffer) -> tuple[float, int, float]:
    """(logprob, rank, entropy in bits) by z = l - max, Z = sum e^z, H = ln Z - sum(z e^z) / Z, in float64."""
    top, own = float(row.max()), row[token]
    z[:] = row
    z -= top
    np.maximum(z, _NOTHING, out=z)
    np.exp(z, out=p)
    total = float(p.sum())
    if not total >= 1:
        check_logits(row)
    rank = 1 + int(np.count_nonzero(row > own) + np.count_nonzero(row[:token] == own))
    entropy = math.log(total) - float(p @ z) / total
    return float(own) - top - math.log(total), rank, max(0.0, entropy / LN2)
