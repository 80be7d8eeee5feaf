"""Coming back to the main screen: it shows what happened meanwhile."""

from tempviz.tui.screens.dialogs import Tick
from tempviz.tui.screens.main import MainScreen
from textual.app import App, ComposeResult

from .driving import driven, friendly_toy


async def test_what_was_done_in_the_tree_is_drawn() -> None:
    async with driven(friendly_toy) as run:
        await run.press("down", "enter", "t", "down", "d")
        assert not run.state.trace.n_taken
        await run.press("escape")
        assert isinstance(run.app.screen, MainScreen) and " 5/4,096 tokens" in run.screen


async def test_the_chain_takes_the_keys_before_it_has_stages() -> None:
    async with driven(friendly_toy, size=(130, 30)) as run:
        await run.press("s", "P", "down")
        assert (run.state.stage, run.state.highlight) == (1, 1)
        await run.press("escape", "down")
        assert (run.state.stage, run.state.highlight) == (1, 2)


async def test_an_empty_box_is_seen_without_colour() -> None:
    class Ticks(App[None]):
        def compose(self) -> ComposeResult:
            yield Tick("off", False)
            yield Tick("on", True)

    async with Ticks().run_test() as pilot:
        assert ["X" in str(box.render()) for box in pilot.app.query(Tick)] == [False, True]
