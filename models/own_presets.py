"""The person's own chains: as plain data, and in a TOML file in the platform's configuration folder.

    [["my chain"]]
    name = "top_k"
    k = 40

    [["my chain"]]
    name = "temperature"
    t = 0.8

A setting that is left out has llama.cpp's default. What cannot be read is left out, with a sentence that says why.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from .chain import Chain
from .penalties import GREATEST_BIAS, LogitBias
from .presets import KINDS, MOST_STAGES, PRESETS
from .transform import Transform

Plain = dict[str, Any]
"""One stage as plain data, fit for JSON and TOML."""

_MOST_BYTES = 1 << 20


class PresetError(Exception):
    """The file of presets cannot be used; one or two sentences for the person."""


# ---- plain data ----------------------------------------------------------------------------------------------------


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


# ---- the file ------------------------------------------------------------------------------------------------------


def presets_file() -> Path:
    """Where the person's presets are."""
    import platformdirs

    return platformdirs.user_config_path("tempviz", appauthor=False) / "presets.toml"


def read_presets(file: Path | None = None) -> tuple[dict[str, Chain], list[str]]:
    """(the presets by name, sentences about what was left out). No file: no presets, nothing to say."""
    file = file or presets_file()
    try:
        tables = _read(file)
    except PresetError as error:
        return {}, [str(error)]
    presets: dict[str, Chain] = {}
    sentences = []
    for name, stages in tables.items():
        try:
            presets[_checked(name)] = from_plain(stages)
        except ValueError as error:
            sentences.append(f"The preset {name!r} in {file} is left out: {error}.")
    return presets, sentences


def save_preset(name: str, chain: Chain, file: Path | None = None) -> None:
    """Keep a chain under a name, in place of another of that name.

    Raises ValueError for a name that cannot be one, PresetError if the file cannot be written, or holds what would be
    lost.
    """
    _change(name, chain, file or presets_file())


def forget_preset(name: str, file: Path | None = None) -> None:
    """Take a preset out of the file. Raises what `save_preset` raises."""
    _change(name, None, file or presets_file())


def _change(name: str, chain: Chain | None, file: Path) -> None:
    _checked(name)
    if chain is not None and not chain.transforms:
        raise ValueError("a preset needs at least one sampler")
    presets, sentences = read_presets(file)
    if sentences:
        raise PresetError(f"Nothing was saved, lest something in the file be lost. {sentences[0]}")
    presets.pop(name, None)
    if chain is not None:
        presets[name] = chain
    text = "\n".join(_toml(preset, stage) for preset, kept in presets.items() for stage in to_plain(kept))
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("a breaker of dry is no text that a file could hold") from error
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(data)
            os.replace(draft, file)
        except OSError:
            os.unlink(draft)
            raise
    except OSError as error:
        raise PresetError(f"{file} cannot be written: {error.strerror or error}.") from error


def _checked(name: str) -> str:
    if name in PRESETS:
        raise ValueError(f"{name!r} is the name of a preset of tempviz; take another")
    if not 0 < len(name) <= 60 or not name.isprintable():
        raise ValueError(f"{name!r} is no name for a preset: it needs 1 to 60 characters that can be seen")
    return name


def _read(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        with open(file, "rb") as source:
            data = source.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise PresetError(f"{file} cannot be read: {error.strerror or error}.") from error
    if len(data) > _MOST_BYTES:
        raise PresetError(f"{file} is longer than {_MOST_BYTES:,} bytes, so it is no file of presets.")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PresetError(f"{file} is not TOML that can be read: {error}. Mend it, or move it away.") from error


def _toml(preset: str, stage: Plain) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in stage.items()]
    return "\n".join([f"[[{_value(preset)}]]", *lines, ""])


def _value(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_value(key)} = {_value(entry)}' for key, entry in value.items())}}}"
    return repr(float(value) if isinstance(value, float) else value)
