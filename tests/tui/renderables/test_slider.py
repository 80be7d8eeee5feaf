"""The slider as a row of text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.renderables.slider import slider_runs, slider_value


def slider(value: float, lo: float, hi: float, cells: int) -> str:
    return "".join(text for text, _ in slider_runs(value, lo, hi, cells))


@pytest.mark.parametrize(
    ("value", "row"),
    [
        (0.0, "●──────────"),
        (1.0, "━━●────────"),
        (1.2, "━━●────────"),
        (1.3, "━━━●───────"),
        (5.0, "━━━━━━━━━━●"),
        (5.01, "━━━━━━━━━━▸"),
        (-1.0, "●──────────"),
        (math.inf, "━━━━━━━━━━▸"),
        (math.nan, "●──────────"),
    ],
)
def test_the_knob_stands_at_the_value(value: float, row: str) -> None:
    assert slider(value, 0, 5, 11) == row


def test_roles() -> None:
    assert slider_runs(2.5, 0, 5, 5) == [("━━", "filled"), ("●", "knob"), ("──", "track")]
    assert slider_runs(0, 0, 5, 1) == [("●", "knob")]
    assert slider_runs(0, 0, 5, 0) == []


@given(st.floats(), st.integers(-1, 80))
def test_the_width_is_exact(value: float, cells: int) -> None:
    assert len(slider(value, 0, 5, cells)) == max(cells, 0)


@given(st.integers(0, 39))
def test_a_click_puts_the_knob_under_the_pointer(column: int) -> None:
    assert slider(slider_value(column, 0, 5, 40), 0, 5, 40).index("●") == column


def test_a_drag_beyond_the_ends_stays_inside() -> None:
    assert [slider_value(column, 0, 5, 11) for column in (-3, 0, 10, 99)] == [0, 0, 5, 5]
    assert slider_value(3, 0, 5, 1) == 0
