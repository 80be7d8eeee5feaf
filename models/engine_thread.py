"""One thread that owns the model and may only post what it found.

It runs one call at a time. Of each kind of request at most one waits, and a newer one replaces it; so whatever a
person does to the keyboard, at most one decode is queued.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from . import actions as act
from .actions import Action
from .engine import BadLogits, Cancelled, EngineDied, EngineError, LanguageModel

Post = Callable[[Action], None]
Opener = Callable[[str, Callable[[float], None], Callable[[LanguageModel], None]], LanguageModel]
"""(path, progress, spawned) -> a loaded model. `spawned` gets it as soon as it can be closed from another thread."""


class EngineThread:
    """Carries out the effects that need the model; answers are posted as actions from its own thread."""

    def __init__(self, opener: Opener, post: Post) -> None:
        self._open = opener
        self._post = post
        self._model: LanguageModel | None = None
        self._waiting: dict[type, act.Effect] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def submit(self, effect: act.Effect) -> None:
        """Queue a StartEngine, TokenizePrompt or Evaluate, in place of one of its kind that still waits."""
        with self._changed:
            if isinstance(effect, act.StartEngine):
                self._waiting.clear()
                self._cut()
            self._waiting[type(effect)] = effect
            self._changed.notify()

    def cancel(self) -> None:
        """Stop the call that runs."""
        model = self._model
        if model is not None:
            model.cancel()

    def close(self) -> None:
        """End the model and the thread; returns at once."""
        with self._changed:
            self._closing = True
            self._cut()
            self._changed.notify()

    def join(self, seconds: float) -> None:
        """Wait for the thread to end."""
        self._thread.join(seconds)

    def _cut(self) -> None:
        """Close the model under whatever call is running."""
        if self._model is not None:
            self._model.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if self._closing:
                    return
                # A start comes before what is asked of the model, a prompt before what follows from it.
                kind = min(self._waiting, key=_ORDER.index)
                effect = self._waiting.pop(kind)
            self._carry_out(effect)

    def _carry_out(self, effect: act.Effect) -> None:
        try:
            match effect:
                case act.StartEngine(path):
                    self._start(path)
                case act.TokenizePrompt(text, chat):
                    self._tokenize(text, chat)
                case act.Evaluate():
                    self._evaluate(effect)
        except EngineDied as error:
            self._died(str(error))
        except Exception as error:
            # Whatever else goes wrong (no process to be had, an answer that is none) must not end this thread unheard.
            said = f"The model's process could not be used ({type(error).__name__}: {error})."
            if isinstance(effect, act.StartEngine):
                self._post(act.ModelFailed(f"{said} Try again, or open another model."))
            else:
                self._died(said)

    def _died(self, sentence: str) -> None:
        """Say so once: what waits would only die again, and is asked for again when the model is back."""
        with self._changed:
            if self._replaced():
                return
            self._waiting.clear()
            self._cut()
            self._model = None
        self._post(act.EngineDied(sentence))

    def _replaced(self) -> bool:
        """The model ended because it was closed for another one, or for good."""
        with self._changed:
            return self._closing or act.StartEngine in self._waiting

    def _start(self, path: str) -> None:
        def spawned(model: LanguageModel) -> None:
            self._model = model
            if self._replaced():
                model.close()

        self._cut()
        try:
            self._model = self._open(path, lambda done: self._post(act.ModelLoading(done)), spawned)
        except EngineError as error:
            if not self._replaced():
                self._post(act.ModelFailed(str(error)))
        else:
            if not self._replaced():
                self._post(act.ModelLoaded(self._model.info))

    def _tokenize(self, text: str, chat: bool) -> None:
        if self._model is None:
            return
        try:
            tokens = self._model.chat_tokens(text) if chat else self._model.tokenize(text)
        except EngineDied:
            raise
        except EngineError as error:
            self._post(act.PromptFailed(text, chat, str(error)))
        else:
            self._post(act.PromptTokenized(text, chat, tokens))

    def _evaluate(self, effect: act.Evaluate) -> None:
        if self._model is None:
            return
        key, n_decoded = effect.key, 0

        def progress(done: int, total: int) -> None:
            nonlocal n_decoded
            n_decoded = total
            if total > 1:
                self._post(act.Evaluating(key, done, total))

        began = time.perf_counter()
        try:
            logits = self._model.logits_after(effect.path, progress)
        except EngineDied:
            raise
        except EngineError as error:
            bad, cancelled = isinstance(error, BadLogits), isinstance(error, Cancelled)
            self._post(act.EvaluationFailed(key, str(error), bad, cancelled))
        else:
            self._post(act.RowReady(key, logits, time.perf_counter() - began, n_decoded))


_ORDER = [act.StartEngine, act.TokenizePrompt, act.Evaluate]
