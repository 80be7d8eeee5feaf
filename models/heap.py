"""How the C library keeps memory that was given back.

By default glibc returns large blocks to the system at once and gets them anew for the next array, one page fault per
4 KB. Arrays over a vocabulary are made and dropped with every key and every token: the faults took two thirds of the
time of a softmax over 49,152 logits.
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of malloc.h
_KEPT = 64 << 20
_GREATEST_BLOCK = 32 << 20  # what glibc allows


def keep_freed_memory() -> None:
    """Keep up to 64 MB for the next arrays of this process; nothing where the C library is another one."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _GREATEST_BLOCK)
        mallopt(_TRIM_THRESHOLD, _KEPT)
