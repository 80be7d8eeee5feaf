"""Reading ahead tells how far it is, reads what is not cached, and leaves the rest alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tempviz.models import read_ahead as room
from tempviz.models.read_ahead import BLOCK, read_ahead

pytestmark = pytest.mark.skipif(not hasattr(os, "RWF_NOWAIT"), reason="only Linux tells what is cached")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where a block was read; looks of one byte do not count."""
    seen: list[int] = []
    preadv = os.preadv

    def counted(fd: int, buffers: list[bytearray], offset: int, flags: int = 0) -> int:
        if flags == 0:
            seen.append(offset)
        return preadv(fd, buffers, offset, flags)

    monkeypatch.setattr(os, "preadv", counted)
    return seen


def written(file: Path, size: int) -> str:
    with file.open("wb") as out:
        out.write(os.urandom(size))
        out.flush()
        os.fsync(out.fileno())
    return str(file)


def test_a_file_that_is_cached_is_only_looked_at(tmp_path: Path, reads: list[int]):
    told: list[float] = []
    read_ahead(written(tmp_path / "a.gguf", 2 * BLOCK + 5), told.append)
    assert reads == [] and len(told) == 3 and told == sorted(told) and told[-1] == 1


def test_a_file_that_is_not_cached_is_read_block_by_block(
    tmp_path: Path, reads: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(room, "_is_cached", lambda *_: False)
    told: list[float] = []
    read_ahead(written(tmp_path / "a.gguf", 2 * BLOCK), told.append)
    assert reads == [0, BLOCK] and told == [0.5, 1]


def test_what_the_disk_has_to_give_first_is_told_from_what_is_cached(tmp_path: Path):
    path = written(tmp_path / "a.gguf", BLOCK)
    fd = os.open(path, os.O_RDONLY)
    assert room._is_cached(fd, 0, BLOCK)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    dropped = not room._is_cached(fd, 0, BLOCK)
    os.close(fd)
    if not dropped:
        pytest.skip("this file system keeps what it is told to drop")


def test_all_parts_of_a_split_model_are_read(tmp_path: Path):
    first = written(tmp_path / "m-00001-of-00002.gguf", 100)
    written(tmp_path / "m-00002-of-00002.gguf", 300)
    told: list[float] = []
    read_ahead(first, told.append)
    assert told == [0.25, 1]


def test_a_file_that_is_gone_is_left_for_llama_to_complain_of(tmp_path: Path):
    read_ahead(str(tmp_path / "none.gguf"), lambda _: pytest.fail("there is nothing to tell"))
