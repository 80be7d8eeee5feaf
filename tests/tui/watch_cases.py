"""What the keys of the watches do: cases for `test_app_keys.py`."""

from tempviz.tui.screens.find import FindScreen
from tempviz.tui.screens.main import MainScreen
from tempviz.tui.screens.watches import WatchDialog
from tempviz.tui.widgets.panels import DetailLine
from tempviz.tui.widgets.pictures import PicturePanel

from .driving import Driven, token
from .key_cases import case


@case("watch")
async def _(run: Driven, key: str) -> None:
    await run.press("space", "space", "down", key)
    second = run.state.row.ranking.ids(1, 2).tolist()
    assert run.state.watches == (tuple(second),)
    assert "Timeline and Sweep show it" in run.text(DetailLine)
    await run.press("V", "V", "V")
    assert "[Timeline]" in run.screen and "T 1, no chain:   a " in run.text(PicturePanel)
    assert "unseen" not in run.screen, "the rows of before are stored"
    await run.press("down")
    await run.press("up", key)
    assert run.state.watches == () and "no chain" not in run.text(PicturePanel)
    await run.press("u")
    assert run.state.watches == (tuple(second),) and "T 1, no chain:   a " in run.text(PicturePanel)


@case("watches")
async def _(run: Driven, key: str) -> None:
    await run.press(key)
    assert isinstance(run.app.screen, WatchDialog)
    await run.send("nope\r")
    await run.until(lambda: "No token is 'nope' as a whole." in run.screen)
    assert isinstance(run.app.screen, WatchDialog)
    await run.press("ctrl+u")
    await run.send("␣filler5, ␣filler6")
    await run.press("tab")
    await run.send("#0\r")
    assert isinstance(run.app.screen, MainScreen)
    assert run.state.watches == ((token(" filler5"), token(" filler6")), (0,))
    await run.press("V", "V", "V")
    assert "a ␣filler5+␣fi" in run.text(PicturePanel)
    await run.press(key, "ctrl+u", "tab", "ctrl+u", "enter")
    assert run.state.watches == ()


async def found_and_watched(run: Driven) -> None:
    """A token is found and watched, not taken."""
    await run.press("slash")
    assert isinstance(run.app.screen, FindScreen)
    await run.press(*"ler59", "ctrl+t")
    assert isinstance(run.app.screen, MainScreen)
    assert run.state.watches == ((token(" filler59"),),) and run.state.trace.here.depth == 0
