"""What moves the highlight, and with it the window on the candidates; a part of `update`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import actions as act
from .changed import changed
from .drawing import distribution_here
from .generate import coin_here
from .listing import listing_here
from .state import Notice, State, shown_ranks


def _at(s: State, place: int) -> State:
    """Put the highlight on a place of the list and scroll as little as that needs."""
    listing = listing_here(s) if s.row else None
    last = listing.n if listing else 1
    place = min(max(1, place), last)
    scrolled = shown_ranks(s.window, 2)
    furthest = 1 if last <= s.window else last + 1 - scrolled
    top = min(s.top, place, furthest)
    if place >= top + shown_ranks(s.window, top):
        top = place + 1 - scrolled
    if top == 2 and s.window > 1:
        top = 1  # the first one itself, in place of the row that tells of it alone
    return changed(s, highlight=listing.rank(place) if listing else place, top=top)


def _place(s: State) -> int:
    return listing_here(s).place(s.highlight) if s.row else s.highlight


def in_sight(s: State) -> State:
    """With the highlight on a token that is listed, whatever the chain has cut since."""
    return _at(s, _place(s)) if s.cut_hidden and s.row else s


def _move_highlight(s: State, a: act.MoveHighlight) -> State:
    return _at(s, _place(s) + a.by)


def _page_highlight(s: State, a: act.PageHighlight) -> State:
    return _at(s, _place(s) + a.by * max(1, s.window - 1))


def _to_rank(s: State, rank: int) -> State:
    return _at(s, listing_here(s).place(min(rank, s.row.ranking.n)) if s.row else rank)


def _highlight(s: State, a: act.Highlight) -> State:
    return _to_rank(s, a.rank if a.rank > 0 else (s.row.ranking.n if s.row else 1))


def _highlight_coin(s: State, _: act.Action) -> State:
    return s if s.row is None else _to_rank(s, distribution_here(s).land(coin_here(s)).rank)


def _resized(s: State, a: act.Resized) -> State:
    s = changed(s, window=max(1, a.window))
    return _at(s, _place(s))


def _toggle_cut(s: State, _: act.Action) -> State:
    s = changed(s, cut_hidden=not s.cut_hidden)
    if not s.settings.samplers:
        done = "hidden" if s.cut_hidden else "shown"
        said = Notice(f"Tokens that a chain cuts are {done} now. There is no chain.", hint="[preset] takes one.")
        return changed(s, notice=said)
    return _at(s, _place(s))


HIGHLIGHT: dict[type, Callable[[State, Any], State]] = {
    act.MoveHighlight: _move_highlight,
    act.PageHighlight: _page_highlight,
    act.Highlight: _highlight,
    act.HighlightCoin: _highlight_coin,
    act.Resized: _resized,
    act.ToggleCut: _toggle_cut,
}
