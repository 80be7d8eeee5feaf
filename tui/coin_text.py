"""One sentence on where a fixed coin falls as the temperature turns: "␣Paris for T < 1.35, then ␣the until 1.62"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..models.coin_changes import CoinChanges
from ..models.coin_here import coin_path_here
from ..models.distribution import Landing
from ..models.state import State
from ..models.vocabulary import Vocabulary
from .display import cell_len, fit
from .labels import spoken

NAME_CELLS = 16
_HERE = "●"
_SIDES = ((2, 2), (1, 2), (2, 1), (1, 1), (0, 1), (1, 0))
"""Changes to tell on each side, the most first."""


def coin_changes_here(state: State, landing: Landing, cells: int = 70) -> str:
    """The sentence for the state's coin, which lands so now.

    "" where nothing true fits into `cells`, and with a chain that does more than cool after its temperature.
    """
    assert state.info is not None
    path = coin_path_here(state)
    if path is None:
        return ""
    temperature = state.settings.temperature
    return coin_changes_text(path.around(temperature, landing), temperature, state.info.vocabulary, cells)


def coin_changes_text(changes: CoinChanges, temperature: float, vocabulary: Vocabulary, cells: int = 70) -> str:
    """The sentence, with as many of the changes as fit whole; ● stands before the token under the coin now."""
    below, above = changes.below, changes.above
    for n_below, n_above in _SIDES:
        kept = CoinChanges(
            changes.here,
            below[max(0, len(below) - n_below) :],
            above[:n_above],
            changes.from_zero and len(below) <= n_below,
            changes.to_the_end and len(above) <= n_above,
        )
        text = _sentence(kept, temperature, vocabulary)
        if text and cell_len(text) <= cells:
            return text
    return ""


def _sentence(changes: CoinChanges, temperature: float, vocabulary: Vocabulary) -> str:
    """All the changes given; "" if that says nothing."""
    listed = changes.changes
    if not listed:
        always = changes.from_zero and changes.to_the_end
        return f"{_name(vocabulary, changes.here)} at every T from 0 to 5" if always else ""
    names = [_name(vocabulary, token) for token in (listed[0].before, *(change.after for change in listed))]
    names[len(changes.below)] = f"{_HERE} {names[len(changes.below)]}"
    borders = _borders([change.temperature for change in listed], temperature)
    parts = [f"{name} until {border}" for name, border in zip(names, borders, strict=False)]
    if changes.from_zero:
        parts[0] = f"{names[0]} for T < {borders[0]}" if listed[0].temperature > 0 else f"{names[0]} at T 0"
    else:
        parts[0] = f"… {names[0]} until T {borders[0]}"
    return ", ".join([*parts, f"then {names[-1]}"]) + ("" if changes.to_the_end else " …")


def _borders(temperatures: Sequence[float], here: float) -> list[str]:
    """The temperatures with two decimals, or as many as tell them from each other and from the current one."""
    labels: list[str] = []
    for decimals in range(2, 8):
        labels = [f"{t:.{decimals}f}" for t in temperatures]
        distinct = {label for label, t in zip(labels, temperatures, strict=True) if t != here}
        if len(set(labels)) == len(labels) and f"{here:.{decimals}f}" not in distinct:
            break
    return labels


@lru_cache(maxsize=256)  # the same few tokens at every turn of T
def _name(vocabulary: Vocabulary, token: int) -> str:
    name = spoken(vocabulary, token)
    return fit(name, min(cell_len(name), NAME_CELLS))
