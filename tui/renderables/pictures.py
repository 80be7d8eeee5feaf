"""The pictures of the distribution by name, and the tabs that choose among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ..display import cell_len
from .lines import pad

Run = tuple[str, str]
Drawing = Callable[[Any, int, int], list[list[Run]]]
"""(data, width, height) → rows."""


def _drawing(name: str) -> Drawing:
    """The function of this name in the module of this name, imported when it first draws: the first frame has none."""

    def draw(data: Any, width: int, height: int) -> list[list[Run]]:
        return getattr(import_module(f".{name}", __package__), name)(data, width, height)

    return draw


DRAWN: dict[str, Drawing] = {
    name: _drawing(name.lower()) for name in ("Histogram", "Curve", "Rank", "Sweep", "Timeline", "Steps", "Chain")
}
"""How each picture is drawn, in the order of the tabs. The names are those of `picture_views.PICTURES`."""


def picture(name: str, data: Any, width: int, height: int) -> list[list[Run]]:
    """The line of tabs, then the picture; without data only the tabs."""
    rows = [tab_line(name, width)]
    if data is not None and height > 1:
        rows += DRAWN[name](data, width, height - 1)
    return rows


def tab_line(shown: str, width: int) -> list[Run]:
    """The names of all pictures, the one that is shown between brackets."""
    return pad([(text, "tab-shown" if name == shown else "tab") for name, text in _tabs(shown, width)], width)


def tab_at(shown: str, column: int, width: int) -> str | None:
    """The name of the tab under a column of the line of tabs, which is so wide."""
    for name, text in _tabs(shown, width):
        column -= cell_len(text)
        if column < 0:
            return name
    return None


def _tabs(shown: str, width: int) -> Sequence[tuple[str, str]]:
    tabs = [(name, f"[{name}]" if name == shown else f" {name} ") for name in DRAWN]
    if sum(cell_len(text) for _, text in tabs) <= width:
        return tabs
    return [(name, f" [{name}]" if name == shown else f" {name}") for name in DRAWN]
