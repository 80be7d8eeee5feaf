"""The base of the panels: what is kept between paints never outlives the size it was made for."""

import pytest
from tempviz.tui.roles import ROLES, spelled
from tempviz.tui.widgets.picture import Picture
from textual.app import App, ComposeResult
from textual.geometry import Size


class Letters(Picture):
    """As many rows of its data's letter as there is room for."""

    def rows(self, data: str, width: int, height: int) -> list[list[tuple[str, str]]]:
        return [[(data * width, "plain")] for _ in range(height)]


class OnePanel(App[None]):
    CSS = "Letters { height: 6; border: round white; padding: 0 1; }"

    def compose(self) -> ComposeResult:
        yield Letters()


async def test_new_data_between_a_layout_and_its_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """A panel that has grown already, and does not know it yet, draws for its new size."""
    app = OnePanel()
    async with app.run_test(size=(40, 20)) as pilot:
        panel = app.query_one(Letters)
        panel.data = "a"
        await pilot.pause()
        assert [panel.render_line(y).text for y in range(4)] == ["a" * 36] * 4
        monkeypatch.setattr(Letters, "size", property(lambda self: Size(36, 9)))
        panel.data = "b"
        assert panel.render_line(8).text == "b" * 36
        monkeypatch.setattr(Letters, "size", property(lambda self: Size(20, 2)))
        panel.data = "c"
        assert panel.render_line(1).text == "c" * 20


async def test_only_what_changed_is_made_anew() -> None:
    app = OnePanel()
    async with app.run_test(size=(40, 20)) as pilot:
        panel = app.query_one(Letters)
        panel.data = "a"
        panel.title("title", "subtitle")
        await pilot.pause()
        before = panel.render_lines(panel.outer_size.region)
        assert "title" in before[0].text and "subtitle" in before[-1].text
        panel.title("other", "subtitle")
        after = panel.render_lines(panel.outer_size.region)
        assert "other" in after[0].text and all(one is same for one, same in zip(before[1:], after[1:], strict=True))


def test_on_the_terminals_own_colours_text_is_black_or_white() -> None:
    assert spelled("temperature", ansi=False) == ROLES["temperature"]
    assert spelled("temperature", ansi=True) == "bold $ansi-background on $warning"
    assert spelled("share-1", ansi=True) == "$ansi-background on $secondary"
    for role, style in ROLES.items():
        if " on " not in style:
            assert spelled(role, ansi=True) == style
