"""Whatever is no file of a model is refused by what it is, and never blocks."""

from __future__ import annotations

import gzip
import json
import os
import random
import socket
import struct
import zipfile
from pathlib import Path

import pytest
import tiny_models
from refusal import refusal
from tempviz.models.engine import ModelRefused
from tempviz.models.file_check import check_model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.tiny_llama(tmp_path_factory.mktemp("models") / "tiny.gguf", chat_template="{{ x }}")


def test_missing_names_near_matches(tmp_path: Path, tiny: Path) -> None:
    (tmp_path / "SmolLM2-135M.gguf").touch()
    assert f"Did you mean {tmp_path}/SmolLM2-135M.gguf?" in refusal(tmp_path / "smolm2-135M.gguf")
    assert f"Did you mean {tmp_path}/SmolLM2-135M.gguf?" in refusal(tmp_path / "SmolLM2")
    assert "Did you mean" not in refusal(tmp_path / "gpt.bin")
    assert "nor does the folder" in refusal(tmp_path / "no" / "m.gguf")
    assert "does not exist" in refusal(tiny / "inside")


def test_paths_that_are_none() -> None:
    with pytest.raises(ModelRefused, match="path of the model is empty"):
        check_model("")
    with pytest.raises(ModelRefused, match="NUL character"):
        check_model("a\0b.gguf")
    assert "File name too long" in refusal("a" * 5000)


def test_links(tmp_path: Path, tiny: Path) -> None:
    (tmp_path / "good").symlink_to(tiny)
    assert check_model(tmp_path / "good").n_vocab == 299
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    assert f"link to {tmp_path}/gone, which does not exist" in refusal(tmp_path / "broken")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "leads in a circle" in refusal(tmp_path / "loop")


def test_folder(tmp_path: Path) -> None:
    assert "is a folder, not a model. No .gguf file is in it" in refusal(tmp_path)
    (tmp_path / "m.gguf").touch()
    assert "Give one of the files in it: m.gguf." in refusal(tmp_path)


def test_special_files_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "fifo")
    listener = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    listener.bind("socket")

    def no_open(*arguments: object) -> int:
        raise AssertionError("opened")

    monkeypatch.setattr(os, "open", no_open)
    assert "is a FIFO" in refusal(tmp_path / "fifo")
    assert "is a socket" in refusal(tmp_path / "socket")
    assert "is a device" in refusal("/dev/zero")
    listener.close()


def test_unreadable(tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "m.gguf"
    model.write_bytes(tiny.read_bytes())
    model.chmod(0)
    if os.geteuid() == 0:  # root may read anything, so the system's answer is given in its place

        def denied(*arguments: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "open", denied)
    assert "permission denied" in refusal(model)


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", "weights")


OTHER_FILES = {
    "is empty": b"",
    "only 10 bytes": b"0123456789",
    "only 23 bytes": b"GGUF" + bytes(19),
    "a web page": b"\n<!DOCTYPE html>\n<html><head><title>Access to model is restricted",
    "git lfs pull": b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb",
    "safetensors": struct.pack("<Q", 60) + json.dumps({"__metadata__": {"format": "pt"}}).encode() + b" " * 30,
    "GGML file": struct.pack("<I", 0x67676D6C) + bytes(40),
    "GGMF file": struct.pack("<I", 0x67676D66) + bytes(40),
    "GGJT file": struct.pack("<II", 0x67676A74, 3) + bytes(40),
    "LoRA adapter": struct.pack("<I", 0x67676C61) + bytes(40),
    "gzip": gzip.compress(random.Random(0).randbytes(100)),
    "PyTorch checkpoint (pickle)": b"\x80\x02}q\x00(X\x05\x00\x00\x00modelq\x01X\x03\x00\x00\x00one",
    "a JSON file": b'{"architectures": ["LlamaForCausalLM"]}',
    "a text file": b"Please accept the licence at example.com first.\n",
    "nothing but zeros": bytes(4096),
    "a file of another kind": b"\x7fELF\x02\x01\x01" + bytes(40),
}


@pytest.mark.parametrize("cause", OTHER_FILES)
def test_other_files_are_named(tmp_path: Path, cause: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(OTHER_FILES[cause])
    assert cause in refusal(path)


def test_pytorch_archive(tmp_path: Path) -> None:
    _zip(tmp_path / "pytorch_model.bin")
    assert "PyTorch checkpoint" in refusal(tmp_path / "pytorch_model.bin")


def test_path_that_is_not_utf8(tmp_path: Path, tiny: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.gguf")
    Path(path).write_bytes(tiny.read_bytes())
    assert check_model(path).path == path
    assert "does not exist" in refusal(path + "x")
