"""What the lines of a chart are, in one line above it: whole parts only, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence

from ..display import cell_len, fit
from .lines import pad

Run = tuple[str, str]

_BETWEEN = "   "

WITHOUT_SAMPLERS = ("without samplers", "label")
"""Said by the pictures of the temperature alone, where the person has made a chain."""


def legend(parts: Sequence[tuple[str, str]], width: int) -> list[Run]:
    """(text, role) parts in a line of exactly `width`: as many as fit whole, in order; the first is cut if it must."""
    return legend_rows(parts, width, 1)[0]


def legend_rows(parts: Sequence[tuple[str, str]], width: int, rows: int) -> list[list[Run]]:
    """The same in so many lines."""
    lines: list[list[Run]] = [[]]
    left = width
    for text, role in parts:
        if lines[-1] and cell_len(text) + len(_BETWEEN) > left:
            if len(lines) == rows:
                break
            lines.append([])
            left = width
        lead = _BETWEEN if lines[-1] else " "
        text = short(text, max(left - len(lead), 0))
        lines[-1] += [(lead, "label"), (text, role)]
        left -= len(lead) + cell_len(text)
    return [pad(line, width) for line in (*lines, *([[]] * (rows - len(lines))))]


def longest(variants: Sequence[Sequence[tuple[str, str]]], width: int) -> list[Run]:
    """The first of several wordings of a legend that fits whole; of the last, as much as fits."""
    for parts in variants:
        if 1 + sum(cell_len(text) for text, _ in parts) + len(_BETWEEN) * (len(parts) - 1) <= width:
            return legend(parts, width)
    return legend(variants[-1], width)


def short(name: str, cells: int) -> str:
    """A name of at most so many cells, not padded."""
    return fit(name, min(cell_len(name), cells))


def share_label(share: float) -> str:
    """A whole percentage: "50 %"."""
    return f"{100 * share:.0f} %"
