"""Round ticks, and labels that are whole and apart."""

from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.display import cell_len
from tempviz.tui.renderables.axis import nice_ticks, place_labels

finite = st.floats(allow_nan=False, allow_infinity=False)


def labels(lo: float, hi: float, most: int = 5) -> list[str]:
    return [label for _, label in nice_ticks(lo, hi, most)]


def test_ticks_are_round() -> None:
    assert labels(0, 1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert labels(-12, 0, 6) == ["−12", "−10", "−8", "−6", "−4", "−2", "0"]
    assert labels(-0.3, 0.3, 6) == ["−0.3", "−0.2", "−0.1", "0.0", "0.1", "0.2", "0.3"]
    assert labels(0, 49_152) == ["0", "10,000", "20,000", "30,000", "40,000"]
    assert labels(0.013, 0.017, 4) == ["0.013", "0.014", "0.015", "0.016", "0.017"]
    assert labels(1, 1) == labels(2, 1) == labels(float("nan"), 1) == labels(0, float("inf")) == []


@given(finite, finite, st.integers(1, 20))
def test_ticks_are_few_within_and_told_apart(lo: float, hi: float, most: int) -> None:
    ticks = nice_ticks(lo, hi, most)
    assert len(ticks) <= most + 2
    step = (hi - lo) / most
    assert all(lo - step <= value <= hi + step for value, _ in ticks)
    if hi - lo > 1e-6 * max(abs(lo), abs(hi)):
        assert len({label for _, label in ticks}) == len(ticks)


def test_labels_are_centred_pushed_inside_and_left_out_whole() -> None:
    assert place_labels([(0, "−12"), (10, "−6"), (20, "0")], 20) == "−12      −6        0"
    assert place_labels([(5, "first"), (7, "second")], 12) == "   first    "
    assert place_labels([(5, "日本")], 10) == "   日本   "
    assert place_labels([(5, "too long")], 4) == "    "
    assert place_labels([(2, "ab"), (4, "cd")], 6) == " ab   "  # they would touch
    assert place_labels([], 3) == "   "
    assert place_labels([(0, "a")], 0) == ""


@given(
    st.lists(st.tuples(st.floats(-10, 90), st.sampled_from(["0", "0.5", "−10", "日本", "100 %"]))), st.integers(0, 80)
)
def test_a_line_of_labels_is_exact_and_cuts_none(marks: list[tuple[float, str]], cells: int) -> None:
    line = place_labels(marks, cells)
    assert cell_len(line) == cells
    assert set(line.replace("100 %", "100%").split()) <= {label.replace(" ", "") for _, label in marks}
    if marks and cell_len(marks[0][1]) <= cells:
        assert marks[0][1] in line
