"""Whose logits a chain moved, by how much, and which earlier tokens are the cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dry import Dry
from .penalties import Penalties
from .values import value

if TYPE_CHECKING:
    from .chain import ChainResult, Stage
    from .transform import Context


@value
class Moved:
    """What one stage did to the logit of one token."""

    stage: str
    token: int
    by: float  # logits, after whatever temperature comes before the stage
    seen: tuple[int, ...] = ()
    """How many tokens back it stands in the text, nearest first: 1 is the last token."""
    within: int = -1  # the last n tokens are those looked at; -1: all
    repeats: tuple[int, ...] = ()
    """The tokens before this position that stand elsewhere too, followed by this one."""


def moved(result: ChainResult) -> tuple[Moved, ...]:
    """Every move of every stage, the greatest first."""
    every = [each for stage in result.stages for each in _of(stage, result.context)]
    return tuple(sorted(every, key=lambda each: -abs(each.by)))


def _of(stage: Stage, context: Context) -> list[Moved]:
    moves, transform = stage.moves, stage.transform
    if not moves:
        return []
    if isinstance(transform, Penalties):
        seen: dict[int, list[int]] = {}
        for back, token in enumerate(reversed(transform.window(context)), 1):
            seen.setdefault(token, []).append(back)
        return [Moved(stage.name, t, by, tuple(seen.get(t, ())), transform.last_n) for t, by in moves.items()]
    if isinstance(transform, Dry):
        lengths, text = transform.repeats(context), tuple(context.history)
        repeats = {token: text[len(text) - n :] for token, n in lengths.items()}
        return [Moved(stage.name, t, by, (), transform.last_n, repeats.get(t, ())) for t, by in moves.items()]
    return [Moved(stage.name, token, by) for token, by in moves.items()]
