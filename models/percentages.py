"""Numbers as people read them: temperatures, and probabilities in percent, never lying about zero and one."""

from __future__ import annotations

import math

UNKNOWN = "–"


def percent(p: float, digits: int = 2) -> str:
    """A probability as "75.89 %"; "0 %" and "100 %" only where it is exactly that (NaN is "–").

    What would round to either is "<0.01 %" or ">99.99 %", at the last of the `digits` decimals.
    """
    if math.isnan(p):
        return UNKNOWN
    if p <= 0:
        return "0 %"
    if p >= 1:
        return "100 %"
    hundredfold, least = 100 * p, 10.0**-digits
    if hundredfold < least:
        return f"<{least:.{digits}f} %"
    if hundredfold > 100 - least:
        return f">{100 - least:.{digits}f} %"
    return f"{hundredfold:.{digits}f} %"


def temperature_label(temperature: float) -> str:
    """ "1.20": two decimals, or as many as it takes."""
    rounded = f"{temperature:.2f}"
    return rounded if float(rounded) == temperature else f"{temperature:g}"
