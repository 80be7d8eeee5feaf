"""Every key on a running app: what it does to the state, and what is seen of it."""

import time
from collections.abc import Awaitable, Callable
from threading import Event

import numpy as np
import pytest
from tempviz.models.chain_edits import knobs_of
from tempviz.models.engine import EngineDied, Path
from tempviz.models.state import State
from tempviz.models.toy import ToyModel
from tempviz.tui import view as view_module
from tempviz.tui.app import TempvizApp
from tempviz.tui.keymap import KEYS, Key
from tempviz.tui.screens.compare import CompareDialog, CompareScreen
from tempviz.tui.screens.dialogs import (
    AutoDialog,
    BreakpointDialog,
    CopyDialog,
    HelpScreen,
    NameDialog,
    PromptEditor,
)
from tempviz.tui.screens.find import FindScreen
from tempviz.tui.screens.main import MainScreen
from tempviz.tui.screens.picker import Picker
from tempviz.tui.view import view
from tempviz.tui.widgets.panels import Candidates, DetailLine, FooterLine, HeaderLine, StatusLine
from tempviz.tui.widgets.pictures import PicturePanel
from tempviz.tui.widgets.strip import MassStrip
from tempviz.tui.widgets.text_pane import TextPane
from textual.command import CommandPalette
from textual.filter import Monochrome
from textual.widgets import Input, Static, TextArea

from .driving import HOSTILE, NAMES, PROMPT, Driven, driven, token, toy_model, uneven

N = len(NAMES)


def friendly(path: Path) -> np.ndarray:
    """Plain tokens only are likely, so that what is taken can be read."""
    logits = uneven(path)
    logits[: 1 + len(HOSTILE)] -= 20.0
    return logits


def friendly_toy() -> ToyModel:
    return toy_model(friendly)


# ---- one case for every row of the table ---------------------------------------------------------------------------

Case = Callable[[Driven, str], Awaitable[None]]
CASES: dict[str, Case] = {}


def case(row: str) -> Callable[[Case], Case]:
    """What the key of a row does. A row without a case fails."""

    def keep(told: Case) -> Case:
        CASES[row] = told
        return told

    return keep


@pytest.mark.parametrize(
    ("row", "key"), [(row, key) for row in KEYS for key in row.keys], ids=lambda x: x.id if isinstance(x, Key) else x
)
async def test_a_key_does_what_its_row_says(row: Key, key: str) -> None:
    assert row.id in CASES, f"no case tells what {row.id!r} does"
    async with driven(friendly_toy) as run:
        await CASES[row.id](run, key)


def test_no_case_is_left_over() -> None:
    assert set(CASES) <= {row.id for row in KEYS}


def highlighted_row(run: Driven) -> str:
    (row,) = [row for row in run.rows(Candidates) if row.startswith("▸")]
    return row


@case("step")
async def _(run: Driven, key: str) -> None:
    coin = next(row for row in view(run.state).candidates.rows if row.coin)
    await run.press(key)
    node = run.state.trace.here
    assert node.drawn and node.drawn.coin is not None and node.drawn.temperature == 1.0
    assert run.text(TextPane).split("▌")[0].strip() == PROMPT + coin.name.replace("␣", " ")
    assert "6/4,096 tokens" in run.text(HeaderLine)


@case("take")
async def _(run: Driven, key: str) -> None:
    await run.press("down", "down")
    third = view(run.state).candidates.rows[2]
    await run.press(key)
    assert run.state.trace.here.drawn.coin is None
    assert PROMPT + third.name.replace("␣", " ") in run.text(TextPane)
    assert highlighted_row(run).split()[1] == "1"


@case("back")
async def _(run: Driven, key: str) -> None:
    await run.press("space", "space", key)
    assert (run.state.trace.here.depth, len(run.state.trace.nodes)) == (1, 3)
    assert "position 1 of 2" in run.screen


@case("up")
async def _(run: Driven, key: str) -> None:
    await run.press("down", "down", key)
    assert run.state.highlight == 2
    assert run.rows(Candidates)[1] == highlighted_row(run)
    await run.press(key, key, key)
    assert run.state.highlight == 1


@case("down")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert run.state.highlight == 2
    second = view(run.state).candidates.rows[1]
    assert highlighted_row(run).split()[1:3] == ["2", second.name]
    assert run.text(DetailLine).split(" · ")[0].strip() == second.name


@case("page_down")
async def _(run: Driven, key: str) -> None:
    window = run.state.window
    await run.press(key)
    assert run.state.highlight == window
    await run.press(key)
    assert run.state.highlight == 2 * window - 1
    assert highlighted_row(run).split()[1] == str(2 * window - 1)
    assert "above" in run.rows(Candidates)[0]


