"""The picker: its list fills while one looks at it, and a path is what was typed, whatever it looks like."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from tempviz.models import discovery
from tempviz.models.discovery import FoundModel
from tempviz.models.engine import Cancelled
from tempviz.models.toy import ToyModel
from tempviz.tui.screens.picker import Picker, in_order
from tempviz.tui.widgets.panels import DetailLine
from tempviz.tui.widgets.safe_input import SafeInput
from textual.widgets import OptionList

from .driving import driven, toy_model


def model(name: str, problem: str | None = None) -> FoundModel:
    return FoundModel(f"/models/{name}.gguf", "here", name, problem=problem)


def test_the_ones_used_last_come_first_and_the_useless_ones_last() -> None:
    a, b, c, bad = model("a"), model("b"), model("c"), model("bad", "It is empty.")
    assert in_order([bad, a, b, c], ["/gone.gguf", c.path, bad.path]) == [c, a, b, bad]


async def test_the_highlight_stays_on_its_model_while_others_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def found() -> Iterator[FoundModel]:
        yield model("z")
        yield model("y")
        go.wait(5)
        yield model("x")

    monkeypatch.setattr(discovery, "iter_models", found)
    monkeypatch.setattr("tempviz.models.recent.recent_models", lambda: [model("x").path])
    monkeypatch.setattr("tempviz.tui.screens.picker.LIST_EVERY", 0.0)
    async with driven() as run:
        await run.press("o")
        screen = run.app.screen
        assert isinstance(screen, Picker)
        options = screen.query_one(OptionList)
        await run.until(lambda: options.option_count == 2)
        await run.press("down")
        go.set()
        await run.until(lambda: options.option_count == 3)
        assert options.highlighted == 2  # x came first, y is still the one
        await run.press("enter")
        assert run.state.model == model("y").path


async def test_the_first_is_highlighted_until_one_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "iter_models", lambda: iter([model("z"), model("x")]))
    monkeypatch.setattr("tempviz.models.recent.recent_models", lambda: [model("x").path])
    monkeypatch.setattr("tempviz.tui.screens.picker.LIST_EVERY", 0.0)
    async with driven() as run:
        await run.press("o")
        await run.until(lambda: run.app.screen.query_one(OptionList).option_count == 2)
        await run.press("enter")
        assert run.state.model == model("x").path


async def test_a_load_that_is_stopped_leads_back_to_the_picker() -> None:
    first, stopped = threading.Event(), threading.Event()

    def loads() -> ToyModel:
        if first.is_set():
            return toy_model()
        first.set()
        stopped.wait(5)
        raise Cancelled("Stopped.")  # as a process does that is ended while it loads

    async with driven(loads, settled=False) as run:
        await run.until(lambda: run.state.loaded == 0.5)
        await run.pilot.press("space")
        await run.until(lambda: "still loading" in run.text(DetailLine))
        assert not run.state.wants_step
        await run.pilot.press("escape")
        assert run.state.stops_load
        stopped.set()
        await run.until(lambda: "Loading was stopped." in run.screen)
        assert isinstance(run.app.screen, Picker) and "could not be opened" not in run.screen
        await run.press("enter")
        await run.settle()
        assert run.state.phase == "ready" and run.state.row is not None


ODD = "/models/a\x1b[31m\u202e\udcffb.gguf"


async def test_down_goes_from_the_path_to_the_list() -> None:
    async with driven(failing={"/models/toy.gguf": "no"}, settled=False) as run:
        await run.until(lambda: isinstance(run.app.screen, Picker) and isinstance(run.app.focused, SafeInput))
        await run.pilot.press("down")
        await run.until(lambda: isinstance(run.app.focused, OptionList))


async def test_a_path_of_odd_characters_is_kept_as_it_is_and_shown_safely() -> None:
    async with driven(model=ODD, failing={ODD: "It is empty."}) as run:
        line = run.app.screen.query_one(SafeInput)
        assert line.value == ODD
        assert "a␛[31m\ufffd\ufffdb.gguf" in run.screen and "\x1b" not in run.screen
        await run.press("end", "backspace", "f", "enter")
        assert run.state.model == ODD


async def test_what_is_found_after_a_model_was_chosen_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search goes on in its thread while the picker closes; what it tells then must not end the app."""
    monkeypatch.setattr(discovery, "iter_models", lambda: iter([model("z")]))
    async with driven() as run:
        await run.press("o")
        picker = run.app.screen
        assert isinstance(picker, Picker)
        await run.until(lambda: picker.query_one(OptionList).option_count == 1)
        await run.press("escape")
        await run.until(lambda: not picker.query(OptionList))
        picker._tell([model("z"), model("y")], done=True)
        assert run.app.screen is not picker and run.state.phase == "ready"
