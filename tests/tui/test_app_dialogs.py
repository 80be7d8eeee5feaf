"""The prompt editor, a model that cannot be opened or dies, and the other dialogs, on a running app."""

import pytest
from tempviz.models import actions as act
from tempviz.models.engine import EngineDied
from tempviz.models.state import State
from tempviz.tui.keymap import KEYS
from tempviz.tui.screens.compare import CompareDialog
from tempviz.tui.screens.dialogs import (
    AutoDialog,
    BreakpointDialog,
    CopyDialog,
    HelpScreen,
    PromptEditor,
)
from tempviz.tui.screens.find import FindScreen
from tempviz.tui.screens.main import MainScreen
from tempviz.tui.screens.picker import Picker
from tempviz.tui.screens.watches import WatchDialog
from tempviz.tui.view import view
from tempviz.tui.widgets.panels import DetailLine, HeaderLine
from tempviz.tui.widgets.text_pane import TextPane
from textual.widgets import Input, Static, TextArea

from .driving import NAMES, PROMPT, driven, friendly, friendly_toy, token, toy_model

N = len(NAMES)


# ---- the prompt editor ---------------------------------------------------------------------------------------------


async def test_a_prompt_of_several_lines() -> None:
    async with driven(friendly_toy, prompt="a", size=(80, 40)) as run:
        await run.press("space", "p", "end", "b", "ctrl+j", "ctrl+j", "c")
        assert run.app.screen.query_one(TextArea).text == "ab\n\nc"
        await run.press("enter")
        assert isinstance(run.app.screen, MainScreen)
        assert run.state.prompt == "ab\n\nc"
        assert run.state.trace.given == tuple(map(token, "ab\n\nc")) and len(run.state.trace.nodes) == 1
        assert [row.strip() for row in run.rows(TextPane)][:3] == ["ab⏎", "⏎", "c▌"]


async def test_what_is_typed_replaces_the_prompt_at_once() -> None:
    async with driven(friendly_toy) as run:
        await run.press("p", "a", "b", "enter")
        assert run.state.prompt == "ab"


async def test_escape_leaves_the_prompt_and_the_text_alone() -> None:
    async with driven(friendly_toy) as run:
        await run.press("space")
        before = run.state
        await run.press("p", "a", "b", "escape")
        assert isinstance(run.app.screen, MainScreen)
        assert (run.state.prompt, run.state.trace) == (PROMPT, before.trace)
        await run.press("p")
        assert run.app.screen.query_one(TextArea).text == PROMPT


async def test_pasted_lines_are_text_and_accept_nothing() -> None:
    async with driven(friendly_toy, prompt="a") as run:
        await run.press("p", "end")
        await run.send("\x1b[200~b\nc\n\x1b[201~")
        assert isinstance(run.app.screen, PromptEditor)
        assert run.app.screen.query_one(TextArea).text == "ab\nc\n"
        await run.press("enter")
        assert run.state.prompt == "ab\nc\n"


async def test_letters_and_keys_that_arrive_together_keep_their_order() -> None:
    """A terminal without bracketed paste, or a slow line, sends all of it at once."""
    async with driven(friendly_toy, prompt="a") as run:
        await run.press("p")
        await run.send("ab\ncd\r")
        assert isinstance(run.app.screen, MainScreen)
        assert run.state.prompt == "ab\ncd"
        await run.press("slash")
        await run.send("ler59\r")
        assert run.state.trace.here.token == token(" filler59")


async def test_pasting_on_the_main_screen_does_nothing() -> None:
    async with driven(friendly_toy) as run:
        before = run.state
        await run.send("\x1b[200~ 5q\x1b[201~")
        assert run.state is before


async def test_a_prompt_that_cannot_be_used_is_kept_for_the_editor() -> None:
    async with driven(lambda: toy_model(friendly, n_ctx=8), prompt="abc") as run:
        before = run.state.trace
        await run.press("p", *"abcdefghij", "enter")
        assert "The prompt is 10 tokens and the context holds 8." in run.screen
        assert run.state.trace is before
        await run.press("p")
        assert run.app.screen.query_one(TextArea).text == "abcdefghij"
        await run.press("escape", "p", "x", "enter")
        assert "tokens begins" in run.screen and run.state.trace is before


@pytest.mark.parametrize(
    ("keys", "why"),
    [(("0",), "Tokens: a whole number above 0"), (("5", "tab", "0"), "Tokens a second: a number above 0")],
)
async def test_a_number_that_steps_nothing_is_refused_in_words(keys: tuple[str, ...], why: str) -> None:
    async with driven() as run:
        await run.press("ctrl+a")
        await run.pilot.press(*keys, "enter")
        await run.until(lambda: why in run.screen)
        assert isinstance(run.app.screen, AutoDialog) and run.state.auto is None


async def test_what_a_key_does_stands_in_a_column_of_its_own() -> None:
    async with driven() as run:
        await run.pilot.press("question_mark")
        section = run.app.screen.query(".section").first(Static)

        def rows() -> list[str]:
            return [line for line in str(section.content).splitlines() if line.startswith("  ")]

        await run.until(lambda: len(rows()) > len(KEYS))
        assert max(map(len, rows())) <= section.content_size.width < 80
        assert all(row.startswith(" " * 14) or row[13] == " " for row in rows())