@case("page_up")
async def _(run: Driven, key: str) -> None:
    await run.press("end", key)
    assert run.state.highlight == N - run.state.window + 1
    await run.burst(*[key] * 20)
    await run.settle()
    assert run.state.highlight == 1 and "above" not in run.text(Candidates)


@case("first")
async def _(run: Driven, key: str) -> None:
    await run.press("end", key)
    assert run.state.highlight == 1
    assert run.rows(Candidates)[0] == highlighted_row(run)


@case("last")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert run.state.highlight == N
    assert highlighted_row(run).split()[1] == str(N)
    assert "below" not in run.text(Candidates)


@case("coin_token")
async def _(run: Driven, key: str) -> None:
    for _ in range(3):
        await run.press("r", "home", key)
        assert highlighted_row(run).rstrip().endswith("●")


@case("left")
async def _(run: Driven, key: str) -> None:
    await run.press("space", "space", key)
    assert run.state.trace.here.depth == 1
    assert "position 1 of 2" in run.screen and "was drawn at T 1.00, coin 0." in run.screen
    await run.press(key, key, key)
    assert run.state.trace.here.depth == 0


@case("right")
async def _(run: Driven, key: str) -> None:
    await run.press("space", "space", "left", "left", key)
    assert run.state.trace.here.depth == 1
    await run.press(key, key, key)
    assert run.state.trace.here.depth == 2 and "position" not in run.screen


@case("text_end")
async def _(run: Driven, key: str) -> None:
    await run.press("space", "space", "space", "left", "left", "left", key)
    assert run.state.trace.here.depth == 3 and "position" not in run.screen


@case("find")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, FindScreen)
    await run.press(*"ler59")
    assert "␣filler59" in run.screen
    await run.press("enter")
    assert isinstance(run.app.screen, MainScreen)
    assert run.state.trace.here.token == token(" filler59") and run.state.trace.here.drawn.coin is None
    assert f"{PROMPT} filler59" in run.text(TextPane)


@case("auto")
async def _(run: Driven, key: str) -> None:
    await run.pilot.press(key)
    await run.until(lambda: run.state.trace.here.depth > 3)
    assert "auto" in run.text(HeaderLine)
    await run.press(key)
    assert run.state.auto is None
    depth = run.state.trace.here.depth
    await run.press("up")
    assert run.state.trace.here.depth == depth
    assert f"{5 + depth:,}/4,096 tokens" in run.text(HeaderLine)


@case("auto_ask")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, AutoDialog)
    await run.press("ctrl+u", "3", "tab", "ctrl+u", "enter")
    await run.settle()
    assert (run.state.trace.here.depth, run.state.auto) == (3, None)


@case("undo")
async def _(run: Driven, key: str) -> None:
    before = run.rows(TextPane)
    await run.press("space", "3", key, key)
    assert (run.state.settings.temperature, run.state.trace.here.depth) == (1.0, 0)
    assert run.rows(TextPane) == before and "T 1.00" in run.text(StatusLine)
    await run.press(key)
    assert "Nothing to undo." in run.text(DetailLine)


@case("redo")
async def _(run: Driven, key: str) -> None:
    await run.press("space")
    after = run.rows(TextPane)
    await run.press("u", key)
    assert run.state.trace.here.depth == 1
    assert run.rows(TextPane) == after
    await run.press(key)
    assert "Nothing to redo." in run.text(DetailLine)


@case("cooler")
async def _(run: Driven, key: str) -> None:
    await run.press(key, key)
    assert run.state.settings.temperature == 0.9
    assert "T 0.90" in run.text(StatusLine)
    await run.burst(*[key] * 30)
    await run.settle()
    assert run.state.settings.temperature == 0.0 and "greedy" in run.text(StatusLine)


@case("hotter")
async def _(run: Driven, key: str) -> None:
    before = view(run.state).candidates.rows[0].prob
    await run.press(key, key)
    assert run.state.settings.temperature == 1.1
    assert "T 1.10" in run.text(StatusLine)
    assert view(run.state).candidates.rows[0].prob < before
    assert len(run.toy.calls) == 1


def _sets(temperature: int) -> Case:
    async def told(run: Driven, key: str) -> None:
        await run.press("equals_sign", key)
        assert run.state.settings.temperature == float(temperature)
        assert f"T {temperature}.00" in run.text(StatusLine)

    return told


for _t in range(6):
    case(f"temperature_{_t}")(_sets(_t))


@case("greedy")
async def _(run: Driven, key: str) -> None:
    await run.press("minus", key)
    assert run.state.settings.temperature == 0.0
    rows = run.rows(Candidates)
    assert "100 %" in rows[0] and " 0 %" in rows[1] and "░" in rows[1]
    await run.press(key)
    assert run.state.settings.temperature == 0.95


