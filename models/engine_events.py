"""What the engine's answers do to the state, and which evaluation is wanted next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from immutables import Map

from . import actions as act
from .actions import Action, Effect
from .ahead import Ahead
from .changed import changed
from .engine import BadLogits, path_of, same_model
from .generate import step, way_to
from .history import History
from .lookahead import looked, unanswered
from .path_keys import path_key
from .row import Row
from .state import Notice, State, Tokenizing, Work
from .trace import ROOT, Trace
from .watching import follow, forget, seen_in_stored

if TYPE_CHECKING:
    from .reading import Reading

Answer = tuple[State, tuple[Effect, ...]]

MAX_DEATHS = 2
"""An engine that dies so often without one answer in between is not started again by itself."""


def arrive(s: State) -> State:
    """The state after the cursor came to another node: its row is wanted, the highlight is on the first rank."""
    path, key = way_to(s.trace, s.trace.cursor) if s.trace.given else ((), b"")
    row = s.auto.row if s.auto and s.auto.key == key else None
    return changed(s, path=path, key=key, row=row, bad_row=None, highlight=1, top=1, wants_step=False, stopped=False)


def pursue(s: State) -> Answer:
    """Ask the engine for what is missing: the prompt's tokens, the cursor's row, one for a comparison or an auto run.

    One evaluation runs at a time; one that nobody wants any more is told to stop, and its end leads here again.
    """
    if s.phase != "ready":
        return s, ()
    if s.tokenizing is not None:
        if s.tokenizing.cancelled or s.asked_prompt == (s.tokenizing.text, s.tokenizing.chat):
            return s, ()
        return changed(s, tokenizing=replace(s.tokenizing, cancelled=True)), (act.CancelWork(),)
    if s.asked_prompt is not None:
        # A prompt replaces the path under the cursor, so nothing more is evaluated until it is there.
        stop: tuple[Effect, ...] = (act.CancelWork(),) if s.work else ()
        text, chat = s.asked_prompt
        return changed(s, tokenizing=Tokenizing(text, chat)), (*stop, act.TokenizePrompt(text, chat))
    wanted = _wanted(s)
    if s.work is None:
        if wanted is None:
            return s, ()
        wanted = act.Evaluate(wanted.key, wanted.path, _ahead(s, wanted.key), wanted.rest, wanted.idle)
        return changed(s, work=Work(wanted.key)), (wanted,)
    unwanted = wanted is None or wanted.key != s.work.key
    if unwanted and not s.work.cancelled:
        return changed(s, work=replace(s.work, cancelled=True)), (act.CancelWork(wanted.key if wanted else None),)
    return s, ()


def _ahead(s: State, key: bytes) -> Ahead | None:
    """How an auto run that waits for this row goes on from it, unless it is slowed down."""
    auto = s.auto
    if auto is None or auto.key != key or auto.per_second is not None or s.info is None:
        return None
    if auto.at < ROOT:
        return None  # it may go on along the prompt, whose rows are not those of a path by itself
    at = s.trace[auto.at]
    room = s.info.n_ctx - len(s.trace.given) - at.depth
    return Ahead(s.settings, at.depth, at.toss, room if auto.left is None else min(room, auto.left))


def _wanted(s: State) -> act.Evaluate | None:
    if s.path and s.row is None and s.bad_row is None and not s.stopped:
        return act.Evaluate(s.key, s.path, rest=s.trace.rest(s.trace.cursor))
    if s.comparison and s.comparison.path and s.comparison.runs:
        return act.Evaluate(s.comparison.key, s.comparison.path)
    if s.auto and s.auto.row is None and s.auto.path:
        return act.Evaluate(s.auto.key, s.auto.path, rest=s.trace.rest(s.auto.at))
    if s.path and not s.stopped and s.trace.given not in s.readings:
        prompt = path_of(s.trace.given)
        return act.Evaluate(path_key(prompt), prompt)
    # Last of all: nobody waits for what the candidates lead to.
    asked = s.lookahead.asked if s.lookahead else None
    if asked and s.row is not None and s.auto is None and s.comparison is None:
        return act.Evaluate(asked.key, asked.path, idle=True)
    return None


def hear(s: State, a: Action) -> Answer:
    """What an answer of the engine does; nothing, if it comes from a model that was replaced meanwhile."""
    if getattr(a, "start", None) not in (None, s.starts):
        return s, ()
    return _EVENTS[type(a)](s, a)


def _with_reading(s: State, key: bytes, reading: Reading | None) -> State:
    """What came of an evaluation for the readings: the prompt's, or that there will be none."""
    if reading is not None:
        return changed(s, readings=s.readings.set(reading.tokens, reading))
    given = s.trace.given
    if given and given not in s.readings and key == path_key(path_of(given)):
        return changed(s, readings=s.readings.set(given, None))
    return s


