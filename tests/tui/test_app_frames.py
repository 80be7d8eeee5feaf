"""Held keys, size, theme, colour, focus and opening, on a running app."""

import time
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from tempviz.models import actions as act
from tempviz.models import remembered
from tempviz.models.state import State
from tempviz.models.toy import ToyModel
from tempviz.tui import view as view_module
from tempviz.tui.app import TempvizApp
from tempviz.tui.keymap import KEYS
from tempviz.tui.view import view
from tempviz.tui.widgets.panels import Candidates, HeaderLine, StatusLine
from tempviz.tui.widgets.strip import MassStrip
from tempviz.tui.widgets.text_pane import TextPane
from textual.filter import Monochrome
from textual.widgets import Static

from .driving import NAMES, Driven, driven, friendly, friendly_toy, toy_model

N = len(NAMES)


OPENING = {row.id for row in KEYS if row.ui} - {"find", "copy", "next_view", "previous_view"}

# ---- held keys, walking, restoring ---------------------------------------------------------------------------------


async def test_held_keys_are_painted_once_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def counted(*arguments):
        nonlocal calls
        calls += 1
        return view(*arguments)

    async with driven(friendly_toy, temperature=0.0) as run:
        monkeypatch.setattr(view_module, "view", counted)
        began = time.monotonic()
        await run.send("=" * 60 + "-" * 140 + "=" * 30)
        frames = (time.monotonic() - began) * 60 + 2
        assert run.state.settings.temperature == 1.5
        assert "T 1.50" in run.text(StatusLine)
        assert 1 <= calls <= min(frames, 100)
        assert len(run.toy.calls) == 1


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_turn_that_was_foreseen_is_shown_as_any_other(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    made: list[State] = []

    def noted(state: State, *arguments):
        made.append(state)
        return view(state, *arguments)

    async with driven(friendly_toy, size=size) as run:
        monkeypatch.setattr(view_module, "view", noted)
        await run.press("=")
        shown = run.state
        await run.until(lambda: len(made) == 3)  # this turn, the next one, and the one back
        assert made[0] is shown and [state.settings.temperature for state in made[1:]] == [1.1, 1.0]
        for key in ("=", "-", "-"):
            ready = list(made)
            await run.press(key)
            assert any(state is run.state for state in ready)
            await run.until(lambda ready=ready: len(made) == len(ready) + 2)
            screen = run.app.screen_stack[0]
            for panel, part in screen.draw(view(run.state, screen.pictures, size[0])):
                assert panel._current() == part.rows
        await run.press("r")
        assert all(state is not run.state for state in made[:-1])


async def test_held_steps_queue_no_decodes() -> None:
    """While one decode runs, any number of steps asks for one more token at most."""
    async with driven(friendly_toy) as run:
        gate = await run.press_and_hold_the_row("space")
        await run.burst(*["space"] * 20)
        gate.set()
        await run.settle()
        assert run.state.trace.here.depth <= 2 and len(run.toy.calls) <= 3


async def test_walking_back_shows_the_same_again_and_decodes_nothing() -> None:
    async with driven(friendly_toy) as run:
        seen = [(view(run.state).candidates.rows, run.rows(Candidates))]
        for keys in (["space"], ["down", "enter"], ["space"]):
            await run.press(*keys)
            seen.append((view(run.state).candidates.rows, run.rows(Candidates)))
        decoded = len(run.toy.calls)
        for depth in (2, 1, 0, 1, 2, 3):
            await run.press("left" if run.state.trace.here.depth > depth else "right")
            rows, _ = seen[depth]
            now = view(run.state).candidates.rows
            assert [(r.rank, r.name, r.prob, r.ghost) for r in now] == [(r.rank, r.name, r.prob, r.ghost) for r in rows]
        assert run.rows(Candidates) == seen[3][1]
        assert len(run.toy.calls) == decoded


async def test_a_branch_costs_one_decode_and_keeps_what_was_there() -> None:
    async with driven(friendly_toy) as run:
        await run.press("space", "space")
        first = run.rows(TextPane)
        decoded = len(run.toy.calls)
        await run.press("left", "left", "end", "enter")
        assert len(run.toy.calls) == decoded + 1
        assert len(run.state.trace.nodes) == 4 and run.rows(TextPane) != first
        await run.press("left", "space")
        # The coin's token is a child already, so it is entered and not added again.
        assert len(run.state.trace.nodes) == 4 and len(run.toy.calls) == decoded + 1
        await run.press("right")
        assert run.rows(TextPane) == first


# ---- size, theme and colour ----------------------------------------------------------------------------------------


async def test_a_terminal_that_is_too_small_and_its_recovery() -> None:
    async with driven(friendly_toy) as run:
        before = run.screen
        for size in ((59, 15), (59, 24), (80, 15), (20, 5), (1, 1)):
            await run.pilot.resize_terminal(*size)
            if size[0] >= 59:
                await run.until(lambda: "This terminal is too small." in run.screen)
                assert "tempviz needs 60×16." in run.screen
            assert "The capital" not in run.screen
        await run.pilot.resize_terminal(80, 24)
        await run.settle()
        await run.until(lambda: run.screen == before)
        await run.press("space")
        assert run.state.trace.here.depth == 1


async def test_a_storm_of_sizes_ends_in_a_whole_screen() -> None:
    async with driven(friendly_toy) as run:
        before = run.screen
        sizes = np.random.default_rng(0).integers((1, 1), (250, 80), (12, 2)).tolist()
        for width, height in sizes:
            await run.pilot.resize_terminal(width, height)
        await run.pilot.resize_terminal(80, 24)
        await run.settle()
        await run.until(lambda: run.screen == before)


def colours(run: Driven) -> set:
    """Of everything that is drawn in the pictures."""
    screen = run.app.screen_stack[0]
    panels = [screen.query_one(panel) for panel in (HeaderLine, TextPane, MassStrip, Candidates, StatusLine)]
    lines = [panel.render_line(y) for panel in panels for y in range(panel.size.height)]
    styles = [segment.style for line in lines for segment in line if segment.style]
    return {style.color for style in styles} | {style.bgcolor for style in styles}


async def test_a_change_of_theme_repaints_everything() -> None:
    async with driven(friendly_toy) as run:
        first = run.app.theme
        dark, text = colours(run), run.screen
        run.app.theme = "tempviz-light"
        await run.pilot.pause()
        light = colours(run)
        assert not (dark & light) - {None}
        assert run.screen == text
        run.app.theme = first
        await run.pilot.pause()
        assert colours(run) == dark


async def test_the_theme_is_remembered_and_one_that_is_gone_is_not_missed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(remembered, "state_file", lambda name: tmp_path / f"{name}.json")
    async with driven(friendly_toy) as run:
        assert run.app.theme == "tempviz-dark" and not (tmp_path / "theme.json").exists()
        run.app.theme = "tempviz-light"
        await run.until(lambda: (tmp_path / "theme.json").exists())
    async with driven(friendly_toy) as run:
        assert run.app.theme == "tempviz-light"
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "theme.json").write_text('"ansi-dark"')
    async with driven(friendly_toy) as run:
        assert run.app.theme == "tempviz-dark" and not any(t.ansi for t in run.app.available_themes.values())
    monkeypatch.delenv("NO_COLOR", raising=False)
    for gone in ('"sepia"', "7", "no JSON"):
        (tmp_path / "theme.json").write_text(gone)
        async with driven(friendly_toy) as run:
            assert run.app.theme == "tempviz-dark"


