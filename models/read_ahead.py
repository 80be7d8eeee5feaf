"""Reading a model's file into the system's cache before llama.cpp maps it.

llama.cpp has the whole file read when it maps it, and says nothing until that is done: from a cold disk that is many
seconds of silence. Read here, in blocks, the same takes the same time and can be told of.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from .file_check import SPLIT_NAME

BLOCK = 8 << 20
"""Bytes read at once."""

SAMPLE = 1 << 16
"""Bytes from one look into a block to the next: of a file that is cached no more than this is touched."""


def read_ahead(path: str, progress: Callable[[float], None]) -> None:
    """Have all files of a model cached; `progress` gets 0 to 1. A block that is cached already is not read.

    Does nothing where the system cannot say what is cached (only Linux can). What goes wrong is left for llama.cpp.
    """
    if not hasattr(os, "RWF_NOWAIT"):
        return
    try:
        parts = [(part, os.path.getsize(part)) for part in _parts(path)]
        total, done, buffer = sum(size for _, size in parts), 0, bytearray(BLOCK)
        for part, size in parts:
            with open(part, "rb", buffering=0) as file:
                for start in range(0, size, BLOCK):
                    stop = min(start + BLOCK, size)
                    if not _is_cached(file.fileno(), start, stop):
                        os.preadv(file.fileno(), [buffer], start)
                    progress((done + stop) / total)
            done += size
    except OSError:
        pass


def _parts(path: str) -> list[str]:
    """The files of a model, given the first."""
    match = SPLIT_NAME.fullmatch(path)
    if not match:
        return [path]
    count = int(match["count"])
    return [f"{match['prefix']}-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)]


def _is_cached(fd: int, start: int, stop: int) -> bool:
    """Whether a range of bytes could be read without waiting for the disk, as far as samples of it tell."""
    byte = bytearray(1)
    try:
        return all(os.preadv(fd, [byte], at, os.RWF_NOWAIT) for at in (*range(start, stop, SAMPLE), stop - 1))
    except OSError:  # it would have to wait, or this file system cannot tell
        return False
