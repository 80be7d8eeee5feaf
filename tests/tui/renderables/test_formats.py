"""Numbers that never lie about zero and one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.renderables.formats import (
    bits,
    choices,
    count,
    percent,
    percent_cells,
    percent_column,
    percent_short,
    power_of_ten,
    probability_tick,
    surprisal,
)

probabilities = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 5e-324, 1e-9, 1 - 1e-16, 1.0]))


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.0, "       0 %"),
        (5e-324, "   <0.01 %"),
        (0.0000999, "   <0.01 %"),
        (0.0001, "    0.01 %"),
        (0.0601, "    6.01 %"),
        (0.7589, "   75.89 %"),
        (0.9999, "   99.99 %"),
        (0.99991, "  >99.99 %"),
        (1 - 1e-16, "  >99.99 %"),
        (1.0, "     100 %"),
        (1 + 1e-12, "     100 %"),
        (-1e-18, "       0 %"),
        (math.nan, "         –"),
    ],
)
def test_percentages_in_a_column(p: float, shown: str) -> None:
    assert "  " + percent_column(p) == shown
    assert percent(p) == shown.strip()


@given(probabilities, st.integers(0, 6))
def test_only_zero_is_zero_and_only_one_is_a_hundred(p: float, digits: int) -> None:
    text = percent(p, digits)
    assert (float(text.strip("<>% ")) == 0) == (p == 0)
    assert text.startswith("100") == (p == 1)
    assert len(percent_column(p, digits)) == percent_cells(digits)


@given(probabilities, probabilities)
def test_a_larger_share_never_reads_smaller(p: float, q: float) -> None:
    def read(x: float) -> tuple[float, int]:
        text = percent(x)
        return float(text.strip("<>% ")), {"<": -1, ">": 1}.get(text[0], 0)

    low, high = sorted((p, q))
    assert read(low) <= read(high)


def test_percentages_where_room_is_dear() -> None:
    assert [percent_short(p) for p in (0, 0.002, 0.055, 0.76, 0.995, 1)] == ["0%", "<1%", "6%", "76%", ">99%", "100%"]


def test_counts_bits_and_choices() -> None:
    assert [count(n) for n in (0, 999, 49_152)] == ["0", "999", "49,152"]
    assert [bits(x) for x in (0.0, 0.004, 2.0217, math.inf, math.nan)] == [
        "0 bits",
        "<0.01 bits",
        "2.02 bits",
        "∞ bits",
        "–",
    ]
    assert [choices(x) for x in (1.0, 1.001, 1.2, 4.06, 9.96, 12_345.6)] == [
        "1 choice",
        "<1.1 choices",
        "1.2 choices",
        "4.1 choices",
        "10 choices",
        "12,346 choices",
    ]


def test_surprisal_says_what_the_odds_were() -> None:
    assert surprisal(0.0) == "0 bits"
    assert surprisal(1.0) == "1.00 bits, 1 in 2.0"
    assert surprisal(math.log2(10)) == "3.32 bits, 1 in 10"
    assert surprisal(math.log2(49_152)) == "15.58 bits, 1 in 49,152"
    assert surprisal(5000.0) == "5000.00 bits, 1 in 10¹⁵⁰⁵"
    assert surprisal(math.inf) == "∞ bits"


def test_powers_of_ten() -> None:
    assert power_of_ten(-12) == "10⁻¹²"
    assert [probability_tick(k) for k in range(0, -6, -1)] == ["100 %", "10 %", "1 %", "0.1 %", "0.01 %", "10⁻³ %"]
