"""The model in a process of its own: the same answers, and an end in words whatever becomes of that process."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path as File

import numpy as np
import pytest
from processes import LONG, PROMPT, is_gone
from tempviz.models import file_check, wire
from tempviz.models.engine import (
    BadLogits,
    Cancelled,
    ContextFull,
    EngineDied,
    EngineError,
    InvalidToken,
    ModelChanged,
    ModelRefused,
    PromptTooLong,
    path_of,
    same_model,
)
from tempviz.models.gguf_file import read_header
from tempviz.models.llama import LlamaModel
from tempviz.models.worker import RemoteModel
from tiny_models import tiny_llama


def test_rows_and_tokens_are_those_of_the_model_itself(tiny: RemoteModel, tiny_model: File):
    local = LlamaModel.open(str(tiny_model), n_ctx=256, n_threads=1)
    for path in (path_of(PROMPT), path_of(PROMPT, (50,)), path_of(PROMPT, (51, 52)), path_of(PROMPT[:9])):
        row = tiny.logits_after(path)
        assert np.array_equal(row, local.logits_after(path))
        assert row.dtype == np.float32 and not row.flags.writeable
    for text in ("abc de", "", "a\0b", b"\xff".decode("utf-8", "surrogateescape")):
        assert tiny.tokenize(text) == local.tokenize(text)
    local.close()


def test_what_is_known_of_a_model_crosses_whole(tiny: RemoteModel, tiny_model: File):
    local = LlamaModel.open(str(tiny_model), n_ctx=256, n_threads=1)
    told_here = {"vocabulary": None, "file": ""}
    theirs, ours = vars(local.info) | told_here, vars(tiny.info) | told_here
    assert ours == theirs and ours["n_ctx"] == 256 and ours["n_threads"] == 1
    words, known = tiny.info.vocabulary, local.info.vocabulary
    assert [words.piece(i) for i in range(299)] == [known.piece(i) for i in range(299)]
    assert (words.eog, words.control) == (known.eog, known.control) and words.eog
    local.close()


def test_progress_of_loading_and_evaluating_arrives(demo_model: File):
    loaded: list[tuple[float, bool]] = []
    model = RemoteModel.open(str(demo_model), progress=lambda *what: loaded.append(what))
    seen: list[tuple[int, int]] = []
    model.logits_after(path_of(PROMPT), lambda done, total: seen.append((done, total)))
    assert loaded[0] == (0, True) and loaded[-1] == (1, False)
    assert seen[-1] == (150, 150) and seen == sorted(seen) and len(seen) > 1
    seen.clear()
    model.logits_after(path_of(PROMPT, (50,)), lambda done, total: seen.append((done, total)))
    assert seen == [(1, 1)]
    model.close()


def test_errors_cross_as_what_they_are(tiny: RemoteModel):
    with pytest.raises(InvalidToken, match=r"299.*299"):
        tiny.logits_after(path_of((299,)))
    with pytest.raises(PromptTooLong, match=r"300.*256"):
        tiny.logits_after(path_of((5,) * 300))
    with pytest.raises(ContextFull, match="256"):
        tiny.logits_after(path_of((5,) * 200, (6,) * 57))
    assert np.isfinite(tiny.logits_after(path_of((5, 6)))).all()


def test_an_error_of_no_known_class_is_still_an_engine_error():
    assert type(wire.unpack_error(["Nonsense", "x"])) is EngineError
    assert type(wire.unpack_error(["np", "x"])) is EngineError
    assert str(wire.unpack_error(["BadLogits", "a\x1b[31m\nb"])) == "a\ufffd[31m b"
    for kind in EngineError.__subclasses__():
        assert type(wire.unpack_error(wire.pack_error(kind("sentence")))) is kind


def test_a_row_of_another_call_is_not_taken_for_ours():
    rows = wire.RowFile.create()
    row = np.arange(7, dtype=np.float32)
    rows.write(4, row)
    rows.write(5, row + 1)
    assert np.array_equal(rows.read(4, 7), row) and np.array_equal(rows.read(5, 7), row + 1)
    with pytest.raises(EngineError, match="another call"):
        rows.read(6, 7)
    with pytest.raises(EngineError, match="another call"):
        rows.read(4, 700)
    rows.close()


def test_nothing_of_it_reaches_the_terminal(tiny_model: File, capfd: pytest.CaptureFixture[str]):
    model = RemoteModel.open(str(tiny_model))
    model.logits_after(path_of(PROMPT))
    model.close()
    assert capfd.readouterr() == ("", "")


def test_cancelling_a_long_prefill(demo: RemoteModel):
    few = path_of(LONG[0].tokens[:100])
    reference = demo.logits_after(few)
    cancelled_at: list[float] = []

    def cancel() -> None:
        cancelled_at.append(time.monotonic())
        demo.cancel()

    threading.Timer(0.5, cancel).start()
    with pytest.raises(Cancelled):
        demo.logits_after(LONG)
    assert time.monotonic() - cancelled_at[0] < 1
    assert np.array_equal(demo.logits_after(few), reference)


def test_cancel_between_calls_does_nothing(tiny: RemoteModel):
    tiny.cancel()
    tiny.logits_after(path_of(PROMPT))
    tiny.cancel()
    tiny.logits_after(path_of(PROMPT[:9]))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGKILL, r"signal 9 \(SIGKILL\).*memory"),
        (signal.SIGSEGV, "crashed while computing"),
        (signal.SIGABRT, "aborted while computing"),
        (signal.SIGILL, "another CPU.*pip install"),
        (signal.SIGBUS, "changed on disk"),
        (signal.SIGTERM, "SIGTERM"),
    ],
)
def test_a_death_in_the_middle_of_a_call_is_told_and_mended(demo: RemoteModel, number: signal.Signals, words: str):
    path = path_of(PROMPT[:20])
    reference = demo.logits_after(path) if number == signal.SIGKILL else None
    pid = demo.pid
    assert pid
    threading.Timer(0.2, os.kill, (pid, number)).start()
    with pytest.raises(EngineDied, match=words) as death:
        demo.logits_after(LONG)
    assert death.value.signal == number
    assert is_gone(pid) and demo.pid is None
    with pytest.raises(EngineDied, match="not running"):
        demo.tokenize("a")
    if reference is not None:
        demo.load()
        assert np.array_equal(demo.logits_after(path), reference)


def test_an_abort_of_llama_cpp_while_loading_is_told(tmp_path: File, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(file_check, "check_model", lambda path, _: read_header(path))
    broken = tiny_llama(tmp_path / "broken.gguf", overrides={"llama.block_count": 0})
    with pytest.raises(EngineDied, match=r"aborted while loading this file \(SIGABRT\): .*GGML_ASSERT") as death:
        RemoteModel.open(str(broken))
    assert death.value.signal == signal.SIGABRT


def test_what_llama_cpp_refuses_is_refused_with_its_reason(tmp_path: File, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(file_check, "check_model", lambda path, _: read_header(path))
    unknown = tiny_llama(tmp_path / "unknown.gguf", overrides={"general.architecture": "lama"})
    with pytest.raises(ModelRefused, match=r"unknown\.gguf.*unknown model architecture: 'lama'"):
        RemoteModel.open(str(unknown))


def test_a_file_that_the_check_refuses_starts_no_process(tmp_path: File, monkeypatch: pytest.MonkeyPatch):
    def no_process(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", no_process)
    with pytest.raises(ModelRefused):
        RemoteModel.open(str(tmp_path / "missing.gguf"))


def test_a_broken_llama_cpp_python_says_what_to_install(
    tiny_model: File, tmp_path: File, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "llama_cpp").mkdir()
    (tmp_path / "llama_cpp" / "__init__.py").write_text('__version__ = "0.0.0"')
    (tmp_path / "llama_cpp" / "llama_cpp.py").write_text("raise ImportError('libllama.so is missing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"libllama\.so is missing.*pip install llama-cpp-python"):
        RemoteModel.open(str(tiny_model))


def test_without_llama_cpp_python_it_says_what_to_install(
    tiny_model: File, tmp_path: File, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "llama_cpp.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"No module named 'llama_cpp'.*pip install llama-cpp-python"):
        RemoteModel.open(str(tiny_model))


def overwrite(file: File, begin: int, data: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(begin)
        stream.write(data)


def test_nan_out_of_an_overwritten_file_names_the_file(tmp_path: File):
    file = tiny_llama(tmp_path / "model.gguf")
    model = RemoteModel.open(str(file))
    size = file.stat().st_size
    overwrite(file, size - 4 * 299 * 64, b"\xff" * (4 * 299 * 64))
    with pytest.raises(BadLogits, match=r"NaN.*model file changed on disk"):
        model.logits_after(path_of((5, 6)))
    model.close()


def test_a_row_out_of_an_overwritten_file_is_refused_even_if_it_looks_sound(tmp_path: File):
    """Other weights in the same place give other logits, and no error of llama.cpp."""
    file = tiny_llama(tmp_path / "model.gguf")
    model = RemoteModel.open(str(file))
    before, tokens = model.info, (5, 6, 7)
    size = file.stat().st_size
    overwrite(file, size - 4 * 299 * 64, file.read_bytes()[-4 * 64 :])
    calls = (
        lambda: model.logits_after(path_of(tokens)),
        lambda: model.read(tokens),
        lambda: model.logits_at(tokens, 1),
    )
    for call in calls:
        with pytest.raises(ModelChanged, match=r"changed on disk.*load it again"):
            call()
    model.load()
    assert not same_model(before, model.info) and np.isfinite(model.logits_after(path_of(tokens))).all()
    model.close()


def test_a_file_that_was_replaced_or_deleted_lives_on_in_the_model(tmp_path: File):
    file = tiny_llama(tmp_path / "model.gguf")
    model = RemoteModel.open(str(file))
    row, before = model.logits_after(path_of((5, 6))), model.info
    content = file.read_bytes()
    file.unlink()
    assert np.array_equal(model.logits_after(path_of((7, 6))), model.logits_after(path_of((7, 6))))
    file.write_bytes(content[:-4] + b"\0\0\0\0")
    assert np.array_equal(model.logits_after(path_of((5, 6))), row)
    model.load()
    assert not same_model(before, model.info), "what is loaded now is another one of the same name and size"
    model.close()


def test_the_same_file_loaded_again_is_the_same_model(tmp_path: File):
    model = RemoteModel.open(str(tiny_llama(tmp_path / "model.gguf")), n_threads=1)
    before = model.info
    model.load()
    assert same_model(before, model.info) and before.file
    model.close()


def test_a_file_that_changes_while_it_is_loaded_is_refused(tmp_path: File):
    file = tiny_llama(tmp_path / "model.gguf")
    with pytest.raises(ModelRefused, match="changed on disk while it was being loaded"):
        RemoteModel.open(str(file), progress=lambda *_: os.utime(file, (1, 1)))


def test_a_file_cut_short_under_the_model(tmp_path: File):
    file = tiny_llama(tmp_path / "model.gguf")
    model = RemoteModel.open(str(file))
    os.truncate(file, 4096)
    with pytest.raises(EngineDied, match="model file changed on disk") as death:
        model.logits_after(path_of((5, 6)))
    assert death.value.signal == signal.SIGBUS
    assert str(death.value).count("changed on disk") == 1


def test_a_death_after_the_file_changed_says_so(tmp_path: File):
    file = tiny_llama(tmp_path / "model.gguf")
    model = RemoteModel.open(str(file))
    assert model.pid
    os.utime(file, (1, 1))
    os.kill(model.pid, signal.SIGKILL)
    with pytest.raises(EngineDied, match=r"SIGKILL.*changed on disk"):
        model.tokenize("a")
