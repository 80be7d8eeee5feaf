"""Curves as rows of braille."""

import math
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.renderables.braille import Line, Mark, clip, plot_lines

UNIT = (0.0, 1.0)
coordinates = st.one_of(st.floats(-2, 2), st.floats())
points = st.lists(st.tuples(coordinates, coordinates), max_size=12)


def drawn(lines: list[Line], width: int, height: int, marks: tuple[Mark, ...] = ()) -> list[str]:
    return ["".join(text for text, _ in row) for row in plot_lines(lines, width, height, UNIT, UNIT, marks)]


def test_lines_are_connected_from_corner_to_corner() -> None:
    assert drawn([Line([(0, 0), (1, 1)])], 8, 4) == [
        "      ⡠⠊",
        "    ⡠⠊  ",
        "  ⡠⠊    ",
        "⡠⠊      ",
    ]
    assert drawn([Line([(0, 0.5), (1, 0.5)])], 4, 1) == ["⠤⠤⠤⠤"]
    assert drawn([Line([(0.5, 0), (0.5, 1)])], 3, 2) == [" ⢸ ", " ⢸ "]


def test_a_dotted_line_is_told_from_a_solid_one_without_colour() -> None:
    assert drawn([Line([(0, 0), (1, 0)]), Line([(0, 1), (1, 1)], "ghost", dotted=True)], 9, 2) == [
        "⠁⠈ ⠁⠈ ⠁⠈ ",
        "⣀⣀⣀⣀⣀⣀⣀⣀⣀",
    ]


def test_one_point_is_one_dot_and_a_gap_breaks_the_line() -> None:
    assert drawn([Line([])], 3, 1) == ["   "]
    assert drawn([Line([(0, 0)])], 3, 1) == ["⡀  "]
    assert drawn([Line([(0, 0), (0.2, 0), (math.nan, 0), (0.8, 0), (1, 0)])], 6, 1) == ["⣀⡀  ⢀⣀"]
    assert drawn([Line([(0, -math.inf), (1, 0)])], 3, 1) == ["  ⢀"]


def test_what_lies_outside_is_clipped_not_moved() -> None:
    assert drawn([Line([(-1, -1), (2, 2)])], 8, 4) == drawn([Line([(0, 0), (1, 1)])], 8, 4)
    assert drawn([Line([(0, 2), (1, 2)])], 3, 2) == ["   ", "   "]
    assert drawn([Line([(0.5, -1e300), (0.5, 1e300)])], 3, 2) == drawn([Line([(0.5, 0), (0.5, 1)])], 3, 2)
    assert clip((-1, 0), (-1, 5), 9, 9) is None
    assert clip((-5, 5), (15, 5), 10, 10) == ((0, 5), (10, 5))


def test_the_first_line_is_in_front_and_marks_before_all() -> None:
    rows = plot_lines(
        [Line([(0, 0), (1, 0)], "now"), Line([(0, 0), (0, 1)], "ghost")], 3, 2, UNIT, UNIT, [Mark((1, 0), "●", "coin")]
    )
    assert rows == [[("⡇", "ghost"), ("  ", "empty")], [("⣇⣀", "now"), ("●", "coin")]]


@pytest.mark.parametrize("span", [(0, 0), (1, 0), (0, math.inf), (math.nan, 1)])
def test_no_range_no_picture(span: tuple[float, float]) -> None:
    assert plot_lines([Line([(0, 0)])], 2, 1, span, UNIT) == [[("  ", "empty")]]
    assert plot_lines([Line([(0, 0)])], 2, 1, UNIT, span) == [[("  ", "empty")]]


@given(st.lists(st.tuples(points, st.booleans()), max_size=3), st.integers(0, 30), st.integers(0, 10), points)
def test_a_picture_has_exactly_its_size(lines, width: int, height: int, marked) -> None:
    rows = drawn([Line(some, dotted=dotted) for some, dotted in lines], width, height, tuple(map(Mark, marked)))
    assert [len(row) for row in rows] == [width] * height
    assert all(char in " ●" or 0x2800 < ord(char) <= 0x28FF for row in rows for char in row)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_mark_stands_in_the_cell_of_its_point(x: float, y: float) -> None:
    rows = drawn([], 20, 10, (Mark((x, y)),))
    (row,) = [index for index, text in enumerate(rows) if "●" in text]
    assert abs(rows[row].index("●") + 0.5 - x * 20) <= 1 and abs(row + 0.5 - (1 - y) * 10) <= 1


def test_a_curve_is_drawn_in_a_few_milliseconds() -> None:
    curve = [(i / 200, math.exp(i / 20 - 10)) for i in range(201)]
    took = timeit.repeat(lambda: drawn([Line(curve), Line(curve, dotted=True)], 80, 20), number=1, repeat=10)
    assert min(took) < 0.02