@case("toss")
async def _(run: Driven, key: str) -> None:
    before, rows = run.text(MassStrip), view(run.state).candidates.rows
    await run.press(key)
    assert run.state.trace.here.toss == 1
    assert run.text(MassStrip) != before
    assert [row.prob for row in view(run.state).candidates.rows] == [row.prob for row in rows]


@case("restore")
async def _(run: Driven, key: str) -> None:
    await run.press("minus", "minus", "space", "4", "left")
    assert "was drawn at T 0.90" in run.screen
    await run.press(key)
    assert run.state.settings.temperature == 0.9 and "T 0.90" in run.text(StatusLine)
    await run.press("e", key)
    assert "there are no settings to restore" in run.text(DetailLine)


@case("scale")
async def _(run: Driven, key: str) -> None:
    linear = run.rows(Candidates)
    await run.press(key)
    assert run.state.scale == "logarithmic" and "logarithmic" in run.screen
    assert run.rows(Candidates) != linear
    await run.press(key)
    assert run.rows(Candidates) == linear


def picture_on_view(run: Driven) -> str:
    """What stands in the middle of a narrow screen."""
    screen = run.app.screen
    assert screen.query_one(Candidates).region.area == 0 or not screen.query_one("#pictures").region.area
    if screen.query_one(Candidates).region.area:
        return "Candidates"
    heading = run.rows(PicturePanel)[0]
    return heading[heading.index("[") + 1 : heading.index("]")]


async def pictures_in_turn(run: Driven, key: str) -> list[str]:
    seen = [picture_on_view(run)]
    while len(seen) == 1 or seen[-1] != "Candidates":
        await run.press(key)
        seen.append(picture_on_view(run))
        assert len(seen) < 20
    return seen


@case("view")
async def _(run: Driven, key: str) -> None:
    seen = await pictures_in_turn(run, key)
    assert seen[:2] == ["Candidates", "Histogram"] and "Timeline" in seen
    assert len(set(seen)) == len(seen) - 1


@case("view_back")
async def _(run: Driven, key: str) -> None:
    backwards = await pictures_in_turn(run, key)
    assert backwards == list(reversed(await pictures_in_turn(run, "v")))


@case("borders")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert run.state.borders and "The│ capital│ of│ France│ is│" in run.text(TextPane)
    await run.press(key)
    assert PROMPT in run.text(TextPane)


@case("breakpoints")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, BreakpointDialog)
    await run.send("0.5\r")
    assert run.state.breakpoints.entropy_above == 0.5
    await run.press("a")
    assert run.state.auto is None and run.state.trace.here.depth == 1
    assert "entropy" in run.text(DetailLine)


@case("compare")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, CompareDialog)
    await run.pilot.press("ctrl+u", *"0 2", "tab", "ctrl+u", "3", "enter")
    await run.until(lambda: run.state.comparison is not None and not run.state.comparison.runs)
    await run.until(lambda: "T 0.00" in run.screen and "T 2.00" in run.screen)
    assert isinstance(run.app.screen, CompareScreen)
    await run.press("right", "enter")
    assert isinstance(run.app.screen, MainScreen)
    assert (run.state.trace.frontier, run.state.settings.temperature) == (3, 2.0)


@case("preset")
async def _(run: Driven, key: str) -> None:
    assert run.state.settings.samplers == ()
    await run.press(key)
    assert run.state.settings.samplers and "Chain: llama.cpp." in run.text(DetailLine)
    assert ", chain " in run.screen
    await run.press(key, key)
    assert run.state.settings.samplers == () and ", chain " not in run.screen


@case("chain")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert "[Chain]" in run.screen
    assert not isinstance(run.app.focused, PicturePanel), "a chain without stages needs no keys"
    await run.press("P", key)
    assert isinstance(run.app.focused, PicturePanel) and "x on/off" in run.text(FooterLine)
    await run.press(key)
    assert isinstance(run.app.focused, Candidates) and "x on/off" not in run.text(FooterLine)


@case("chain_leave")
async def _(run: Driven, key: str) -> None:
    samplers = await in_chain(run, key)
    assert isinstance(run.app.focused, Candidates)
    await run.press("down")
    assert (run.state.highlight, run.state.stage, run.state.settings.samplers) == (2, 0, samplers)


async def in_chain(run: Driven, *keys: str) -> tuple:
    """The chain of samplers has the keys, and these were pressed."""
    await run.press("P", "s", *keys)
    return run.state.settings.samplers


@case("save_preset")
async def _(run: Driven, key: str) -> None:
    samplers = await in_chain(run, "equals_sign", key)
    assert isinstance(run.app.screen, NameDialog)
    await run.send("mine\r")
    assert run.state.own_presets == {"mine": samplers}
    assert "Saved as mine." in run.text(DetailLine)


