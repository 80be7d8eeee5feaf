"""The person's own chains, in a TOML file in the platform's configuration folder.

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
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .chain import Chain
from .plain_chain import Plain, from_plain, to_plain
from .presets import PRESETS

_MOST_BYTES = 1 << 20


class PresetError(Exception):
    """The file of presets cannot be used; one or two sentences for the person."""


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
