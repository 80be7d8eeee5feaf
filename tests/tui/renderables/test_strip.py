"""The mass strip as a line one can read, its borders, and the coin under it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.display import cell_len, token_label
from tempviz.tui.renderables.strip import Segments, coin_marker, layout_strip, render_strip

PROBS = [0.7589, 0.0601, 0.0551, 0.0221, 0.0173, 0.0104, 0.0066, 0.0695]
NAMES = ["␣to", "␣and", ",", "'", "␣down", "'s", "␣in", "others"]

weights = st.lists(st.one_of(st.floats(0, 1), st.floats(0, 0.01), st.just(0.0)), min_size=1, max_size=40)


@st.composite
def distributions(draw: st.DrawFn) -> list[float]:
    """Probabilities in falling order, with the tail behind them."""
    *head, tail = draw(weights.filter(lambda some: sum(some) > 1e-9))
    total = math.fsum([*head, tail])
    return [p / total for p in [*sorted(head, reverse=True), tail]]


def line(probs: list[float], names: list[str], cells: int) -> str:
    return "".join(text for text, _, _ in render_strip(layout_strip(probs, cells), names, cells))


def test_names_with_percent_where_they_fit_then_names_then_nothing() -> None:
    rows = [line(PROBS, NAMES, cells) for cells in (100, 60, 20)]
    assert rows == [
        " ␣to 76%                                                                   ▉ ␣and▉ , 6%▍ ▋ ▍▍ others",
        " ␣to 76%                                     ▌   ▏ ,▌▊▊▍    ",
        " ␣to 76%       ▏▍▋▍ ",
    ]


def test_the_colours_of_a_strip() -> None:
    assert render_strip(layout_strip([0.5, 0.25, 0.25], 4), ["a", "b", "c"], 4) == [
        (" a", 0, 0),
        (" ", 1, 1),
        (" ", 2, 2),
    ]
    assert render_strip(layout_strip([0.6, 0.4], 5), ["a", "b"], 5) == [(" a ", 0, 0), (" b", 1, 1)]
    assert render_strip(layout_strip([0.5, 0.5], 5), ["a", "b"], 5) == [(" a", 0, 0), ("▌", 0, 1), (" b", 1, 1)]
    assert render_strip(layout_strip([0.5, 0.12, 0.38], 1), ["a", "b", "c"], 1) == [
        ("▋", 0, 2)
    ]  # five eighths of a whole that two share


def test_wide_names_and_names_without_end() -> None:
    assert line([0.9, 0.1], ["日本語", "others"], 20) == " 日本語 90%         "
    assert line([0.5, 0.5], ["x" * 50, "others"], 20) == "           others   "


def test_borders_are_the_nearest_eighths() -> None:
    assert layout_strip([0.5, 0.3, 0.2], 10).ends == (40, 64, 80)
    assert layout_strip([1.0, 0.0], 10).ends == (80, 80)
    assert layout_strip([0.0, 1.0], 10).ends == (0, 80)
    assert layout_strip([0.97, 0.007, 0.007, 0.007, 0.009], 10).ends == (76, 77, 78, 79, 80)  # pulled to make room
    assert layout_strip([0.0, 0.0], 3).ends == (0, 24)
    assert layout_strip([math.nan, 0.5, -1.0, math.inf], 3).ends == (0, 8, 8, 24)
    assert layout_strip([0.5, 0.5], 0).ends == (0, 0)
    assert layout_strip([1 / 320] * 320, 10).ends[159] == 40  # more shares than eighths: none is favoured
    assert layout_strip([], 3) == Segments((), ())


@given(distributions(), st.integers(0, 200))
def test_the_total_is_exact_and_the_order_kept(probs: list[float], cells: int) -> None:
    ends = layout_strip(probs, cells).ends
    assert ends[-1] == 8 * cells and list(ends) == sorted(ends) and ends[0] >= 0


@given(distributions(), st.integers(10, 200))
def test_no_share_of_half_an_eighth_is_lost(probs: list[float], cells: int) -> None:
    segments = layout_strip(probs, cells)
    for index, p in enumerate(probs):
        start, end = segments.span(index)
        assert end > start or 8 * cells * p < 0.5 + 1e-6


@given(distributions(), st.integers(10, 200))
def test_borders_stay_at_the_truth_unless_small_shares_push(probs: list[float], cells: int) -> None:
    pushes = sum(0.49 <= 8 * cells * p < 1 for p in probs)
    mass = 0.0
    for p, end in zip(probs, layout_strip(probs, cells).ends, strict=True):
        mass += p
        assert abs(end - 8 * cells * mass) <= 0.5 + pushes / 2 + 1e-6


@given(distributions(), st.integers(0, 200), st.lists(st.binary(max_size=12), min_size=40, max_size=40))
def test_a_strip_is_exactly_as_wide(probs: list[float], cells: int, pieces: list[bytes]) -> None:
    segments = layout_strip(probs, cells)
    names = [token_label(piece) for piece in pieces[: len(probs)]]
    runs = render_strip(segments, names, cells)
    assert sum(cell_len(text) for text, _, _ in runs) == cells
    assert [run[1] for run in runs] == sorted(run[1] for run in runs)
    for text, front, back in runs:
        assert front == back or (front < back and text in "▏▎▍▌▋▊▉")


def test_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="10 cells, not for 11"):
        render_strip(layout_strip([0.5, 0.5], 10), ["a", "b"], 11)


@pytest.mark.parametrize(
    ("u", "cells", "row"),
    [
        (0.0, 30, "▲ coin 0.79 → ␣and            "),
        (0.25, 30, "       ▲ coin 0.79 → ␣and     "),
        (0.79, 30, "      coin 0.79 → ␣and ▲      "),
        (0.999, 30, "            coin 0.79 → ␣and ▲"),
        (1.0, 30, "            coin 0.79 → ␣and ▲"),
        (0.5, 18, "coin 0.… ▲        "),
        (0.2, 12, "  ▲ coin 0.…"),
        (0.8, 12, "coin 0.… ▲  "),
        (0.5, 1, "▲"),
        (0.5, 2, " ▲"),
        (0.5, 3, " ▲ "),
        (0.5, 0, ""),
    ],
)
def test_the_coin_lies_under_its_cell(u: float, cells: int, row: str) -> None:
    assert coin_marker(u, "coin 0.79 → ␣and", cells) == row


@given(st.floats(0, 1, exclude_max=True), st.binary(max_size=20), st.integers(1, 120))
def test_the_coin_line_is_exact(u: float, piece: bytes, cells: int) -> None:
    row = coin_marker(u, "→ " + token_label(piece), cells)
    assert cell_len(row) == cells
    before = row[: row.index("▲")] if row.count("▲") == 1 else None
    assert before is None or cell_len(before) == math.floor(u * cells)