@case("stage_down")
async def _(run: Driven, key: str) -> None:
    await in_chain(run)
    before = run.text(PicturePanel)
    await run.press(key)
    assert (run.state.stage, run.state.highlight) == (1, 1)
    assert run.text(PicturePanel) != before
    await run.burst(*[key] * 30)
    assert run.state.stage == len(run.state.settings.samplers) - 1


@case("stage_up")
async def _(run: Driven, key: str) -> None:
    await in_chain(run, "down", "down", key)
    assert (run.state.stage, run.state.highlight) == (1, 1)
    await run.press(key, key)
    assert run.state.stage == 0


@case("knob_right")
async def _(run: Driven, key: str) -> None:
    samplers = await in_chain(run, key)
    assert len(knobs_of(samplers[0])) > 1
    assert (run.state.knob, run.state.trace.here.depth) == (1, 0)


@case("knob_left")
async def _(run: Driven, key: str) -> None:
    samplers = await in_chain(run, "right", "right", key)
    assert (run.state.knob, run.state.trace.here.depth) == (1, 0)
    await run.press(key, key)
    assert run.state.knob == len(knobs_of(samplers[0])) - 1


@case("knob_down")
async def _(run: Driven, key: str) -> None:
    before = await in_chain(run, "down", "equals_sign", "equals_sign")
    await run.press(key)
    assert run.state.settings.samplers[1] != before[1] and run.state.settings.temperature == 1.0
    await run.press("equals_sign")
    assert run.state.settings.samplers == before


@case("knob_up")
async def _(run: Driven, key: str) -> None:
    before = await in_chain(run)
    shown = run.text(PicturePanel)
    await run.press(key)
    after = run.state.settings.samplers
    assert after[0] != before[0] and after[1:] == before[1:]
    assert run.state.settings.temperature == 1.0 and run.text(PicturePanel) != shown


@case("stage_toggle")
async def _(run: Driven, key: str) -> None:
    before = await in_chain(run)
    await run.press(key)
    assert run.state.settings.samplers[0].active != before[0].active


@case("stage_earlier")
async def _(run: Driven, key: str) -> None:
    before = await in_chain(run, "down", key)
    assert run.state.stage == 0
    await run.press("J")
    after = run.state.settings.samplers
    assert (after[0], after[1]) == (before[1], before[0])


@case("stage_later")
async def _(run: Driven, key: str) -> None:
    before = await in_chain(run)
    await run.press(key)
    after = run.state.settings.samplers
    assert (after[0], after[1], run.state.stage) == (before[1], before[0], 1)


@case("prompt")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, PromptEditor)
    assert run.app.screen.query_one(TextArea).text == PROMPT


@case("model")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, Picker) and "Open a model" in run.screen
    await run.press("escape")
    assert isinstance(run.app.screen, MainScreen) and run.state.phase == "ready"


@case("copy")
async def _(run: Driven, key: str) -> None:
    await run.press("space", key)
    assert isinstance(run.app.screen, CopyDialog)
    await run.press("r")
    text = "".join(NAMES[run.state.trace[node].token] for node in run.state.trace.line[1:])
    assert run.app.clipboard == PROMPT + text
    assert "Copied" in run.text(DetailLine)


@case("palette")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, CommandPalette)


@case("cancel")
async def _(run: Driven, key: str) -> None:
    run.toy.then(Event())
    await run.pilot.press("space")
    await run.until(lambda: run.state.work is not None and len(run.toy.calls) == 2)
    await run.press(key)
    assert run.state.stopped and run.state.row is None
    assert "stopped" in run.text(HeaderLine) and "Space goes on." in run.text(DetailLine)
    await run.press("space")
    assert run.state.row is not None and not run.state.stopped


@case("help")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, HelpScreen)
    assert "Take the token on which the coin falls" in run.screen
    await run.press(key)
    assert isinstance(run.app.screen, MainScreen)


@case("quit")
async def _(run: Driven, key: str) -> None:
    await run.pilot.press(key)
    assert run.app._exit and run.app.return_code == 0


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
    AutoDialog: ("ctrl+a", {"enter"}),
    BreakpointDialog: ("B", {"enter"}),
    CompareDialog: ("c", {"enter"}),
    CopyDialog: ("y", {"e", "r"}),
}


def said_and_done(state: State) -> tuple:
    """What a key of the main screen could change."""
    chain = (state.stage, state.knob, state.breakpoints, state.comparison)
    return (state.settings, state.trace, state.highlight, state.scale, state.borders, state.prompt, state.auto, chain)


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


async def test_held_steps_queue_no_decodes() -> None:
    """While one decode runs, any number of steps asks for one more token at most."""
    async with driven(friendly_toy) as run:
        gate = Event()
        run.toy.then(gate)
        await run.pilot.press("space")
        await run.until(lambda: len(run.toy.calls) == 2)
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
