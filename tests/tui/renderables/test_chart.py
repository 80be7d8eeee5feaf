"""Charts with their axes, as rows one can read."""

import math

from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.display import cell_len
from tempviz.tui.renderables.braille import Line, Mark
from tempviz.tui.renderables.chart import Axis, chart, row_labels


def drawn(*args) -> list[str]:
    return ["".join(text for text, _ in row) for row in chart(*args)]


CURVE = Line([(x / 10, math.exp(x / 12)) for x in range(-120, 1)])
GHOST = Line([(x / 10, math.exp(x / 10)) for x in range(-120, 1)], "ghost", dotted=True)


def test_a_curve_with_its_axes() -> None:
    x, y = Axis((-12, 0), "logit − max"), Axis((0, 1), "e^(x/T)")
    assert drawn([CURVE, GHOST], 50, 13, x, y, [Mark((-2, math.exp(-2 / 1.2)))]) == [
        "e^(x/T)                                           ",
        "1.0                                              ⡼",
        "                                                ⢠⠃",
        "                                                ⡞ ",
        "                                               ⣰⠅ ",
        "                                              ⢠⠓  ",
        "0.5                                          ⢠⡊⠁  ",
        "                                            ⡠⠣    ",
        "                                          ⢠⠔⠍     ",
        "                                       ⣀⠤⡊●       ",
        "0.0 ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⠤⡤⢤⠤⠴⠖⠲⠊⠋⠈          ",
        "           −10                −5                 0",
        "                     logit − max                  ",
    ]


def test_own_ticks_on_logarithmic_axes() -> None:
    x = Axis((0, 4), ticks=[(0, "1"), (1, "10"), (2, "100"), (3, "1,000"), (4, "10,000")])
    y = Axis((-4, 0), ticks=[(0, "100 %"), (-2, "1 %"), (-4, "10⁻⁴")])
    assert drawn([Line([(0, 0), (4, -4)])], 30, 7, x, y) == [
        "100 % ⠉⠒⠤⣀                    ",
        "          ⠉⠒⠤⣀                ",
        "              ⠉⠒⠤⣀            ",
        "  1 %             ⠉⠒⠤⣀        ",
        "                      ⠉⠒⠤⣀    ",
        " 10⁻⁴                     ⠉⠒⠤⣀",
        "      1    10    100    10,000",
    ]


def test_a_small_chart_leaves_the_axes_out() -> None:
    assert drawn([CURVE], 9, 3, Axis((-12, 0), "x"), Axis((0, 1), "y")) == [
        "        ⡸",
        "       ⢀⠇",
        "⣀⣀⣀⣀⣀⣀⡤⠎ ",
    ]


def test_labels_of_rows_are_whole_and_one_to_a_row() -> None:
    assert row_labels([(0, "0"), (0.5, "½"), (1, "1")], (0, 1), 5, 3) == [" 1 ", "   ", " ½ ", "   ", " 0 "]
    assert row_labels([(0, "0"), (0.01, "x"), (1, "too long")], (0, 1), 2, 3) == ["   ", " 0 "]


def test_roles() -> None:
    roles = {role for row in chart([CURVE], 40, 10, Axis((-12, 0)), Axis((0, 1))) for _, role in row}
    assert roles == {"axis", "line", "empty"}


spans = st.tuples(st.one_of(st.floats(-100, 100), st.floats()), st.one_of(st.floats(-100, 100), st.floats()))


@given(spans, spans, st.integers(0, 70), st.integers(0, 20), st.sampled_from(["", "probability", "確率"]))
def test_a_chart_has_exactly_its_size(x_range, y_range, width: int, height: int, title: str) -> None:
    own = [(0.0, "0"), (50.0, "fifty"), (math.inf, "∞")]
    for ticks in (None, own):
        rows = drawn([CURVE, GHOST], width, height, Axis(x_range, title, ticks), Axis(y_range, title, ticks))
        assert len(rows) == height and all(cell_len(row) == width for row in rows)


def test_a_second_scale_stands_at_the_right() -> None:
    rows = chart(
        [],
        30,
        10,
        Axis((0.0, 1.0), "x"),
        Axis((0.0, 1.0), "y"),
        right=Axis((0.0, 1.0), "bits", [(0.0, "0"), (1.0, "16")]),
    )
    text = ["".join(part for part, _ in row) for row in rows]
    assert all(len(line) == 30 for line in text)
    assert text[0] == "y                         bits"
    assert text[1].startswith("1.0 ") and text[1].endswith(" 16")
    assert text[7].startswith("0.0 ") and text[7].endswith(" 0 ")
    assert text[8].strip().startswith("0") and text[8].endswith("   ")
