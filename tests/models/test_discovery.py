"""Models are found where other programs keep them, each once, in folders as odd as they may be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_models
from tempviz.models import discovery, recent, remembered
from tempviz.models.discovery import FoundModel, find_models
from tempviz.models.engine import ModelRefused

MODEL_LAYER = "application/vnd.ollama.image.model"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return tiny_models.tiny_llama(tmp_path_factory.mktemp("models") / "tiny.gguf").read_bytes()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, another current folder, no demo model and no setting of another program."""
    for name in ("home", "here"):
        (tmp_path / name).mkdir()
    settings = ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "LLAMA_CACHE", "OLLAMA_MODELS")
    for variable in (*settings, "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")

    def missing() -> str:
        raise ModelRefused("not installed")

    monkeypatch.setattr(discovery, "demo_model_path", missing)
    return tmp_path / "home"


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def found(folder: Path, *extra: Path) -> list[FoundModel]:
    """What is found in a folder; the machine of a developer may have models outside of it."""
    return [one for one in find_models(extra) if one.path.startswith(str(folder))]


def test_nothing_there(home: Path) -> None:
    assert found(home.parent) == []


def test_this_folder_two_deep(home: Path, model: bytes) -> None:
    here = Path.cwd()
    for place in ("a.gguf", "x/b.gguf", "x/y/c.gguf", "x/y/z/d.gguf", ".hidden/e.gguf"):
        put(here / place, model)
    models = found(home.parent)
    assert [os.path.relpath(one.path) for one in models] == ["a.gguf", "x/b.gguf", "x/y/c.gguf"]
    assert models[0] == FoundModel(
        str(here / "a.gguf"), "this folder", "tiny llama", "llama", len(model), "F32", 2048, None
    )


def test_places_of_other_programs(home: Path, model: bytes) -> None:
    put(home / ".cache/huggingface/hub/models--a--b/snapshots/0123/hf.gguf", model)
    put(home / ".lmstudio/models/publisher/repo/lm.gguf", model)
    put(home / ".cache/lm-studio/models/publisher/repo/old.gguf", model)
    put(home / ".cache/llama.cpp/lc.gguf", model)
    sources = [(one.source, Path(one.path).name) for one in found(home)]
    assert sources == [
        ("Hugging Face", "hf.gguf"),
        ("LM Studio", "lm.gguf"),
        ("LM Studio", "old.gguf"),
        ("llama.cpp", "lc.gguf"),
    ]


@pytest.mark.parametrize(
    ("variable", "below"),
    [
        ("HF_HOME", "hub/models--a--b/snapshots/0123"),
        ("HF_HUB_CACHE", "models--a--b/snapshots/0123"),
        ("LLAMA_CACHE", "."),
        ("XDG_CACHE_HOME", "llama.cpp"),
    ],
)
def test_settings_of_other_programs(
    home: Path, model: bytes, monkeypatch: pytest.MonkeyPatch, variable: str, below: str
) -> None:
    monkeypatch.setenv(variable, str(home / "elsewhere"))
    put(home / "elsewhere" / below / "m.gguf", model)
    assert [Path(one.path).name for one in found(home)] == ["m.gguf"]


