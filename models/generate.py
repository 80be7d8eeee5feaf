"""How the text grows by one token: the coin's, the person's, or one after the other by itself."""

from __future__ import annotations

from dataclasses import replace

from . import actions as act
from .changed import changed
from .drawing import distribution_at, distribution_here
from .engine import extend
from .row import Row, path_key
from .sampling import coin
from .softmax import surprisal_bits
from .state import Notice, State
from .trace import Drawn, Trace


def coin_here(s: State, node: int | None = None) -> float:
    """The coin for the token after a node (the cursor's)."""
    at = s.trace.here if node is None else s.trace[node]
    return coin(s.settings.seed, at.depth, at.toss)


def has_ended(s: State, node: int) -> bool:
    """The node is an end-of-generation token."""
    return s.info is not None and node != 0 and s.trace[node].token in s.info.vocabulary.eog


def is_full(s: State, node: int) -> bool:
    """The context has no room for a token after the node."""
    return s.info is not None and len(s.trace.given) + s.trace[node].depth >= s.info.n_ctx


def step(s: State) -> State:
    """Take the token on which the coin falls; the row under the cursor is there."""
    assert s.row is not None
    if has_ended(s, s.trace.cursor):
        return changed(s, notice=Notice("The model ended its text here. Enter takes a token by hand beyond the end."))
    u = coin_here(s)
    return _enter(s, distribution_here(s).land(u).token, _drawn(s, u))


def take(s: State, token: int) -> State:
    """Take exactly this token; the row under the cursor is there."""
    return _enter(s, token, _drawn(s, None))


def _drawn(s: State, u: float | None) -> Drawn:
    return Drawn(s.settings.temperature, u, s.settings.samplers)


def _enter(s: State, token: int, drawn: Drawn) -> State:
    assert s.row is not None
    if is_full(s, s.trace.cursor):
        return changed(s, notice=_full(s))
    trace, node = _grown(s.trace, s.trace.cursor, s.row, token, drawn)
    return at_child(changed(s, trace=trace), node, s.path)


def at_child(s: State, node: int, path: act.Path) -> State:
    """Move the cursor to a child of where it stood, whose path is one token longer."""
    path = extend(path, s.trace[node].token)
    return changed(
        s,
        trace=s.trace.enter(node),
        path=path,
        key=path_key(path),
        row=None,
        bad_row=None,
        highlight=1,
        top=1,
        wants_step=False,
        stopped=False,
    )


def _grown(trace: Trace, at: int, row: Row, token: int, drawn: Drawn) -> tuple[Trace, int]:
    """The trace with this token after the node `at`, and its node: the child that is there already, or a new one."""
    if (child := trace.child_with(token, at)) is not None:
        return trace, child
    plain = row.at(1.0)
    node = trace.next_id
    surprisal = surprisal_bits(plain.logprob(token))
    return trace.grow(at, token, drawn, surprisal, plain.entropy_bits), node


def _full(s: State) -> Notice:
    n = s.info.n_ctx if s.info else 0
    return Notice(f"The context is full: {n:,} tokens. Walk back and branch, or start with a larger --ctx.", True)


def run_auto(s: State) -> tuple[State, tuple[act.Effect, ...]]:
    """The next token of an auto run, if one is due and its row is there."""
    auto = s.auto
    if auto is None or auto.row is None or not auto.due:
        return s, ()
    if auto.left == 0:
        return changed(s, auto=None, notice=Notice("Auto has taken the tokens that were asked for.")), ()
    if has_ended(s, auto.at):
        return changed(s, auto=None, notice=Notice("Auto stopped: the model ended its text.")), ()
    if is_full(s, auto.at):
        return changed(s, auto=None, notice=_full(s)), ()
    u = coin_here(s, auto.at)
    token = distribution_at(s, auto.row, auto.path, auto.at).land(u).token
    trace, node = _grown(s.trace, auto.at, auto.row, token, _drawn(s, u))
    follows = s.trace.cursor == auto.at
    if follows:
        s = at_child(changed(s, trace=trace), node, auto.path)
    else:  # to the right of the cursor the text goes where auto writes; the way to the cursor stays as it is
        s = changed(s, trace=trace.go(node).go(s.trace.cursor))
    path = s.path if follows else extend(auto.path, trace[node].token)
    moved = replace(
        auto,
        at=node,
        path=path,
        key=s.key if follows else path_key(path),
        row=None,
        left=None if auto.left is None else auto.left - 1,
        due=auto.per_second is None,
    )
    ticks = () if auto.per_second is None else (act.TickAfter(1 / auto.per_second, node),)
    return changed(s, auto=moved), ticks
