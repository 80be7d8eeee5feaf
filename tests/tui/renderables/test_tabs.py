"""The line of tabs: whole names on every screen that shows pictures, and the same place for the mouse."""

import pytest
from tempviz.tui.layout import layout
from tempviz.tui.renderables.pictures import DRAWN, tab_at, tab_line

BESIDE = next(width for width in range(60, 200) if layout(width, 24).beside)


@pytest.mark.parametrize("shown", DRAWN)
@pytest.mark.parametrize("width", [56, 76, BESIDE // 2 - 4])
def test_every_tab_has_a_whole_name_where_it_is_clicked(shown: str, width: int) -> None:
    text = "".join(text for text, _ in tab_line(shown, width))
    assert len(text) == width and f"[{shown}]" in text
    for name in DRAWN:
        assert tab_at(shown, text.index(name), width) == name
        assert tab_at(shown, text.index(name) + len(name) - 1, width) == name
    assert tab_at(shown, width - 1, width) is None or text[-1] != " "