async def test_every_theme_works() -> None:
    async with driven(friendly_toy) as run:
        text = run.screen
        for theme in run.app.available_themes:
            run.app.theme = theme
            await run.pilot.pause()
            assert run.screen == text
            assert len(colours(run)) > 3


async def test_without_colour_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven(friendly_toy) as run:
        await run.press("space")
        coloured = run.screen
    monkeypatch.setenv("NO_COLOR", "1")
    async with driven(friendly_toy) as run:
        await run.press("space")
        assert run.screen == coloured
        assert any(isinstance(each, Monochrome) for each in run.app._filters)
        update = run.app.screen._compositor.render_update(full=True)
        for segment in (segment for line in update.strips for strip in line for segment in strip):
            for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                assert colour is None or colour.triplet is None or len(set(colour.triplet)) == 1


# ---- focus ---------------------------------------------------------------------------------------------------------


async def test_tab_moves_the_focus_and_it_can_be_seen() -> None:
    async with driven(friendly_toy) as run:
        assert isinstance(run.app.focused, Candidates)
        edge = run.app.screen.query_one(TextPane).styles.border_top
        await run.press("tab")
        assert isinstance(run.app.focused, TextPane)
        assert run.app.screen.query_one(TextPane).styles.border_top != edge
        await run.press("shift+tab")
        assert isinstance(run.app.focused, Candidates)


