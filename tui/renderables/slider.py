"""The slider of the temperature: a knob on a track, and what a click on it means."""

from __future__ import annotations

import math

Run = tuple[str, str]

FILLED, KNOB, BEYOND, TRACK = "━", "●", "▸", "─"


def slider_runs(value: float, lo: float, hi: float, cells: int) -> list[Run]:
    """The slider in runs that fill exactly `cells`; roles "filled", "knob", "track".

    The knob stands in the cell nearest to the value; a value above `hi` is a ▸ at the end.
    """
    if cells <= 0:
        return []
    at = _knob(value, lo, hi, cells)
    knob = BEYOND if value > hi else KNOB
    runs = [(FILLED * at, "filled"), (knob, "knob"), (TRACK * (cells - at - 1), "track")]
    return [run for run in runs if run[0]]


def slider_value(column: int, lo: float, hi: float, cells: int) -> float:
    """The value under a column of the slider, lo at the first cell and hi at the last."""
    if cells <= 1:
        return lo
    return lo + (hi - lo) * min(max(column, 0), cells - 1) / (cells - 1)


def _knob(value: float, lo: float, hi: float, cells: int) -> int:
    if math.isnan(value) or not hi > lo:
        return 0
    fraction = min(max((value - lo) / (hi - lo), 0.0), 1.0)
    return int(fraction * (cells - 1) + 0.5)
