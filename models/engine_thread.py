"""One thread that owns the model and may only post what it found.

It runs one call at a time. Of each kind of request at most one waits, and a newer one replaces it; so whatever a
person does to the keyboard, at most one decode is queued.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from . import actions as act
from .actions import Action
from .engine import (
    BadLogits,
    Cancelled,
    EngineDied,
    EngineError,
    Loading,
    Logits,
    OwnedModel,
    Progress,
    extend,
    path_of,
    path_tokens,
)
from .path_keys import path_key

if TYPE_CHECKING:
    from .ahead import Foreseen
    from .reading import Reading

Post = Callable[[Action], None]
Opener = Callable[[str, Loading, Callable[[OwnedModel], None]], OwnedModel]
"""(path, progress, spawned) -> a loaded model. `spawned` gets it as soon as it can be stopped from another thread."""

LOOK_AFTER = 0.25
"""Seconds between two looks at a model that has nothing to do, whether it is still there."""

GATHERED, LONGEST_GATHER = 6, 0.08
"""So many rows of an auto run come together, or those of so many seconds, which is less than one of its frames."""


class EngineThread:
    """Carries out the effects that need the model; answers are posted as actions from its own thread."""

    def __init__(self, opener: Opener, post: Post) -> None:
        self._open = opener
        self._post = post
        self._model: OwnedModel | None = None
        self._start_number = 0  # of the start that the model came from, or will
        self._stopping = False  # the load that runs is to stop, and has no model yet that one could tell
        self._waiting: dict[type, act.Effect] = {}
        self._gathered: dict[bytes, act.RowReady] = {}  # rows of an auto run that nobody has asked for yet
        self._goes_on_with: act.Evaluate | None = None  # the evaluation with which the auto run goes on
        self._gathering = False  # this thread waits for rows of it to gather,
        self._gathers = 0.0  # for so many seconds, counted from
        self._told = 0.0  # the moment when the last ones were posted
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def submit(self, effect: act.Effect) -> act.RowReady | None:
        """Queue a StartEngine, TokenizePrompt or Evaluate, in place of one of its kind that still waits.

        A row that was gathered before it was asked for is the answer, and nothing is queued.
        """
        with self._changed:
            gathered, self._gathered = self._gathered, {}
            if isinstance(effect, act.Evaluate) and (row := gathered.pop(effect.key, None)) is not None:
                self._gathered = gathered
                return row
            if isinstance(effect, act.StartEngine):
                self._waiting.clear()
                self._abandon()
            self._waiting[type(effect)] = effect
            self._changed.notify()
        return None

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
                self._changed.notify()
                # What is left to gather is there or nearly so, and the model is to stay where the run can go on.
                if self._model is not None and not self._gathering:
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
        if self._model is not None:
            self._model.expect()
        return effect

    def _carry_out(self, effect: act.Effect | None) -> None:
        try:
            match effect:
                case None if self._model is not None:
                    self._model.check()
                case act.StartEngine(path, number):
                    self._start(path, number)
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
                self._post(act.ModelFailed(f"{said} Try again, or open another model.", effect.start))
            else:
                self._died(said)

    def _died(self, sentence: str) -> None:
        """Say so once: what waits would only die again, and is asked for again when the model is back."""
        with self._changed:
            if self._replaced():
                return
            self._waiting.clear()
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
        if effect.ahead and effect == self._goes_on_with:
            self._let_gather()
        try:
            answer = self._row_of(effect, self._model)
            if effect.ahead:
                self._gather(answer, effect, self._model)
        except EngineDied:
            raise
        except EngineError as error:
            bad, cancelled = isinstance(error, BadLogits), isinstance(error, Cancelled)
            self._post(act.EvaluationFailed(effect.key, str(error), bad, cancelled))
        else:
            self._post(answer)

    def _let_gather(self) -> None:
        """Wait until several rows of an auto run have come: every single one that wakes this thread and the screen's
        takes a core from the model. Whatever else is asked for ends that."""
        with self._changed:
            self._gathering = True
            wait = self._told + self._gathers - time.perf_counter()
            self._changed.wait_for(lambda: self._is_wanted, max(0.0, wait))
            self._gathering = False

    @property
    def _is_wanted(self) -> bool:
        """Something else is to be done than to gather rows."""
        return bool(self._waiting) or self._stopping or self._closing

    def _gather(self, answer: act.RowReady, effect: act.Evaluate, model: OwnedModel) -> None:
        """Keep the rows that have come after this one."""
        rows: dict[bytes, act.RowReady] = {}
        last, following = answer, _following(effect, answer)
        with suppress(EngineError):  # whoever asks for that row will be told
            while following is not None and len(rows) < GATHERED and not self._is_wanted and model.is_ahead:
                last = rows[following.key] = self._row_of(following, model)
                following = _following(following, last)
        self._goes_on_with = following
        with self._changed:
            self._gathered = {} if self._waiting else rows
            self._told = time.perf_counter()
            # One of those asked for is left to be computed meanwhile; at the beginning of a run none has been.
            gathers = min(min(GATHERED, model.n_asked - 1) * last.seconds, LONGEST_GATHER)
            self._gathers = gathers if gathers >= 2 * last.seconds else 0.0

    def _row_of(self, effect: act.Evaluate, model: OwnedModel) -> act.RowReady:
        """The answer to an evaluation. Raises `EngineError`."""
        n_decoded = 0

        def progress(done: int, total: int) -> None:
            nonlocal n_decoded
            n_decoded = total
            if total > 1:
                self._post(act.Evaluating(effect.key, done, total))

        began = time.perf_counter()
        logits, reading, foreseen, seconds = evaluated(model, effect, progress)
        took = time.perf_counter() - began if seconds is None else seconds
        return act.RowReady(effect.key, logits, took, n_decoded, foreseen=foreseen, reading=reading)


def _following(effect: act.Evaluate, answer: act.RowReady) -> act.Evaluate | None:
    """What an auto run will ask for after this answer; None where it ends."""
    foreseen = answer.foreseen
    if effect.ahead is None or foreseen is None or foreseen.ends:
        return None
    path = extend(effect.path, foreseen.token)
    return act.Evaluate(path_key(path), path, effect.ahead.after())


class Evaluated(NamedTuple):
    """What came of an evaluation: of a prompt its reading, in an auto run the token that it takes next."""

    logits: Logits
    reading: Reading | None = None
    foreseen: Foreseen | None = None
    seconds: float | None = None  # that it took, where the model tells


def evaluated(model: OwnedModel, effect: act.Evaluate, progress: Progress | None = None) -> Evaluated:
    """The row that is asked for. A bare prompt is read, which evaluates it."""
    path = effect.path
    if effect.rest:
        before = path_tokens(path)
        return Evaluated(model.logits_at(before + effect.rest, len(before)))
    reading = None
    if path == path_of(path[0].tokens):
        with suppress(BadLogits):  # somewhere inside: the row at the end may be sound all the same
            reading = model.read(path[0].tokens, progress)
    elif effect.ahead is not None:
        logits, foreseen, seconds = model.run_on(path, effect.ahead, progress)
        return Evaluated(logits, None, foreseen, seconds)
    return Evaluated(model.logits_after(path, progress if reading is None else None), reading)


_STOPPED = "Loading was stopped."

_ORDER = [act.StartEngine, act.TokenizePrompt, act.Evaluate]
