"""An auto run on the real engine thread: the same as step by step, however far ahead the model is."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from tempviz.models import actions as act
from tempviz.models.breakpoints import Breakpoints
from tempviz.models.engine import ModelChanged
from tempviz.models.engine_thread import GATHERED, EngineThread
from tempviz.models.presets import llama_cpp
from tempviz.models.state import Settings
from threaded import has_row, toy
from toy_states import logits_of


@pytest.mark.parametrize("settings", [Settings(), Settings(0.0), Settings(1.3, 7, llama_cpp().transforms)])
def test_an_auto_run_is_the_same_as_step_by_step(threaded, settings: Settings):
    """The same tokens, each with the same figures, though in the run the model itself has drawn them."""
    model, steps = toy(), threaded(toy(), settings=settings)
    desk = threaded(model, settings=settings)
    for one in (desk, steps):
        one.until(has_row)
    desk.session.dispatch(act.ToggleAuto())
    foreseen = []
    while desk.state.auto is not None:
        answer = desk.answers.get(timeout=5)
        foreseen += [answer.foreseen] if isinstance(answer, act.RowReady) else []
        desk.session.dispatch(answer)
    n = desk.state.trace.here.depth
    for _ in range(n):
        steps.session.dispatch(act.Step())
        steps.until(has_row)
    assert n > 3 and desk.state.path == steps.state.path and desk.state.trace.columns == steps.state.trace.columns
    # All but the last one: there the context is full.
    assert [each and each.token for each in foreseen] == [*desk.state.trace.columns.tokens[1:], None]
    assert len(set(model.calls)) == len(model.calls) == n + 1


def test_rows_that_came_together_are_taken_together(threaded):
    """One answer wakes the screen's thread; those behind it are there when they are asked for, each once."""
    model = toy()
    desk = threaded(model)
    desk.until(has_row)
    model.is_ahead = True
    desk.session.dispatch(act.StartAuto(4))
    desk.seen.clear()
    state = desk.until(lambda state: state.auto is None)
    assert desk.seen.count(act.RowReady) == 1 and state.trace.here.depth == 4 and has_row(state)
    assert len(set(model.calls)) == len(model.calls) == 5 and not desk.thread._gathered


def test_no_more_rows_gather_than_anybody_waits_for(threaded):
    """Though the model is always ahead, the screen's thread hears of the first ones long before the last."""
    model = toy()
    desk = threaded(model)
    desk.until(has_row)
    model.is_ahead = True
    desk.session.dispatch(act.ToggleAuto())
    desk.seen.clear()
    n = desk.until(lambda state: state.auto is None).trace.here.depth
    assert GATHERED < n < 2 * GATHERED + 2 and desk.seen.count(act.RowReady) == 2


def test_only_rows_of_the_run_are_waited_for(threaded, monkeypatch: pytest.MonkeyPatch):
    """With every turn of the temperature the run begins anew, and has no rows that could gather."""
    waits: list[int] = []
    monkeypatch.setattr(EngineThread, "_let_gather", lambda self: waits.append(1))
    for turns in (False, True):
        waits.clear()
        desk = threaded(toy())
        desk.until(has_row)
        desk.session.dispatch(act.ToggleAuto())
        while desk.state.auto is not None:
            desk.session.dispatch(desk.answers.get(timeout=5))
            if turns:
                desk.session.dispatch(act.TurnTemperature(1))
        assert (len(waits) > 4) != turns


@pytest.mark.parametrize("n_asked", [1, 2, 3, 8])
def test_only_rows_that_were_asked_for_are_waited_for(threaded, monkeypatch: pytest.MonkeyPatch, n_asked: int):
    """At the beginning of a run the model has been asked for one row, and would stand still meanwhile."""
    model = toy()
    run_on, model.n_asked = model.run_on, n_asked
    monkeypatch.setattr(model, "run_on", lambda *given: run_on(*given)._replace(seconds=0.01))
    desk = threaded(model)
    desk.until(has_row)
    desk.session.dispatch(act.StartAuto(2))
    desk.until(lambda state: state.auto is None)
    rows = min(n_asked - 1, GATHERED)
    assert desk.thread._gathers == pytest.approx(rows * 0.01 if rows > 1 else 0)


def test_rows_that_came_together_are_left_for_another_way(threaded):
    model = toy()
    desk = threaded(model)
    desk.until(has_row)
    model.is_ahead = True
    desk.session.dispatch(act.SetBreakpoints(Breakpoints(rank_beyond=1)))
    desk.session.dispatch(act.ToggleAuto())
    state = desk.until(lambda state: state.auto is None and has_row(state))
    other = int(state.row.ranking.ids(7, 8)[0])
    desk.session.dispatch(act.Take(other))
    state = desk.until(has_row)
    assert state.trace.here.token == other and np.array_equal(state.row.ranking.logits, logits_of(state.path))
    assert not desk.thread._gathered


def test_what_was_foreseen_with_other_settings_is_not_taken(threaded):
    """The temperature is turned, or a breakpoint set, while the row is on its way."""
    model, go = toy(), threading.Event()
    desk = threaded(model)
    desk.until(has_row)
    model.then(go)
    desk.session.dispatch(act.ToggleAuto())  # takes a token, and waits for the row after it
    desk.session.dispatch(act.SetTemperature(0.0))
    go.set()
    state = desk.until(lambda state: state.trace.here.depth >= 2)
    second = state.trace[state.trace.line[2]]
    assert second.token == int(logits_of(state.trace.path(second.parent)).argmax()) and second.drawn.temperature == 0


def test_an_auto_run_that_is_stopped_leaves_another_token_to_be_taken(threaded):
    desk = threaded(toy())
    desk.until(has_row)
    desk.session.dispatch(act.ToggleAuto())
    desk.until(lambda state: state.trace.here.depth >= 2)
    desk.session.dispatch(act.ToggleAuto())
    state = desk.until(has_row)
    other = int(state.row.ranking.ids(1, 2)[0])
    desk.session.dispatch(act.Take(other))
    state = desk.until(has_row)
    assert np.array_equal(state.row.ranking.logits, logits_of(state.path)) and state.trace.here.token == other


def test_a_cancellation_with_nothing_to_do_is_for_no_later_call(threaded):
    model = toy()
    desk = threaded(model)
    desk.until(has_row)
    desk.session.dispatch(act.StartAuto(3))
    desk.until(lambda state: state.auto is None and has_row(state))
    desk.session.dispatch(act.Step())
    assert desk.until(has_row).trace.here.depth == 4 and len(model.calls) == 5
    assert not model._expected


def test_what_goes_wrong_in_an_auto_run_is_told_where_it_is_asked_for(threaded):
    model, wrong = toy(), ModelChanged("The file changed.")
    desk = threaded(model)
    desk.until(has_row)
    model.then(None, wrong)
    desk.session.dispatch(act.StartAuto(3))
    state = desk.until(lambda state: state.auto is None)
    assert (state.phase, state.deaths, state.bad_row) == ("ready", 0, "The file changed.")
