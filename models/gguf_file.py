"""A bounded reader of GGUF headers.

It keeps every scalar and every short text, but of an array only its type and length: the strings of a vocabulary
are walked, not read into objects. A header that lies about its sizes is refused before memory is taken for it.

Source of the format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Mapping
from typing import BinaryIO

from .bounded_reader import BLOCK, U32, U64, BoundedReader, damaged, read_at
from .engine import ModelRefused
from .file_open import open_model_file
from .ggml_types import REMOVED_TYPES, TENSOR_TYPES
from .gguf_header import ArrayShape, GGUFHeader, TensorInfo, Value

MAX_ENTRIES = 65_536  # metadata entries, and tensors
MAX_KEY = 64 << 10
MAX_NAME = 63  # bytes of a tensor's name, as in ggml
MAX_ARRAY = 16 << 20  # elements

_HEAD = struct.Struct("<4sIQQ")
_STRING, _ARRAY = 8, 9
_SCALARS = {
    number: (name, struct.Struct("<" + code))
    for number, name, code in (
        (0, "u8", "B"),
        (1, "i8", "b"),
        (2, "u16", "H"),
        (3, "i16", "h"),
        (4, "u32", "I"),
        (5, "i32", "i"),
        (6, "f32", "f"),
        (7, "bool", "?"),
        (10, "u64", "Q"),
        (11, "i64", "q"),
        (12, "f64", "d"),
    )
}


def read_header(path: str | os.PathLike[str]) -> GGUFHeader:
    """Read the header of a GGUF file, 20 ms for 262,144 tokens, in less than 64 MB whatever it claims.

    Raises `ModelRefused` if the file cannot be opened, is none, is cut in its header or contradicts itself;
    whether it is a model that can be used is for `check_model`.
    """
    path = os.fspath(path)
    file, status = open_model_file(path)
    with file:
        try:
            reader = BoundedReader(path, file, status.st_size)
            version, n_tensors, n_entries = _read_start(reader)
            metadata = _read_metadata(reader, n_entries)
            alignment = _alignment(path, metadata)
            tensors = _read_tensors(reader, n_tensors)
            end = reader.offset
            digest = _sha256(file, end)
        except OSError as error:
            raise ModelRefused(f"{path} cannot be read: {error.strerror}. Check the disk it is on.") from None
    data_offset = _pad(end, alignment)
    _check_offsets(path, tensors, alignment)
    return GGUFHeader(path, version, metadata, tensors, data_offset, status.st_size, status.st_mtime_ns, digest)


def _read_start(reader: BoundedReader) -> tuple[int, int, int]:
    """Version, number of tensors and number of metadata entries."""
    _, version, n_tensors, n_entries = reader.unpack(_HEAD)
    path = reader.path
    if version == 1:
        raise ModelRefused(
            f"{path} is a GGUF file of version 1, from August 2023, which llama.cpp no longer reads. "
            "Download a newer conversion of the model."
        )
    if version and not version & 0xFFFF:
        raise ModelRefused(
            f"{path} is a big-endian GGUF file: it was made for another kind of processor. "
            "Download the little-endian one."
        )
    if version not in (2, 3):
        raise ModelRefused(
            f"{path} is a GGUF file of version {version}, and only 2 and 3 are known. "
            "If it is not damaged, it needs a newer tempviz."
        )
    for count, what in ((n_tensors, "tensors"), (n_entries, "metadata entries")):
        if count > MAX_ENTRIES:
            raise damaged(path, f"it claims to hold {count:,} {what}")
    return version, n_tensors, n_entries


def _read_metadata(reader: BoundedReader, count: int) -> dict[str, Value]:
    metadata: dict[str, Value] = {}
    for _ in range(count):
        key = reader.text("the name of a metadata entry", MAX_KEY)
        if not key:
            raise damaged(reader.path, "one of its metadata entries has no name")
        if key in metadata:
            raise damaged(reader.path, f"its metadata names {key} twice")
        (kind,) = reader.unpack(U32)
        metadata[key] = _read_value(reader, key, kind)
    return metadata


def _read_value(reader: BoundedReader, key: str, kind: int) -> Value:
    if kind in _SCALARS:
        return reader.unpack(_SCALARS[kind][1])[0]
    if kind == _STRING:
        return reader.value_text()
    if kind == _ARRAY:
        (element,) = reader.unpack(U32)
        (count,) = reader.unpack(U64)
        if count > MAX_ARRAY:
            raise damaged(reader.path, f"its list {key} would have {count:,} elements")
        if element == _STRING:
            reader.skip_strings(count)
            return ArrayShape("str", count)
        if element in _SCALARS:
            name, scalar = _SCALARS[element]
            reader.skip(count * scalar.size)
            return ArrayShape(name, count)
        kind = element
    raise damaged(reader.path, f"its metadata entry {key} has the unknown type {kind}")


def _alignment(path: str, metadata: Mapping[str, Value]) -> int:
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1) or alignment > 1 << 20:
        raise damaged(path, f"its general.alignment is {alignment}, which is no power of two")
    return alignment


def _read_tensors(reader: BoundedReader, count: int) -> tuple[TensorInfo, ...]:
    tensors: dict[str, TensorInfo] = {}
    for _ in range(count):
        name = reader.text("the name of a tensor", MAX_NAME)
        if name in tensors:
            raise damaged(reader.path, f"it holds the tensor {name} twice")
        (n_dims,) = reader.unpack(U32)
        if n_dims > 4:
            raise damaged(reader.path, f"its tensor {name} would have {n_dims} dimensions")
        shape = tuple(reader.unpack(U64)[0] for _ in range(n_dims))
        (kind,) = reader.unpack(U32)
        (offset,) = reader.unpack(U64)
        tensors[name] = _checked_tensor(reader.path, TensorInfo(name, shape, kind, offset))
    return tuple(tensors.values())


def _checked_tensor(path: str, tensor: TensorInfo) -> TensorInfo:
    if max(tensor.shape, default=0) >= 1 << 63 or tensor.n_elements >= 1 << 63:
        raise damaged(path, f"its tensor {tensor.name} would have more elements than can be counted")
    if tensor.type in REMOVED_TYPES:
        raise ModelRefused(
            f"{path} is quantised as {REMOVED_TYPES[tensor.type]}, which llama.cpp no longer reads. "
            "Download another quantisation, for example Q4_K_M."
        )
    kind = TENSOR_TYPES.get(tensor.type)
    if kind and tensor.shape and tensor.shape[0] % kind.block:
        raise damaged(path, f"its tensor {tensor.name} has rows of {tensor.shape[0]:,}, not blocks of {kind.block}")
    return tensor


def _check_offsets(path: str, tensors: tuple[TensorInfo, ...], alignment: int) -> None:
    """Tensors lie one behind the other, padded: a gap or an overlap is damage, as it is to ggml."""
    expected = 0
    for tensor in tensors:
        if tensor.offset != expected:
            raise damaged(path, f"its tensor {tensor.name} is said to be at {tensor.offset:,} and not {expected:,}")
        size = tensor.n_bytes
        if size is None:  # a type newer than this table: llama.cpp has to say
            return
        expected += _pad(size, alignment)


def _pad(size: int, alignment: int) -> int:
    return (size + alignment - 1) // alignment * alignment


def _sha256(file: BinaryIO, end: int) -> str:
    digest = hashlib.sha256()
    for offset in range(0, end, BLOCK):
        digest.update(read_at(file, offset, min(BLOCK, end - offset)))
    return digest.hexdigest()
