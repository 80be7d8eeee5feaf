"""A session on the real engine thread: newest wins, esc stops, a death is told once, the end is the end."""

from __future__ import annotations

import queue
import threading
import time

import numpy as np
import pytest
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.engine import EngineDied, Logits, Path, Progress, path_of
from tempviz.models.engine_thread import EngineThread
from tempviz.models.session import Session
from tempviz.models.state import State
from tempviz.models.toy import ToyModel
from threaded import has_row, toy
from toy_states import N_CTX, NAMES, logits_of, text_of


class MortalToy(ToyModel):
    """A toy whose process ends in its second evaluation, when `dies` is set; every later call says so too."""

    def __init__(self) -> None:
        super().__init__(logits_of, NAMES, n_ctx=N_CTX)
        self.busy, self.dies, self.dead = threading.Event(), threading.Event(), False

    def logits_after(self, path: Path, progress: Progress | None = None) -> Logits:
        if self.calls:
            self.busy.set()
            self.dead = self.dies.wait(5)
            raise EngineDied("It died.")
        return super().logits_after(path, progress)

    def tokenize(self, text: str) -> tuple[int, ...]:
        if self.dead:
            raise EngineDied("It died.")
        return super().tokenize(text)


def test_the_thread_opens_and_steps(threaded):
    desk = threaded(toy())
    desk.until(has_row)
    desk.session.dispatch(act.Step())
    state = desk.until(has_row)
    assert state.trace.here.depth == 1 and np.array_equal(state.row.ranking.logits, logits_of(state.path))


def test_a_file_that_cannot_be_used_is_said_and_another_can_be_opened(threaded):
    desk = threaded(toy(), toy())
    desk.until(has_row)
    desk.session.dispatch(act.OpenModel("missing.gguf"))
    assert desk.until(lambda state: state.phase == "failed").phase_text == "There is no such file."
    desk.session.dispatch(act.OpenModel("other.gguf"))
    assert desk.until(lambda state: state.phase == "ready" and has_row(state)).info.path == "other.gguf"


def test_an_evaluation_that_waits_gives_way_to_a_newer_one(threaded):
    """However much is asked for while the engine is busy, it evaluates where the person is in the end."""
    model, go = toy(), threading.Event()
    desk = threaded(model)
    desk.until(has_row)
    model.then(go)
    desk.session.dispatch(act.Take(3))
    for _ in range(20):
        desk.session.dispatch(act.Walk(-1))
        desk.session.dispatch(act.Walk(1))
    go.set()
    desk.until(has_row)
    assert desk.state.trace.here.depth == 1 and len(model.calls) <= 3


def test_esc_stops_the_call_that_runs(threaded):
    model = toy()
    desk = threaded(model)
    desk.until(has_row)
    model.then(threading.Event())  # it would never end
    desk.session.dispatch(act.Take(3))
    while len(model.calls) < 2:
        time.sleep(0.001)
    desk.session.dispatch(act.Cancel())
    state = desk.until(lambda state: state.work is None)
    assert state.row is None and state.stopped
    desk.session.dispatch(act.Step())
    assert desk.until(has_row).trace.here.depth == 2


def test_esc_stops_an_evaluation_that_has_not_begun(threaded):
    """Between the thread's taking up a request and its call, and while the request still waits."""
    model = toy()
    desk = threaded(model)
    desk.until(has_row)
    model.then(threading.Event())  # it would never end
    about_to, go, evaluate = threading.Event(), threading.Event(), model.logits_after

    def late(path: Path, progress: Progress | None = None) -> Logits:
        about_to.set()
        go.wait(5)
        return evaluate(path, progress)

    model.logits_after = late
    desk.session.dispatch(act.Take(3))
    about_to.wait(5)
    desk.session.dispatch(act.Cancel())
    go.set()
    assert desk.until(lambda state: state.work is None).stopped
    with desk.thread._changed:  # so that the thread cannot take it up
        desk.session.dispatch(act.Step())
        desk.session.dispatch(act.Cancel())
    assert desk.until(lambda state: state.work is None).stopped
    assert len(model.calls) == 2


