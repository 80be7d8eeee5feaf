"""Which distribution a token is drawn from: the row at the temperature, or what the person's chain leaves of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .engine import Path, path_tokens
from .sampling import coin

if TYPE_CHECKING:
    from .chain import Chain, ChainResult
    from .distribution import Distribution
    from .row import Row
    from .state import Settings, State


def chain_of(settings: Settings) -> Chain:
    """The person's chain with the temperature that the keys turn."""
    from .chain import Chain

    t = settings.temperature
    return Chain(tuple(replace(x, t=t) if x.name == "temperature" else x for x in settings.samplers))


def chain_at(s: State, row: Row, path: Path, node: int) -> ChainResult:
    """The row after `path`, which leads to `node`, sent through the chain. Kept with the row."""
    at, settings = s.trace[node], s.settings
    vocabulary = s.info.vocabulary if s.info else None

    def luck(purpose: str) -> float:
        return coin(settings.seed, at.depth, at.toss, "xtc" if purpose == "xtc" else "draw")

    key = (settings.samplers, settings.temperature, settings.seed, at.toss)
    return row.through(key, lambda: chain_of(settings).run(row, path_tokens(path), luck, vocabulary))


def distribution_at(s: State, row: Row, path: Path, node: int) -> Distribution:
    """What the token after `node` is drawn from."""
    if not s.settings.samplers:
        return row.at(s.settings.temperature)
    return chain_at(s, row, path, node).distribution


def distribution_here(s: State) -> Distribution:
    """What the token under the cursor is drawn from; its row is there."""
    assert s.row is not None
    return distribution_at(s, s.row, s.path, s.trace.cursor)


def chain_here(s: State) -> ChainResult | None:
    """The stages at the cursor; None where the temperature is alone, or no row is there."""
    if s.row is None or not s.settings.samplers:
        return None
    return chain_at(s, s.row, s.path, s.trace.cursor)
