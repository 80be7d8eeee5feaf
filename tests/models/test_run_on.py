"""An auto run that the model's process goes on with by itself: the same rows and tokens, and an end whenever wanted."""

import threading
import time
from contextlib import suppress
from multiprocessing import Pipe

import numpy as np
import pytest
from processes import PROMPT
from tempviz.models import wire
from tempviz.models.ahead import Ahead, Foreseen
from tempviz.models.chain import Chain
from tempviz.models.child import Inbox
from tempviz.models.dry import Dry
from tempviz.models.engine import Cancelled, EngineDied, EngineError, Path, extend, path_of
from tempviz.models.penalties import LogitBias
from tempviz.models.presets import llama_cpp
from tempviz.models.row import Row
from tempviz.models.state import Settings
from tempviz.models.worker import RemoteModel

DEPTH = 8
"""Of models with as many tokens as these."""

START = path_of(PROMPT, (50,))
SETTINGS = [
    Settings(),
    Settings(0.0),
    Settings(0.7, 2**64 - 1),
    Settings(1.5, 3, (LogitBias.of({5: 2.0, 6: -np.inf}), *llama_cpp().transforms)),
]


def run(
    model: RemoteModel, settings: Settings, n: int, path: Path = START
) -> list[tuple[Path, Ahead, Foreseen | None]]:
    """So many rows of an auto run, each one that the model itself computes after its path; where the run was."""
    ahead, way = Ahead(settings, 1, 0, 1000), []
    rows = []
    for _ in range(n):
        logits, foreseen, seconds = model.run_on(path, ahead)
        assert seconds > 0
        way.append((path, ahead, foreseen))
        rows.append(logits)
        if foreseen is None or foreseen.ends:
            break
        path, ahead = extend(path, foreseen.token), ahead.after()
    for (path, ahead, foreseen), logits in zip(way, rows, strict=True):
        assert np.array_equal(model.logits_after(path), logits)
        assert ahead.draw(path, Row(b"", logits), model.info.vocabulary) == foreseen
    return way


@pytest.mark.parametrize("settings", SETTINGS)
def test_rows_and_tokens_are_those_of_single_calls(tiny: RemoteModel, settings: Settings):
    assert len(run(tiny, settings, 20)) > 5


def test_the_demo_model_goes_on_with_the_bits_of_single_calls(demo: RemoteModel):
    assert len(run(demo, Settings(), 12)) == 12


def test_it_ends_where_there_is_no_room(tiny: RemoteModel):
    ahead = Ahead(Settings(), 1, 0, 1)
    _, foreseen, _ = tiny.run_on(START, ahead)
    assert foreseen is not None
    _, none, _ = tiny.run_on(extend(START, foreseen.token), ahead.after())
    assert none is None
    tiny.logits_after(path_of(PROMPT))


def test_what_was_computed_ahead_is_there_for_a_step(tiny: RemoteModel):
    """An auto run is stopped, and gone on with by hand or by another run."""
    ahead = Ahead(Settings(), 1, 0, 100)
    _, foreseen, _ = tiny.run_on(START, ahead)
    path, computed = START, []
    for _ in range(DEPTH + 2):
        assert foreseen is not None
        path, ahead = extend(path, foreseen.token), ahead.after()
        told: list[tuple[int, int]] = []
        logits = tiny.logits_after(path, lambda *what, told=told: told.append(what))
        computed.append(bool(told))
        foreseen = ahead.draw(path, Row(b"", logits), tiny.info.vocabulary)
    assert not computed[0] and computed[-1], "no decode is told of where none was asked for"
    assert np.array_equal(tiny.logits_after(path_of(PROMPT)), tiny.logits_after(path_of(PROMPT)))
    assert np.array_equal(tiny.logits_after(path), logits)


def test_other_settings_on_the_way_begin_anew(tiny: RemoteModel):
    ahead = Ahead(Settings(), 1, 0, 100)
    _, foreseen, _ = tiny.run_on(START, ahead)
    assert foreseen is not None
    path, colder = extend(START, foreseen.token), Ahead(Settings(0.0), 2, 0, 99)
    logits, greedy, _ = tiny.run_on(path, colder)
    assert greedy is not None and greedy.token == int(logits.argmax()) and greedy.ahead is colder
    assert np.array_equal(tiny.logits_after(path), logits)


