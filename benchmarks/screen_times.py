"""Times on the screen, measured in a real pseudo-terminal beside an empty Textual app that runs at the same time."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.e2e.stream import SEQUENCE
from tests.e2e.terminal import FRAME_END, Terminal, key_bytes

QUIET = 0.12
"""Seconds without a byte after which a picture counts as finished; several frames of 1/60 s."""


def key_to_screen(terminal: Terminal, key: str, timeout: float = 10) -> float:
    """Seconds from writing a key to the last byte of what it changed on the screen."""
    before = len(terminal.raw)
    sent = terminal.send(key_bytes(key))
    while len(terminal.raw) == before:
        left = timeout - (time.perf_counter() - sent)
        if left < 0:
            raise RuntimeError(f"the key {key} changed nothing in {timeout} s\n{terminal.picture()}")
        terminal.pump(left)
    terminal.settle(QUIET, timeout=timeout)
    return terminal.reads[-1][0] - sent


def paired_keys(ours: Terminal, empty: Terminal, keys: Iterable[str], n: int) -> tuple[list[float], list[float]]:
    """Seconds of n keys in the app and of n keys in the empty app, taken in turns."""
    times: tuple[list[float], list[float]] = [], []
    for key in itertools.islice(itertools.cycle(keys), n):
        times[0].append(key_to_screen(ours, key))
        times[1].append(key_to_screen(empty, "x"))
    return times


@dataclass(frozen=True)
class Held:
    """What came of a key that was held down."""

    backlog: float  # seconds from the last key to the last byte of its picture
    frames: int
    seconds: float


def held(terminal: Terminal, keys: Sequence[str], rate: float = 30, seconds: float = 10) -> Held:
    """Send keys at an even rate, as a keyboard's repeat does, then wait until the screen is quiet."""
    before = len(terminal.raw)
    began = last = time.perf_counter()
    for i, key in enumerate(itertools.islice(itertools.cycle(keys), round(rate * seconds))):
        while (left := began + i / rate - time.perf_counter()) > 0:
            terminal.pump(left)
        last = terminal.send(key_bytes(key))
    terminal.settle(3 * QUIET, timeout=60)
    ended = terminal.reads[-1][0]
    return Held(max(0.0, ended - last), terminal.raw.count(FRAME_END, before), ended - began)


def first_frame(command: Sequence[str], timeout: float = 20) -> float:
    """Seconds from starting a command to the first text that it draws."""
    with Terminal(command) as terminal:
        deadline = time.perf_counter() + timeout
        while not _has_text(terminal):
            if terminal.status is not None or not terminal.pump(deadline - time.perf_counter()):
                raise RuntimeError(f"nothing was drawn by {command}\n{terminal.picture()}")
        return terminal.reads[-1][0] - terminal.started


def paired_first_frames(ours: Sequence[str], empty: Sequence[str], n: int) -> tuple[list[float], list[float]]:
    """Seconds to the first frame of both, started in turns; the first start of each only warms the disk."""
    pairs = [(first_frame(ours), first_frame(empty)) for _ in range(n + 1)][1:]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _has_text(terminal: Terminal) -> bool:
    drawn = bytes(terminal.raw).partition(b"\x1b[?1049h")[2]
    whole = SEQUENCE.sub(b"", drawn).partition(b"\x1b")[0]  # without a sequence that is not complete yet
    return bool(whole.strip())
