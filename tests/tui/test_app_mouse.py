"""The mouse, by the reports that a terminal sends: clicks, double clicks, the slider, the wheel."""

import pytest
from tempviz.tui.renderables.lines import SLIDER_CELLS, slider_span
from tempviz.tui.view import view
from tempviz.tui.widgets.panels import Candidates, FooterLine, HeaderLine, StatusLine
from tempviz.tui.widgets.pictures import PicturePanel
from tempviz.tui.widgets.strip import MassStrip
from tempviz.tui.widgets.text_pane import TextPane
from textual.app import App
from textual.screen import ModalScreen

from .driving import NAMES, PROMPT, Driven, driven, token

PRESS, RELEASE, DRAG, WHEEL_UP, WHEEL_DOWN = "0M", "0m", "32M", "64M", "65M"
TAKEN = (" Paris", ".", "\n", "日本語", " the")
"""A text with a line break and wide characters in it."""


async def taken(run: Driven, names: tuple[str, ...] = TAKEN) -> None:
    """Take these tokens by hand, each through the find dialog."""
    for name in names:
        await run.press("slash")
        await run.send(f"#{token(name)}", "\r")
        await run.settle()
    assert [run.state.trace[i].token for i in run.state.trace.line[1:]] == list(map(token, names))


# ---- candidates ----------------------------------------------------------------------------------------------------


async def test_a_click_highlights_a_candidate() -> None:
    async with driven() as run:
        await run.click(Candidates, 10, 4)
        assert run.state.highlight == 5
        assert run.rows(Candidates)[4].startswith("▸")
        assert run.state.trace.here.depth == 0


async def test_a_click_in_a_scrolled_list_means_the_row_that_is_seen() -> None:
    async with driven() as run:
        await run.press("end")
        first = int(run.rows(Candidates)[1].split()[0])
        await run.click(Candidates, 3, 2)
        assert run.state.highlight == first + 1
        assert run.rows(Candidates)[2].startswith("▸")


async def test_a_double_click_takes_a_candidate() -> None:
    async with driven() as run:
        third = view(run.state).candidates.rows[2]
        await run.mouse(Candidates, 10, 2, PRESS, RELEASE, PRESS, RELEASE)
        node = run.state.trace.here
        assert node.depth == 1 and node.drawn.coin is None
        await run.press("left")
        assert [row.rank for row in view(run.state).candidates.rows if row.taken] == [third.rank]


async def test_a_third_click_takes_nothing_more() -> None:
    async with driven() as run:
        await run.mouse(Candidates, 10, 2, *[PRESS, RELEASE] * 3)
        assert run.state.trace.here.depth == 1


async def test_the_rows_of_the_others_and_the_border_are_no_candidates() -> None:
    async with driven() as run:
        last = len(run.rows(Candidates)) - 1
        assert "others" in run.rows(Candidates)[last]
        await run.mouse(Candidates, 10, last, PRESS, RELEASE, PRESS, RELEASE)
        await run.mouse(Candidates, 10, -1, PRESS, RELEASE, PRESS, RELEASE)
        await run.mouse(Candidates, 10, last + 1, PRESS, RELEASE, PRESS, RELEASE)
        await run.press("end")
        await run.mouse(Candidates, 10, 0, PRESS, RELEASE, PRESS, RELEASE)
        assert (run.state.highlight, run.state.trace.here.depth) == (len(NAMES), 0)


async def test_the_wheel_moves_the_highlight() -> None:
    async with driven() as run:
        await run.mouse(Candidates, 10, 3, WHEEL_DOWN, WHEEL_DOWN)
        assert run.state.highlight == 7
        await run.mouse(Candidates, 10, 3, WHEEL_UP)
        assert run.state.highlight == 4
        await run.mouse(Candidates, 10, 3, *[WHEEL_UP] * 5)
        assert run.state.highlight == 1


# ---- the text ------------------------------------------------------------------------------------------------------


