"""How the text grows by one token: the coin's, the person's, or one after the other by itself."""

from __future__ import annotations

from dataclasses import replace

from .changed import changed
from .drawing import chain_here, distribution_here
from .engine import Path, extend
from .path_keys import path_key
from .row import Row
from .sampling import coin
from .state import Notice, State
from .trace import ROOT, Drawn, Trace


def coin_here(s: State, node: int | None = None) -> float:
    """The coin for the token after a node (the cursor's)."""
    at = s.trace.here if node is None else s.trace[node]
    return coin(s.settings.seed, at.depth, at.toss)


def has_ended(s: State, node: int) -> bool:
    """The node is an end-of-generation token."""
    return s.info is not None and node > ROOT and s.trace[node].token in s.info.vocabulary.eog


def is_full(s: State, node: int) -> bool:
    """The context has no room for a token after the node."""
    return s.info is not None and len(s.trace.given) + s.trace[node].depth >= s.info.n_ctx


def step(s: State) -> State:
    """Take the token on which the coin falls; the row under the cursor is there."""
    assert s.row is not None
    if has_ended(s, s.trace.cursor):
        said = Notice("The model ended its text here.", hint="[take] takes a token by hand beyond the end.")
        return changed(s, notice=said)
    u = coin_here(s)
    return _enter(s, distribution_here(s).land(u).token, drawn(s, u))


def take(s: State, token: int) -> State:
    """Take exactly this token, whatever the chain did to it; the row under the cursor is there."""
    how = by_hand(s, token)
    after = _enter(s, token, how)
    if not how.cut_by or after.notice:
        return after
    return changed(after, notice=Notice(f"Taken by hand, though {how.cut_by} cuts it."))


def by_hand(s: State, token: int) -> Drawn:
    """With what this token is taken by hand now, whatever the chain did to it."""
    result = chain_here(s)
    stage = result.stage_of(token) if result else None
    return replace(drawn(s, None), cut_by=stage.name if stage else "")


def drawn(s: State, u: float | None) -> Drawn:
    """With what a token is drawn now; without a coin it is taken by hand."""
    return Drawn(s.settings.temperature, u, s.settings.samplers)


def _enter(s: State, token: int, drawn: Drawn) -> State:
    assert s.row is not None
    if is_full(s, s.trace.cursor):
        return changed(s, notice=full(s))
    trace, node = grown(s.trace, s.trace.cursor, s.row, token, drawn)
    return at_child(changed(s, trace=trace), node, s.path)


def at_child(s: State, node: int, path: Path) -> State:
    """Move the cursor to a child of where it stood, whose path is one token longer."""
    path, key = way_to(s.trace, node, path)
    return changed(
        s,
        trace=s.trace.enter(node),
        path=path,
        key=key,
        row=None,
        bad_row=None,
        highlight=1,
        top=1,
        wants_step=False,
        stopped=False,
    )


def way_to(trace: Trace, node: int, before: Path | None = None) -> tuple[Path, bytes]:
    """The path to a node and its name in caches. `before` is its parent's path, where that is at hand."""
    path = trace.path(node) if before is None or node <= ROOT else extend(before, trace[node].token)
    return path, path_key(path, trace.rest(node))


def grown(trace: Trace, at: int, row: Row, token: int, drawn: Drawn) -> tuple[Trace, int]:
    """The trace with this token after the node `at`, and its node: the child that is there already, or a new one."""
    if (child := trace.child_with(token, at)) is not None:
        return trace, child
    return trace.grow(at, token, drawn, *row.plain_figures(token)), trace.next_id


def full(s: State) -> Notice:
    """What to say when the context has no room."""
    n = s.info.n_ctx if s.info else 0
    return Notice(f"The context is full: {n:,} tokens. Walk back and branch, or start with a larger --ctx.", True)
