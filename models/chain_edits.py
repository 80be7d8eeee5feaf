"""How a person changes the chain: presets, stages on and off and up and down, knobs turned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from .transform import Transform

Samplers = tuple[Transform, ...]


def knobs_of(stage: Transform) -> list[str]:
    """The fields of a stage that keys turn; the temperature itself has keys of its own."""
    return [name for name in stage.knobs() if not (stage.name == "temperature" and name == "t")]


def turned(samplers: Samplers, stage: int, knob: int, steps: int) -> Samplers:
    """The chain with one knob turned."""
    names = knobs_of(samplers[stage])
    if not names:
        return samplers
    return _with(samplers, stage, samplers[stage].turned(names[knob % len(names)], steps))


def toggled(samplers: Samplers, stage: int) -> Samplers:
    """The chain with a stage switched off, or on again with settings that do something."""
    now = samplers[stage]
    if now.active:
        return _with(samplers, stage, now.switched_off())
    again: Any = type(now)()
    if not again.active:
        # Off is llama.cpp's default for some; then a first step of the first knob shows what the stage does.
        names = [name for name in knobs_of(again) if name in again.off]
        again = next((on for name in names if (on := _nudged(again, name)).active), again)
    return _with(samplers, stage, again)


def moved(samplers: Samplers, stage: int, by: int) -> tuple[Samplers, int]:
    """The chain with a stage moved up or down, and where it stands now."""
    to = min(max(0, stage + by), len(samplers) - 1)
    order = list(samplers)
    order.insert(to, order.pop(stage))
    return tuple(order), to


def _nudged(stage: Transform, name: str) -> Transform:
    up = stage.turned(name, 2)
    return up if up != stage else stage.turned(name, -2)


def _with(samplers: Samplers, stage: int, changed: Transform) -> Samplers:
    return tuple(changed if i == stage else x for i, x in enumerate(samplers))


def at_temperature(samplers: Samplers, t: float = 1.0) -> Samplers:
    """The chain with its temperature filled in. It is kept at 1, lest one chain at two temperatures be two."""
    return tuple(replace(x, t=t) if x.name == "temperature" else x for x in samplers)


def presets(own: Mapping[str, Samplers]) -> dict[str, Samplers]:
    """The chains to choose from, by name, the person's own last; each with its temperature to be filled in."""
    return _built_in() | dict(own)


@lru_cache(maxsize=1)
def _built_in() -> dict[str, Samplers]:
    """Kept, since every picture of a chain asks for its name."""
    from .presets import PRESETS

    return {name: () if name == "off" else make(1.0).transforms for name, make in PRESETS.items()}


def preset_name(samplers: Samplers, own: Mapping[str, Samplers]) -> str:
    """The preset that a chain is, by its latest name, or "changed by hand"."""
    return next((name for name, chain in reversed(presets(own).items()) if chain == samplers), "changed by hand")


def next_preset(samplers: Samplers, own: Mapping[str, Samplers]) -> tuple[str, Samplers]:
    """The preset after the one that a chain is; the first after one that is none."""
    names = {chain: name for name, chain in presets(own).items()}  # a chain with two names has one turn
    chains = list(names)
    chain = chains[(chains.index(samplers) + 1) % len(chains)] if samplers in names else chains[0]
    return names[chain], chain


def samplers_of(order: str | None, options: Mapping[str, float]) -> Samplers:
    """The chain that llama.cpp's options ask for: those given, in its default order or in the one given.

    Stages that only the order names have llama.cpp's defaults. Raises ValueError, with the option's name, for a value
    out of range, for an unknown name in the order, and for an option whose stage the order leaves out.
    """
    from .presets import KINDS, chain_of, parse_samplers

    kinds: dict[str, dict[str, float]] = {"temperature": {}}
    for name, kind in KINDS.items():
        for field, its_knob in kind.knobs().items():
            if its_knob.option in options and its_knob.option not in _SHARED:
                kinds.setdefault(name, {})[field] = options[its_knob.option]
    made = [KINDS[name](**{"t": 1.0, **fields} if name == "temperature" else fields) for name, fields in kinds.items()]
    names = [name for name in KINDS if name in kinds] if order is None else parse_samplers(order)
    if missing := [name for name, fields in kinds.items() if fields and name not in names]:
        raise ValueError(f"{', '.join(missing)} has options but no place in --samplers")
    return chain_of(names, made).transforms


_SHARED = {"min-keep"}  # of several stages; not an option here