class SlowReader(ToyModel):
    """A toy that takes its time for the tokens of a text that begins with x, until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(logits_of, NAMES, n_ctx=N_CTX)
        self.begun, self.never = threading.Event(), threading.Event()

    def tokenize(self, text: str) -> tuple[int, ...]:
        if text.startswith("x"):
            self.begun.set()
            self._wait(self.never)
        return super().tokenize(text)


@pytest.mark.parametrize("waits", [False, True])
def test_esc_stops_the_tokens_of_a_prompt(threaded, waits: bool):
    """While the model works on them, and while the request still waits."""
    model = SlowReader()
    desk = threaded(model)
    desk.until(has_row)
    if waits:
        with desk.thread._changed:  # so that the thread cannot take it up
            desk.session.dispatch(act.SetPrompt("xy"))
            desk.session.dispatch(act.Cancel())
    else:
        desk.session.dispatch(act.SetPrompt("xy"))
        model.begun.wait(5)
        desk.session.dispatch(act.Cancel())
    state = desk.until(lambda state: state.tokenizing is None)
    assert (text_of(state), state.rejected_prompt) == ("abc", "xy") and model.begun.is_set() != waits
    desk.session.dispatch(act.SetPrompt("uv"))
    assert text_of(desk.until(lambda state: text_of(state) == "uv" and has_row(state))) == "uv"


def test_a_prompt_under_way_is_read_by_the_model_that_is_opened_meanwhile(threaded):
    model = SlowReader()
    desk = threaded(model, toy())
    desk.until(has_row)
    desk.session.dispatch(act.SetPrompt("xy"))
    model.begun.wait(5)
    desk.session.dispatch(act.OpenModel("other.gguf"))
    state = desk.until(lambda state: state.phase == "ready" and has_row(state))
    assert text_of(state) == "xy" and state.rejected_prompt is None and state.notice is None


def test_a_prompt_that_was_given_up_can_be_given_again_at_once(threaded):
    model = SlowReader()
    desk = threaded(model)
    desk.until(has_row)
    desk.session.dispatch(act.SetPrompt("xy"))
    model.begun.wait(5)
    desk.session.dispatch(act.Cancel())
    desk.session.dispatch(act.SetPrompt("xy"))  # before it is known that the first one was stopped
    while desk.answers.empty():
        time.sleep(0.001)
    model.never.set()  # comes, the second time
    assert desk.until(lambda state: text_of(state) == "xy" and has_row(state)).rejected_prompt is None


def test_esc_stops_a_load_from_its_first_moment_on():
    """Even before there is a model that one could tell."""
    answers: queue.Queue[Action] = queue.Queue()
    begun, go = threading.Event(), threading.Event()

    def opener(path: str, progress, spawned) -> ToyModel:
        begun.set()
        go.wait(5)
        model = toy()
        model.then(threading.Event())
        model.expect()
        spawned(model)
        model.logits_after(path_of((0,)))  # a load that would never end
        return model

    thread = EngineThread(opener, answers.put)
    session = Session(State(), thread)
    session.dispatch(act.OpenModel("toy.gguf"))
    begun.wait(5)
    session.dispatch(act.Cancel())
    go.set()
    session.dispatch(answers.get(timeout=5))
    assert (session.state.phase, session.state.phase_text) == ("failed", "Loading was stopped.")
    with thread._changed:
        session.dispatch(act.OpenModel("toy.gguf"))
        session.dispatch(act.Cancel())  # it has not even begun
    session.dispatch(answers.get(timeout=5))
    assert session.state.phase == "failed"
    session.close()
    thread.join(5)


def test_a_model_that_dies_with_nothing_to_do_is_noticed(threaded):
    model = toy()
    desk = threaded(model, toy())
    desk.until(has_row)

    def check() -> None:
        raise EngineDied("It died.")

    model.check = check
    assert desk.until(lambda state: state.deaths == 1).phase == "restarting"
    assert desk.until(lambda state: state.phase == "ready").row is not None


def test_one_death_is_told_once_whatever_waits(threaded):
    model = MortalToy()
    desk = threaded(model, toy())
    desk.until(has_row)
    desk.session.dispatch(act.Take(3))
    model.busy.wait(5)
    desk.session.dispatch(act.SetPrompt("xy"))  # waits behind the evaluation that dies
    model.dies.set()
    told = [desk.answers.get(timeout=5)]
    with pytest.raises(queue.Empty):
        while True:
            told.append(desk.answers.get(timeout=0.3))
    assert told == [act.EngineDied("It died.", 1)]
    desk.session.dispatch(told[0])
    state = desk.until(lambda state: text_of(state) == "xy" and has_row(state))
    assert state.phase == "ready" and state.deaths == 0


def test_closing_ends_the_thread_in_the_middle_of_a_call(threaded):
    model = toy()
    desk = threaded(model)
    desk.until(has_row)
    model.then(threading.Event())
    desk.session.dispatch(act.Take(3))
    desk.session.close()
    desk.thread.join(5)
    assert not desk.thread._thread.is_alive()
