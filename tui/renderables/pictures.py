"""The pictures of the distribution by name, and the tabs that choose among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..display import cell_len
from .chain import chain
from .curve import curve
from .histogram import histogram
from .lines import pad
from .rank import rank
from .steps import steps
from .sweep import sweep
from .timeline import timeline

Run = tuple[str, str]

DRAWN: dict[str, Callable[[Any, int, int], list[list[Run]]]] = {
    "Histogram": histogram,
    "Curve": curve,
    "Rank": rank,
    "Sweep": sweep,
    "Timeline": timeline,
    "Steps": steps,
    "Chain": chain,
}
"""How each picture is drawn: (data, width, height) → rows. The names are those of `picture_views.PICTURES`."""


def picture(name: str, data: Any, width: int, height: int) -> list[list[Run]]:
    """The line of tabs, then the picture; without data only the tabs."""
    rows = [tab_line(name, width)]
    if data is not None and height > 1:
        rows += DRAWN[name](data, width, height - 1)
    return rows


def tab_line(shown: str, width: int) -> list[Run]:
    """The names of all pictures, the one that is shown between brackets."""
    return pad([(text, "tab-shown" if name == shown else "tab") for name, text in _tabs(shown)], width)


def tab_at(shown: str, column: int) -> str | None:
    """The name of the tab under a column of the line of tabs."""
    for name, text in _tabs(shown):
        column -= cell_len(text)
        if column < 0:
            return name
    return None


def _tabs(shown: str) -> Sequence[tuple[str, str]]:
    return [(name, f"[{name}]" if name == shown else f" {name} ") for name in DRAWN]
