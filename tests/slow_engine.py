"""An engine whose every move is made by hand, and a session on it: what a race needs is played in any order."""

from __future__ import annotations

from collections import deque

import numpy as np
from tempviz.models import actions as act
from tempviz.models.actions import Action, Effect
from tempviz.models.engine import EngineError, Path
from tempviz.models.engine_thread import evaluated
from tempviz.models.session import Session
from tempviz.models.state import State
from tempviz.models.store import LogitsStore
from tempviz.models.toy import ToyModel
from toy_states import N_CTX, NAMES, logits_of, toy_info

ROW_MB = len(NAMES) * 4 / 1e6


def rule_of(model: str):
    """The rows of each model file; there is no `missing.gguf`."""
    return logits_of if model == "toy.gguf" else lambda path: np.roll(logits_of(path), 3)


class SlowEngine:
    """What the engine's thread does, one move at a time: begin a request, answer it; answers wait to be delivered."""

    def __init__(self) -> None:
        self.toy: ToyModel | None = None
        self.waiting: dict[type, Effect] = {}
        self.running: Effect | None = None
        self.cancelled = False
        self.mail: deque[Action] = deque()
        self.evaluated: list[Path] = []
        self.start: int | None = None  # of the model that answers

    def submit(self, effect: Effect) -> None:
        if isinstance(effect, act.StartEngine):
            self.waiting.clear()
            self.cancelled = self.running is not None
        self.waiting[type(effect)] = effect

    def cancel(self) -> None:
        waited = self.waiting.pop(act.TokenizePrompt, None)
        if isinstance(waited, act.TokenizePrompt):
            self.mail.append(act.PromptFailed(waited.text, waited.chat, "Stopped.", cancelled=True, start=self.start))
        else:
            self.cancelled = self.running is not None

    def close(self) -> None:
        self.waiting.clear()

    def begin(self) -> None:
        """Take up the next request, if none runs."""
        if self.running is None and self.waiting:
            order = (act.StartEngine, act.TokenizePrompt, act.Evaluate)
            self.running = self.waiting.pop(min(self.waiting, key=order.index))
            self.cancelled = False

    def answer(self, bad: bool = False) -> None:
        """Finish the request that runs."""
        self.begin()
        match self.running:
            case act.StartEngine(path, start):
                self._load(path, start)
            case _ if self.toy is None:
                pass
            case act.TokenizePrompt(text, chat):
                self._tokenize(text, chat)
            case act.Evaluate():
                self._evaluate(self.running, bad)
        self.running = None

    def die(self) -> None:
        """The child process ends in the middle of a request, and what waits goes with it."""
        self.running, self.toy = None, None
        if act.StartEngine not in self.waiting:
            self.waiting.clear()
            self.mail.append(act.EngineDied("It died."))

    def _load(self, path: str, start: int) -> None:
        if path == "missing.gguf":
            self.mail.append(act.ModelFailed("There is no such file.", start))
            return
        self.start = start
        self.toy = ToyModel(rule_of(path), NAMES, n_ctx=N_CTX)
        self.mail.extend([act.ModelLoading(0.5, True, start), act.ModelLoaded(toy_info(path), start)])

    def _tokenize(self, text: str, chat: bool) -> None:
        assert self.toy is not None
        if self.cancelled:
            self.mail.append(act.PromptFailed(text, chat, "Stopped.", cancelled=True, start=self.start))
            return
        try:
            tokens = self.toy.chat_tokens(text) if chat else self.toy.tokenize(text)
        except EngineError as error:
            self.mail.append(act.PromptFailed(text, chat, str(error), start=self.start))
        else:
            self.mail.append(act.PromptTokenized(text, chat, tokens, self.start))

    def _evaluate(self, effect: act.Evaluate, bad: bool) -> None:
        key = effect.key
        assert self.toy is not None
        self.mail.append(act.Evaluating(key, 0, 2))
        if self.cancelled:
            self.mail.append(act.EvaluationFailed(key, "Stopped.", cancelled=True))
        elif bad:
            self.mail.append(act.EvaluationFailed(key, "It is NaN.", bad=True))
        else:
            self.evaluated.append(effect.path)
            logits, reading, *_ = evaluated(self.toy, effect)
            self.mail.append(act.RowReady(key, logits, 0.01, 1, reading=reading))


class Desk:
    """A session on a slow engine, and the hands that move both."""

    def __init__(self, stored_rows: int = 1000, prompt: str = "abc") -> None:
        self.engine = SlowEngine()
        self.ticks: list[Action] = []
        start = State(model="toy.gguf", asked_prompt=(prompt, False), window=5)
        store = LogitsStore(ROW_MB * stored_rows)
        self.session = Session(start, self.engine, store, lambda seconds, tick: self.ticks.append(tick))
        self.do(act.OpenModel("toy.gguf"))

    @property
    def state(self) -> State:
        return self.session.state

    def do(self, *actions: Action) -> None:
        for action in actions:
            self.session.dispatch(action)

    def deliver(self) -> None:
        """Dispatch the oldest answer."""
        if self.engine.mail:
            self.session.dispatch(self.engine.mail.popleft())

    def settle(self) -> None:
        """Let the engine finish whatever it was asked for."""
        for _ in range(200):
            if not (self.engine.mail or self.engine.waiting or self.engine.running):
                return
            self.engine.answer()
            while self.engine.mail:
                self.deliver()
        raise AssertionError("the engine is asked for ever more")
