"""One thread that owns the model and may only post what it found.

It runs one call at a time. Of each kind of request at most one waits, and a newer one replaces it; so whatever a
person does to the keyboard, at most one decode is queued. In an auto run it goes on by itself by one row, which it
keeps until it is asked for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from . import actions as act
from .actions import Action
from .engine import (
    BadLogits,
    Cancelled,
    EngineDied,
    EngineError,
    LanguageModel,
    Loading,
    Logits,
    OwnedModel,
    Progress,
    path_of,
    path_tokens,
)
from .row import Row

if TYPE_CHECKING:
    from .ahead import Ahead
    from .reading import Reading

Post = Callable[[Action], None]
Opener = Callable[[str, Loading, Callable[[OwnedModel], None]], OwnedModel]
"""(path, progress, spawned) -> a loaded model. `spawned` gets it as soon as it can be stopped from another thread."""

LOOK_AFTER = 0.25
"""Seconds between two looks at a model that has nothing to do, whether it is still there."""


class EngineThread:
    """Carries out the effects that need the model; answers are posted as actions from its own thread."""

    def __init__(self, opener: Opener, post: Post) -> None:
        self._open = opener
        self._post = post
        self._model: OwnedModel | None = None
        self._start_number = 0  # of the start that the model came from, or will
        self._stopping = False  # the load that runs is to stop, and has no model yet that one could tell
        self._waiting: dict[type, act.Effect] = {}
        self._guessed: act.RowReady | None = None  # what will probably be asked for next
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def submit(self, effect: act.Effect) -> None:
        """Queue a StartEngine, TokenizePrompt or Evaluate, in place of one of its kind that still waits."""
        with self._changed:
            if isinstance(effect, act.StartEngine):
                self._waiting.clear()
                self._abandon()
            self._waiting[type(effect)] = effect
            self._changed.notify()

    def cancel(self) -> None:
        """Stop the load, the prompt or the evaluation that was asked for, whether it runs or still waits."""
        with self._changed:
            waited = [self._waiting.pop(kind, None) for kind in _ORDER]
            for effect in waited:
                match effect:
                    case act.StartEngine(_, number):
                        self._post(act.ModelFailed(_STOPPED, number))
                    case act.TokenizePrompt(text, chat):
                        self._post(act.PromptFailed(text, chat, "Stopped.", cancelled=True, start=self._start_number))
                    case act.Evaluate(key):
                        self._post(act.EvaluationFailed(key, "Stopped.", cancelled=True))
            if not any(waited):
                self._stopping = True
                if self._model is not None:
                    self._model.cancel()

    def close(self) -> None:
        """End the model and the thread; returns at once."""
        with self._changed:
            self._closing = True
            self._abandon()
            self._changed.notify()

    def join(self, seconds: float) -> None:
        """Wait for the thread to end."""
        self._thread.join(seconds)

    def _abandon(self) -> None:
        """End the model under whatever call is running, without waiting for its end."""
        if self._model is not None:
            self._model.abandon()

    def _close_model(self) -> None:
        """Close the model; only by the thread that owns it, since this waits."""
        with self._changed:
            model, self._model = self._model, None
        if model is not None:
            model.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing, LOOK_AFTER)
                if self._closing:
                    break
                effect = self._next()
            self._carry_out(effect)
        self._close_model()

    def _next(self) -> act.Effect | None:
        """What is to be done now. From here on a cancellation is meant for it, if it takes a call at all."""
        if not self._waiting:
            return None
        # A start comes before what is asked of the model, a prompt before what follows from it.
        effect = self._waiting.pop(min(self._waiting, key=_ORDER.index))
        self._stopping = False
        if self._model is not None and not (isinstance(effect, act.Evaluate) and self._kept(effect)):
            self._model.expect()
        return effect

    def _kept(self, effect: act.Evaluate) -> act.RowReady | None:
        """The answer that was found before it was asked for."""
        return self._guessed if self._guessed and self._guessed.key == effect.key else None

    def _carry_out(self, effect: act.Effect | None) -> None:
        try:
            match effect:
                case None if self._model is not None:
                    self._model.check()
                case act.StartEngine(path, number):
                    self._guessed = None
                    self._start(path, number)
                case act.TokenizePrompt(text, chat):
                    self._guessed = None
                    self._tokenize(text, chat)
                case act.Evaluate():
                    self._evaluate(effect)
        except EngineDied as error:
            self._died(str(error))
        except Exception as error:
            # Whatever else goes wrong (no process to be had, an answer that is none) must not end this thread unheard.
            said = f"The model's process could not be used ({type(error).__name__}: {error})."
            if isinstance(effect, act.StartEngine):
                self._post(act.ModelFailed(f"{said} Try again, or open another model.", effect.start))
            else:
                self._died(said)

    def _died(self, sentence: str) -> None:
        """Say so once: what waits would only die again, and is asked for again when the model is back."""
        with self._changed:
            if self._replaced():
                return
            self._waiting.clear()
        self._guessed = None
        self._close_model()
        self._post(act.EngineDied(sentence, self._start_number))

    def _replaced(self) -> bool:
        """The model ended because it was closed for another one, or for good."""
        with self._changed:
            return self._closing or act.StartEngine in self._waiting

    def _start(self, path: str, number: int) -> None:
        def spawned(model: OwnedModel) -> None:
            with self._changed:
                self._model = model
                if self._replaced():
                    model.abandon()
                elif self._stopping:
                    model.cancel()

        def progress(done: float, reading: bool) -> None:
            self._post(act.ModelLoading(done, reading, number))

        self._close_model()
        self._start_number = number
        try:
            model = self._open(path, progress, spawned)
        except EngineDied:
            raise
        except Cancelled:
            self._post(act.ModelFailed(_STOPPED, number))
        except EngineError as error:
            self._post(act.ModelFailed(str(error), number))
        else:
            self._post(act.ModelLoaded(model.info, number))

    def _tokenize(self, text: str, chat: bool) -> None:
        if self._model is None:
            return
        try:
            tokens = self._model.chat_tokens(text) if chat else self._model.tokenize(text)
        except EngineDied:
            raise
        except EngineError as error:
            cancelled = isinstance(error, Cancelled)
            self._post(act.PromptFailed(text, chat, str(error), cancelled, self._start_number))
        else:
            self._post(act.PromptTokenized(text, chat, tokens, self._start_number))

    def _evaluate(self, effect: act.Evaluate) -> None:
        if self._model is None:
            return
        kept, self._guessed = self._kept(effect), None
        try:
            answer = kept or self._row_after(effect, self._model)
        except EngineDied:
            raise
        except EngineError as error:
            bad, cancelled = isinstance(error, BadLogits), isinstance(error, Cancelled)
            self._post(act.EvaluationFailed(effect.key, str(error), bad, cancelled))
        else:
            self._answer(effect, answer, self._model)

    def _answer(self, effect: act.Evaluate, answer: act.RowReady, model: OwnedModel) -> None:
        """Post an answer; in an auto run when the model is at its next row already, for which nobody has asked yet.

        Posting wakes the screen's thread, and while that draws, this one could not ask the model for anything. And
        from then on the row belongs to whoever asked for it.
        """
        answer, guess = _ahead(effect, effect.ahead, answer) if effect.ahead else (answer, None)
        unposted = [answer]

        def begun() -> None:
            while unposted:
                self._post(unposted.pop())

        try:
            if guess is not None and not self._waiting:
                try:
                    self._guessed = self._row_after(guess, model, begun)
                except EngineDied:
                    raise
                except EngineError:
                    pass  # whoever asks for this row will be told
        finally:
            begun()

    def _row_after(
        self, effect: act.Evaluate, model: OwnedModel, begun: Callable[[], None] = lambda: None
    ) -> act.RowReady:
        n_decoded = 0

        def progress(done: int, total: int) -> None:
            nonlocal n_decoded
            n_decoded = total
            begun()
            if total > 1:
                self._post(act.Evaluating(effect.key, done, total))

        began = time.perf_counter()
        logits, reading = evaluated(model, effect, progress)
        return act.RowReady(effect.key, logits, time.perf_counter() - began, n_decoded, reading=reading)


def _ahead(effect: act.Evaluate, ahead: Ahead, answer: act.RowReady) -> tuple[act.RowReady, act.Evaluate | None]:
    """The answer with its row, and what an auto run will ask for after it."""
    try:
        row = Row(answer.key, answer.logits)
        guess = ahead.after(effect.path, row)
    except Exception:  # a row that is no distribution, above all: it is told where the token itself is drawn
        return answer, None
    return replace(answer, row=row), guess


def evaluated(
    model: LanguageModel, effect: act.Evaluate, progress: Progress | None = None
) -> tuple[Logits, Reading | None]:
    """The row that is asked for. A bare prompt is read, which evaluates it."""
    path = effect.path
    if effect.rest:
        before = path_tokens(path)
        return model.logits_at(before + effect.rest, len(before)), None
    reading = None
    if path == path_of(path[0].tokens):
        with suppress(BadLogits):  # somewhere inside: the row at the end may be sound all the same
            reading = model.read(path[0].tokens, progress)
    return model.logits_after(path, progress if reading is None else None), reading


_STOPPED = "Loading was stopped."

_ORDER = [act.StartEngine, act.TokenizePrompt, act.Evaluate]
