"""The coin: all the luck there is in tempviz, from a counter-based generator.

u = coin(seed, position, toss, purpose) depends on nothing else: not on what was drawn before, not on the branch. Two
paths share their luck, so what differs between them comes from the model and the settings alone; and the same command
gives the same text again. A token is drawn by `Distribution.land(coin)`: inverse CDF, tokens in rank order.

The generator is Philox4x64-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3; SC 2011), as NumPy ships it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

MAX_SEED = 2**64 - 1

Purpose = Literal["draw", "xtc"]
_PURPOSES: dict[Purpose, int] = {"draw": 0, "xtc": 1}


@lru_cache(maxsize=64)  # a view asks several times for the same one
def coin(seed: int, position: int, toss: int = 0, purpose: Purpose = "draw") -> float:
    """A number in [0, 1) with 53 random bits.

    `position` counts tokens from 0 at the first one after the prompt, so inside the prompt it is negative, -1 for its
    last token; `toss` counts how often the person tossed again there.
    """
    # As arrays of uint64: a list with a seed of 2^63 or more would become floats and lose its last digits.
    key = np.array([seed, _PURPOSES[purpose]], np.uint64)
    counter = np.array([0, toss, position % 2**64, 0], np.uint64)
    bits = np.random.Philox(key=key, counter=counter).random_raw()
    return (int(bits) >> 11) * 2.0**-53
