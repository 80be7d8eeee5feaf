"""Every key on a running app: what it does to the state, and what is seen of it."""

from threading import Event

import pytest
from tempviz.models.chain_edits import knobs_of
from tempviz.tui.keymap import KEYS, Key
from tempviz.tui.screens.compare import CompareDialog, CompareScreen
from tempviz.tui.screens.dialogs import (
    BreakpointDialog,
    CopyDialog,
    HelpScreen,
    NameDialog,
    PromptEditor,
)
from tempviz.tui.screens.main import MainScreen
from tempviz.tui.screens.picker import Picker
from tempviz.tui.view import view
from tempviz.tui.widgets.panels import Candidates, DetailLine, FooterLine, HeaderLine
from tempviz.tui.widgets.pictures import PicturePanel
from tempviz.tui.widgets.text_pane import TextPane
from textual.command import CommandPalette
from textual.widgets import TextArea

from . import tree_cases, watch_cases  # noqa: F401 (their cases join those of this file)
from .driving import NAMES, PROMPT, Driven, driven, friendly_toy
from .key_cases import CASES, case, pictures_in_turn

N = len(NAMES)


@pytest.mark.parametrize(
    ("row", "key"), [(row, key) for row in KEYS for key in row.keys], ids=lambda x: x.id if isinstance(x, Key) else x
)
async def test_a_key_does_what_its_row_says(row: Key, key: str) -> None:
    assert row.id in CASES, f"no case tells what {row.id!r} does"
    async with driven(friendly_toy) as run:
        await CASES[row.id](run, key)


def test_no_case_is_left_over() -> None:
    assert set(CASES) <= {row.id for row in KEYS}


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
    assert isinstance(run.app.focused, PicturePanel), "the stages that P brings can be set at once"
    await run.press("P")
    assert isinstance(run.app.focused, PicturePanel) and "x on/off" in run.text(FooterLine)
    await run.press(key)
    assert isinstance(run.app.focused, Candidates) and "x on/off" not in run.text(FooterLine)


@case("cut")
async def _(run: Driven, key: str) -> None:
    await run.press("P", "0")
    assert "cut by temperature" in run.text(Candidates)
    shown = run.rows(Candidates)
    await run.press(key)
    assert run.state.cut_hidden and "cut hidden" in run.screen
    assert "cut by " not in run.text(Candidates) and " cut " in run.text(Candidates)
    await run.press("end")
    assert "cut by " not in run.text(Candidates)
    await run.press(key, "home")
    assert run.rows(Candidates) == shown


@case("ghost")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert "ghost is T = 1" in run.text(DetailLine)
    await run.press("P", "2")
    assert "at T 1.00, no chain" in run.screen
    plain = [row.ghost for row in view(run.state).candidates.rows]
    await run.press(key)
    assert "at T 2.00, no chain" in run.screen
    now = view(run.state).candidates
    ids = [run.state.row.ranking.ids(row.rank - 1, row.rank)[0] for row in now.rows]
    assert [row.ghost for row in now.rows] == run.state.row.at(2.0).probs[ids].tolist() != plain
    assert now.below.ghost == pytest.approx(1 - sum(row.ghost for row in now.rows))


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


@case("forget_preset")
async def _(run: Driven, key: str) -> None:
    samplers = await in_chain(run, key)
    assert "no preset of your own" in run.text(DetailLine)
    await run.press("equals_sign", "S")
    await run.send("mine\r")
    await run.press(key)
    assert run.state.own_presets == {} and run.state.settings.samplers != samplers
    assert "Forgot mine." in run.text(DetailLine)


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
    assert "stopped" in run.text(HeaderLine) and "space goes on." in run.text(DetailLine)
    await run.press("space")
    assert run.state.row is not None and not run.state.stopped


@case("help")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, HelpScreen)
    assert "Take the token on which the coin falls" in run.screen and "3 the words" in run.screen
    await run.press("3")
    assert "A piece of text" in run.screen and "Take the token on which" not in run.screen
    await run.press("2")
    assert "The prompt (dimmed)" in run.screen
    await run.press("1")
    assert "Take the token on which the coin falls" in run.screen
    await run.press(key)
    assert isinstance(run.app.screen, MainScreen)


@case("quit")
async def _(run: Driven, key: str) -> None:
    await run.pilot.press(key)
    assert run.app._exit and run.app.return_code == 0
