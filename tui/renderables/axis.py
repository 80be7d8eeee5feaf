"""Axes: round numbers to mark, and labels that are never cut and never touch each other."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..display import cell_len

Tick = tuple[float, str]
"""(value, label)."""


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten that cuts `span` into at most `most` steps; 0 if there is none."""
    raw = span / max(most, 1)
    if not 0 < raw < math.inf:
        return 0.0
    base = 10.0 ** math.floor(math.log10(raw))
    for factor in (1, 2, 5, 10):
        if factor * base >= raw * (1 - 1e-9):
            return factor * base
    return 10 * base


def nice_ticks(lo: float, hi: float, most: int = 5) -> list[Tick]:
    """Round values within [lo, hi], about `most` of them, with as many decimals as tell them apart."""
    if not (hi > lo and 0 < (step := nice_step(hi - lo, most)) < math.inf):
        return []
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(lo / step - 1e-9), math.floor(hi / step + 1e-9)
    return [(k * step, number(k * step, decimals)) for k in range(first, last + 1)]


def number(value: float, decimals: int) -> str:
    """ "−10", "0.25", "40,000": with a real minus sign, and never "−0"."""
    text = f"{value:,.{decimals}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def place_labels(marks: Iterable[tuple[float, str]], cells: int) -> str:
    """Labels centred on their columns in a line of exactly `cells`; the first in `marks` have the right of way.

    A label is pushed inside at the ends, and left out where it would touch another or does not fit whole.
    """
    placed: list[tuple[int, int, str]] = []
    for column, label in marks:
        width = cell_len(label)
        start = min(max(math.floor(column - width / 2 + 0.5), 0), cells - width)
        if width and start >= 0 and all(start > end or start + width < first for first, end, _ in placed):
            placed.append((start, start + width, label))
    line, used = "", 0
    for start, end, label in sorted(placed):
        line += " " * (start - used) + label
        used = end
    return line + " " * (cells - used)
