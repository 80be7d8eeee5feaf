"""The comparison on the screen as a part of the state: begun, stopped, resumed, left, or continued as a branch."""

from __future__ import annotations

from dataclasses import replace

from . import actions as act
from .changed import changed
from .compare import Column, Comparison
from .engine import PromptTooLong
from .engine_events import arrive
from .state import Notice, State
from .trace import ROOT, Drawn


def begin(s: State, a: act.Compare) -> State:
    """Compare from the end of the prompt; where that cannot be, a notice says why."""
    if s.info is None or not s.trace.given or s.asked_prompt is not None:
        return changed(s, notice=Notice("There is no prompt to compare yet: the model is still reading it."))
    try:
        comparison = Comparison.of(s.info, s.trace.given, a.temperatures, a.limit, s.settings)
    except (ValueError, PromptTooLong) as error:
        return changed(s, notice=Notice(str(error), True))
    return changed(s, comparison=comparison, auto=None, wants_step=False)


def paused(s: State, stopped: bool) -> State:
    """Stop the comparison, or go on with it."""
    assert s.comparison is not None
    return changed(s, comparison=replace(s.comparison, stopped=stopped))


def continued(s: State, column: Column) -> State:
    """The text of a column as a branch of the tree, with the cursor at its end; the comparison is left."""
    assert s.comparison is not None
    trace, node = s.trace, ROOT
    drawn = zip(column.tokens, column.surprisal_bits, column.entropy_bits, strict=True)
    for position, (token, surprisal, entropy) in enumerate(drawn):
        child = trace.child_with(token, node)
        if child is None:
            child = trace.next_id
            luck = Drawn(column.temperature, s.comparison.coin(position), s.comparison.settings.samplers)
            trace = trace.grow(node, token, luck, surprisal, entropy)
        node = child
    left = changed(s, comparison=None)
    return left if node == trace.cursor else arrive(changed(left, trace=trace.go(node)))
