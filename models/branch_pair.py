"""Two ways through the tree, from where they part. Inside the prompt its own tokens are one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from .reading import Reading
from .trace import ROOT, Trace


@dataclass(frozen=True, slots=True)
class Pair:
    """The ids of two ways after the last node they share, which is `common`; one is empty if the other passes it."""

    common: int
    left: tuple[int, ...]
    right: tuple[int, ...]

    @property
    def parts(self) -> bool:
        """Both go on after what they share, with different tokens."""
        return bool(self.left and self.right)


@lru_cache(maxsize=2)
def pair_of(trace: Trace, left: int, right: int) -> Pair:
    """The ways from the prompt to two nodes. Kept while the trace is the same object."""
    stems = trace.stem(left), trace.stem(right)
    common = min(stems)
    one, other = (
        [*range(common + 1, stem + 1), *trace.ancestors(end)] for stem, end in zip(stems, (left, right), strict=True)
    )
    n = 0
    while n < min(len(one), len(other)) and one[n] == other[n]:
        n += 1
    return Pair(one[n - 1] if n else common, tuple(one[n:]), tuple(other[n:]))


@dataclass(frozen=True, slots=True)
class Total:
    """What a run of tokens costs; `bits` is its surprisal, all tokens together."""

    tokens: int
    bits: float

    @property
    def mean_bits(self) -> float:
        """Bits a token; NaN for none."""
        return self.bits / self.tokens if self.tokens else float("nan")


def surprisal_of(trace: Trace, reading: Reading | None, node: int) -> float:
    """Bits of a token; of one of the prompt's own as it was read, NaN if it was not."""
    if node > ROOT:
        return trace[node].surprisal_bits
    return reading.surprisal_bits[node - 1] if reading is not None and node > trace.first else math.nan


def total(trace: Trace, reading: Reading | None, begin: int, end: int) -> Total:
    """Of the tokens after `begin` up to `end`, one of its descendants.

    O(1) without the prompt's own, unless a token up to `begin` was masked, and taken by hand nevertheless.
    """
    bits = trace[end].path_bits - trace[begin].path_bits
    if math.isinf(trace[begin].path_bits):
        bits = math.fsum(trace[i].surprisal_bits for i in trace.ancestors(end) if trace[i].depth > trace[begin].depth)
    elif begin < ROOT:
        own = range(begin + 1, trace.stem(end) + 1)
        bits += math.fsum(surprisal_of(trace, reading, node) for node in own)
    return Total(trace[end].depth - trace[begin].depth, bits)
