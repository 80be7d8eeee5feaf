"""Bars in eighths of a cell, zero-anchored: alone, or over their ghost at T = 1, on a linear or a logarithmic scale.

A bar is rounded to the nearest eighth, so a share below a sixteenth of a cell is blank: a sliver for everything that is
not nothing would flatter the small ones. The number beside the bar says what is there.
"""

from __future__ import annotations

import math

Run = tuple[str, str]
"""(text, role): a widget gives each role its style."""

EIGHTHS = (" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
FULL, SHADE, MARK = "█", "░", "│"


def eighths(fraction: float, cells: int) -> int:
    """The nearest number of eighths of a cell, in 0 … 8 * cells; NaN is 0."""
    if not fraction > 0 or cells <= 0:
        return 0
    return 8 * cells if fraction >= 1 else int(fraction * cells * 8 + 0.5)


def bar(fraction: float, cells: int) -> str:
    """A bar of `fraction` of `cells`, padded with spaces to exactly `cells`."""
    full, part = divmod(eighths(fraction, cells), 8)
    return (FULL * full + (EIGHTHS[part] if part else "")).ljust(max(cells, 0))


def bar_over_ghost(fraction: float, ghost: float, cells: int) -> list[Run]:
    """A bar with its ghost, as runs that fill exactly `cells`; roles "bar", "mark", "ghost", "empty".

    A longer ghost goes on as ░ after the bar, to the nearest whole cell. A shorter one ends at a line │ in the bar (to
    be drawn on the bar's colour). Where both end in one cell there is nothing to tell apart. None needs colour.
    """
    cells = max(cells, 0)
    full, part = divmod(eighths(fraction, cells), 8)
    end = eighths(ghost, cells)
    used = full + (part > 0)
    shade = max((end + 4) // 8 - used, 0)
    solid = FULL * full + (EIGHTHS[part] if part else "")
    mark = end // 8
    if end and mark < full:
        runs = [(solid[:mark], "bar"), (MARK, "mark"), (solid[mark + 1 :], "bar")]
    else:
        runs = [(solid, "bar")]
    runs += [(SHADE * shade, "ghost"), (" " * (cells - used - shade), "empty")]
    return [run for run in runs if run[0]]


def log_fraction(p: float, floor: float) -> float:
    """Where p stands between `floor` (0) and 1 (1) on a logarithmic scale; below the floor it is 0.

    Raises ValueError unless 0 < floor < 1.
    """
    if not 0 < floor < 1:
        raise ValueError(f"the floor of a logarithmic scale lies between 0 and 1, not at {floor}")
    if not p > floor:
        return 0.0
    return min(1 - math.log10(p) / math.log10(floor), 1.0)
