"""Two ways through the tree, from where they part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

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
    ways = trace.ancestors(left), trace.ancestors(right)
    n = 0
    for one, other in zip(*ways, strict=False):
        if one != other:
            break
        n += 1
    common = ways[0][n - 1] if n else ROOT
    return Pair(common, tuple(ways[0][n:]), tuple(ways[1][n:]))


@dataclass(frozen=True, slots=True)
class Total:
    """What a run of tokens costs; `bits` is its surprisal, all tokens together."""

    tokens: int
    bits: float

    @property
    def mean_bits(self) -> float:
        """Bits a token; NaN for none."""
        return self.bits / self.tokens if self.tokens else float("nan")


def total(trace: Trace, begin: int, end: int) -> Total:
    """Of the tokens after `begin` up to `end`, one of its descendants. O(1)."""
    return Total(trace[end].depth - trace[begin].depth, trace[end].path_bits - trace[begin].path_bits)
