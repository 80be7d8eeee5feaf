"""The coin: all the luck there is in tempviz, from a counter-based generator.

u = coin(seed, position, toss, purpose) depends on nothing else: not on what was drawn before, not on the branch. Two
paths share their luck, so what differs between them comes from the model and the settings alone; and the same command
gives the same text again. A token is drawn by `Distribution.land(coin)`: inverse CDF, tokens in rank order.

The generator is Philox4x64-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3; SC 2011). It is written out
here, since NumPy's object for one number costs a step more than all the rest of `update`; a test holds it against that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

MAX_SEED = 2**64 - 1

Purpose = Literal["draw", "xtc"]
_PURPOSES: dict[Purpose, int] = {"draw": 0, "xtc": 1}


@lru_cache(maxsize=64)  # a view asks several times for the same one
def coin(seed: int, position: int, toss: int = 0, purpose: Purpose = "draw") -> float:
    """A number in [0, 1) with 53 random bits.

    `position` counts tokens from 0 at the first one after the prompt, so inside the prompt it is negative, -1 for its
    last token; `toss` counts how often the person tossed again there.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"a seed is a whole number from 0 to 2^64 - 1, not {seed}")
    return (_philox((1, toss, position & _MASK, 0), (seed, _PURPOSES[purpose])) >> 11) * 2.0**-53


_MASK = 2**64 - 1
_MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
_WEYL = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B  # the golden ratio, and the square root of 3 less 1


def _philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> int:
    """The first of the four words of 64 bits that ten rounds make of a counter and a key."""
    (a, b, c, d), (k, m) = counter, key
    for _ in range(10):
        p, q = _MULTIPLIERS[0] * a, _MULTIPLIERS[1] * c
        a, b, c, d = (q >> 64) ^ b ^ k, q & _MASK, (p >> 64) ^ d ^ m, p & _MASK
        k, m = (k + _WEYL[0]) & _MASK, (m + _WEYL[1]) & _MASK
    return a
