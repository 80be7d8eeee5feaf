"""How the room on the screen is shared out: a pure function of its size."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_WIDTH, LEAST_HEIGHT = 60, 16


@dataclass(frozen=True, slots=True)
class Layout:
    """What fits. Heights are in lines, borders included."""

    fits: bool
    text_height: int
    beside: bool  # candidates and pictures side by side; else `v` switches between them
    framed_strip: bool
    two_pictures: bool  # one above the other


def layout(width: int, height: int) -> Layout:
    """The layout for a terminal of this size."""
    return Layout(
        fits=width >= LEAST_WIDTH and height >= LEAST_HEIGHT,
        text_height=2 + min(max(1, (height - 14) // 5), 7),
        beside=width >= 110,
        framed_strip=height >= 20,
        two_pictures=width >= 110 and height >= 40,
    )