# ---- a model that cannot be opened, and one that dies --------------------------------------------------------------

OPENING = {row.id for row in KEYS if row.ui} - {"find", "copy", "next_view", "previous_view"}
"""Rows that open a dialog, or quit, without a model too."""

BAD, WORSE = "/models/bad.gguf", "/models/worse.gguf"


async def test_a_failed_load_says_why_and_offers_another_path() -> None:
    failing = {BAD: "bad.gguf is empty.", WORSE: "worse.gguf holds \x1b[31m[/b]."}
    async with driven(model=BAD, failing=failing) as run:
        assert isinstance(run.app.screen, Picker)
        assert "could not be opened" in run.screen and "bad.gguf is empty." in run.screen
        assert run.app.screen.query_one(Input).value == BAD
        await run.burst("ctrl+u")
        await run.send(WORSE, "\r")
        assert isinstance(run.app.screen, Picker)
        assert "worse.gguf holds ␛[31m[/b]." in run.screen
        await run.press("escape")
        assert "no model" in run.text(HeaderLine) and "worse.gguf holds" in run.text(DetailLine)
        await run.press("o", "ctrl+u")
        await run.send("/models/toy.gguf", "\r")
        await run.until(lambda: run.state.phase == "ready")
        await run.settle()
        assert (run.state.phase, run.state.model) == ("ready", "/models/toy.gguf")
        assert isinstance(run.app.screen, MainScreen) and PROMPT in run.text(TextPane)


async def test_a_load_that_fails_while_the_picker_is_open_tells_it() -> None:
    async with driven() as run:
        await run.press("o")
        picker = run.app.screen
        run.app.perform_action(act.OpenModel(BAD))
        run.app._told(act.ModelFailed("bad.gguf is empty."))
        await run.until(lambda: "bad.gguf is empty." in run.screen and "could not be opened" in run.screen)
        assert run.app.screen is picker and len(run.app.screen_stack) == 2
        assert picker.query_one(Input).value == BAD


async def test_keys_do_no_harm_without_a_model() -> None:
    async with driven(model=BAD, failing={BAD: "It is empty."}) as run:
        await run.press("escape")
        await run.burst(*(key for row in KEYS if row.id not in OPENING for key in row.keys))
        await run.settle()
        assert isinstance(run.app.screen, MainScreen) and run.state.phase == "failed"


async def test_a_model_that_dies_is_started_again_and_nothing_is_lost() -> None:
    async with driven(friendly_toy) as run:
        await run.press("space", "space")
        before = view(run.state).candidates
        run.toy.then(EngineDied("It was killed."))
        await run.press("space")
        await run.settle()
        assert len(run.toys) == 2 and "It was killed. It is being started again" in run.screen
        assert run.state.trace.here.depth == 3 and run.state.row is not None
        await run.press("left")
        assert view(run.state).candidates.n_vocab == before.n_vocab
        assert [row.prob for row in view(run.state).candidates.rows] == [row.prob for row in before.rows]


# ---- dialogs -------------------------------------------------------------------------------------------------------

DIALOGS = {
    PromptEditor: ("p", {"enter"}),
    HelpScreen: ("question_mark", {"question_mark", "f1", "q"}),
    Picker: ("o", {"enter"}),
    FindScreen: ("slash", {"enter"}),
    WatchDialog: ("W", {"enter"}),
    AutoDialog: ("ctrl+a", {"enter"}),
    BreakpointDialog: ("B", {"enter"}),
    CompareDialog: ("c", {"enter"}),
    CopyDialog: ("y", {"e", "r"}),
}


def said_and_done(state: State) -> tuple:
    """What a key of the main screen could change."""
    chain = (state.stage, state.knob, state.breakpoints, state.comparison)
    return (
        state.settings,
        state.trace,
        state.highlight,
        state.scale,
        state.borders,
        state.prompt,
        state.auto,
        state.watches,
        chain,
    )


@pytest.mark.parametrize("dialog", DIALOGS, ids=lambda dialog: dialog.__name__)
async def test_a_dialog_lets_no_key_through(dialog: type) -> None:
    opening, own = DIALOGS[dialog]
    async with driven(friendly_toy) as run:
        await run.press("space", "space", "left", "down")
        before = said_and_done(run.state)
        await run.press(opening)
        assert isinstance(run.app.screen, dialog)
        others = [row.keys for row in KEYS if row.id not in ("cancel", "palette")]
        await run.burst(*(key for keys in others for key in keys if key not in own | {"ctrl+q", "escape"}))
        assert isinstance(run.app.screen, dialog)
        await run.press("escape")
        assert isinstance(run.app.screen, MainScreen)
        assert said_and_done(run.state) == before


@pytest.mark.parametrize("dialog", DIALOGS, ids=lambda dialog: dialog.__name__)
async def test_ctrl_q_quits_from_every_dialog(dialog: type) -> None:
    async with driven(friendly_toy) as run:
        await run.press(DIALOGS[dialog][0])
        await run.pilot.press("ctrl+q")
        assert run.app._exit and run.app.return_code == 0