def test_links_of_hugging_face_count_once(home: Path, model: bytes) -> None:
    repo = home / ".cache/huggingface/hub/models--a--b"
    blob = put(repo / "blobs/0a1b", model)
    for revision in ("111", "222"):
        link = repo / "snapshots" / revision / "m.gguf"
        link.parent.mkdir(parents=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    assert [one.path for one in found(home)] == [str(repo / "snapshots/111/m.gguf")]


def test_given_folder(home: Path, model: bytes, tmp_path: Path) -> None:
    put(tmp_path / "extra/m.gguf", model)
    assert [one.source for one in found(tmp_path, tmp_path / "extra", tmp_path / "none")] == ["given folder"]


def test_demo_model_comes_first(home: Path, model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = put(home / "demo.gguf", model)
    put(Path.cwd() / "a.gguf", model)
    monkeypatch.setattr(discovery, "demo_model_path", lambda: str(demo))
    assert [one.source for one in found(home.parent)] == ["demo model", "this folder"]


# --- Ollama -------------------------------------------------------------------------------------------------------


def ollama(root: Path, name: str, data: bytes, kind: str = MODEL_LAYER, digit: str = "a") -> None:
    digest = digit * 64
    put(root / f"blobs/sha256-{digest}", data)
    layers = [
        {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:" + "f" * 64},
        {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(data)},
    ]
    put(root / "manifests" / name, json.dumps({"schemaVersion": 2, "layers": layers}).encode())


def test_ollama(home: Path, model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    root = home / ".ollama/models"
    ollama(root, "registry.ollama.ai/library/llama3.2/1b", model, digit="1")
    ollama(root, "registry.ollama.ai/someone/tuned/latest", model, digit="2")
    ollama(root, "hf.co/bart/Some-GGUF/Q4_K_M", model, digit="3")
    names = {one.name: one for one in found(home)}
    assert set(names) == {"llama3.2:1b", "someone/tuned:latest", "hf.co/bart/Some-GGUF:Q4_K_M"}
    assert names["llama3.2:1b"].path == str(root / f"blobs/sha256-{'1' * 64}")
    assert (names["llama3.2:1b"].source, names["llama3.2:1b"].context) == ("Ollama", 2048)
    monkeypatch.setenv("OLLAMA_MODELS", str(home / "moved"))
    root.rename(home / "moved")
    assert len(found(home)) == 3


def test_ollama_blobs_that_are_no_model(home: Path, tmp_path: Path, model: bytes) -> None:
    root = home / ".ollama/models"
    ollama(root, "registry.ollama.ai/library/projector/1", model, kind="application/vnd.ollama.image.projector")
    ollama(root, "registry.ollama.ai/library/broken/1", b"not a model", digit="b")
    bert = tiny_models.tiny_bert(tmp_path / "bert").read_bytes()
    ollama(root, "registry.ollama.ai/library/nomic-embed-text/1", bert, digit="c")
    assert found(home) == []


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"\xff\xfe{",
        b"[]",
        b"7",
        b'{"layers": 7}',
        b'{"layers": [7, {}]}',
        b"[" * 100_000,
        json.dumps({"layers": [{"mediaType": MODEL_LAYER, "digest": "sha256:../../../etc/passwd"}]}).encode(),
        json.dumps({"layers": [{"mediaType": MODEL_LAYER, "digest": ["sha256:" + "a" * 64]}]}).encode(),
    ],
)
def test_ollama_manifests_that_are_garbage(home: Path, model: bytes, manifest: bytes) -> None:
    root = home / ".ollama/models"
    put(root / "manifests/registry.ollama.ai/library/bad/1", manifest)
    ollama(root, "registry.ollama.ai/library/good/1", model)
    assert [one.name for one in found(home)] == ["good:1"]


# --- files that are odd -------------------------------------------------------------------------------------------


def test_accessories_and_later_parts_are_left_out(home: Path, model: bytes) -> None:
    here = Path.cwd()
    tiny_models.tiny_llama(here / "mmproj-x.gguf", overrides={"general.type": "mmproj"})
    tiny_models.tiny_llama(here / "clip.gguf", overrides={"general.architecture": "clip"})
    tiny_models.tiny_llama(here / "lora.gguf", overrides={"general.type": "adapter"})
    for number in (1, 2):
        path = here / f"big-0000{number}-of-00002.gguf"
        tiny_models.tiny_llama(path, overrides={"split.no": number - 1, "split.count": 2})
    (only,) = found(home.parent)
    assert (Path(only.path).name, only.problem) == ("big-00001-of-00002.gguf", None)
    assert only.size == sum(path.stat().st_size for path in here.glob("big-*"))


def test_files_that_cannot_be_used_are_listed_with_their_problem(home: Path, model: bytes) -> None:
    here = Path.cwd()
    put(here / "cut.gguf", model[:-1000])
    put(here / "page.gguf", b"<!DOCTYPE html><html><head>not found</head></html>")
    put(here / "page.bin", b"<!DOCTYPE html><html><head>not found</head></html>")
    tiny_models.tiny_bert(here / "bert.gguf")
    problems = {Path(one.path).name: one.problem or "" for one in found(home.parent)}
    assert set(problems) == {"bert.gguf", "cut.gguf", "page.gguf"}
    assert "an encoder (bert)" in problems["bert.gguf"]
    assert "is incomplete" in problems["cut.gguf"]
    assert "a web page" in problems["page.gguf"]


def test_odd_entries_are_passed_over(home: Path, model: bytes) -> None:
    here = Path.cwd()
    put(here / "good.gguf", model)
    put(Path(os.fsdecode(os.fsencode(here) + b"/\xff\x1b[2J.gguf")), model)
    (here / "folder.gguf").mkdir()
    os.mkfifo(here / "fifo.gguf")
    (here / "broken.gguf").symlink_to(here / "gone")
    (here / "loop.gguf").symlink_to(here / "loop.gguf")
    (here / "around").symlink_to(here, target_is_directory=True)
    names = {os.fsencode(Path(one.path).name) for one in found(home.parent)}
    assert names == {b"good.gguf", b"\xff\x1b[2J.gguf"}


def test_unreadable_folders(home: Path, model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    put(Path.cwd() / "good.gguf", model)
    closed = Path.cwd() / "closed"
    closed.mkdir()
    scan = os.scandir

    def scandir(path: str):
        if str(path) == str(closed):  # chmod does not keep root out
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [Path(one.path).name for one in found(home.parent)] == ["good.gguf"]


def test_folder_removed_under_us(home: Path) -> None:
    Path.cwd().rmdir()
    assert found(home.parent) == []


def test_at_most_so_many(home: Path, model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        put(Path.cwd() / f"{number}.gguf", model + b"%d" % number)
    monkeypatch.setattr(discovery, "MAX_MODELS", 5)
    assert len(find_models()) == 5
    monkeypatch.setattr(discovery, "MAX_ENTRIES", 3)
    assert len(found(home.parent)) == 3


# --- the models used last -----------------------------------------------------------------------------------------


@pytest.fixture
def state(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the list, in the fake home on every platform."""
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    file = remembered.state_file("recent-models")
    assert str(file).startswith(str(home))
    return file


def test_recent_models(home: Path, model: bytes, state: Path) -> None:
    assert recent.recent_models() == []
    paths = [str(put(Path.cwd() / f"{number}.gguf", model)) for number in range(12)]
    for path in paths:
        recent.remember_model(path)
    assert recent.recent_models() == paths[:1:-1]
    recent.remember_model("5.gguf")
    assert recent.recent_models()[:2] == [paths[5], paths[11]]
    os.unlink(paths[11])
    assert paths[11] not in recent.recent_models()
    assert os.listdir(state.parent) == [state.name]


def test_recent_models_with_names_that_are_not_utf8(home: Path, model: bytes, state: Path) -> None:
    path = os.fsdecode(os.fsencode(Path.cwd()) + b"/\xff.gguf")
    recent.remember_model(put(Path(path), model))
    assert recent.recent_models() == [path]


@pytest.mark.parametrize("garbage", [b"", b"\xff", b"{}", b"7", b'["a\\u0000b", 7, null, ""]', b"[" * 100_000])
def test_recent_list_that_is_garbage(home: Path, model: bytes, state: Path, garbage: bytes) -> None:
    put(state, garbage)
    assert recent.recent_models() == []
    path = str(put(Path.cwd() / "m.gguf", model))
    recent.remember_model(path)
    assert recent.recent_models() == [path]


def test_recent_list_that_cannot_be_written(
    home: Path, model: bytes, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves the old list and no draft; a file in the folder's place is no error."""
    path = str(put(Path.cwd() / "m.gguf", model))
    recent.remember_model(path)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        recent.remember_model(path + "2")
    assert recent.recent_models() == [path]
    assert os.listdir(state.parent) == [state.name]
    state.unlink()
    state.parent.rmdir()
    state.parent.write_text("in the way")
    recent.remember_model(path)
    assert recent.recent_models() == []


def test_platformdirs_is_loaded_only_when_it_is_needed() -> None:
    program = "import sys, tempviz.models.recent; sys.exit('platformdirs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
