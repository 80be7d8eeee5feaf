"""What an edit was, in words, for the person who takes it back or makes it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .percentages import temperature_label

if TYPE_CHECKING:
    from .history import Edited
    from .trace import Trace
    from .transform import Transform


def edit_said(before: Edited, after: Edited, back: bool) -> str:
    """What was edited between the two, without a full stop; a number that is turned goes backwards if `back`."""
    if (before.prompt, before.chat, before.trace.given) != (after.prompt, after.chat, after.trace.given):
        return "the prompt"
    said = []
    if not before.trace.same_tree(after.trace):
        said.append(_tree(before.trace, after.trace))
    if before.watches != after.watches:
        said.append("the watches")
    old, new = (after, before) if back else (before, after)
    if old.settings.samplers != new.settings.samplers:
        said.append(_samplers(old.settings.samplers, new.settings.samplers))
    if old.settings.temperature != new.settings.temperature:
        now, then = (temperature_label(each.settings.temperature) for each in (old, new))
        said.append(f"T {now} → {then}")
    return ", ".join(said) or "a turn there and back"


def _tree(before: Trace, after: Trace) -> str:
    if after.next_id < before.next_id or after.edits < before.edits:
        return "the prompt"  # the same one, read anew
    n = after.n_taken - before.n_taken
    if n:
        return f"{abs(n):,} token{'s' if abs(n) > 1 else ''} {'added' if n > 0 else 'deleted'}"
    for node in after.nodes:
        old, new = before[node], after[node]
        if old.toss != new.toss:
            return "a toss of the coin"
        if old.name != new.name:
            return f"the name “{new.name or old.name}”"
    return "a fold in the tree"


def _samplers(old: tuple[Transform, ...], new: tuple[Transform, ...]) -> str:
    """The knob that was turned, if that was all."""
    if [type(stage) for stage in old] == [type(stage) for stage in new]:
        differing = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
        turns = [
            f"{knob.option} {getattr(one, name):,.10g} → {getattr(other, name):,.10g}"
            for one, other in differing
            for name, knob in one.knobs().items()
            if getattr(one, name) != getattr(other, name)
        ]
        if len(differing) == len(turns) == 1:
            return turns[0]
    return "the samplers"