async def test_a_click_on_a_token_walks_to_where_it_was_taken() -> None:
    async with driven(size=(80, 40)) as run:
        await taken(run)
        lines = run.rows(TextPane)
        assert lines[0].rstrip() == f"{PROMPT} Paris.⏎" and lines[1].rstrip() == "日本語 the▌"
        for x, y, depth in [
            (len(PROMPT), 0, 0),
            (len(PROMPT) + 5, 0, 0),
            (len(PROMPT) + 6, 0, 1),
            (len(PROMPT) + 7, 0, 2),
            (0, 1, 3),
            (5, 1, 3),
            (6, 1, 4),
            (9, 1, 4),
        ]:
            await run.press("e")
            await run.click(TextPane, x, y)
            assert run.state.trace.here.depth == depth, (x, y)
            assert f"position {depth} of 5" in run.screen
            assert [row.rank for row in view(run.state).candidates.rows if row.taken] or run.state.top == 1


async def test_a_click_on_the_prompt_walks_into_it() -> None:
    async with driven(size=(80, 40)) as run:
        await taken(run)
        await run.click(TextPane, 5, 0)
        assert run.state.trace.cursor == -4 and "▌" not in run.text(TextPane)  # before " capital"
        await run.click(TextPane, 0, 0)
        assert run.state.trace.cursor == -4  # nothing stands before the first token


async def test_the_block_under_the_cursor_counts_where_a_click_falls() -> None:
    async with driven() as run:
        await taken(run, ("<nothing>", ".", "a"))
        await run.press("left", "left", "left")
        assert run.rows(TextPane)[0].rstrip() == f"{PROMPT}▌.a"
        await run.click(TextPane, len(PROMPT) + 1, 0)
        assert run.state.trace.here.depth == 1


async def test_a_click_beside_the_text_does_nothing() -> None:
    async with driven(size=(80, 40)) as run:
        await taken(run)
        before = run.state.trace
        for x, y in ((60, 0), (30, 1), (3, 4), (3, -1)):
            await run.click(TextPane, x, y)
        assert run.state.trace is before


async def test_the_wheel_walks_the_text() -> None:
    async with driven() as run:
        await run.press("space", "space", "space")
        await run.mouse(TextPane, 3, 0, WHEEL_UP, WHEEL_UP)
        assert run.state.trace.here.depth == 1
        await run.mouse(TextPane, 3, 0, WHEEL_DOWN)
        assert run.state.trace.here.depth == 2


async def test_a_click_focuses_the_text() -> None:
    async with driven() as run:
        await run.click(TextPane, 60, 0)
        assert isinstance(run.app.focused, TextPane)


# ---- the temperature -----------------------------------------------------------------------------------------------


def knob(run: Driven) -> int:
    return run.rows(StatusLine)[0].index("●")


async def test_a_click_on_the_slider_sets_the_temperature() -> None:
    async with driven() as run:
        begin, end = slider_span(view(run.state).status)
        assert end - begin == SLIDER_CELLS
        for x, temperature in ((begin, 0.0), (begin + 10, 2.5), (end - 1, 5.0), (begin + 1, 0.25)):
            await run.click(StatusLine, x, 0)
            assert run.state.settings.temperature == temperature
            assert knob(run) == x
        await run.click(StatusLine, end + 5, 0)
        await run.click(StatusLine, 1, 0)
        assert run.state.settings.temperature == 0.25


async def test_the_slider_can_be_dragged() -> None:
    async with driven() as run:
        begin, _ = slider_span(view(run.state).status)
        await run.mouse(StatusLine, begin + 4, 0, PRESS)
        for x in range(begin + 4, begin + 17, 3):
            await run.mouse(StatusLine, x, 0, DRAG)
            assert knob(run) == x
        await run.mouse(StatusLine, begin + 16, 0, RELEASE)
        assert run.state.settings.temperature == 4.0
        assert len(run.toy.calls) == 1


