"""What the pictures of the distribution are drawn from, as plain data: one function of the state each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..models.chain_edits import preset_name
from ..models.drawing import chain_here, distribution_here
from ..models.find import Found
from ..models.percentages import temperature_label
from ..models.state import State
from .chain_view import chain_view
from .labels import name_of
from .picture_data import FoundRow, FoundView, HistogramView, TimelineView
from .remapping import filled
from .steps_view import steps_view
from .temperature_views import curve_view, rank_view, sweep_view
from .watch_view import watch_lines


def _histogram(s: State) -> HistogramView:
    assert s.row is not None
    decades, result = distribution_here(s).decades, chain_here(s)
    cut = result.n_cut if result else 0
    mass, count = decades.mass.tolist(), decades.count.tolist()
    count[-1] -= cut
    return HistogramView(tuple(zip(mass, count, strict=True)), cut)


def _timeline(s: State) -> TimelineView:
    trace, reading = s.trace, s.readings.get(s.trace.given)
    columns, stem = trace.columns, trace.line[0]
    surprisals, entropies, n_read = columns.surprisals, columns.entropies, 0
    if reading is not None:
        n_read = len(trace.shown) - 1
        surprisals = reading.surprisal_bits[:n_read] + surprisals
        entropies = reading.entropies[:n_read] + entropies
    here, first = trace.here.depth, stem + 1 - n_read
    if not s.watches:
        hint = "" if surprisals else "Nothing is taken yet: [step] takes the first token."
        return TimelineView(surprisals, entropies, here, first=first, stem=stem, hint=hint)
    chain = f", chain {preset_name(s.settings.samplers, s.own_presets)}" if s.settings.samplers else ""
    return TimelineView(
        surprisals,
        entropies,
        here,
        watch_lines(s),
        f"T {temperature_label(s.settings.temperature)}{chain}",
        s.scale == "logarithmic",
        len(s.info.vocabulary) if s.info else 1,
        first,
        stem,
    )


PICTURES: dict[str, Callable[[State], Any]] = {
    "Histogram": _histogram,
    "Curve": curve_view,
    "Rank": rank_view,
    "Sweep": sweep_view,
    "Timeline": _timeline,
    "Steps": steps_view,
    "Chain": chain_view,
}
"""What each picture is drawn from, in the order of the tabs."""


def picture_of(name: str, state: State, names: Mapping[str, str]) -> Any:
    """What a picture is drawn from; where it has only a hint to show, with the keys in it by their rows' ids."""
    made = PICTURES[name](state)
    hint = getattr(made, "hint", "")
    return replace(made, hint=filled(hint, names)) if hint else made


WITHOUT_ROW = {"Timeline"}
"""Pictures that need no logits of the position on view."""


def found_view(state: State, found: Found, highlight: int, start: int, stop: int) -> FoundView:
    """The tokens found, from the start-th to before the stop-th (from 0), with their ranks and probabilities here."""
    assert state.info is not None
    row, vocabulary = state.row, state.info.vocabulary
    now, plain = (distribution_here(state), row.at(1.0)) if row else (None, None)
    tokens = found.best(start, stop)
    ranks = row.ranking.ranks_of(tokens) if row else [0] * len(tokens)
    rows = tuple(
        FoundRow(
            rank=rank,
            token=token,
            name=name_of(vocabulary, token),
            prob=now.prob(token) if now else 0.0,
            plain=plain.prob(token) if plain else 0.0,
            highlighted=i == highlight,
        )
        for i, (token, rank) in enumerate(zip(tokens, ranks, strict=True), start)
    )
    return FoundView(rows, len(found), temperature_label(state.settings.temperature))