# ---- opening -------------------------------------------------------------------------------------------------------


async def test_the_first_frame_comes_before_the_model() -> None:
    """While the model loads, the screen says so and keys are taken."""
    opened = Event()

    def slow() -> ToyModel:
        opened.wait(10)
        return friendly_toy()

    async with driven(slow, settled=False) as run:
        await run.until(lambda: "loading 50%" in run.text(HeaderLine))
        assert "toy" in run.text(HeaderLine) and not run.toys
        await run.pilot.press("equals_sign", "space")
        assert run.state.settings.temperature == 1.05
        opened.set()
        await run.settle()
        await run.settle()
        assert run.state.phase == "ready" and "ready" in run.text(HeaderLine)


async def test_every_key_while_the_model_loads() -> None:
    opened = Event()

    def slow() -> ToyModel:
        opened.wait(10)
        return friendly_toy()

    async with driven(slow, settled=False) as run:
        await run.until(lambda: "loading 50%" in run.text(HeaderLine))
        without = OPENING | {"auto", "step"}
        await run.burst(*(key for row in KEYS if row.id not in without for key in row.keys))
        opened.set()
        await run.until(lambda: run.state.phase == "ready")
        await run.settle()
        assert run.state.row is not None and run.state.trace.here.depth == 0


async def test_auto_asked_for_while_the_model_loads_does_not_hang_on() -> None:
    opened = Event()

    def slow() -> ToyModel:
        opened.wait(10)
        return toy_model(friendly, n_ctx=8)

    async with driven(slow, settled=False) as run:
        await run.until(lambda: "loading 50%" in run.text(HeaderLine))
        await run.burst("a")
        opened.set()
        # Either it steps until the context is full, or it was dropped: not a run that never moves.
        await run.until(lambda: run.state.row is not None and run.state.auto is None)
        await run.settle()
        assert "auto" not in run.text(HeaderLine)


def test_the_app_holds_no_numbers_of_its_own() -> None:
    """One state: what the app shows before it runs is the state it was given."""
    state = State(model="x.gguf")
    app = TempvizApp("x.gguf", lambda *_: friendly_toy(), state)
    assert app.state is state


async def test_the_banner_goes_away_with_escape() -> None:
    async with driven(lambda: toy_model(friendly, n_ctx=6), prompt="abcde") as run:
        await run.press("space", "space")
        banner = run.app.screen.query_one("#banner", Static)
        assert "The context is full: 6 tokens." in run.screen and banner.region.area
        await run.press("escape")
        assert "The context is full" not in run.screen and not banner.region.area


async def test_an_auto_run_that_has_to_read_a_text_first_shows_how_far_that_is() -> None:
    async with driven(friendly_toy) as run:
        gate = await run.press_and_hold_the_row("a")
        run.app.perform_action(act.Evaluating(run.state.key, 8, 123))
        await run.until(lambda: "reading 8/123" in run.text(HeaderLine))
        await run.pilot.press("a")
        gate.set()