async def test_a_pointer_that_only_passes_turns_nothing() -> None:
    async with driven() as run:
        begin, _ = slider_span(view(run.state).status)
        await run.mouse(StatusLine, begin + 10, 0, "35M")
        assert run.state.settings.temperature == 1.0


async def test_the_wheel_turns_the_temperature() -> None:
    async with driven() as run:
        await run.mouse(StatusLine, 30, 0, WHEEL_UP, WHEEL_UP)
        assert run.state.settings.temperature == 1.1
        await run.mouse(StatusLine, 30, 0, *[WHEEL_DOWN] * 3)
        assert run.state.settings.temperature == 0.95


async def test_the_slider_before_there_is_anything_to_show() -> None:
    """The first frame stands before the first state does."""

    class Bare(App[None]):
        def compose(self):
            yield StatusLine()

    async with Bare().run_test() as pilot:
        await pilot.click(StatusLine, offset=(12, 0))
        await pilot.hover(StatusLine, offset=(13, 0))


# ---- strip, pictures, dialogs --------------------------------------------------------------------------------------


async def test_a_click_on_a_share_highlights_its_token() -> None:
    async with driven() as run:
        strip = run.rows(MassStrip)[0]
        at = strip.index("⟨E6 AD⟩")
        await run.click(MassStrip, at, 0)
        second = view(run.state).candidates.rows[1]
        assert (run.state.highlight, second.name) == (2, "⟨E6 AD⟩")
        await run.mouse(MassStrip, at, 0, PRESS, RELEASE, PRESS, RELEASE)
        assert run.state.trace.here.token == token("<half>")


async def test_a_click_on_a_tab_shows_its_picture() -> None:
    async with driven(size=(130, 30)) as run:
        tabs = run.rows(PicturePanel)[0]
        assert "[Histogram]" in tabs
        await run.click(PicturePanel, tabs.index("Timeline") + 2, 0)
        assert "[Timeline]" in run.rows(PicturePanel)[0]
        await run.click(PicturePanel, 5, 4)
        assert "[Timeline]" in run.rows(PicturePanel)[0]


@pytest.mark.parametrize("size", [(80, 24), (130, 45)])
async def test_a_picture_in_the_place_of_the_chain_does_not_keep_its_keys(size: tuple[int, int]) -> None:
    async with driven(size=size) as run:
        await run.press("P", "s")
        tabs, samplers = run.rows(PicturePanel)[0], run.state.settings.samplers
        await run.click(PicturePanel, tabs.index("Histogram"), 0)
        assert "[Histogram]" in run.rows(PicturePanel)[0] and isinstance(run.app.focused, Candidates)
        assert "x on/off" not in run.text(FooterLine)
        await run.press("x", "down")
        assert (run.state.settings.samplers, run.state.highlight) == (samplers, 2)


@pytest.mark.parametrize("size", [(80, 24), (50, 10)])
async def test_a_chain_that_a_new_size_hides_gives_the_keys_back(size: tuple[int, int]) -> None:
    async with driven(size=(130, 30)) as run:
        await run.press("P", "s")
        await run.pilot.resize_terminal(*size)
        await run.drained()
        await run.pilot.resize_terminal(80, 24)
        await run.settle()
        assert isinstance(run.app.focused, Candidates) and "x on/off" not in run.text(FooterLine)


async def test_a_dialog_keeps_the_mouse() -> None:
    async with driven() as run:
        await run.press("p")
        assert isinstance(run.app.screen, ModalScreen)
        main = run.app.screen_stack[0]
        region = main.query_one(HeaderLine).region
        status = main.query_one(StatusLine).region
        begin, _ = slider_span(view(run.state).status)
        for x, y in ((begin + 15, status.y), (region.x + 3, region.y), (5, 12)):
            await run.send(f"\x1b[<0;{x + 1};{y + 1}M", f"\x1b[<0;{x + 1};{y + 1}m")
        assert run.state.settings.temperature == 1.0 and run.state.highlight == 1
        assert isinstance(run.app.screen, ModalScreen)
