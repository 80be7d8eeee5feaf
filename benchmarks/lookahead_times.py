"""Lookahead: how late a step is that comes while it runs, and whether auto, which pauses it, keeps its rate."""

from __future__ import annotations

import queue
import statistics
import time
from collections.abc import Iterator

from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.engine_thread import EngineThread
from tempviz.models.session import Session
from tempviz.models.state import Settings, State
from tempviz.tui.opening import opener

from .report import Row, threads
from .subjects import MODELS, PROMPT

STEPS, TOKENS = 30, 60
RUNNING = 0.03
"""Seconds for which the lookahead runs before the next step: it is in the midst of a decode then."""


class Stepping:
    """A session that takes tokens which were not looked at, so that each needs a decode of its own."""

    def __init__(self, model: str, looks_ahead: bool) -> None:
        self._answers: queue.Queue[Action] = queue.Queue()
        state = State(settings=Settings(seed=7), asked_prompt=(PROMPT, False), model=model, looks_ahead=looks_ahead)
        engine = EngineThread(opener(None, threads()), self._answers.put)
        self.session = Session(state, engine, after=lambda seconds, action: self._answers.put(action))
        self.session.dispatch(act.OpenModel(model))
        self.until(lambda: self.state.row is not None)

    @property
    def state(self) -> State:
        return self.session.state

    def until(self, done) -> None:
        """Dispatch answers until something is true. Raises RuntimeError if the engine has none for a minute."""
        while not done():
            self.session.dispatch(self._answers.get(timeout=60))

    def rest(self, seconds: float) -> None:
        """Dispatch what comes in so many seconds."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            try:
                self.session.dispatch(self._answers.get(timeout=left))
            except queue.Empty:
                return

    def step(self) -> float:
        """Seconds from a key to the row that it asks for, in the midst of looking ahead."""
        self.rest(RUNNING)
        began = time.perf_counter()
        self.session.dispatch(act.Highlight(15))
        self.session.dispatch(act.TakeHighlighted())
        self.until(lambda: self.state.row is not None)
        return time.perf_counter() - began

    def auto(self) -> float:
        """Tokens a second of an auto run."""
        began, n = time.perf_counter(), len(self.state.trace.nodes)
        self.session.dispatch(act.StartAuto(count=TOKENS))
        self.until(lambda: self.state.auto is None)
        return (len(self.state.trace.nodes) - n) / (time.perf_counter() - began)

    def close(self) -> None:
        self.session.close()
        self.session.engine.join(5)


def lookahead() -> Iterator[Row]:
    """Both with it and without, in turns."""
    for label, model in MODELS.items():
        with_it, without = (Stepping(str(model()), on) for on in (True, False))
        try:
            pairs = [(with_it.step(), without.step()) for _ in range(STEPS)]
            late, decode = (1e3 * statistics.median(times) for times in zip(*pairs, strict=True))
            name = f"a step while it looks ahead, {label}, later by"
            yield Row(name, max(0.0, late - decode), decode, "ms", "a step", "<= 1")
            rates = [(with_it.auto(), without.auto()) for _ in range(3)]
            ours, theirs = (statistics.median(rate) for rate in zip(*rates, strict=True))
            yield Row(f"auto with lookahead on, {label}", ours, theirs, "tok/s", "lookahead off", ">= 0.9")
        finally:
            with_it.close()
            without.close()
