"""The screen that finds a token: it is kept, so it must come back at once, empty, and in the colours of the day."""

import pytest
from tempviz.tui.screens.find import FindResults, FindScreen
from textual._compositor import Compositor
from textual.widgets import Input

from .driving import driven, friendly_toy


@pytest.mark.parametrize(("before", "most"), [((), 2), (("slash", "a", "escape"), 1)], ids=["at first", "again"])
async def test_it_is_painted_whole_and_not_again_and_again_when_it_opens(
    monkeypatch: pytest.MonkeyPatch, before: tuple[str, ...], most: int
) -> None:
    async with driven() as run:
        await run.until(lambda: run.app.finder.is_mounted and run.app.finder.size == run.app.size)
        await run.pilot.pause(0.1)
        await run.press(*before)
        painted, paint = [], Compositor.render_full_update
        parts, paint_part = [], Compositor.render_partial_update

        def counted(self: Compositor, simplify: bool = False):
            painted.append(run.app.screen)
            return paint(self, simplify)

        def counted_part(self: Compositor):
            parts.append(run.app.screen)
            return paint_part(self)

        monkeypatch.setattr(Compositor, "render_full_update", counted)
        monkeypatch.setattr(Compositor, "render_partial_update", counted_part)
        await run.press("slash")
        await run.pilot.pause(0.1)
        assert isinstance(run.app.screen, FindScreen) and set(painted) == {run.app.screen}
        assert len(painted) <= most and parts == []  # nor for its cursor
        assert run.app.screen.query_one(Input).value == ""


@pytest.mark.parametrize("before", [(), ("slash", "escape")], ids=["at first", "again"])
async def test_it_follows_the_theme(before: tuple[str, ...]) -> None:
    async with driven() as run:
        await run.until(lambda: run.app.finder.is_mounted)
        await run.press(*before)
        dark = run.app.get_screen("find").query_one(FindResults).background_colors[1]
        run.app.theme = "textual-light"
        await run.press("slash")
        assert run.app.screen.query_one(FindResults).background_colors[1] != dark


async def test_it_fits_a_window_that_grew_before_it_opened_at_first() -> None:
    async with driven() as run:
        await run.until(lambda: run.app.finder.is_mounted and run.app.finder.size == run.app.size)
        await run.pilot.resize_terminal(130, 45)
        await run.press("slash")
        await run.until(lambda: run.app.screen.query_one(FindResults).size.height > 24)


async def test_its_cursor_blinks_only_while_it_is_shown() -> None:
    async with driven() as run:
        await run.until(lambda: run.app.finder.is_mounted)
        query = run.app.finder.query_one(Input)
        assert not query.cursor_blink
        await run.press("slash")
        assert query.cursor_blink
        await run.press("escape")
        await run.until(lambda: not query.cursor_blink)


async def test_it_opens_before_the_row_is_there_and_ranks_the_tokens_when_it_comes() -> None:
    """The letters that follow would be keys of the app otherwise: q quits."""
    async with driven(friendly_toy) as run:
        gate = await run.press_and_hold_the_row("space")
        await run.pilot.press("slash", "q", "backspace", "f", "enter")
        screen = run.app.screen
        assert isinstance(screen, FindScreen) and screen.query_one(Input).value == "f"
        results = screen.query_one(FindResults)
        assert all(row.rank == 0 for row in results.data.rows)
        gate.set()
        await run.until(lambda: results.data.rows[0].rank > 0)
        ranks = [row.rank for row in results.data.rows]
        assert ranks == sorted(ranks)
        depth, token = run.state.trace.here.depth, results.data.rows[0].token
        await run.press("enter")
        assert run.state.trace.here.depth == depth + 1 and run.state.trace.here.token == token


async def test_in_an_auto_run_it_stops_the_run_and_opens() -> None:
    async with driven(friendly_toy) as run:
        gate = await run.press_and_hold_the_row("a")
        await run.pilot.press("slash")
        assert run.state.auto is None and isinstance(run.app.screen, FindScreen)
        gate.set()
        await run.until(lambda: run.app.screen.query_one(FindResults).data.rows[0].rank == 1)


@pytest.mark.parametrize("before", [(), ("v",)], ids=["candidates", "a picture in their place"])
async def test_the_letters_right_behind_its_key_are_typed_into_it(before: tuple[str, ...]) -> None:
    async with driven(friendly_toy) as run:
        await run.press(*before)
        await run.burst("slash", "q", "u")
        await run.until(lambda: isinstance(run.app.screen, FindScreen))
        await run.until(lambda: run.app.screen.query_one(Input).value == "qu")
