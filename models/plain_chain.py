"""A chain as plain data, fit for JSON and TOML: for the file of presets, and for the model's process.

    {"name": "top_k", "k": 40}

A setting that is left out has llama.cpp's default.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from .chain import Chain
from .penalties import GREATEST_BIAS, LogitBias
from .presets import KINDS, MOST_STAGES
from .transform import Transform

Plain = dict[str, Any]
"""One stage as plain data."""


def to_plain(chain: Chain) -> list[Plain]:
    """A chain as a list of tables, one a stage."""
    return [_stage_to_plain(transform) for transform in chain.transforms]


def from_plain(stages: object) -> Chain:
    """The chain of such a list. Raises ValueError, in words, for anything else."""
    if not isinstance(stages, list) or not all(isinstance(stage, dict) for stage in stages):
        raise ValueError("a chain is a list of tables, one for each sampler")
    if len(stages) > MOST_STAGES:
        raise ValueError(f"a chain has at most {MOST_STAGES} samplers, not {len(stages)}")
    return Chain(tuple(_stage_from_plain(stage) for stage in stages))


def _stage_to_plain(transform: Transform) -> Plain:
    if isinstance(transform, LogitBias):
        biases = {str(token): value for token, value in transform.bias if value != -math.inf}
        return {"name": transform.name, "bias": biases, "banned": [t for t, v in transform.bias if v == -math.inf]}
    values = {f.name: getattr(transform, f.name) for f in fields(transform)}
    return {"name": transform.name} | {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def _stage_from_plain(stage: Mapping[str, object]) -> Transform:
    settings = dict(stage)
    name = settings.pop("name", None)
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(f"there is no sampler {name!r}; there are {', '.join(KINDS)}")
    if kind is LogitBias:
        return _bias_from_plain(settings)
    known = {f.name for f in fields(kind)}
    if unknown := settings.keys() - known:
        raise ValueError(f"{name} has no setting {sorted(unknown)[0]!r}; it has {', '.join(sorted(known))}")
    if "breakers" in settings:
        breakers = settings["breakers"]
        if not isinstance(breakers, list) or not all(isinstance(breaker, str) for breaker in breakers):
            raise ValueError("dry needs a list of texts as breakers")
        settings["breakers"] = tuple(breakers)
    return kind(**settings)


def _bias_from_plain(settings: Mapping[str, object]) -> LogitBias:
    biases, banned = settings.get("bias", {}), settings.get("banned", [])
    if settings.keys() - {"bias", "banned"} or not (isinstance(biases, dict) and isinstance(banned, list)):
        raise ValueError("logit_bias needs a table of token ids and numbers, and a list of banned ids")
    ids = all(token.isdecimal() and len(token) < 20 for token in biases) and all(type(token) is int for token in banned)
    if not ids or not all(type(value) in (int, float) and abs(value) <= GREATEST_BIAS for value in biases.values()):
        raise ValueError("logit_bias needs whole numbers as token ids, and numbers to add")
    return LogitBias.of({int(token): value for token, value in biases.items()} | dict.fromkeys(banned, -math.inf))
