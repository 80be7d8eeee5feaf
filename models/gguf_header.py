"""What a GGUF file says of itself: its metadata, and where its tensors lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from .ggml_types import FILE_TYPES, TENSOR_TYPES


@dataclass(frozen=True, slots=True)
class ArrayShape:
    """What is kept of an array, or (as "byte") of a text too long to keep: its elements' type and number."""

    element: str
    count: int


Value = int | float | bool | str | ArrayShape


class TensorInfo(NamedTuple):
    """Where a tensor lies: `offset` counts from the start of the data."""

    name: str
    shape: tuple[int, ...]  # the row first
    type: int
    offset: int

    @property
    def n_elements(self) -> int:
        product = 1
        for size in self.shape:
            product *= size
        return product

    @property
    def n_bytes(self) -> int | None:
        """Bytes in the file, None for a type that is not known here."""
        kind = TENSOR_TYPES.get(self.type)
        return kind and self.n_elements // kind.block * kind.size


@dataclass(frozen=True, eq=False)
class GGUFHeader:
    """What a GGUF file says of itself. Sizes are in bytes; texts are decoded with `surrogateescape`."""

    path: str
    version: int
    metadata: Mapping[str, Value]
    tensors: tuple[TensorInfo, ...]
    data_offset: int
    file_size: int
    mtime_ns: int
    header_sha256: str  # with size and mtime the model's identity; the weights are not hashed

    @property
    def n_tensors(self) -> int:
        return len(self.tensors)

    @property
    def architecture(self) -> str:
        return self._text("general.architecture")

    @property
    def name(self) -> str:
        return self._text("general.name") or self._text("general.basename") or Path(self.path).stem

    @property
    def context_length(self) -> int:
        """Tokens of context the model was trained for, 0 if it does not say."""
        return self.number("context_length") or 0

    @property
    def n_vocab(self) -> int:
        tokens = self.metadata.get("tokenizer.ggml.tokens")
        return tokens.count if isinstance(tokens, ArrayShape) else self.number("vocab_size") or 0

    @property
    def split_count(self) -> int:
        """Files this model is split into, 1 if it is not split."""
        count = self.metadata.get("split.count")
        return count if isinstance(count, int) and count > 1 else 1

    @property
    def chat_template(self) -> str | None:
        return self._text("tokenizer.chat_template") or None

    @cached_property
    def quantisation(self) -> str:
        """E.g. "Q4_K_M": from `general.file_type`, else the type of most weights; "" without tensors."""
        file_type = self.metadata.get("general.file_type")
        if isinstance(file_type, int) and file_type & ~1024 in FILE_TYPES:  # 1024 marks a guess
            return FILE_TYPES[file_type & ~1024]
        weights: Counter[int] = Counter()
        for tensor in self.tensors:
            weights[tensor.type] += tensor.n_elements
        if not weights:
            return ""
        most = weights.most_common(1)[0][0]
        return TENSOR_TYPES[most].name if most in TENSOR_TYPES else f"type {most}"

    @cached_property
    def described_size(self) -> int:
        """Bytes the file must have for all its tensors to lie inside, as far as their types are known."""
        ends = [tensor.offset + (tensor.n_bytes or 0) for tensor in self.tensors]
        return self.data_offset + max(ends) if ends else self.data_offset

    def number(self, key: str) -> int | None:
        """The integer `<architecture>.<key>`, None if it is missing or something else."""
        value = self.metadata.get(f"{self.architecture}.{key}")
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def _text(self, key: str) -> str:
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""
