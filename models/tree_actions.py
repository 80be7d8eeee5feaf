"""What the actions on the tree do to the state; a part of `update`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from . import actions as act
from .branches import TreeRow, TreeRows, tree_rows
from .changed import changed
from .engine_events import arrive
from .state import Notice, State
from .trace import ROOT


class Highlighted(NamedTuple):
    """The highlighted branch: its row, the place of that among all rows, and the selected token."""

    rows: TreeRows
    place: int
    token: int  # index in the branch

    @property
    def row(self) -> TreeRow:
        """Its row."""
        return self.rows.rows[self.place]

    @property
    def head(self) -> int:
        """The node with which it begins."""
        return self.row.branch.head

    @property
    def node(self) -> int:
        """The selected token's node."""
        return self.row.branch.ids[self.token]


def highlighted(s: State) -> Highlighted:
    """Where the highlight is in the tree as it is now: at the cursor's branch if its own is gone."""
    rows = tree_rows(s.trace, s.overview.by_probability)
    place, token = rows.place.get(s.overview.head), s.overview.token
    if place is None or rows.rows[place].branch.head != s.overview.head:
        place = rows.of_node(s.trace, s.trace.cursor) if place is None else place
        token = len(rows.rows[place].branch.ids)
    return Highlighted(rows, place, min(token, len(rows.rows[place].branch.ids) - 1))


def _looking(s: State, **changes: Any) -> State:
    return changed(s, overview=replace(s.overview, **changes))


def _at(s: State, rows: TreeRows, place: int) -> State:
    """The highlight on a row, the selection on its last token."""
    branch = rows.rows[min(max(0, place), len(rows.rows) - 1)].branch
    return _looking(s, head=branch.head, token=len(branch.ids) - 1)


def _open(s: State, _: act.OpenTree) -> State:
    rows = tree_rows(s.trace, s.overview.by_probability)
    branch = rows.rows[rows.of_node(s.trace, s.trace.cursor)].branch
    token = branch.index(s.trace, s.trace.cursor)
    return _looking(s, head=branch.head, token=len(branch.ids) - 1 if token is None else token)


def _move(s: State, a: act.TreeMove) -> State:
    here = highlighted(s)
    return _at(s, here.rows, here.place + a.rows)


def _walk(s: State, a: act.TreeWalk) -> State:
    here = highlighted(s)
    token = min(max(0, here.token + a.by), len(here.row.branch.ids) - 1)
    return _looking(s, head=here.head, token=token)


def _select(s: State, a: act.TreeSelect) -> State:
    rows = tree_rows(s.trace, s.overview.by_probability)
    return _at(s, rows, rows.place[a.head]) if a.head in rows.place else s


def _sort(s: State, _: act.SortTree) -> State:
    return _looking(s, by_probability=not s.overview.by_probability)


def _fold(s: State, _: act.Fold) -> State:
    here = highlighted(s)
    if not here.row.branch.heads:
        return changed(s, notice=Notice("No branches follow this one, so there is nothing to fold."))
    return changed(s, trace=s.trace.fold(here.head, not s.trace[here.head].folded))


def _name(s: State, a: act.NameBranch) -> State:
    name = a.name.strip()
    if a.head not in s.trace.nodes or s.trace[a.head].name == name:
        return s
    return changed(s, trace=s.trace.name(a.head, name))


def _delete(s: State, _: act.DeleteBranch) -> State:
    here = highlighted(s)
    if here.head <= ROOT:
        said = Notice("The prompt cannot be deleted.", hint="On the main screen [prompt] writes another one.")
        return changed(s, notice=said)
    trace = s.trace.delete(here.head)
    n = len(s.trace.nodes) - len(trace.nodes)
    said = Notice(
        f"Deleted {n:,} token{'s' if n > 1 else ''}.", hint=f"[tree_undo] brings {'them' if n > 1 else 'it'} back."
    )
    auto = s.auto if s.auto and s.auto.at in trace else None
    after = changed(s, trace=trace, auto=auto, notice=said)
    if trace.cursor != s.trace.cursor:
        after = changed(arrive(after), notice=said)
    return _at(after, tree_rows(trace, s.overview.by_probability), here.place)


def _mark(s: State, _: act.MarkBranch) -> State:
    node = highlighted(s).node
    return _looking(s, marked=None if node == s.overview.marked else node)


TREE: dict[type, Callable[[State, Any], State]] = {
    act.OpenTree: _open,
    act.TreeMove: _move,
    act.TreeWalk: _walk,
    act.TreeSelect: _select,
    act.SortTree: _sort,
    act.Fold: _fold,
    act.NameBranch: _name,
    act.DeleteBranch: _delete,
    act.MarkBranch: _mark,
}
