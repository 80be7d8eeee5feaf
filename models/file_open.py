"""Opening a file that may be anything: a folder, a FIFO, a web page saved under a model's name.

llama.cpp hangs on a FIFO and answers all else with one sentence, so what can be told apart is told here.
"""

from __future__ import annotations

import difflib
import errno
import os
import stat
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from .engine import ModelRefused

MIN_SIZE = 24
"""Bytes of the smallest GGUF header: magic, version, two counts."""

_STARTS: tuple[tuple[bytes, str], ...] = (
    (
        b"version https://git-lfs",
        "a Git LFS pointer, not the file it points to: run `git lfs pull` in its folder",
    ),
    (b"PK\x03\x04", "a zip archive or PyTorch checkpoint: convert it with llama.cpp's convert_hf_to_gguf.py"),
    (b"\x80\x02", "a PyTorch checkpoint (pickle): convert it with llama.cpp's convert_hf_to_gguf.py"),
    (b"\x89HDF", "a Keras or HDF5 file: look for the same model as GGUF"),
    (b"lmgg", "a GGML file from before August 2023, which llama.cpp no longer reads: download it as GGUF"),
    (b"fmgg", "a GGMF file from before August 2023, which llama.cpp no longer reads: download it as GGUF"),
    (b"tjgg", "a GGJT file from before August 2023, which llama.cpp no longer reads: download it as GGUF"),
    (b"algg", "a LoRA adapter in an old format, not a model: give the model it was made for"),
    (b"\x1f\x8b", "a gzip archive: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive: unpack it first"),
    (b"\xfd7zXZ", "an xz archive: unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
)


def open_model_file(path: str) -> tuple[BinaryIO, os.stat_result]:
    """Open a regular file of at least 24 bytes that begins like a GGUF file, and its status.

    Anything else is never opened, or closed again. Raises `ModelRefused`, saying what the file is instead.
    """
    if not path:
        raise ModelRefused("The path of the model is empty. Give a .gguf file, or `demo`.")
    if "\0" in path:
        raise ModelRefused(f"{path!r} is no path: it contains a NUL character. Give the path of a .gguf file.")
    try:
        _refuse_special(path, os.stat(path))
        # A FIFO that takes the file's place after the check must not block the open.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _refusal(path, error) from None
    file = os.fdopen(descriptor, "rb", buffering=0)
    try:
        status = os.fstat(descriptor)
        _refuse_special(path, status)
        _refuse_other_format(path, file.read(512), status.st_size)
    except OSError as error:
        file.close()
        raise _refusal(path, error) from None
    except ModelRefused:
        file.close()
        raise
    return file, status


def _refuse_special(path: str, status: os.stat_result) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFREG:
        return
    if kind == stat.S_IFDIR:
        raise ModelRefused(f"{path} is a folder, not a model. {_advice_in(path)}")
    names = {stat.S_IFIFO: "a FIFO (named pipe)", stat.S_IFSOCK: "a socket"}
    what = names.get(kind, "a device")
    raise ModelRefused(f"{path} is {what}: a model must be a file on disk. Give the path of a .gguf file.")


def _advice_in(folder: str) -> str:
    try:
        with os.scandir(folder) as entries:
            inside = sorted(e.name for e in islice(entries, 10_000) if e.name.endswith(".gguf"))
    except OSError:
        inside = []
    if not inside:
        return "No .gguf file is in it; give the path of one."
    return f"Give one of the files in it: {', '.join(inside[:3])}{' …' if len(inside) > 3 else ''}."


def _refusal(path: str, error: OSError) -> ModelRefused:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return ModelRefused(_missing(path))
        case errno.EACCES | errno.EPERM:
            return ModelRefused(
                f"{path} cannot be read: permission denied. Change its permissions (chmod u+r) or copy it."
            )
        case errno.ELOOP:
            return ModelRefused(f"{path} is a symbolic link that leads in a circle. Give the file itself.")
        case _:
            return ModelRefused(f"{path} cannot be read: {error.strerror}. Give the path of a .gguf file.")


def _missing(path: str) -> str:
    if os.path.islink(path):
        target = os.readlink(path)
        return f"{path} is a symbolic link to {target}, which does not exist. Download the file again."
    parent = os.path.dirname(path) or "."
    if not os.path.isdir(parent):
        return f"{path} does not exist, nor does the folder {parent}. Check the path for a typing error."
    near = _near_matches(parent, os.path.basename(path))
    if near:
        return f"{path} does not exist. Did you mean {' or '.join(near)}?"
    return f"{path} does not exist. Check the path, or run `tempviz models` to see what is on this machine."


def _near_matches(folder: str, name: str) -> list[str]:
    """Files and folders there whose names are like `name`, best first, as paths."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, 10_000)]
    except OSError:
        return []
    folded = {other.casefold(): other for other in names}
    wanted = name.casefold()
    near = difflib.get_close_matches(wanted, folded, n=3, cutoff=0.7)
    # A name typed without its ending, or only its beginning, is no close match by difflib's measure.
    near += [other for other in folded if wanted and other.startswith(wanted) and other not in near]
    return [str(Path(folder) / folded[other]) for other in near[:3]]


def _refuse_other_format(path: str, head: bytes, size: int) -> None:
    if size == 0:
        raise ModelRefused(f"{path} is empty: the download did not start or the disk was full. Download it again.")
    if size < MIN_SIZE or len(head) < MIN_SIZE:
        raise ModelRefused(
            f"{path} is only {size} bytes long, too short for a model. Download it again, or check the path."
        )
    if not head.startswith(b"GGUF"):
        raise ModelRefused(f"{path} is not a GGUF model: it looks like {looks_like(head)}.")


def looks_like(head: bytes) -> str:
    """What the first bytes of a file that is no GGUF look like and what to do about it, to end a sentence."""
    for start, what in _STARTS:
        if head.startswith(start):
            return what
    if head[8:10] in (b'{"', b"{ ") and int.from_bytes(head[:8], "little") < 1 << 30:
        return "a safetensors file: convert it with llama.cpp's convert_hf_to_gguf.py, or download it as GGUF"
    if not head.strip(b"\0"):
        return "nothing but zeros, so the download reserved its space and never filled it: download it again"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head")):
        return "a web page: the link led to a page and not to the file, so use its direct download link"
    if text.startswith((b"{", b"[")):
        return "a JSON file: give the .gguf file itself"
    if all(byte >= 32 or byte in b"\t\n\r\f" for byte in head):
        return "a text file: give the .gguf file itself"
    return "a file of another kind: give a file that ends in .gguf"
