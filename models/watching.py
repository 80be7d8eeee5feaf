"""How a person watches tokens, and how what is seen of them is kept; a part of `update`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import actions as act
from .changed import changed
from .row import Row
from .state import Notice, State
from .watches import MOST, Followed, tokens_of

_TOO_MANY = Notice(f"At most {MOST} watches are followed.", hint="[watches] takes some away.")


def _set_watches(s: State, a: act.SetWatches) -> State:
    watches = tuple(dict.fromkeys(watch for watch in a.watches if watch))
    return changed(s, watches=watches) if len(watches) <= MOST else changed(s, notice=_TOO_MANY)


def _toggle_watch(s: State, a: act.ToggleWatch) -> State:
    token = a.token
    if token is None:
        if s.row is None:
            return s
        token = int(s.row.ranking.ids(s.highlight - 1, s.highlight)[0])
    if (token,) in s.watches:
        said = Notice("Not watched any more.")
        return changed(s, watches=tuple(watch for watch in s.watches if watch != (token,)), notice=said)
    if len(s.watches) == MOST:
        return changed(s, notice=_TOO_MANY)
    return changed(s, watches=(*s.watches, (token,)), notice=Notice("Watched: Timeline and Sweep show it."))


def follow(s: State, row: Row) -> State:
    """With what is watched seen in a row that has come."""
    followed = s.followed.after(row, tokens_of(s.watches)) if s.watches else s.followed
    return s if followed is s.followed else changed(s, followed=followed)


def reading_stored(old: State, new: State) -> tuple[act.Effect, ...]:
    """What tokens that were not watched before need: the rows that are still stored."""
    return (act.ReadStored(),) if set(tokens_of(new.watches)) - set(tokens_of(old.watches)) else ()


def seen_in_stored(s: State, a: act.StoredRows) -> tuple[State, tuple[act.Effect, ...]]:
    """See the watched tokens in the rows that were still stored, and in the one under the cursor."""
    for key, logits in a.rows:
        s = follow(s, Row(key, logits))
    return (follow(s, s.row) if s.row else s), ()


def forget(s: State) -> State:
    """Without watches: another model has another vocabulary."""
    return changed(s, watches=(), followed=Followed()) if s.watches or s.followed.rows else s


WATCHING: dict[type, Callable[[State, Any], State]] = {
    act.SetWatches: _set_watches,
    act.ToggleWatch: _toggle_watch,
}
