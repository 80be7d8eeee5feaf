"""Undo and redo of the edits: the tree, the prompt, the settings and the watches. Moving the cursor is no edit.

The parts of a state that can be edited are persistent values, so an entry is the old parts themselves and taking an
edit back is putting them in place again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .changed import changed
from .trace import Trace

if TYPE_CHECKING:
    from .state import Settings, State
    from .watches import Watch


@dataclass(frozen=True, eq=False)
class Edited:
    """The parts of a state that are edited."""

    settings: Settings
    trace: Trace
    prompt: str
    chat: bool
    watches: tuple[Watch, ...]

    @classmethod
    def of(cls, state: State) -> Edited:
        return cls(state.settings, state.trace, state.prompt, state.chat, state.watches)

    def same_as(self, other: Edited) -> bool:
        """Nothing was edited between the two (the cursor may have moved)."""
        return (
            self.settings == other.settings
            and self.prompt == other.prompt
            and self.chat == other.chat
            and self.watches == other.watches
            and self.trace.same_tree(other.trace)
        )


@dataclass(frozen=True, eq=False)
class Past:
    """A stack of edits, the latest first. `run` names the knob whose turns make one entry together."""

    edited: Edited
    run: str | None
    before: Past | None


_FRESH = 8
"""Edits whose traces keep what is derived from them: taken back at once they cost nothing, and all would take memory
that grows with the square of the text."""


def _push(edited: Edited, run: str | None, before: Past | None) -> Past:
    """A stack with one more edit on top."""
    top = deep = Past(edited, run, before)
    for _ in range(_FRESH):
        if deep.before is None:
            return top
        deep = deep.before
    if deep.edited.trace is not edited.trace:  # which is the one in use, as long as only settings were edited
        deep.edited.trace.forget()
    return top


@dataclass(frozen=True, eq=False)
class History:
    """What can be taken back, and what can be made again."""

    undo: Past | None = None
    redo: Past | None = None


def remember(old: State, new: State, run: str | None) -> State:
    """`new` with the edit that led to it remembered, if there was one."""
    if not (old.trace.given and new.trace.given):
        return new  # before its first prompt is read, a model has nothing that one could come back to
    before = Edited.of(old)
    if before.same_as(Edited.of(new)):
        return new
    undo = old.history.undo
    # An edit after an undo is one of its own: what the undo came back to must stay within reach.
    if run is None or undo is None or undo.run != run or old.history.redo is not None:
        undo = _push(before, run, undo)
    return changed(new, history=History(undo))


def travel(state: State, back: bool) -> State | None:
    """The state with the last edit taken back (or made again), or None if there is none."""
    history = state.history
    source = history.undo if back else history.redo
    if source is None:
        return None
    here = Edited.of(state)
    if back:
        moved = History(source.before, _push(here, source.run, history.redo))
    else:
        moved = History(_push(here, source.run, history.undo), source.before)
    edited = source.edited
    return changed(
        state,
        settings=edited.settings,
        trace=edited.trace,
        prompt=edited.prompt,
        chat=edited.chat,
        watches=edited.watches,
        history=moved,
    )
