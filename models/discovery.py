"""The models that are on this machine already, for the picker: where other programs keep theirs.

Nothing here raises for a folder that cannot be read or a file that is odd, and everything is bounded: a home folder may
hold anything.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from .engine import ModelRefused
from .file_check import SPLIT_NAME, accessory, check_header, demo_model_path
from .gguf_file import read_header

MAX_MODELS = 2_000
MAX_ENTRIES = 50_000  # of folders, for each place

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model file; texts come from the file and its name, and are as trustworthy as those."""

    path: str
    source: str  # where it was found, for a person
    name: str
    architecture: str = ""
    size: int = 0  # bytes, of all parts
    quantisation: str = ""
    context: int = 0  # tokens, 0 if the file does not say
    problem: str | None = None  # why it cannot be used


class _Candidate(NamedTuple):
    path: str
    source: str
    name: str | None = None  # where the place has a better one than the file


def find_models(extra_dirs: Iterable[str | os.PathLike[str]] = ()) -> list[FoundModel]:
    """All models found, each once, in the order of the places they are in."""
    return list(iter_models(extra_dirs))


def iter_models(extra_dirs: Iterable[str | os.PathLike[str]] = ()) -> Iterator[FoundModel]:
    """The models of `find_models` one by one, since reading a header takes up to 30 ms."""
    seen: set[str] = set()
    for candidate in islice(_candidates(extra_dirs), MAX_MODELS):
        real = os.path.realpath(candidate.path)
        if real not in seen:
            seen.add(real)
            found = _look_at(candidate)
            if found:
                yield found


def _look_at(candidate: _Candidate) -> FoundModel | None:
    """What a file is; None for parts and accessories, and for blobs without a name that are no model."""
    path, source = candidate.path, candidate.source
    is_named = path.endswith(".gguf")
    match = SPLIT_NAME.fullmatch(os.path.basename(path))
    if match and int(match["number"]) != 1:
        return None
    name = candidate.name or os.path.basename(path)
    try:
        header = read_header(path)
    except ModelRefused as refused:
        return FoundModel(path, source, name, size=_size(path), problem=str(refused)) if is_named else None
    if accessory(header):
        return None
    size, problem = header.file_size, None
    try:
        size = check_header(header)
    except ModelRefused as refused:
        if not is_named:
            return None
        problem = str(refused)
    return FoundModel(
        path,
        source,
        candidate.name or header.name,
        header.architecture,
        size,
        header.quantisation,
        header.context_length,
        problem,
    )


def _candidates(extra_dirs: Iterable[str | os.PathLike[str]]) -> Iterator[_Candidate]:
    with suppress(ModelRefused):
        yield _Candidate(demo_model_path(), "demo model")
    for folder, source, depth in _places(extra_dirs):
        for path in _gguf_files(folder, depth):
            yield _Candidate(path, source)
    for root in _ollama_roots():
        yield from _ollama_models(root)


def _places(extra_dirs: Iterable[str | os.PathLike[str]]) -> Iterator[tuple[Path, str, int]]:
    """Folders with .gguf files: (folder, what a person calls it, how many folders deep to look)."""
    home = Path(os.path.expanduser("~"))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    with suppress(OSError):  # the folder was removed under us
        yield Path.cwd(), "this folder", 2
    for folder in extra_dirs:
        yield Path(folder).absolute(), "given folder", 2
    for hub in _hugging_face_caches(cache):
        for entry in _entries(str(hub), MAX_ENTRIES):
            if entry.name.startswith("models--"):
                yield Path(entry.path) / "snapshots", "Hugging Face", 3
    for folder in (home / ".lmstudio" / "models", cache / "lm-studio" / "models"):
        yield folder, "LM Studio", 4
    for folder in (os.environ.get("LLAMA_CACHE"), cache / "llama.cpp"):
        if folder:
            yield Path(folder), "llama.cpp", 2
    if sys.platform == "darwin":
        yield home / "Library" / "Caches" / "llama.cpp", "llama.cpp", 2


def _hugging_face_caches(cache: Path) -> Iterator[Path]:
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if named:
        yield Path(named)
    if os.environ.get("HF_HOME"):
        yield Path(os.environ["HF_HOME"]) / "hub"
    yield cache / "huggingface" / "hub"


def _gguf_files(folder: Path, depth: int) -> Iterator[str]:
    """Files in a folder that end in .gguf."""
    return (path for path in _files(str(folder), depth) if path.endswith(".gguf"))


def _files(folder: str, depth: int) -> Iterator[str]:
    """Regular files by name, `depth` folders deep; folders that are hidden or linked are left out."""
    left, waiting = MAX_ENTRIES, [(folder, depth)]
    while waiting and left > 0:
        place, below = waiting.pop()
        entries = _entries(place, left)
        left -= len(entries)
        folders = [
            (entry.path, below - 1)
            for entry in entries
            if below and not entry.name.startswith(".") and _is(entry.is_dir, follow_symlinks=False)
        ]
        waiting += reversed(folders)
        yield from (entry.path for entry in entries if _is(entry.is_file))


def _is(kind: Callable[..., bool], **how: bool) -> bool:
    try:
        return kind(**how)
    except OSError:  # a link in a circle, a folder that may not be looked at
        return False


def _entries(folder: str, limit: int) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(islice(entries, limit), key=lambda entry: entry.name)
    except OSError:
        return []


def _ollama_roots() -> Iterator[Path]:
    named = os.environ.get("OLLAMA_MODELS")
    if named:
        yield Path(named)
    yield Path(os.path.expanduser("~")) / ".ollama" / "models"
    yield Path("/usr/share/ollama/.ollama/models")


def _ollama_models(root: Path) -> Iterator[_Candidate]:
    """Ollama keeps weights under their digest; manifests/<host>/<namespace>/<model>/<tag> says whose they are."""
    manifests = root / "manifests"
    for manifest in _files(str(manifests), 6):
        for digest in _model_digests(manifest):
            blob = root / "blobs" / digest.replace(":", "-")
            if os.path.isfile(blob):
                yield _Candidate(str(blob), "Ollama", _ollama_name(Path(manifest).relative_to(manifests)))


def _model_digests(manifest: str) -> list[str]:
    try:
        with open(manifest, "rb") as file:
            layers = json.loads(file.read(1 << 20)).get("layers", [])
        digests = [x["digest"] for x in layers if x["mediaType"] == "application/vnd.ollama.image.model"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []
    return [digest for digest in digests if isinstance(digest, str) and _DIGEST.fullmatch(digest)]


def _ollama_name(manifest: Path) -> str:
    """What `ollama run` takes: llama3.2:1b, or hf.co/someone/model:tag."""
    *names, tag = manifest.parts
    for default in ("registry.ollama.ai", "library"):
        if names and names[0] == default:
            names = names[1:]
    return f"{'/'.join(names)}:{tag}"


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
