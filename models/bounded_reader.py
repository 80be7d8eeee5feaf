"""Reading a file that lies: every length is checked before memory is taken or time is spent for it."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

from .engine import ModelRefused
from .gguf_header import ArrayShape

MAX_TEXT = 64 << 20  # bytes of one string; what is kept of all of them is bounded by KEPT_TEXT
KEPT_TEXT = 8 << 20
MAX_STRINGS = 4 << 20  # strings in all arrays together: what can be walked in half a second
MAX_HEADER = 256 << 20
BLOCK = 1 << 20

U32, U64 = struct.Struct("<I"), struct.Struct("<Q")


def damaged(path: str, what: str) -> ModelRefused:
    """The refusal of a header that cannot be true."""
    return ModelRefused(f"{path} is damaged: {what[:300]}. Download it again.")


class BoundedReader:
    """A position in a file, seen through a buffer of 1 MiB."""

    def __init__(self, path: str, file: BinaryIO, size: int) -> None:
        self.path, self._file, self._size = path, file, size
        self._start, self._buffer, self._at = 0, b"", 0
        self._text_left, self._strings_left = KEPT_TEXT, MAX_STRINGS

    @property
    def offset(self) -> int:
        return self._start + self._at

    def unpack(self, kind: struct.Struct) -> tuple[Any, ...]:
        self._need(kind.size)
        values = kind.unpack_from(self._buffer, self._at)
        self._at += kind.size
        return values

    def skip(self, count: int) -> None:
        """Move on; the bytes are not read, but they must be there."""
        self._at += count
        if self.offset > MAX_HEADER:
            raise damaged(self.path, f"its header would be larger than {MAX_HEADER >> 20} MiB")
        if self.offset > self._size:
            raise self._cut()

    def text(self, what: str, limit: int) -> str:
        """A string that is always kept, of at most `limit` bytes."""
        (length,) = self.unpack(U64)
        if length > min(limit, self._text_left):
            raise damaged(self.path, f"{what} would be {length:,} bytes long")
        return self._take(length)

    def value_text(self) -> str | ArrayShape:
        """A string of the metadata; one too long to keep is skipped."""
        (length,) = self.unpack(U64)
        if length > MAX_TEXT:
            raise damaged(self.path, f"one of its texts would be {length:,} bytes long")
        if length > self._text_left or length > BLOCK:
            self.skip(length)
            return ArrayShape("byte", length)
        return self._take(length)

    def skip_strings(self, count: int) -> None:
        """Walk over strings: each is its length in 8 bytes and its bytes."""
        self._strings_left -= count
        if self._strings_left < 0:
            raise damaged(self.path, f"its lists would hold more than {MAX_STRINGS:,} texts")
        unpack, left = U64.unpack_from, count
        while left:
            self._need(8)
            buffer, at = self._buffer, self._at
            try:
                while left:
                    at += 8 + unpack(buffer, at)[0]
                    left -= 1
            except (struct.error, OverflowError):  # the next string begins behind the buffer
                if at - len(buffer) > MAX_TEXT:
                    raise damaged(self.path, "one of its texts is longer than any text could be") from None
            self.skip(at - self._at)

    def _take(self, length: int) -> str:
        self._text_left -= length
        self._need(length)
        raw = self._buffer[self._at : self._at + length]
        self._at += length
        return raw.decode("utf-8", "surrogateescape")

    def _need(self, count: int) -> None:
        """Have at least `count` bytes in the buffer at the position."""
        if self._at + count <= len(self._buffer):
            return
        start = self.offset
        self._at += count
        self.skip(0)  # refuses an end that lies outside
        self._start, self._at = start, 0
        self._buffer = read_at(self._file, start, max(count, BLOCK))
        if len(self._buffer) < count:
            raise self._cut()

    def _cut(self) -> ModelRefused:
        return ModelRefused(
            f"{self.path} is incomplete: it ends after {self._size:,} bytes, inside its own header, "
            "so the download is incomplete. Download it again."
        )


def read_at(file: BinaryIO, offset: int, count: int) -> bytes:
    """Up to `count` bytes; fewer only at the end of the file."""
    parts = []
    file.seek(offset)
    while count and (part := file.read(count)):
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
