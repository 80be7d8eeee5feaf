"""How the room is shared out, at every size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.layout import LEAST_HEIGHT, LEAST_WIDTH, layout

from .driving import driven


@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [
        (60, 16, True),
        (59, 16, False),
        (60, 15, False),
        (80, 24, True),
        (200, 60, True),
        (0, 0, False),
        (1000, 5, False),
    ],
)
def test_what_is_too_small(width: int, height: int, fits: bool) -> None:
    assert (LEAST_WIDTH, LEAST_HEIGHT) == (60, 16)
    assert layout(width, height).fits == fits


@pytest.mark.parametrize(
    ("width", "height", "beside", "framed", "text_height"),
    [
        (60, 16, False, False, 3),
        (80, 24, False, True, 4),
        (109, 30, False, True, 5),
        (110, 30, True, True, 5),
        (150, 42, True, True, 7),
        (200, 60, True, True, 9),
        (200, 500, True, True, 9),
    ],
)
def test_a_table_of_layouts(width: int, height: int, beside: bool, framed: bool, text_height: int) -> None:
    room = layout(width, height)
    assert (room.beside, room.framed_strip, room.text_height) == (beside, framed, text_height)


@given(st.integers(60, 500), st.integers(16, 300))
def test_more_room_never_shows_less(width: int, height: int) -> None:
    small, large = layout(width, height), layout(width + 1, height + 1)
    assert large.text_height >= small.text_height
    assert large.beside >= small.beside and large.framed_strip >= small.framed_strip
    # Header, status, detail and footer are a line each; the strip has two, and two of border where it has a frame.
    left = height - small.text_height - 4 - (4 if small.framed_strip else 2)
    assert left >= 5, "no room for two candidates with their border and the row of the others"


@pytest.mark.parametrize(
    "size",
    [(60, 16), (61, 17), (79, 19), (80, 24), (109, 39), (110, 40), (200, 60)],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
async def test_every_panel_is_whole_on_the_screen(size: tuple[int, int]) -> None:
    """No panel is cut by the edge of the terminal, none lies on another, and together they are all of it."""
    async with driven(size=size) as run:
        screen = run.app.screen
        panels = [
            widget.region
            for widget in screen.query(
                "HeaderLine, TextPane, MassStrip, Candidates, PicturePanel, StatusLine, DetailLine, FooterLine"
            )
            if widget.display and all(parent.display for parent in widget.ancestors) and widget.region.area
        ]
        for region in panels:
            assert screen.region.contains_region(region)
        assert sum(region.area for region in panels) == size[0] * size[1]
        for i, region in enumerate(panels):
            assert not any(region.overlaps(other) for other in panels[i + 1 :])