def _loading(s: State, a: act.ModelLoading) -> Answer:
    return changed(s, loaded=a.fraction, reading=a.reading), ()


def _loaded(s: State, a: act.ModelLoaded) -> Answer:
    before, again = s.info, same_model(s.info, a.info)
    s = changed(s, phase="ready", phase_text="", info=a.info, work=None, tokenizing=None)
    if again:
        return s, ()
    # Another model has another vocabulary: the prompt is read again, the tree and its history start anew.
    asked = s.asked_prompt or (s.prompt, s.chat)
    fresh = changed(s, trace=Trace(()), history=History(), auto=None, comparison=None, asked_prompt=asked)
    fresh = changed(fresh, readings=Map(), lookahead=None, overview=s.overview.anew)
    if before is not None and before.path == a.info.path and before.file != a.info.file:
        fresh = changed(fresh, notice=Notice("The model file is not the one from before, so the text starts anew."))
    return arrive(changed(forget(fresh), tokens_per_second=None)), ()


def _failed(s: State, a: act.ModelFailed) -> Answer:
    return changed(s, phase="failed", phase_text=a.sentence, work=None, tokenizing=None, wants_step=False), ()


def _tokenized(s: State, a: act.PromptTokenized) -> Answer:
    s = changed(s, tokenizing=None)
    if s.asked_prompt != (a.text, a.chat):
        return s, ()  # a newer prompt was asked for in the meantime
    s = changed(s, asked_prompt=None)
    if s.info and len(a.tokens) > s.info.n_ctx:
        n, room = len(a.tokens), s.info.n_ctx
        said = f"The prompt is {n:,} tokens and the context holds {room:,}."
        hint = "Shorten it with [prompt], or start with a larger --ctx."
        return changed(s, rejected_prompt=a.text, rejection=said, notice=Notice(said, True, hint)), ()
    fresh = changed(s, prompt=a.text, chat=a.chat, trace=Trace(a.tokens), auto=None, comparison=None)
    return arrive(changed(fresh, rejected_prompt=None, overview=s.overview.anew)), ()


def _prompt_failed(s: State, a: act.PromptFailed) -> Answer:
    s = changed(s, tokenizing=None)
    if a.cancelled or s.asked_prompt != (a.text, a.chat):
        return s, ()  # one that is still wanted is asked for again
    s = changed(s, notice=Notice(a.sentence, True))
    if a.chat:
        # No usable chat template: the same text goes in raw, and the notice says why.
        return changed(s, asked_prompt=(a.text, False)), ()
    return changed(s, asked_prompt=None, rejected_prompt=a.text, rejection=a.sentence), ()


def _evaluating(s: State, a: act.Evaluating) -> Answer:
    if s.work is None or s.work.key != a.key:
        return s, ()
    return changed(s, work=replace(s.work, done=a.done, total=a.total)), ()


