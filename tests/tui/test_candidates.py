"""The candidates as exact text: columns that stand still, marks of their own, honest bars."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.tui.display import cell_len
from tempviz.tui.renderables.candidates import candidate_lines, candidates_titles
from tempviz.tui.view import view
from tempviz.tui.viewdata import CandidateRow, CandidatesView, RestRow

from .driving import NAMES, play, toy_model

ROWS = (
    CandidateRow(1, "␣Paris", 0.5, 0.25, highlighted=True, taken=True),
    CandidateRow(2, "␣the", 0.25, 0.25, coin=True),
    CandidateRow(3, "日本語", 0.125, 0.5, walked=True),
    CandidateRow(4, "</s>", 0.00001, 0.0, eog=True),
    CandidateRow(5, "␣a␣name␣that␣is␣much␣too␣long", 0.0, 0.0),
)
VIEW = CandidatesView(ROWS, None, RestRow(49_147, 0.12499, 0.0), "linear", "1.20", 49_152)


def shown(view: CandidatesView, width: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in candidate_lines(view, width)]


def test_exact_rows_on_a_linear_scale() -> None:
    assert shown(VIEW, 62) == [
        "▸      1 ␣Paris        50.00 %  ██████│██████▌              ◆ ",
        "       2 ␣the          25.00 %  ██████▊                      ●",
        "       3 日本語        12.50 %  ███▍░░░░░░░░░░              ◇ ",
        "       4 </s>          <0.01 %                                ",
        "       5 ␣a␣name␣tha…      0 %                                ",
        "        49,147 others  12.50 %  ███▍                          ",
    ]


def test_exact_rows_on_a_logarithmic_scale() -> None:
    assert shown(VIEW._replace(scale="logarithmic"), 62) == [
        "▸      1 ␣Paris        50.00 %  █████████████████████████│▏ ◆ ",
        "       2 ␣the          25.00 %  █████████████████████████▎   ●",
        "       3 日本語        12.50 %  ████████████████████████▎░  ◇ ",
        "       4 </s>          <0.01 %  ████████████                  ",
        "       5 ␣a␣name␣tha…      0 %                                ",
        "        49,147 others  12.50 %  ████████████████████████▎     ",
    ]


def test_cut_tokens_stay_in_place_with_their_ghost_and_the_stage_that_cut_them() -> None:
    cut = (ROWS[0], ROWS[2]._replace(prob=0.0, cut_by="top_k"), ROWS[4]._replace(cut_by="top_p"))
    assert shown(VIEW._replace(rows=cut, below=None), 62) == [
        "▸      1 ␣Paris        50.00 %  ██████│██████▌              ◆ ",
        "       3 日本語            0 %  ░░░░░░░░░░░░░░ cut by top_k ◇ ",
        "       5 ␣a␣name␣tha…      0 %  cut by top_p                  ",
    ]
    assert {role for _, role in candidate_lines(VIEW._replace(rows=cut), 62)[1]} >= {"cut", "ghost"}


def test_scrolled_there_is_a_row_for_what_is_above_and_one_for_what_is_below() -> None:
    scrolled = VIEW._replace(rows=ROWS[2:4], above=RestRow(2, 0.75, 0.5), below=RestRow(49_148, 0.12499, 0.0))
    lines = shown(scrolled, 58)
    assert len(lines) == 4
    assert lines[0].split()[:4] == ["2", "above", "75.00", "%"]
    assert lines[-1].split()[:4] == ["49,148", "below", "12.50", "%"]


def test_the_coin_is_seen_among_those_that_have_no_row() -> None:
    coin = VIEW._replace(rows=ROWS[2:4], above=RestRow(2, 0.75, 0.5, coin=True), below=RestRow(9, 0.1, 0.0, coin=False))
    lines = ["".join(text for text, _ in line) for line in candidate_lines(coin, 60)]
    assert lines[0].endswith("●") and not lines[-1].rstrip().endswith("●")
    assert len(lines[0]) == len(lines[-1]) == 60


def test_the_last_rows_have_nothing_below() -> None:
    last = VIEW._replace(rows=ROWS[3:], above=RestRow(49_150, 1.0, 1.0), below=None)
    assert [line.split()[0] for line in shown(last, 58)] == ["49,150", "4", "5"]


def looking_ahead(width: int, n: int = 49_152) -> list[str]:
    followed = [
        row._replace(ahead=" in the middle of", ahead_prob=p) for row, p in zip(ROWS, (0.0213, 1.0), strict=False)
    ]
    cut = ROWS[2]._replace(cut_by="temperature", ahead=" goes on", ahead_prob=0.5)
    return shown(VIEW._replace(rows=(*followed, cut), below=None, looks_ahead=3, n_vocab=n), width)


def test_what_would_follow_has_room_before_the_bar_and_the_joint_probability_have() -> None:
    assert looking_ahead(76) == [
        "▸      1 ␣Paris         50.00 %  ██│█       in the middle of       2.13 % ◆ ",
        "       2 ␣the           25.00 %  ██         in the middle of        100 %  ●",
        "       3 日本語         12.50 %  ░░░ cut by temperature                   ◇ ",
    ]
    assert looking_ahead(56)[0] == "▸      1 ␣Paris        50.00 %   in the mid…   2.13 % ◆ "
    assert looking_ahead(51)[0] == "▸      1 ␣Paris        50.00 %  █│     in the m… ◆ "


@pytest.mark.parametrize("n", [95, 49_152, 262_144])
@pytest.mark.parametrize("width", range(51, 110))
def test_looking_ahead_no_number_and_no_name_is_cut(width: int, n: int) -> None:
    one, other, cut = looking_ahead(width, n)
    assert " in the m" in one and " in the m" in other and "cut by tempera" in cut
    assert ("2.13 %" in one) == (" 100 %" in other)
    assert {cell_len(line) for line in (one, other, cut)} == {width}


@given(
    st.integers(40, 200),
    st.sampled_from([5, 95, 1_000, 49_152, 262_144, 1_000_000]),
    st.lists(
        st.builds(
            CandidateRow,
            st.integers(1, 262_144),
            st.text("ab␣字é", max_size=40),
            st.floats(0, 1),
            st.floats(0, 1),
            st.booleans(),
            st.booleans(),
            st.booleans(),
            st.booleans(),
            st.booleans(),
        ),
        max_size=6,
    ),
    st.sampled_from(["linear", "logarithmic"]),
)
def test_every_row_is_exactly_as_wide_as_asked(width: int, n: int, rows: list[CandidateRow], scale: str) -> None:
    rest = RestRow(max(1, n - len(rows)), 0.5, 0.5)
    made = CandidatesView(tuple(row._replace(rank=min(row.rank, n)) for row in rows), rest, rest, scale, "1.00", n)
    lines = shown(made, width)
    assert len(lines) == len(rows) + 2
    assert {cell_len(line) for line in lines} == {width}


@given(st.integers(60, 200), st.floats(0, 1), st.floats(0, 1))
def test_columns_stand_still_while_numbers_change(width: int, one: float, other: float) -> None:
    """Where the percent sign stands does not depend on the number before it."""
    lines = [shown(VIEW._replace(rows=(CandidateRow(7, "x", p, 0.0),)), width)[0] for p in (one, other)]
    assert lines[0].index("%") == lines[1].index("%")


def test_nothing_is_said_by_colour_alone() -> None:
    """Without roles, rows that differ in what was done to them still differ."""
    plain = CandidateRow(1, "x", 0.5, 0.5)
    kinds = [plain._replace(**{mark: True}) for mark in ("highlighted", "coin", "taken", "walked")]
    texts = {shown(VIEW._replace(rows=(row,)), 60)[0] for row in [plain, *kinds]}
    assert len(texts) == 5


def test_roles_say_what_a_row_is() -> None:
    lines = candidate_lines(VIEW, 58)
    assert {"highlight", "bar-highlight", "mark-highlight", "taken"} <= {role for _, role in lines[0]}
    assert ("●", "coin") in lines[1]
    assert "ghost" in {role for _, role in lines[2]}
    assert any(role == "eog" and text.startswith("</s>") for text, role in lines[3])
    assert "rest" in {role for _, role in lines[-1]}


@pytest.mark.parametrize("scale", ["linear", "logarithmic"])
def test_rows_of_a_real_state(scale: str) -> None:
    moves = [act.ToggleScale()] if scale == "logarithmic" else []
    data = view(play(toy_model(), act.Resized(8), act.SetTemperature(0.5), *moves)).candidates
    assert data is not None and data.scale == scale
    lines = shown(data, 76)
    assert len(lines) == 9
    assert lines[0].startswith("▸") and f"{len(NAMES) - 8} others" in lines[-1]
    assert sum("●" in line for line in lines) == 1


def test_the_frame_says_as_much_as_has_room() -> None:
    made = VIEW._replace(chain="llama.cpp", ghost="at T 1.00, no chain", cut_hidden=True)
    assert candidates_titles(made, 76) == (
        "Candidates at T 1.20, chain llama.cpp   ░ and │ at T 1.00, no chain",
        "cut hidden · bars 0 to 100 % · ● coin ◆ taken ◇ other branch",
    )
    assert candidates_titles(made, 51) == (
        "T 1.20, chain llama.cpp   ░ │ at T 1.00, no chain",
        "cut hidden · bars 0 to 100 %",
    )
    assert candidates_titles(made, 46)[0] == "T 1.20, llama.cpp   ░ at T 1.00, no chain"
    assert candidates_titles(VIEW._replace(scale="logarithmic"), 51) == (
        "Candidates at T 1.20",
        "bars 10⁻⁷ to 100 %, logarithmic",
    )


@pytest.mark.parametrize(
    ("scale", "width", "said"),
    [
        ("linear", 76, "how the first 2 go on at T 0, p with that at T 1 · bars 0 to 100 %"),
        ("logarithmic", 76, "how the first 2 go on at T 0, p with that at T 1 · bars 10⁻⁷ to 100 %, log"),
        ("linear", 56, "how the first 2 go on at T 0, p with that at T 1"),
        ("linear", 51, "how the first 2 go on at T 0 · bars 0 to 100 %"),
    ],
)
def test_the_frame_says_what_stands_beside_how_many_candidates(scale: str, width: int, said: str) -> None:
    assert candidates_titles(VIEW._replace(looks_ahead=2, scale=scale), width)[1] == said


def test_where_every_row_is_followed_no_number_of_them_is_said() -> None:
    few, many = (view(play(toy_model(), act.Resized(n), act.ToggleLookahead())).candidates for n in (5, 9))
    assert few is not None and many is not None and (few.looks_ahead, many.looks_ahead) == (5, 8)
    assert candidates_titles(few, 76)[1].startswith("how each goes on at T 0, p with that at T 1")
    assert candidates_titles(many, 76)[1].startswith("how the first 8 go on at T 0, p with that at T 1")
