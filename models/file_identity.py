"""Which file a loaded model came from, and whether its bytes are still the ones that were loaded.

llama.cpp maps the weights and does not copy them, so a file that is written over in place changes the model that runs,
without an error as long as its numbers stay finite. A file that was deleted, or replaced by another one of its name,
lives on for whoever mapped it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from .values import value


@value
class Stamp:
    """What the system says of a file: which one it is, its size in bytes, when it was written last, in ns."""

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: str) -> Stamp | None:
        """Of the file that has this path now, None for one that is gone."""
        try:
            stat = os.stat(path)
        except OSError:
            return None
        return cls(stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)


@value
class FileIdentity:
    """The files of a model as they were when it was loaded, and the digest of the header."""

    files: tuple[tuple[str, Stamp | None], ...] = ()
    header_sha256: str = ""

    @classmethod
    def of(cls, paths: Iterable[str], header_sha256: str) -> FileIdentity:
        """Of files that are there now."""
        return cls(tuple((path, Stamp.of(path)) for path in paths), header_sha256)

    @property
    def changed(self) -> bool:
        """Another file has this name now, or none, or the file itself is another: loading would give another model."""
        return any(Stamp.of(path) != stamp for path, stamp in self.files)

    @property
    def overwritten(self) -> bool:
        """The very file that was loaded is another now, and with it the model that runs."""
        return any(
            now is not None and was is not None and now != was and (now.device, now.inode) == (was.device, was.inode)
            for now, was in ((Stamp.of(path), was) for path, was in self.files)
        )

    def __str__(self) -> str:
        """For `ModelInfo.file`: equal for the same files, whichever inode they have."""
        seen = (f"{stamp.size}@{stamp.mtime_ns}" for _, stamp in self.files if stamp)
        return " ".join((self.header_sha256, *seen))
