"""How the C library keeps memory that was given back.

At first glibc returns blocks of 128 KB and more to the system at once and gets them anew for the next array, one page
fault per 4 KB. Arrays over a vocabulary are made and dropped with every key and every token: the faults took two thirds
of the time of a softmax over 49,152 logits.
"""

from __future__ import annotations

import numpy as np

_GREATEST = (32 << 20) - (1 << 16)
"""Bytes; glibc does not learn from blocks of more than 32 MB."""


def keep_freed_memory() -> None:
    """Keep up to 64 MB in each thread's part of the heap for the next arrays. Harmless with another C library.

    glibc takes the greatest block that it ever saw given back as what is not worth returning to the system (mallopt(3),
    M_MMAP_THRESHOLD), and twice its size as what may lie idle. Not set by `mallopt`: the limit for what lies idle then
    no longer holds for the threads.
    """
    np.empty(_GREATEST, np.uint8)
