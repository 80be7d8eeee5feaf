"""Numbers as people read them: percentages that never lie about zero and one, counts, bits, powers of ten."""

from __future__ import annotations

import math

from ...models.percentages import UNKNOWN, percent

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def percent_cells(digits: int = 2) -> int:
    """The cells that `percent_column` takes."""
    return len(percent(math.nextafter(1, 0), digits))


def percent_column(p: float, digits: int = 2) -> str:
    """`percent`, right-aligned to the width of the widest, so that a column stands still while numbers change."""
    return percent(p, digits).rjust(percent_cells(digits))


def percent_short(p: float) -> str:
    """A probability where room is dear: "76%", "<1%", ">99%"."""
    return percent(p, 0).replace(" ", "")


def count(n: int) -> str:
    """A number of things: "49,152"."""
    return f"{n:,}"


def watch_mark(i: int) -> str:
    """The letter of the i-th watch, from 0."""
    return "abcdefgh"[i]


def counted(n: int, thing: str, things: str = "") -> str:
    """ "1 prompt token", "5 prompt tokens"; `things` is a plural that is more than an s."""
    return f"{count(n)} {thing if n == 1 else things or f'{thing}s'}"


def bits(x: float) -> str:
    """An entropy or a surprisal: "2.02 bits", "0 bits" only where it is 0, "∞ bits" for what cannot happen."""
    if math.isnan(x):
        return UNKNOWN
    if math.isinf(x):
        return "∞ bits"
    if x <= 0:
        return "0 bits"
    return "<0.01 bits" if x < 0.01 else f"{x:.2f} bits"


def choices(x: float) -> str:
    """Effective choices, 2 to the entropy: "1 choice" only where it is 1, "4.1 choices", "12,345 choices"."""
    if math.isnan(x):
        return UNKNOWN
    if x <= 1:
        return "1 choice"
    return "<1.1 choices" if x < 1.05 else f"{x:.1f} choices" if x < 9.95 else f"{x:,.0f} choices"


def surprisal(surprisal_bits: float) -> str:
    """A surprisal with what it means: "3.32 bits, 1 in 10"; large odds as a power of ten."""
    if not 0 < surprisal_bits < math.inf:
        return bits(surprisal_bits)
    decades = surprisal_bits * math.log10(2)
    if decades >= 6:
        return f"{bits(surprisal_bits)}, 1 in {power_of_ten(round(decades))}"
    odds = 2**surprisal_bits
    return f"{bits(surprisal_bits)}, 1 in {f'{odds:.1f}' if odds < 9.95 else f'{odds:,.0f}'}"


def power_of_ten(exponent: int) -> str:
    """ "10⁻⁵"."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def probability_tick(exponent: int) -> str:
    """Ten to the `exponent` (0 or less) as a label: "100 %" … "0.01 %", then "10⁻³ %"."""
    if exponent < -4:
        return f"{power_of_ten(exponent + 2)} %"
    return f"{10.0 ** (exponent + 2):.{max(-exponent - 2, 0)}f} %"


def natural_log(x: float) -> str:
    """The logarithm of a probability: "−14.23", "−∞"; "0" only where it is 0."""
    if x == -math.inf:
        return "−∞"
    if x >= 0:
        return "0"
    return f"−{-x:,.0f}" if x <= -999.995 else f"−{-x:.2f}" if x <= -0.005 else ">−0.01"
