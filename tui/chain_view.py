"""The chain as plain data: its stages in order, and what each did to the distribution at the cursor."""

from __future__ import annotations

from ..models.causes import Moved
from ..models.chain import Stage
from ..models.chain_edits import knobs_of, preset_name
from ..models.drawing import chain_here
from ..models.state import State
from ..models.transforms import Temperature
from ..models.vocabulary import Vocabulary
from .labels import name_of
from .picture_data import ChainView, MovedRow, StageRow
from .renderables.formats import bits

MOST_MOVED = 40
"""Tokens that any panel has room for."""

MOST_PLACES = 6
"""Earlier tokens that are named one by one."""


def chain_view(s: State) -> ChainView:
    """The stages at the cursor, whose row is there. Without a chain there are none: the temperature is alone."""
    assert s.row is not None
    result = chain_here(s)
    stages = result.stages if result else ()
    rows = tuple(_row(s, i, stage) for i, stage in enumerate(stages))
    preset = preset_name(s.settings.samplers, s.own_presets)
    if result is None:
        hint = "[preset] takes llama.cpp's chain, then that of transformers."
        return ChainView(preset, rows, s.row.ranking.n, hint=hint)
    if s.info is None or not result.moved:
        return ChainView(preset, rows, s.row.ranking.n)
    highlighted = int(s.row.ranking.ids(s.highlight - 1, s.highlight)[0])
    # The highlighted token comes first, so that it is there however few have room.
    moved = sorted(result.moved, key=lambda each: each.token != highlighted)[:MOST_MOVED]
    names = s.info.vocabulary
    listed = tuple(
        MovedRow(name_of(names, each.token), each.stage, each.by, cause(each, names), each.token == highlighted)
        for each in moved
    )
    return ChainView(preset, rows, s.row.ranking.n, listed, len(result.moved))


def cause(moved: Moved, vocabulary: Vocabulary) -> str:
    """Which earlier tokens moved a logit; empty for what the person said."""
    if moved.seen:
        where = "the text" if moved.within < 0 else f"the last {moved.within:,}"
        back = ", ".join(f"{n:,}" for n in moved.seen[:MOST_PLACES])
        more = ", …" if len(moved.seen) > MOST_PLACES else ""
        return f"seen {len(moved.seen):,}× in {where}: {back}{more} back"
    if moved.repeats:
        names = "".join(name_of(vocabulary, token) for token in moved.repeats[-MOST_PLACES:])
        more = "…" if len(moved.repeats) > MOST_PLACES else ""
        return f"would repeat {len(moved.repeats):,} tokens: {more}{names}"
    return ""


def _row(s: State, i: int, stage: Stage) -> StageRow:
    transform = stage.transform
    selected = i == s.stage
    knob = ""
    if selected and (names := knobs_of(transform)):
        name = names[s.knob % len(names)]
        knob = f"{transform.knobs()[name].option} {getattr(transform, name):g}"
    return StageRow(
        name=stage.name,
        setting=stage.setting if transform.active or isinstance(transform, Temperature) else "off",
        n_in=stage.n_in,
        n_out=stage.n_out,
        mass_removed=stage.mass_removed,
        entropy=bits(stage.entropy_bits),
        active=transform.active,
        selected=selected,
        knob=knob,
    )
