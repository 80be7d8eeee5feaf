"""The end of a model's process: stopped, closed, dropped, killed or left by its app, it goes, and nothing stays."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path as File

import numpy as np
import psutil
import pytest
from processes import LONG, PROMPT, is_gone, wait_until
from tempviz.models import worker
from tempviz.models.engine import (
    Cancelled,
    EngineDied,
    path_of,
)
from tempviz.models.process import Process
from tempviz.models.worker import RemoteModel


@pytest.mark.parametrize("end", [RemoteModel.cancel, RemoteModel.close])
def test_a_load_can_be_stopped_from_another_thread(demo_model: File, end: Callable[[RemoteModel], None]):
    model, stopped_at = RemoteModel(str(demo_model)), []

    def stop() -> None:
        wait_until(lambda: model.pid)
        stopped_at.append((time.monotonic(), model.pid))
        end(model)

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(Cancelled):
        model.load()
    thread.join()
    when, pid = stopped_at[0]
    assert time.monotonic() - when < 1
    assert pid and is_gone(pid) and model.pid is None
    if end == RemoteModel.cancel:
        model.load()
        assert model.tokenize("Hi")
    model.close()


def test_a_model_closed_before_it_loads_stays_closed(tiny_model: File):
    with pytest.raises(Cancelled):
        RemoteModel.open(str(tiny_model), on_spawn=RemoteModel.close)


def test_closing_under_a_running_call(demo: RemoteModel):
    pid = demo.pid
    assert pid
    threading.Timer(0.3, demo.close).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        demo.logits_after(LONG)
    assert time.monotonic() - began < 1.5
    wait_until(lambda: is_gone(pid))
    demo.close()
    with pytest.raises(Cancelled, match="closed"):
        demo.tokenize("a")


def test_closing_out_of_a_report_of_progress(demo: RemoteModel):
    with pytest.raises(Cancelled):
        demo.logits_after(LONG, lambda *_: demo.close())
    assert demo.pid is None


def test_a_cancellation_counts_before_the_call_begins(tiny: RemoteModel):
    tiny.expect()
    tiny.cancel()
    with pytest.raises(Cancelled):
        tiny.logits_after(path_of(PROMPT))
    tiny.expect()
    assert np.isfinite(tiny.logits_after(path_of(PROMPT))).all()
    tiny.cancel()  # nothing runs
    assert tiny.tokenize("a")


def test_a_cancellation_counts_before_the_load_begins(tiny_model: File):
    with pytest.raises(Cancelled):
        RemoteModel.open(str(tiny_model), on_spawn=RemoteModel.cancel)


def test_abandoning_does_not_wait_for_a_child_that_does_not_listen(tiny: RemoteModel):
    assert tiny.pid
    pid = tiny.pid
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    tiny.abandon()
    assert time.monotonic() - began < 0.1
    with pytest.raises(Cancelled):
        tiny.tokenize("a")
    tiny.close()
    assert is_gone(pid)


def test_a_child_that_ends_with_nothing_to_do_is_noticed(tiny: RemoteModel):
    tiny.check()
    os.kill(tiny.pid or 0, signal.SIGKILL)

    def noticed() -> bool:
        try:
            tiny.check()
        except EngineDied as error:
            return error.signal == signal.SIGKILL
        return False

    wait_until(noticed)
    assert tiny.pid is None
    tiny.check()


def test_nothing_stays_open_when_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch):
    def refused(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refused)
    before = psutil.Process().num_fds()
    with pytest.raises(OSError, match="no more"):
        Process()
    assert psutil.Process().num_fds() == before


def test_a_child_that_does_not_listen_is_killed(tiny: RemoteModel):
    assert tiny.pid
    pid = tiny.pid
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    tiny.close()
    assert time.monotonic() - began < 1
    assert is_gone(pid)


def stopped(model: RemoteModel) -> int:
    """Its process, which answers no more."""
    assert model.pid
    os.kill(model.pid, signal.SIGSTOP)
    return model.pid


def test_a_child_that_does_not_answer_to_a_cancellation_is_ended(demo: RemoteModel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(worker, "GRACE", 0.3)
    pid = demo.pid or 0
    row = demo.logits_after(path_of(PROMPT[:9]))
    threading.Timer(0.2, lambda: (stopped(demo), demo.cancel())).start()
    with pytest.raises(EngineDied, match="did not stop when it was told to") as death:
        demo.logits_after(LONG)
    assert death.value.signal == signal.SIGKILL and is_gone(pid)
    demo.load()
    assert np.array_equal(demo.logits_after(path_of(PROMPT[:9])), row)


def test_a_cancellation_does_not_wait_for_a_child_that_does_not_read(tiny: RemoteModel):
    """More is being sent to it than the pipe holds, so nothing else can be."""
    stopped(tiny)
    began: list[float] = []

    def cancel() -> None:
        began.append(time.monotonic())
        tiny.cancel()
        began.append(time.monotonic())

    timer = threading.Timer(0.2, cancel)
    timer.start()
    with pytest.raises(EngineDied, match="did not stop"):
        tiny.tokenize("a" * 1_000_000)
    timer.join()
    assert began[1] - began[0] < 1


def test_the_tokens_of_a_long_text_can_be_cancelled(demo: RemoteModel):
    """llama.cpp looks at nothing until it has them all; the next call does not wait for that."""
    row = demo.logits_after(path_of(PROMPT[:9]))
    pid, text = demo.pid, "".join(chr(97 + i * i % 26) for i in range(4_000_000))
    threading.Timer(0.3, demo.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        demo.tokenize(text)
    assert np.array_equal(demo.logits_after(path_of(PROMPT[:9])), row)
    assert time.monotonic() - began < 2 and demo.pid == pid


def test_a_model_that_is_dropped_ends_its_process(tiny_model: File):
    model = RemoteModel.open(str(tiny_model))
    pid = model.pid
    assert pid
    del model
    gc.collect()
    assert is_gone(pid)


def test_nothing_stays_open(tiny_model: File):
    def open_files() -> int:
        gc.collect()
        return psutil.Process().num_fds()

    RemoteModel.open(str(tiny_model)).close()
    before = open_files()
    for _ in range(3):
        model = RemoteModel.open(str(tiny_model))
        os.kill(model.pid or 0, signal.SIGKILL)
        with pytest.raises(EngineDied):
            model.tokenize("a")
        model.load()
        model.close()
    assert open_files() == before


ORPHAN = """
import sys
from tempviz.models.process import Process
from tempviz.models.worker import RemoteModel
from tempviz.models.engine import path_of
model = RemoteModel.open(sys.argv[1])
print(model.pid, flush=True)
model.logits_after(path_of(tuple(100 + i for i in range(3000))))
"""


def test_the_child_does_not_outlive_a_killed_app(demo_model: File):
    app = subprocess.Popen([sys.executable, "-c", ORPHAN, str(demo_model)], stdout=subprocess.PIPE, text=True)
    assert app.stdout
    pid = int(app.stdout.readline())
    time.sleep(0.3)
    assert not is_gone(pid)
    app.kill()
    app.wait()
    app.stdout.close()
    assert wait_until(lambda: is_gone(pid)) < 2
