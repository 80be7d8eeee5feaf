"""What the keys of the tree do: cases for `test_app_keys.py`."""

from tempviz.models.tree_actions import highlighted
from tempviz.tui.screens.dialogs import NameDialog
from tempviz.tui.screens.main import MainScreen
from tempviz.tui.screens.tree import TreeScreen
from tempviz.tui.view import view
from tempviz.tui.widgets.panels import Candidates, DetailLine
from tempviz.tui.widgets.tree import TreeRows

from .driving import Driven
from .key_cases import case

FORKED = ("space", "space", "left", "down", "down", "enter", "space", "left", "left", "left", "down", "enter")
"""Two ways after the first token, and another first token, which the cursor stands at."""


def rows(run: Driven) -> list[str]:
    """The branches that the tree shows, without its heading."""
    panel = run.app.screen.query_one(TreeRows)
    lines = [panel.render_line(y).text for y in range(1, panel.size.height)]
    return [line for line in lines if line.strip()]


def chosen(run: Driven) -> int:
    """Which row has the pointer."""
    (row,) = [i for i, line in enumerate(rows(run)) if line.startswith("▸")]
    return row


async def opened(run: Driven) -> None:
    await run.press(*FORKED, "t")
    assert isinstance(run.app.screen, TreeScreen)
    assert [line[:7].rstrip(" ●✎") for line in rows(run)] == [" ◆ The", "   ├╴", "   │ ├╴", "   │ └╴", "▸▌ └╴"]
    assert [line.split("╴")[1][0] for line in rows(run)[1:]] == ["●", "●", "✎", "✎"]


@case("tree")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, TreeScreen) and "0 branches" in run.screen
    await run.press(key)
    assert isinstance(run.app.screen, MainScreen)
    await opened(run)
    assert "4 branches" in run.screen


@case("tree_go")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press("up", "up")
    node = highlighted(run.state).node
    await run.press(key)
    assert isinstance(run.app.screen, MainScreen) and run.state.trace.cursor == node


@case("tree_up")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press(key, key)
    assert chosen(run) == 2


@case("tree_down")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press("home", key)
    assert chosen(run) == 1


@case("tree_page_up")
@case("tree_first")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press(key)
    assert chosen(run) == 0


@case("tree_page_down")
@case("tree_last")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press("home", key)
    assert chosen(run) == 4


@case("tree_left")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press("up")
    end = highlighted(run.state).node
    await run.press(key)
    assert highlighted(run.state).node == run.state.trace[end].parent
    await run.press("enter")
    assert run.state.trace.cursor == run.state.trace[end].parent


@case("tree_right")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press("up", "left", key)
    assert highlighted(run.state).token == 1


@case("tree_name")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press(key)
    assert isinstance(run.app.screen, NameDialog)
    await run.press(*"mine", "enter")
    assert isinstance(run.app.screen, TreeScreen) and "“mine”" in rows(run)[4]
    await run.press(key, *["backspace"] * 4, "enter")
    assert "“" not in rows(run)[4]


@case("tree_fold")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press("home", "down", key)
    assert len(rows(run)) == 3 and "+2" in rows(run)[1]
    await run.press(key)
    assert len(rows(run)) == 5


@case("tree_delete")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press("home", "down", key)
    assert len(rows(run)) == 2 and "Deleted 4 tokens" in run.screen


@case("tree_sort")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    before = rows(run)
    await run.press(key)
    assert "most probable first" in run.screen
    siblings = [line for line in rows(run) if line[3] in "├└"]
    shares = [float(line.split("%")[0].split()[-1]) for line in siblings]
    assert shares == sorted(shares, reverse=True)
    await run.press(key)
    assert rows(run) == before


@case("tree_mark")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press(key, "up")
    assert "▪" in rows(run)[4]
    await run.press("down", key)
    assert "▪" not in rows(run)[4]


@case("tree_undo")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press("up", "d")
    assert len(rows(run)) == 3
    await run.press(key)
    assert len(rows(run)) == 5 and "Undone: 2 tokens deleted. ctrl+y repeats it." in run.screen


@case("tree_redo")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press("up", "d", "u", key)
    assert len(rows(run)) == 3


@case("tree_leave")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    cursor = run.state.trace.cursor
    await run.press("up", key)
    assert isinstance(run.app.screen, MainScreen) and run.state.trace.cursor == cursor
    assert run.text(DetailLine)
    await run.press("t", "c", key)
    assert run.state.notice is None, "what the tree said is read"


@case("tree_pair")
async def _(run: Driven, key: str) -> None:
    await opened(run)
    await run.press(key)
    assert "Mark a branch first" in run.screen
    await run.press("up", "m", "up", key)
    await run.until(lambda: "They part after 1 token: left “␣filler44” 8.58 %, right “␣filler48” 3.43 %." in run.screen)
    assert "2 tok · ln p −8.74 · 6.30 bits" in run.screen and "3 tok" in run.screen
    await run.press("escape")
    assert isinstance(run.app.screen, TreeScreen)


@case("lookahead")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    shown = view(run.state).candidates
    assert all(row.ahead and row.ahead_prob for row in shown.rows[:8]) and not any(row.ahead for row in shown.rows[8:])
    await run.until(lambda: shown.rows[7].ahead[:8] in run.text(Candidates))
    await run.press(key)
    assert not any(row.ahead for row in view(run.state).candidates.rows)


@case("branch_lookahead")
async def _(run: Driven, key: str) -> None:
    await run.press("k", key)
    assert "8 continuations are branches" in run.text(DetailLine)
    await run.press("t")
    assert "8 branches" in run.screen and len(rows(run)) == 9
    await run.press("u")
    assert "0 branches" in run.screen