def test_a_cancellation_is_for_the_call_that_waits_and_for_no_later_one(demo: RemoteModel):
    """It may come before the call, while it waits, or when its answer is there already."""
    ahead = Ahead(Settings(0.0), 1, 0, 1000)
    for wait in (0.0, 0.005, 0.02, 0.1):
        path, now = START, ahead
        for i in range(6):
            demo.expect()
            stopper = threading.Timer(wait, demo.cancel) if i == 2 else None
            if stopper:
                stopper.start()
            try:
                _, foreseen, _ = demo.run_on(path, now)
            except Cancelled:
                assert stopper is not None
                _, foreseen, _ = demo.run_on(path, now)
            finally:
                if stopper:
                    stopper.join()
            assert foreseen is not None
            path, now = extend(path, foreseen.token), now.after()
    demo.expect()
    demo.cancel()
    with suppress(Cancelled):  # not if the row is there already
        demo.run_on(path, now)
    assert demo.tokenize("a") and np.array_equal(demo.logits_after(START), demo.logits_after(START))


def test_a_cancellation_before_a_run_goes_on_whose_rows_were_all_taken(tiny: RemoteModel):
    ahead = Ahead(Settings(), 1, 0, 100)
    _, foreseen, _ = tiny.run_on(START, ahead)
    path = START
    while tiny._run and tiny._run.calls:
        assert foreseen is not None
        path, ahead = extend(path, foreseen.token), ahead.after()
        foreseen = ahead.draw(path, Row(b"", tiny.logits_after(path)), tiny.info.vocabulary)
    assert foreseen is not None and tiny._run
    path, ahead = extend(path, foreseen.token), ahead.after()
    tiny.expect()
    tiny.cancel()
    with pytest.raises(Cancelled):
        tiny.run_on(path, ahead)
    assert np.array_equal(tiny.run_on(path, ahead).logits, tiny.logits_after(path))


def test_what_was_asked_for_ahead_gives_way_to_another_call():
    """The child leaves the decode it is at; a call that goes on with the run leaves it alone."""
    theirs, ours = Pipe(duplex=False)
    inbox = Inbox(theirs, lambda: None)
    for i, name in enumerate(("run_on", "go_on", "go_on"), 1):
        wire.send(ours, {"id": i, "call": name})
    assert [inbox.next()["id"], inbox.next()["id"]] == [1, 2] and not inbox.interrupted()
    wire.send(ours, {"id": 4, "call": "tokenize"})
    deadline = time.monotonic() + 5
    while not inbox.interrupted() and time.monotonic() < deadline:
        time.sleep(0.001)
    assert inbox.interrupted() and inbox.next()["id"] == 3 and inbox.interrupted()
    assert inbox.next()["id"] == 4 and not inbox.interrupted()
    wire.send(ours, {"cancel": 4})
    while not inbox.interrupted() and time.monotonic() < deadline:
        time.sleep(0.001)
    assert inbox.interrupted()


def test_a_death_on_the_way_is_told(demo: RemoteModel):
    ahead = Ahead(Settings(), 1, 0, 1000)
    _, foreseen, _ = demo.run_on(START, ahead)
    assert foreseen is not None
    assert demo._process is not None
    demo._process.kill()
    path, now = extend(START, foreseen.token), ahead.after()
    with pytest.raises(EngineDied, match="signal 9"):
        for _ in range(DEPTH + 2):
            _, foreseen, _ = demo.run_on(path, now)
            assert foreseen is not None
            path, now = extend(path, foreseen.token), now.after()
    demo.load()
    _, again, _ = demo.run_on(START, ahead)
    assert again is not None and again.ahead == ahead


def test_how_a_run_goes_on_crosses_whole():
    samplers = (LogitBias.of({5: 2.0, 6: -np.inf}), *llama_cpp().transforms, Dry(0.8, breakers=("\udcff", "\n")))
    ahead = Ahead(Settings(0.1, 2**64 - 1, Chain(samplers).transforms), 12, 3, 45)
    assert wire.unpack_ahead(wire.pack_ahead(ahead)) == ahead
    foreseen = Foreseen(ahead, 7, 0.0, 1.25, True)
    assert wire.unpack_foreseen(wire.pack_foreseen(foreseen), ahead, 8) == foreseen
    assert wire.unpack_foreseen(wire.pack_foreseen(None), ahead, 8) is None


@pytest.mark.parametrize(
    "packed", [[8, 0.0, 1.0, False], [-1, 0.0, 1.0, False], [1, 0.0], ["1", 0.0, 1.0, False], "a", 3]
)
def test_what_is_no_token_is_refused(packed):
    with pytest.raises(EngineError, match="no token"):
        wire.unpack_foreseen(packed, Ahead(Settings(), 0, 0, 1), 8)
