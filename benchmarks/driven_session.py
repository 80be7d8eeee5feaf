"""A session without a screen: the app's own state, engine thread and child, with its decodes counted."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path

from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.engine_thread import EngineThread
from tempviz.models.session import Session
from tempviz.models.state import Settings, State
from tempviz.tui.opening import opener

from .report import threads


class DrivenSession:
    """Greedy, so that it is the same in every run."""

    def __init__(self, model: Path, prompt: str) -> None:
        self._answers: queue.Queue[Action] = queue.Queue()
        self._decoded = 0
        state = State(settings=Settings(temperature=0.0), asked_prompt=(prompt, False), model=str(model))
        self._session = Session(state, EngineThread(opener(None, threads()), self._answers.put))
        self.do(act.OpenModel(str(model)))

    def __enter__(self) -> DrivenSession:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        self._session.engine.join(5)

    @property
    def length(self) -> int:
        """Tokens up to the cursor."""
        return self._session.state.trace.length

    def do(self, *actions: Action) -> None:
        """Dispatch actions, each followed by all that comes of it."""
        for action in actions:
            self._session.dispatch(action)
            while self._is_busy:
                answer = self._answers.get(timeout=60)
                if isinstance(answer, act.RowReady):
                    self._decoded += answer.tokens
                if isinstance(answer, act.ModelFailed | act.EvaluationFailed | act.EngineDied):
                    raise RuntimeError(answer.sentence)
                self._session.dispatch(answer)

    def count(self, do: Callable[[], None]) -> int:
        """Tokens that were decoded while `do` ran."""
        before = self._decoded
        do()
        return self._decoded - before

    @property
    def _is_busy(self) -> bool:
        state = self._session.state
        return state.phase != "ready" or state.tokenizing is not None or state.work is not None
