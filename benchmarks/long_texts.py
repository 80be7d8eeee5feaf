"""Long texts: keys at 10,000 tokens and 200 branches beside 100 tokens, and the memory that a token takes."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.update import update

from tests.e2e.terminal import Terminal

from .long_app import ROW, long_state
from .report import Row, percentiles
from .screen_times import key_to_screen

SHORT, LONG = (100, 9), (10_000, 200)  # both trees fill the window
AGAINST = "100 tokens"

KEYS = {
    "temperature": (["="] * 10 + ["-"] * 10, 40),
    "walk": (["left"] * 10 + ["right"] * 10, 40),
    "step and back": (["space", "backspace"], 40),
    "take another and undo": (["left", "down", "down", "enter", "u", "right"], 48),
}
IN_TREE = {"tree": (["up", "down"], 40)}


def _app(tokens: int, branches: int) -> Terminal:
    return Terminal([sys.executable, str(Path(__file__).with_name("long_app.py")), str(tokens), str(branches)], 24, 80)


def keys() -> Iterator[Row]:
    """From the key to the changed screen, in both texts in turns."""
    with _app(*SHORT) as short, _app(*LONG) as long:
        for each in (short, long):
            each.wait_for(lambda t: "● ready" in t.lines[0], 30).settle()
        for name, (pressed, n) in KEYS.items():
            yield from _compared(name, short, long, pressed, n)
        for each in (short, long):
            each.press("t")
            each.wait_for(lambda t: "Tree ·" in t.text).settle()
        for name, (pressed, n) in IN_TREE.items():
            yield from _compared(name, short, long, pressed, n)


def _compared(name: str, short: Terminal, long: Terminal, pressed: list[str], n: int) -> Iterator[Row]:
    times: tuple[list[float], list[float]] = [], []
    for i in range(n):
        for terminal, kept in zip((short, long), times, strict=True):
            kept.append(key_to_screen(terminal, pressed[i % len(pressed)]))
    (a50, a95), (b50, b95) = percentiles(times[1]), percentiles(times[0])
    yield Row(f"{name}, 10,000 tokens and 200 branches, p50", a50, b50, "ms", AGAINST, "<= 1.2")
    yield Row(f"{name}, 10,000 tokens and 200 branches, p95", a95, b95, "ms", AGAINST)


def memory() -> Iterator[Row]:
    """What a token takes, the history of undo included, without the rows of logits: steps, and one auto run."""
    for name, actions in (("steps", [act.Step()] * 10_000), ("an auto run", [act.StartAuto(count=10_000)])):
        yield Row(f"memory of a token, {name}", _bytes_per_token(actions) / 1024, 4.0, "KB", "promised", "<= 1")


def _bytes_per_token(actions: list[Action]) -> float:
    state = long_state(20, 2)
    gc.collect()
    tracemalloc.start()
    before, tokens = tracemalloc.get_traced_memory()[0], len(state.trace.nodes)
    state, effects = update(state, act.ModelLoaded(state.info)) if state.info else (state, ())
    for action in (None, *actions):
        if action is not None:
            state, effects = update(state, action)
        while any(isinstance(effect, act.Evaluate) for effect in effects):
            (key,) = (effect.key for effect in effects if isinstance(effect, act.Evaluate))
            state, effects = update(state, act.RowReady(key, ROW))
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / (len(state.trace.nodes) - tokens)
