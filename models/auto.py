"""An auto run: one token after the other, until something stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import actions as act
from .breakpoints import LOOK_BACK
from .changed import changed
from .drawing import chain_at, distribution_at
from .engine import path_tokens
from .generate import at_child, coin_here, drawn, full, grown, has_ended, is_full, way_to
from .state import Auto, Notice, State

if TYPE_CHECKING:
    from .distribution import Distribution, Landing


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
        return changed(s, auto=None, notice=full(s)), ()
    u, foreseen = coin_here(s, auto.at), auto.row.foreseen
    if foreseen and foreseen.fits(s.settings, s.trace[auto.at].depth, s.trace[auto.at].toss) and not s.breakpoints.any:
        token = foreseen.token
    else:
        now = distribution_at(s, auto.row, auto.path, auto.at)
        landing = now.land(u)
        if not auto.first and (reason := _breakpoint(s, auto, now, landing)):
            said = Notice(f"Auto stopped: {reason}.", hint="[step] takes the token.")
            return changed(s, auto=None, notice=said), ()
        token = landing.token
    trace, node = grown(s.trace, auto.at, auto.row, token, drawn(s, u))
    follows = s.trace.cursor == auto.at
    if follows:
        s = at_child(changed(s, trace=trace), node, auto.path)
    else:  # to the right of the cursor the text goes where auto writes; the way to the cursor stays as it is
        s = changed(s, trace=trace.go(node).go(s.trace.cursor))
    path, key = (s.path, s.key) if follows else way_to(trace, node, auto.path)
    moved = changed(
        auto,
        at=node,
        path=path,
        key=key,
        row=None,
        first=False,
        left=None if auto.left is None else auto.left - 1,
        due=auto.per_second is None,
    )
    ticks = () if auto.per_second is None else (act.TickAfter(1 / auto.per_second, node),)
    return changed(s, auto=moved), ticks


def _breakpoint(s: State, auto: Auto, now: Distribution, landing: Landing) -> str | None:
    """Why to stop before this token. The first token of a run is never stopped at: that is how one goes on."""
    if not s.breakpoints.any or s.info is None or auto.row is None:
        return None
    n_left = chain_at(s, auto.row, auto.path, auto.at).n_left if s.settings.samplers else now.ranking.n_finite
    piece = s.info.vocabulary.piece
    before = b"".join(map(piece, path_tokens(auto.path)[-LOOK_BACK:])) if s.breakpoints.pattern else b""
    return s.breakpoints.reason(now, landing, n_left, before, piece(landing.token))
