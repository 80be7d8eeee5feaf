"""The whole vocabulary by decades of probability: how much mass each decade holds, and how many tokens.

Mass is drawn on a linear scale, a full bar being 100 %. Counts span one to the whole vocabulary and are drawn on a
logarithmic one, log10(1 + count), a full bar being the vocabulary; the heading says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..display import cell_len
from ..picture_data import HistogramView
from .bars import SHADE, Run, bar
from .formats import count, percent, percent_cells, power_of_ten, probability_tick

Decade = tuple[float, int]
"""(probability mass, number of tokens)."""

_LEAST_BAR = 5
_LEAST_WITH_CUT = 4
"""Rows up to which the tokens that were cut have none of their own: they are as improbable as can be."""

_WIDE_MASS, _MASS, _WIDE_TOKENS, _TOKENS = "probability mass", "mass", "tokens (log)", "tokens"


def decade_labels(rows: int) -> list[str]:
    """The names of `rows` decades from "≥ 10 %" down, all in percent; the last takes all that is smaller."""
    if rows <= 1:
        return ["all"][:rows]
    between = [_between(-k) for k in range(1, rows - 1)]
    return [f"≥ {probability_tick(-1)}", *between, f"< {probability_tick(1 - rows)}"]


def _between(exponent: int) -> str:
    """The decade below ten to the `exponent`, both ends in one spelling: "0.01–0.1 %", "10⁻³–10⁻² %"."""
    low, high = probability_tick(exponent - 1).removesuffix(" %"), probability_tick(exponent)
    return f"{low}–{power_of_ten(exponent + 2)} %" if low.startswith("10⁻") else f"{low}–{high}"


def collapse(decades: Sequence[Decade], rows: int) -> list[Decade]:
    """At most `rows` decades, the last holding all smaller ones, so that no token is left out."""
    if len(decades) <= rows or rows < 1:
        return list(decades[: max(rows, 0)])
    rest = decades[rows - 1 :]
    return [*decades[: rows - 1], (math.fsum(mass for mass, _ in rest), sum(tokens for _, tokens in rest))]


def histogram(view: HistogramView, width: int, height: int) -> list[list[Run]]:
    """A heading and one row per decade, at most `height` rows of exactly `width` cells.

    The last decade holds all smaller tokens, masked ones too; below it stand those that the chain cut, if there are
    any. Roles "label", "mass", "count", "number", "cut". A terminal too narrow for bars keeps the numbers; the last
    decades are put together where there are more than rows.
    """
    below = view.cut > 0 and height > _LEAST_WITH_CUT
    decades = collapse(view.decades, height - 1 - below)
    if width <= 0 or not decades:
        return []
    labels = decade_labels(len(decades))
    total = sum(tokens for _, tokens in decades) + view.cut
    if below:
        decades, labels = [*decades, (0.0, view.cut)], [*labels, "cut"]
    elif view.cut:
        decades[-1] = (decades[-1][0], decades[-1][1] + view.cut)
    names, mass_wide, tokens_wide = max(map(len, labels)), percent_cells(1), max(len(count(total)), len(_TOKENS))
    room = width - names - mass_wide - tokens_wide - 5
    mass_cells, count_cells = (room // 2, room - room // 2) if room >= 2 * _LEAST_BAR else (0, 0)
    rows = [[(" " * (names + 1) + _heading(mass_cells + mass_wide + 1, count_cells + tokens_wide + 1), "label")]]
    for label, (mass, tokens) in zip(labels, decades, strict=True):
        share = math.log10(1 + tokens) / math.log10(1 + total) if total else 0.0
        cut = label == "cut"
        number = "cut" if cut else "number"
        rows.append(
            [
                (label.rjust(names) + " ", "cut" if cut else "label"),
                (bar(mass, mass_cells), "mass"),
                (percent(mass, 1).rjust(mass_wide + 1) + "  ", number),
                (_shade(share, count_cells), "ghost") if cut else (bar(share, count_cells), "count"),
                (count(tokens).rjust(tokens_wide + 1), number),
            ]
        )
    if height > 2 * len(decades) and mass_cells:
        rows = [rows[0], *(line for row in rows[1:] for line in (row, _bars_again(row)))]
    return [_exact(row, width) for row in rows]


def _shade(share: float, cells: int) -> str:
    """A bar of what is not there any more."""
    return (SHADE * len(bar(share, cells).rstrip())).ljust(cells)


def _bars_again(row: list[Run]) -> list[Run]:
    """The second line of a decade: the same bars, without label and numbers."""
    return [(text if role in ("mass", "count", "ghost") else " " * cell_len(text), role) for text, role in row]


def _heading(mass_cells: int, count_cells: int) -> str:
    """The names of the two columns, the longer ones where they fit."""
    mass = _WIDE_MASS if len(_WIDE_MASS) <= mass_cells else _MASS
    tokens = _WIDE_TOKENS if len(_WIDE_TOKENS) <= count_cells else _TOKENS
    return mass.ljust(mass_cells) + "  " + tokens.rjust(count_cells)


def _exact(row: Sequence[Run], width: int) -> list[Run]:
    """The runs cut or padded to exactly `width` (one cell a character here)."""
    runs: list[Run] = []
    for text, role in row:
        text = text[:width]
        width -= len(text)
        if text:
            runs.append((text, role))
    return [*runs, (" " * width, "label")] if width else runs
