"""The chain as plain data: its stages in order, and what each did to the distribution at the cursor."""

from __future__ import annotations

from ..models.chain import Stage
from ..models.chain_edits import knobs_of, preset_name
from ..models.drawing import chain_here
from ..models.state import State
from .picture_data import ChainView, StageRow
from .renderables.formats import bits


def chain_view(s: State) -> ChainView:
    """The stages at the cursor, whose row is there. Without a chain there are none: the temperature is alone."""
    assert s.row is not None
    result = chain_here(s)
    stages = result.stages if result else ()
    rows = tuple(_row(s, i, stage) for i, stage in enumerate(stages))
    return ChainView(preset_name(s.settings.samplers, s.own_presets), rows, s.row.ranking.n)


def _row(s: State, i: int, stage: Stage) -> StageRow:
    transform = stage.transform
    selected = i == s.stage
    knob = ""
    if selected and (names := knobs_of(transform)):
        name = names[s.knob % len(names)]
        knob = f"{transform.knobs()[name].option} {getattr(transform, name):g}"
    return StageRow(
        name=stage.name,
        setting=stage.setting if transform.active else "off",
        n_in=stage.n_in,
        n_out=stage.n_out,
        mass_removed=stage.mass_removed,
        entropy=bits(stage.entropy_bits),
        active=transform.active,
        selected=selected,
        knob=knob,
    )
