"""The compare screen on a running app: the form, the columns as they grow, and the ways out of it."""

from threading import Event

import pytest
from tempviz.models import actions as act
from tempviz.models.compare import Comparison, decoded
from tempviz.models.engine import EngineDied
from tempviz.models.state import Settings
from tempviz.models.toy import ToyModel
from tempviz.tui.display import cell_len
from tempviz.tui.screens.compare import CompareColumns, CompareDialog, CompareScreen
from tempviz.tui.screens.dialogs import PromptEditor
from tempviz.tui.screens.main import MainScreen
from tempviz.tui.widgets.text_pane import TextPane
from textual.widgets import Input

from .driving import PROMPT, Driven, driven, friendly, friendly_toy, toy_model


def expected(temperatures: tuple[float, ...] = (0.5, 1.0, 2.0), limit: int = 60) -> Comparison:
    """The columns as the command line makes them."""
    toy = friendly_toy()
    start = Comparison.of(toy.info, toy.tokenize(PROMPT), temperatures, limit, Settings())
    return list(decoded(start, toy))[-1]


async def begin(run: Driven, temperatures: str = "0.5 1 2", limit: str = "60") -> None:
    """Ask for a comparison."""
    await run.pilot.press("c")
    await run.until(lambda: isinstance(run.app.screen, CompareDialog))
    run.app.screen.query_one("#temperatures", Input).value = temperatures
    run.app.screen.query_one("#limit", Input).value = limit
    await run.pilot.press("enter")
    await run.until(lambda: isinstance(run.app.screen, CompareScreen))


async def ended(run: Driven) -> Comparison:
    """The comparison when all columns have ended and the screen shows it."""
    await run.until(lambda: run.state.comparison is not None and run.state.comparison.path is None)
    comparison = run.state.comparison
    assert comparison is not None
    await run.until(lambda: f"● {comparison.progress[0]} tokens" in shown(run)[0])
    return comparison


def shown(run: Driven) -> list[str]:
    return run.screen.splitlines()


def cells(run: Driven) -> list[list[str]]:
    """The rows of the columns, cut into columns."""
    columns = run.app.screen.query_one(CompareColumns)
    return [columns.render_line(y).text.split(" │ ") for y in range(columns.size.height)]


def same_texts(one: Comparison, other: Comparison) -> bool:
    return [c.tokens for c in one.columns] == [c.tokens for c in other.columns]


async def test_the_columns_are_those_of_the_command_line() -> None:
    async with driven(friendly_toy, size=(100, 30)) as run:
        await begin(run, "0.5, 1, 2", "12")
        comparison = await ended(run)
        assert same_texts(comparison, expected(limit=12))
        vocabulary = run.toy.info.vocabulary
        for i, column in enumerate(comparison.columns):
            told = "".join(row[i] for row in cells(run)[1:] if len(row) == 3)
            assert vocabulary.text(column.tokens).replace(" ", "")[:8] in told.replace(" ", "").replace("┃", "")
            assert f"{column.mean_surprisal:.2f} bits" in run.screen and f"{column.perplexity:.2f}" in run.screen
        assert run.screen.count("┃") == len(comparison.columns) + 1  # and in the sentence that explains it
        assert [row.split(" at T ")[0] for row in shown(run) if "They part at token" in row]
        assert f"“{PROMPT}”" in run.screen and "▸ T 0.50" in run.screen


async def test_enter_continues_the_chosen_column_as_a_branch() -> None:
    async with driven(friendly_toy) as run:
        await run.press("down", "down", "enter", "space")  # there is a text already
        before = run.state
        await begin(run, limit="9")
        comparison = await ended(run)
        await run.pilot.press("right", "right", "left")
        assert "▸ T 1.00" in run.screen
        await run.press("enter")
        assert isinstance(run.app.screen, MainScreen) and run.state.comparison is None
        column = comparison.columns[1]
        line = run.state.trace.line[1:]
        assert tuple(run.state.trace[node].token for node in line) == column.tokens
        assert run.state.trace.cursor == run.state.trace.frontier and run.state.settings.temperature == 1.0
        assert len(run.state.trace[0].children) == 2
        assert run.toy.info.vocabulary.text(column.tokens[-1:]) in run.text(TextPane)
        await run.press("u")
        assert (run.state.trace.nodes, run.state.settings) == (before.trace.nodes, before.settings)


async def test_escape_stops_then_leaves_and_space_goes_on() -> None:
    gate = Event()

    def slow() -> ToyModel:
        return toy_model(friendly, None, None, gate)  # the third evaluation waits

    async with driven(slow) as run:
        await begin(run, "0 1", "5")
        await run.until(lambda: len(run.toy.calls) == 3)
        await run.pilot.press("escape")
        await run.until(lambda: "stopped at" in shown(run)[0])
        assert isinstance(run.app.screen, CompareScreen)
        assert "space go on" in run.screen and "esc leave" in run.screen
        gate.set()
        await run.until(lambda: run.state.work is None)
        stopped = run.state.comparison
        assert stopped is not None and stopped.path is not None
        await run.pilot.press("space")
        assert same_texts(await ended(run), list(decoded(stopped, friendly_toy()))[-1])
        await run.press("escape")
        assert isinstance(run.app.screen, MainScreen) and run.state.comparison is None
        assert len(run.state.trace.nodes) == 1