def _row_ready(s: State, a: act.RowReady) -> Answer:
    try:
        row = Row(a.key, a.logits, a.foreseen)
    except BadLogits as error:
        return _evaluation_failed(s, act.EvaluationFailed(a.key, str(error), bad=True))
    if any(each and each.key == a.key for each in (s, s.auto, s.comparison)):
        s = follow(s, row)  # what only the lookahead wants may never be a part of the text
    work = _rest(s, a.key)
    if a.stored:
        # What runs was not told to stop for its sake after all, and still may be.
        s = changed(s, work=work and changed(work, cancelled=False))
    else:
        s = changed(s, work=work, deaths=0, tokens_per_second=_speed(s.tokens_per_second, a))
    s = _with_reading(s, a.key, a.reading)
    if a.key == s.key and s.row is None:
        s = changed(s, row=row, stopped=False)
    if s.auto and s.auto.key == a.key:
        s = changed(s, auto=changed(s.auto, row=row))
    if s.comparison and s.comparison.key == a.key:
        s = changed(s, comparison=s.comparison.after(row))
    s = looked(s, row)
    if s.wants_step and s.row is not None:
        s = step(changed(s, wants_step=False))
    return s, ()


def _evaluation_failed(s: State, a: act.EvaluationFailed) -> Answer:
    s = unanswered(changed(s, work=_rest(s, a.key)), a.key, failed=not a.cancelled)
    here, by_auto = a.key == s.key, s.auto is not None and a.key == s.auto.key
    compared = s.comparison if s.comparison and a.key == s.comparison.key else None
    if a.cancelled:
        return s, ()
    s = _with_reading(s, a.key, None)
    if not (here or by_auto or compared):
        return s, ()
    s = changed(s, notice=Notice(a.sentence, True))
    if by_auto:
        s = changed(s, auto=None)
    if compared:
        s = changed(s, comparison=compared.failed())
    return (changed(s, bad_row=a.sentence, bad_logits=a.bad, wants_step=False) if here else s), ()


def _died(s: State, a: act.EngineDied) -> Answer:
    if s.phase == "loading":
        return _failed(s, act.ModelFailed(a.sentence))  # its file is one that llama.cpp cannot load
    deaths = s.deaths + 1
    s = changed(s, work=None, tokenizing=None, deaths=deaths)
    if deaths < MAX_DEATHS:
        said = Notice(f"{a.sentence} It is being started again; nothing is lost.", True)
        return restarting(changed(s, phase_text=a.sentence, notice=said)), ()
    said = Notice(f"{a.sentence} It died {deaths} times here, so it is left.", True, "[step] starts it again.")
    return changed(s, phase="dead", phase_text=a.sentence, auto=None, wants_step=False, notice=said), ()


def restarting(s: State) -> State:
    """The same model is to be started once more."""
    return changed(s, phase="restarting", starts=s.starts + 1, loaded=None, stops_load=False)


def _rest(s: State, key: bytes) -> Work | None:
    """The work that is left when the evaluation of `key` has ended."""
    return None if s.work and s.work.key == key else s.work


def _speed(before: float | None, a: act.RowReady) -> float | None:
    """Tokens a second of single-token decodes, smoothed."""
    if a.tokens != 1 or a.seconds <= 0:
        return before
    now = a.tokens / a.seconds
    return now if before is None else 0.8 * before + 0.2 * now


_EVENTS: dict[type, Callable[[State, Any], Answer]] = {
    act.ModelLoading: _loading,
    act.ModelLoaded: _loaded,
    act.ModelFailed: _failed,
    act.PromptTokenized: _tokenized,
    act.PromptFailed: _prompt_failed,
    act.Evaluating: _evaluating,
    act.RowReady: _row_ready,
    act.StoredRows: seen_in_stored,
    act.EvaluationFailed: _evaluation_failed,
    act.EngineDied: _died,
}

ANSWERS = frozenset(_EVENTS)
"""The actions that are answers of the engine."""
