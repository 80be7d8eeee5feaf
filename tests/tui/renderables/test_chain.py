"""The chain panel as rows."""

from hypothesis import given
from hypothesis import strategies as st
from tempviz.tui.display import cell_len
from tempviz.tui.picture_data import ChainView, MovedRow, StageRow
from tempviz.tui.renderables.chain import chain

STAGES = (
    StageRow("top_k", "k 40", 49152, 40, 0.0118, "0.50 bits", True, True, "top-k 40"),
    StageRow("typ_p", "off", 40, 40, 0.0, "0.50 bits", False, False),
    StageRow("temperature", "T 2", 40, 40, 0.0, "1.22 bits", True, False),
)
VIEW = ChainView("llama.cpp", STAGES, 49152)


def drawn(view: ChainView, width: int, height: int) -> list[str]:
    return ["".join(text for text, _ in row) for row in chain(view, width, height)]


def test_a_wide_panel_shows_what_goes_in_and_out() -> None:
    assert drawn(VIEW, 76, 9) == [
        " chain: llama.cpp   setting top-k 40                                        ",
        "  stage        setting                         in → out  removed     entropy",
        "▸ top_k        k 40                     49,152 →     40   1.18 %   0.50 bits",
        "  typ_p        off                          40 →     40        –   0.50 bits",
        "  temperature  T 2                          40 →     40        –   1.22 bits",
    ]


def test_without_a_chain_it_says_how_to_get_one() -> None:
    rows = drawn(ChainView("off", (), 49152, hint="P takes a chain."), 100, 9)
    assert rows[0].startswith(" chain: off") and "P takes a chain." in rows[2]


def test_the_selected_stage_is_in_sight_however_low_the_panel() -> None:
    for selected in range(9):
        rows = tuple(StageRow(f"s{i}", "k", 9, 9, 0.0, "1 bits", True, i == selected) for i in range(9))
        assert any(f"▸ s{selected}" in row for row in drawn(ChainView("own", rows, 9), 60, 6))


@given(st.integers(58, 120), st.integers(1, 20))
def test_exact_size(width: int, height: int) -> None:
    rows = drawn(VIEW, width, height)
    assert len(rows) <= height
    assert all(cell_len(row) == width for row in rows)


MOVED = (
    MovedRow("␣the", "penalties", -1.2, "seen 3× in the last 64: 2, 9, 30 back", True),
    MovedRow("␣a", "penalties", -0.4, "seen 1× in the last 64: 5 back", False),
)


def test_moved_tokens_stand_below_the_stages_where_there_is_room() -> None:
    view = ChainView("own", STAGES, 49152, MOVED, 7)
    assert drawn(view, 76, 11)[-4:-2] == [" " * 76, f"{' 7 logits moved, 2 of them':<76}"]
    assert drawn(view, 76, 8)[-3:] == [
        f"{' 7 logits moved, 2 of them':<76}",
        "▸ ␣the                   -1.20  penalties    seen 3× in the last 64: 2, 9, …",
        f"{'  ␣a                     -0.40  penalties    seen 1× in the last 64: 5 back':<76}",
    ]
    assert "1 of them" in drawn(view, 76, 7)[-2] and len(drawn(view, 76, 6)) == 5