@pytest.mark.parametrize(
    ("temperatures", "limit", "said"),
    [
        ("1", "60", "2 to 6 temperatures, not 1"),
        ("1 2 3 4 5 6 7", "60", "2 to 6 temperatures, not 7"),
        ("1 hot", "60", "“hot” is not a number"),
        ("1 -1", "60", "at least 0, not -1."),
        ("1 nan", "60", "at least 0, not nan."),
        ("1 2", "", "at least 1 token"),
        ("1 2", "0", "at least 1 token, not “0”"),
    ],
)
async def test_the_form_says_what_is_wrong_and_stays(temperatures: str, limit: str, said: str) -> None:
    async with driven(friendly_toy) as run:
        await run.pilot.press("c")
        run.app.screen.query_one("#temperatures", Input).value = temperatures
        run.app.screen.query_one("#limit", Input).value = limit
        await run.pilot.press("enter")
        await run.until(lambda: said in run.screen)
        assert isinstance(run.app.screen, CompareDialog)
        await run.press("escape")
        assert isinstance(run.app.screen, MainScreen) and run.state.comparison is None


async def test_without_a_prompt_there_is_nothing_to_compare() -> None:
    opened = Event()

    def slow() -> ToyModel:
        opened.wait(10)
        return friendly_toy()

    async with driven(slow, settled=False) as run:
        await run.until(lambda: run.app.session is not None)
        await run.pilot.press("c", "enter")
        await run.until(lambda: "no prompt to compare yet" in run.screen)
        assert isinstance(run.app.screen, MainScreen)
        opened.set()
        await run.settle()


async def test_a_death_in_between_is_said_and_nothing_is_lost() -> None:
    died = []

    def dying() -> ToyModel:
        toy = friendly_toy()
        if not died:
            died.append(toy)
            toy.then(None, None, None, EngineDied("The process ended."))
        return toy

    async with driven(dying, size=(120, 30)) as run:
        await begin(run, limit="8")
        assert same_texts(await ended(run), expected(limit=8))
        assert len(run.toys) == 2
        await run.until(lambda: "The process ended." in run.screen)


async def test_another_prompt_closes_it() -> None:
    async with driven(friendly_toy) as run:
        await begin(run, limit="5")
        await ended(run)
        run.app.perform_action(act.SetPrompt("ab"))
        await run.until(lambda: isinstance(run.app.screen, MainScreen))
        await run.settle()
        assert run.state.prompt == "ab" and run.state.comparison is None


async def test_long_texts_scroll() -> None:
    async with driven(friendly_toy, size=(80, 24)) as run:
        await begin(run, "0.2 1 2 3", "120")
        await ended(run)
        top = cells(run)
        assert "more" in run.screen
        await run.pilot.press("down", "pagedown")
        await run.until(lambda: cells(run)[1] != top[1])
        await run.pilot.press(*["pagedown"] * 9)
        await run.until(lambda: "more" not in run.screen)
        await run.pilot.press(*["pageup"] * 12, "up")
        await run.until(lambda: cells(run) == top)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 60)])
async def test_hostile_tokens_are_safe_at_every_size(size: tuple[int, int]) -> None:
    async with driven(toy_model, size=size) as run:
        await begin(run, "0.5 1 2 3 4 5", "30")
        await ended(run)
        assert all(char.isprintable() or char == "\n" for char in run.screen)
        assert {cell_len(row) for row in shown(run)} == {size[0]} and len(shown(run)) == size[1]


async def test_a_click_chooses_and_another_continues() -> None:
    async with driven(friendly_toy, size=(90, 24)) as run:
        await begin(run, limit="6")
        comparison = await ended(run)
        region = run.app.screen.query_one(CompareColumns).content_region
        at = (region.x + region.width - 5, region.y + 2)
        await run.pilot.click(offset=at)
        await run.until(lambda: "▸ T 2.00" in run.screen)
        await run.pilot.click(offset=at, times=2)
        await run.until(lambda: isinstance(run.app.screen, MainScreen))
        await run.settle()
        assert run.state.trace[run.state.trace.cursor].token == comparison.columns[2].tokens[-1]


async def test_keys_of_the_main_screen_do_nothing_here() -> None:
    async with driven(friendly_toy) as run:
        await begin(run, limit="4")
        comparison = await ended(run)
        before = (run.state.settings, run.state.trace, run.state.highlight, run.state.scale, run.state.borders)
        await run.pilot.press("a", "u", "r", "g", "equals_sign", "l", "b", "v", "p", "o", "slash", "s", "backspace")
        assert isinstance(run.app.screen, CompareScreen) and run.state.comparison is comparison
        after = (run.state.settings, run.state.trace, run.state.highlight, run.state.scale, run.state.borders)
        assert after == before and run.state.auto is None and not isinstance(run.app.screen, PromptEditor)
