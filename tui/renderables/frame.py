"""The frame around a panel, its title above at the left, its subtitle below at the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..display import cell_len, fit

Run = tuple[str, str]

_CORNERS = 6
"""Cells of an edge that no title takes: two at each end, and a space on each side of it."""


class Frame(NamedTuple):
    """The room of a panel: the cells inside, and those that its edges take on each side. Role "frame"."""

    width: int
    height: int
    left: int
    right: int
    drawn: bool  # else the edges are blank, and there is none above and below

    @property
    def cells(self) -> int:
        """From edge to edge."""
        return self.left + self.width + self.right

    def sides(self) -> tuple[list[Run], list[Run]]:
        """What stands left and right of every row."""
        side = "│" if self.drawn else ""
        left, right = side.ljust(self.left), side.rjust(self.right)
        return [(left, "frame")] if left else [], [(right, "frame")] if right else []

    def top(self, title: str) -> list[Run]:
        """The edge above, `cells` wide."""
        text = cut(title, self.cells - _CORNERS)
        label = [(f" {text} ", "frame-title")] if text else []
        rest = self.cells - 3 - (cell_len(text) + 2 if text else 0)
        return [("╭─", "frame"), *label, ("─" * rest + "╮", "frame")]

    def bottom(self, subtitle: Sequence[Run]) -> list[Run]:
        """The edge below. Several runs are shown where there is room for all of them, a single one is shortened."""
        room = self.cells - _CORNERS
        if len(subtitle) == 1:
            subtitle = [(cut(subtitle[0][0], room), subtitle[0][1])]
        used = sum(cell_len(text) for text, _ in subtitle)
        if not 0 < used <= room:
            return [("╰" + "─" * (self.cells - 2) + "╯", "frame")]
        space = (" ", "frame-subtitle")
        return [("╰" + "─" * (self.cells - 5 - used), "frame"), space, *subtitle, space, ("─╯", "frame")]


def cut(text: str, cells: int) -> str:
    """The text, shortened if it is longer than so many cells."""
    return text if cell_len(text) <= cells else fit(text, max(0, cells)).rstrip()
