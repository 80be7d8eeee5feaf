"""A session on the real engine thread, its answers dispatched by the test's own thread."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable

from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.engine import ModelRefused
from tempviz.models.engine_thread import EngineThread
from tempviz.models.session import Session
from tempviz.models.state import Settings, State
from tempviz.models.toy import ToyModel
from toy_states import N_CTX, NAMES, logits_of, toy_info

DEFAULT = Settings()


def toy() -> ToyModel:
    return ToyModel(logits_of, NAMES, n_ctx=N_CTX)


def has_row(state: State) -> bool:
    return state.row is not None


class Threaded:
    """A session on the real engine thread, its answers dispatched by the test's own thread."""

    def __init__(self, *toys: ToyModel, settings: Settings = DEFAULT) -> None:
        self.answers: queue.Queue[Action] = queue.Queue()
        self.seen: list[type] = []
        left = deque(toys)

        def opener(path: str, progress, spawned) -> ToyModel:
            if path == "missing.gguf":
                raise ModelRefused("There is no such file.")
            toy = left.popleft()
            toy.info = toy_info(path)
            spawned(toy)
            return toy

        self.thread = EngineThread(opener, self.answers.put)
        self.session = Session(State(settings, asked_prompt=("abc", False)), self.thread)
        self.session.dispatch(act.OpenModel("toy.gguf"))

    @property
    def state(self) -> State:
        return self.session.state

    def until(self, done: Callable[[State], bool]) -> State:
        """Dispatch answers until the state is as wanted; fails after five seconds without an answer."""
        while not done(self.state):
            answer = self.answers.get(timeout=5)
            self.seen.append(type(answer))
            self.session.dispatch(answer)
        return self.state
