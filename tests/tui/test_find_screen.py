"""The screen that finds a token: it is kept, so it must come back at once, empty, and in the colours of the day."""

import pytest
from tempviz.tui.screens.find import FindResults, FindScreen
from textual._compositor import Compositor
from textual.widgets import Input

from .driving import driven


async def test_it_is_painted_whole_but_once_when_it_opens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with driven() as run:
        await run.press("slash", "a", "escape")
        painted, paint = [], Compositor.render_full_update

        def counted(self: Compositor, simplify: bool = False):
            painted.append(run.app.screen)
            return paint(self, simplify)

        monkeypatch.setattr(Compositor, "render_full_update", counted)
        await run.press("slash")
        await run.pilot.pause(0.1)
        assert isinstance(run.app.screen, FindScreen) and painted == [run.app.screen]
        assert run.app.screen.query_one(Input).value == ""


async def test_it_follows_the_theme() -> None:
    async with driven() as run:
        await run.press("slash", "escape")
        dark = run.app.get_screen("find").query_one(FindResults).background_colors[1]
        run.app.theme = "textual-light"
        await run.press("slash")
        assert run.app.screen.query_one(FindResults).background_colors[1] != dark
