"""States of the app on a toy model, made the way they come about: by actions, and by the engine's answers to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace

import numpy as np
from tempviz.models import actions as act
from tempviz.models.actions import Action, Effect
from tempviz.models.engine import Logits, ModelInfo, Path, path_tokens
from tempviz.models.engine_thread import evaluated
from tempviz.models.state import State
from tempviz.models.toy import ToyModel
from tempviz.models.update import update
from tempviz.models.vocabulary import Vocabulary

NAMES = [chr(ord("a") + i) for i in range(26)]
EOG = 25
N_CTX = 12


def logits_of(path: Path) -> Logits:
    """The toy's row after a path: another one after every other tokens, never with the EOG token on top."""
    row = np.random.default_rng([7, *path_tokens(path)]).normal(0, 2, len(NAMES)).astype(np.float32)
    row[EOG] = -9
    return row


def toy_info(path: str = "toy.gguf", n_ctx: int = N_CTX) -> ModelInfo:
    """What is known of the toy: 26 letters, z ends the text."""
    vocabulary = Vocabulary.of((name.encode() for name in NAMES), eog=[EOG], control=[EOG])
    return replace(ToyModel(logits_of, NAMES, n_ctx=n_ctx).info, path=path, vocabulary=vocabulary)


def tokens_of(text: str) -> tuple[int, ...]:
    """The toy's tokens of a text of small letters."""
    return tuple(NAMES.index(letter) for letter in text) or (0,)


def play(state: State, *actions: Action) -> tuple[State, tuple[Effect, ...]]:
    """The state after some actions that the engine answers to in no time, and the last one's unanswered effects."""
    effects: tuple[Effect, ...] = ()
    for action in actions:
        state, effects = update(settled(state, effects), action)
    return state, effects


def unanswered(state: State, *actions: Action) -> tuple[State, tuple[Effect, ...]]:
    """The state after some actions that the engine has not answered yet, and the last one's effects."""
    effects: tuple[Effect, ...] = ()
    for action in actions:
        state, effects = update(state, action)
    return state, effects


def settled(state: State, effects: Iterable[Effect]) -> State:
    """The state after the engine did all that it was asked for. Ticks of the clock do not come."""
    waiting = list(effects)
    while waiting:
        answer = answered(waiting.pop(0))
        if answer is not None:
            state, more = update(state, answer)
            waiting += more
    return state


def answered(effect: Effect) -> Action | None:
    """What a healthy engine says to an effect in the end."""
    match effect:
        case act.StartEngine(path):
            return act.ModelLoaded(toy_info(path))
        case act.TokenizePrompt(text, chat):
            return act.PromptTokenized(text, chat, tokens_of(text))
        case act.Evaluate(key):
            logits, reading, *_ = evaluated(ToyModel(logits_of, NAMES, n_ctx=N_CTX), effect)
            return act.RowReady(key, logits, 0.01, 1, reading=reading)
        case act.ReadStored():
            return act.StoredRows(())
    return None


def ready(*actions: Action, prompt: str = "abc") -> State:
    """The state of an app that opened the toy on a prompt, after some actions, with nothing left to do."""
    start = State(model="toy.gguf", asked_prompt=(prompt, False), starts=1, window=5)
    return settled(*play(start, act.ModelLoaded(toy_info()), *actions))


def changes(before: State, after: State) -> set[str]:
    """The names of the fields that differ; `settled` follows from `row` and is left out."""

    def same(name: str) -> bool:
        old, new = getattr(before, name), getattr(after, name)
        return old is new or old == new

    return {field.name for field in fields(State) if field.name != "settled" and not same(field.name)}


def text_of(state: State) -> str:
    """The whole text on view."""
    tokens = (*state.trace.given, *(state.trace[node].token for node in state.trace.line[1:]))
    return "".join(NAMES[token] for token in tokens)
