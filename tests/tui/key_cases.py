"""What the first half of the keys does: cases for `test_app_keys.py`."""

from collections.abc import Awaitable, Callable

from tempviz.tui.screens.dialogs import (
    AutoDialog,
)
from tempviz.tui.screens.find import FindScreen
from tempviz.tui.screens.main import MainScreen
from tempviz.tui.view import view
from tempviz.tui.widgets.panels import Candidates, DetailLine, HeaderLine, StatusLine
from tempviz.tui.widgets.pictures import PicturePanel
from tempviz.tui.widgets.strip import MassStrip
from tempviz.tui.widgets.text_pane import TextPane

from .driving import NAMES, PROMPT, Driven, token

N = len(NAMES)


# ---- one case for every row of the table ---------------------------------------------------------------------------

Case = Callable[[Driven, str], Awaitable[None]]
CASES: dict[str, Case] = {}


def case(row: str) -> Callable[[Case], Case]:
    """What the key of a row does. A row without a case fails."""

    def keep(told: Case) -> Case:
        CASES[row] = told
        return told

    return keep


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
    await run.press(key)
    assert run.state.trace.here.depth == 0 and "position 0 of 2" in run.screen
    await run.press(key)
    assert "prompt token 5 of 5" in run.screen and "the prompt goes on with ␣is: rank" in run.screen
    await run.press(*[key] * 9)
    assert run.state.trace.here.depth == -4 and "prompt token 2 of 5" in run.screen


@case("right")
async def _(run: Driven, key: str) -> None:
    await run.press("space", "space", *["left"] * 4, key, key)
    assert run.state.trace.here.depth == 0
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
    assert "Redone: 1 token added. u takes it back." in run.text(DetailLine)
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
