"""Bars as rows one can read, and their exact widths."""

import math
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.display import cell_len
from tempviz.tui.renderables.bars import bar, bar_over_ghost, eighths, log_fraction

fractions = st.one_of(st.floats(0, 1), st.floats())


def drawn(fraction: float, ghost: float, cells: int) -> str:
    return "".join(text for text, _ in bar_over_ghost(fraction, ghost, cells))


@pytest.mark.parametrize(
    ("fraction", "row"),
    [
        (0.0, "          "),
        (0.0062, "          "),
        (0.0063, "▏         "),
        (0.05, "▌         "),
        (0.5, "█████     "),
        (0.759, "███████▋  "),
        (1.0, "██████████"),
        (7.0, "██████████"),
        (math.inf, "██████████"),
        (-1.0, "          "),
        (math.nan, "          "),
    ],
)
def test_a_bar_is_its_nearest_eighth(fraction: float, row: str) -> None:
    assert bar(fraction, 10) == row


@pytest.mark.parametrize(
    ("fraction", "ghost", "row"),
    [
        (0.76, 0.88, "███████████████▎░░  "),  # sharper at T = 1: the ghost goes on
        (0.5, 0.2, "████│█████          "),  # flatter at T = 1: the ghost ends inside
        (0.5, 0.5, "██████████          "),
        (0.5, 0.0, "██████████          "),
        (0.0, 0.5, "░░░░░░░░░░          "),
        (0.06, 0.02, "│▎                  "),
        (0.52, 0.51, "██████████▍         "),  # both end in one cell
        (1.0, 1.0, "████████████████████"),
        (1.0, 0.99, "███████████████████│"),
        (0.0, 0.0, "                    "),
        (0.01, 1.0, "▎░░░░░░░░░░░░░░░░░░░"),
    ],
)
def test_a_bar_over_its_ghost_needs_no_colour(fraction: float, ghost: float, row: str) -> None:
    assert drawn(fraction, ghost, 20) == row


def test_the_roles_of_a_bar_over_its_ghost() -> None:
    assert bar_over_ghost(0.35, 0.75, 10) == [("███▌", "bar"), ("░░░░", "ghost"), ("  ", "empty")]
    assert bar_over_ghost(0.75, 0.35, 10) == [("███", "bar"), ("│", "mark"), ("███▌", "bar"), ("  ", "empty")]
    assert bar_over_ghost(0.5, 0.5, 0) == []


@given(fractions, fractions, st.integers(-2, 120))
def test_widths_are_exact(fraction: float, ghost: float, cells: int) -> None:
    assert cell_len(bar(fraction, cells)) == cell_len(drawn(fraction, ghost, cells)) == max(cells, 0)
    assert all(text for text, _ in bar_over_ghost(fraction, ghost, cells))


@given(st.floats(0, 1), st.integers(1, 120))
def test_a_bar_is_as_long_as_its_share(fraction: float, cells: int) -> None:
    row = bar(fraction, cells).rstrip()
    length = 8 * row.count("█") + (" ▏▎▍▌▋▊▉".index(row[-1]) if row and row[-1] != "█" else 0)
    assert length == eighths(fraction, cells)
    assert abs(length - 8 * cells * fraction) <= 0.5 + 1e-9


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 120))
def test_a_ghost_ends_where_it_should(fraction: float, ghost: float, cells: int) -> None:
    row = drawn(fraction, ghost, cells)
    if "░" in row:
        assert ghost > fraction and abs(row.rindex("░") + 1 - ghost * cells) <= 0.5 + 1 / 8
    if "│" in row:
        assert fraction > ghost and 0 <= ghost * cells - row.index("│") + 1 / 8 <= 1 + 1 / 4
    bare = bar(fraction, cells).rstrip()
    assert row.replace("│", "█").rstrip().startswith(bare)


def test_a_logarithmic_scale_reaches_from_the_floor_to_one() -> None:
    assert [log_fraction(p, 1e-4) for p in (1, 1e-2, 1e-4, 1e-5, 0, math.nan)] == [1, 0.5, 0, 0, 0, 0]
    for floor in (0, 1, -1, 2, math.nan):
        with pytest.raises(ValueError, match="floor"):
            log_fraction(0.5, floor)


def test_a_table_of_sixty_rows_takes_less_than_a_millisecond() -> None:
    shares = [0.76 / (rank + 1) for rank in range(60)]
    ticks = timeit.repeat(lambda: [bar_over_ghost(p, p * 1.2, 70) for p in shares], number=1, repeat=30)
    assert min(ticks) < 1e-3
