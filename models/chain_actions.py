"""What the actions on the chain do to the state; a part of `update`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import actions as act
from .chain_edits import at_temperature, knobs_of, moved, next_preset, toggled, turned
from .changed import changed
from .state import Notice, State

if TYPE_CHECKING:
    from .transform import Transform


def with_samplers(s: State, samplers: tuple[Transform, ...]) -> State:
    """The state with another chain, and one of its stages selected."""
    stage = min(s.stage, max(0, len(samplers) - 1))
    return changed(s, settings=replace(s.settings, samplers=at_temperature(samplers)), stage=stage)


def _select_stage(s: State, a: act.SelectStage) -> State:
    n = len(s.settings.samplers)
    return changed(s, stage=min(max(0, s.stage + a.by), max(0, n - 1)), knob=0)


def _select_knob(s: State, a: act.SelectKnob) -> State:
    if not s.settings.samplers:
        return s
    n = len(knobs_of(s.settings.samplers[s.stage]))
    return changed(s, knob=(s.knob + a.by) % n if n else 0)


def _turn_knob(s: State, a: act.TurnKnob) -> State:
    samplers = s.settings.samplers
    return with_samplers(s, turned(samplers, s.stage, s.knob, a.steps)) if samplers else s


def _toggle_stage(s: State, _: act.Action) -> State:
    samplers = s.settings.samplers
    return with_samplers(s, toggled(samplers, s.stage)) if samplers else s


def _move_stage(s: State, a: act.MoveStage) -> State:
    if not s.settings.samplers:
        return s
    samplers, stage = moved(s.settings.samplers, s.stage, a.by)
    return changed(with_samplers(s, samplers), stage=stage)


def _next_preset(s: State, _: act.Action) -> State:
    name, samplers = next_preset(s.settings.samplers, s.own_presets)
    return changed(with_samplers(s, samplers), stage=0, knob=0, notice=Notice(f"Chain: {name}."))


def _know_presets(s: State, a: act.KnowPresets) -> State:
    return changed(s, own_presets={name: at_temperature(samplers) for name, samplers in a.presets.items()})


def _set_samplers(s: State, a: act.SetSamplers) -> State:
    return with_samplers(s, a.samplers)


CHAIN: dict[type, Callable[[State, Any], State]] = {
    act.SelectStage: _select_stage,
    act.SelectKnob: _select_knob,
    act.TurnKnob: _turn_knob,
    act.ToggleStage: _toggle_stage,
    act.MoveStage: _move_stage,
    act.NextPreset: _next_preset,
    act.KnowPresets: _know_presets,
    act.SetSamplers: _set_samplers,
}
