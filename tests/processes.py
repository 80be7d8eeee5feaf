"""Models in processes of their own, for the tests of `RemoteModel`, and what has become of those processes."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil
from tempviz.models.engine import path_of

PROMPT = tuple(3 + (7 * i) % 250 for i in range(150))
LONG = path_of(tuple(100 + i for i in range(3000)))


def is_gone(pid: int) -> bool:
    """A process has ended; one that nobody reaped (in a container) counts."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(true: Callable[[], object], seconds: float = 5) -> float:
    """Seconds until something is true; fails if it does not become so."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not happen"
        time.sleep(0.005)
    return time.monotonic() - began
