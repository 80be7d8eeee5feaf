"""The histogram of the whole vocabulary as rows one can read."""

from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.display import cell_len
from tempviz.tui.picture_data import HistogramView
from tempviz.tui.renderables.histogram import collapse, decade_labels, histogram

DECADES = [(0.759, 1), (0.165, 5), (0.028, 8), (0.0155, 63), (0.0185, 647), (0.0135, 3618), (0.0005, 44_810)]

decades = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 300_000)), max_size=14)


def drawn(rows: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def test_the_decades_have_names() -> None:
    assert decade_labels(7) == ["≥ 10 %", "1–10 %", "0.1–1 %", "0.01–0.1 %", "10⁻³–10⁻² %", "10⁻⁴–10⁻³ %", "< 10⁻⁴ %"]
    assert decade_labels(4) == ["≥ 10 %", "1–10 %", "0.1–1 %", "< 0.1 %"]
    assert decade_labels(2) == ["≥ 10 %", "< 10 %"]
    assert decade_labels(1) == ["all"]
    assert decade_labels(0) == []


def test_a_histogram() -> None:
    assert drawn(histogram(HistogramView(tuple(DECADES)), 66, 9)) == [
        "            probability mass                          tokens (log)",
        "     ≥ 10 % █████████████▋      75.9 %  █▎                       1",
        "     1–10 % ███                 16.5 %  ███▏                     5",
        "    0.1–1 % ▌                    2.8 %  ███▉                     8",
        " 0.01–0.1 % ▎                    1.6 %  ███████▍                63",
        "10⁻³–10⁻² % ▍                    1.8 %  ███████████▍           647",
        "10⁻⁴–10⁻³ % ▎                    1.4 %  ██████████████▍      3,618",
        "   < 10⁻⁴ %                     <0.1 %  ██████████████████▉ 44,810",
    ]


def test_a_low_one_puts_the_last_decades_together() -> None:
    assert drawn(histogram(HistogramView(tuple(DECADES)), 66, 5)) == [
        "        probability mass                              tokens (log)",
        " ≥ 10 % ███████████████▏      75.9 %  █▍                         1",
        " 1–10 % ███▎                  16.5 %  ███▌                       5",
        "0.1–1 % ▌                      2.8 %  ████▎                      8",
        "< 0.1 % █                      4.8 %  █████████████████████ 49,138",
    ]


def test_a_narrow_one_keeps_the_numbers() -> None:
    assert drawn(histogram(HistogramView(tuple(DECADES)), 30, 4)) == [
        "       mass       tokens      ",
        "≥ 10 %   75.9 %        1      ",
        "1–10 %   16.5 %        5      ",
        " < 1 %    7.6 %   49,146      ",
    ]


def test_roles() -> None:
    assert [role for _, role in histogram(HistogramView(tuple(DECADES)), 60, 9)[1]] == [
        "label",
        "mass",
        "number",
        "count",
        "number",
    ]


@given(decades, st.integers(-1, 120), st.integers(-1, 20))
def test_a_histogram_has_exactly_its_size(decades: list[tuple[float, int]], width: int, height: int) -> None:
    rows = drawn(histogram(HistogramView(tuple(decades)), width, height))
    assert all(cell_len(row) == width for row in rows)
    kept = min(len(decades), height - 1) if decades and width > 0 and height > 1 else 0
    assert len(rows) in ((kept + 1, 2 * kept + 1) if kept else (0,))
    assert len(rows) <= max(height, 0)


def test_where_there_is_room_a_decade_has_two_lines() -> None:
    low, high = (
        drawn(histogram(HistogramView(tuple(DECADES)), 60, len(DECADES) + 1)),
        drawn(histogram(HistogramView(tuple(DECADES)), 60, 2 * len(DECADES) + 1)),
    )
    assert high[1::2] == low[1:]
    assert all(set(second) <= set(" █▏▎▍▌▋▊▉") for second in high[2::2])


@given(decades, st.integers(1, 20))
def test_no_token_is_left_out(decades: list[tuple[float, int]], rows: int) -> None:
    kept = collapse(decades, rows)
    assert len(kept) <= rows
    assert sum(tokens for _, tokens in kept) == sum(tokens for _, tokens in decades)
    assert abs(sum(mass for mass, _ in kept) - sum(mass for mass, _ in decades)) < 1e-9


def test_tokens_that_were_cut_have_a_row_of_their_own() -> None:
    view = HistogramView(((0.9, 1), (0.1, 2), (0.0, 0)), 49_149)
    assert drawn(histogram(view, 60, 6)) == [
        "       probability mass                         tokens (log)",
        "≥ 10 % ████████████████▎   90.0 %  █▏                      1",
        "1–10 % █▊                  10.0 %  █▉                      2",
        " < 1 %                        0 %                          0",
        "   cut                        0 %  ░░░░░░░░░░░░░░░░░░ 49,149",
    ]
    assert [row.split()[-1] for row in drawn(histogram(view, 60, 4))] == ["(log)", "1", "2", "49,149"]
    assert len(drawn(histogram(view, 60, 9))) == 9
