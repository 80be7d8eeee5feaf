"""Two branches side by side: a row per position, the surprisal of each token as a number and a bar."""

from __future__ import annotations

import math

from ..display import fit
from ..tree_data import PairCell, PairView
from .bars import bar
from .formats import UNKNOWN
from .lines import pad

Run = tuple[str, str]

MOST_BITS = 16.0
"""Where the bars end."""

_POSITION = 8
_BITS = 7
_BETWEEN: Run = (" │ ", "track")


def pair_rows(height: int) -> int:
    """How many rows of tokens fit beside heading, rule and totals."""
    return max(1, height - 4)


def pair_lines(view: PairView, width: int, height: int) -> list[list[Run]]:
    """Heading, tokens, totals, each row exactly `width` cells."""
    cells = max(8, (width - _POSITION - 3) // 2)
    left, right = (fit(heading, cells) for heading in view.headings)
    lines = [_line("", (left, "name"), (right, "name"), width)]
    for row in view.rows:
        between = [*_cell(row.left, cells), _BETWEEN, *_cell(row.right, cells)]
        lines.append(pad([(f"{row.position:>{_POSITION - 1},} ", "rank"), *between], width))
    lines += [[(" " * width, "plain")]] * (pair_rows(height) - len(view.rows))
    said = f" ↓ {view.below:,} more " if view.below else ""
    lines.append([("─" * _POSITION, "track"), (said, "dim"), ("─" * (width - _POSITION - len(said)), "track")])
    for what, one, other in view.totals:
        lines.append(_line(f" {what}", (fit(one, cells), "number"), (fit(other, cells), "number"), width))
    return lines


def _line(position: str, left: Run, right: Run, width: int) -> list[Run]:
    return pad([(fit(position, _POSITION), "rank"), left, _BETWEEN, right], width)


def _cell(cell: PairCell | None, cells: int) -> list[Run]:
    if cell is None:
        return [(" " * cells, "plain")]
    name = min(20, max(4, cells - _BITS - 6))
    room = max(0, cells - name - _BITS - 1)
    return pad(
        [
            *pad([(cell.name, cell.role)], name),
            (f"{UNKNOWN:>{_BITS}} " if math.isnan(cell.bits) else f"{cell.bits:{_BITS}.2f} ", "number"),
            (bar(0.0 if math.isnan(cell.bits) else min(1.0, cell.bits / MOST_BITS), room), "bar"),
        ],
        cells,
    )
