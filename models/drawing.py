"""Which distribution a token is drawn from: the row at the temperature, or what the person's chain leaves of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .chain_edits import at_temperature
from .engine import Path, path_tokens
from .sampling import coin

if TYPE_CHECKING:
    from .chain import Chain, ChainResult
    from .distribution import Distribution
    from .row import Row
    from .state import Settings, State
    from .vocabulary import Vocabulary


def chain_of(settings: Settings) -> Chain:
    """The person's chain with the temperature that the keys turn."""
    from .chain import Chain

    return Chain(at_temperature(settings.samplers, settings.temperature))


class Place(NamedTuple):
    """Where a token is drawn: the path before it, and what its coins depend on."""

    path: Path
    position: int
    toss: int = 0


def through_chain(settings: Settings, row: Row, place: Place, vocabulary: Vocabulary | None) -> ChainResult:
    """The row of a place sent through the chain. Kept with the row."""

    def luck(purpose: str) -> float:
        return coin(settings.seed, place.position, place.toss, "xtc" if purpose == "xtc" else "draw")

    key = (settings.samplers, settings.temperature, settings.seed, place.toss)
    return row.through(key, lambda: chain_of(settings).run(row, path_tokens(place.path), luck, vocabulary))


def drawn_from(settings: Settings, row: Row, place: Place, vocabulary: Vocabulary | None) -> Distribution:
    """What the token at a place is drawn from with these settings."""
    if not settings.samplers:
        return row.at(settings.temperature)
    return through_chain(settings, row, place, vocabulary).distribution


def _place(s: State, path: Path, node: int) -> Place:
    at = s.trace[node]
    return Place(path, at.depth, at.toss)


def chain_at(s: State, row: Row, path: Path, node: int) -> ChainResult:
    """The row after `path`, which leads to `node`, sent through the chain."""
    return through_chain(s.settings, row, _place(s, path, node), s.info.vocabulary if s.info else None)


def distribution_at(s: State, row: Row, path: Path, node: int) -> Distribution:
    """What the token after `node` is drawn from."""
    return drawn_from(s.settings, row, _place(s, path, node), s.info.vocabulary if s.info else None)


def distribution_here(s: State) -> Distribution:
    """What the token under the cursor is drawn from; its row is there."""
    assert s.row is not None
    return distribution_at(s, s.row, s.path, s.trace.cursor)


def ghost_here(s: State) -> Distribution:
    """What the bars are compared with, without any stage: T = 1, or the current T."""
    assert s.row is not None
    uncut = s.ghost == "uncut" and s.settings.samplers
    return s.row.at(s.settings.temperature if uncut else 1.0)


def chain_here(s: State) -> ChainResult | None:
    """The stages at the cursor; None where the temperature is alone, or no row is there."""
    if s.row is None or not s.settings.samplers:
        return None
    return chain_at(s, s.row, s.path, s.trace.cursor)
