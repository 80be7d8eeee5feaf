"""What the lines of a chart are, in one line above it: whole parts only, as many as fit."""

from __future__ import annotations

from collections.abc import Sequence

from ..display import cell_len, fit
from .lines import pad

Run = tuple[str, str]

_BETWEEN = "   "


def legend(parts: Sequence[tuple[str, str]], width: int) -> list[Run]:
    """(text, role) parts in a line of exactly `width`; what does not fit whole is left out, the first is cut."""
    return legend_rows(parts, width, 1)[0]


def legend_rows(parts: Sequence[tuple[str, str]], width: int, rows: int) -> list[list[Run]]:
    """The same in so many lines: each part in the first that has room for it."""
    lines: list[list[Run]] = [[] for _ in range(rows)]
    used = [0] * rows
    for text, role in parts:
        for i, line in enumerate(lines):
            lead = _BETWEEN if line else " "
            if used[i] + cell_len(lead + text) <= width:
                line += [(lead, "label"), (text, role)]
                used[i] += cell_len(lead + text)
                break
    if parts and not lines[0] and width > 1:
        lines[0] = [(" ", "label"), (fit(parts[0][0], width - 1), parts[0][1])]
    return [pad(line, width) for line in lines]


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
