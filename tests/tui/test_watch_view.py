"""The watches as seen: their numbers, their lines in the timeline and in the sweep."""

import math
from dataclasses import replace

import numpy as np
import pytest
from tempviz.models import actions as act
from tempviz.models.softmax import softmax
from tempviz.models.state import State
from tempviz.tui.display import cell_len
from tempviz.tui.picture_data import TimelineView, WatchLine
from tempviz.tui.picture_views import PICTURES
from tempviz.tui.renderables.timeline import timeline
from tempviz.tui.roles import ROLES

from .driving import driven, friendly_toy, play, token, toy_model
from .greetings import drawn, greetings
from .watch_cases import found_and_watched

NAN = math.nan
A = WatchLine("a", "␣the", (NAN, 0.25, 0.5, 1.0), (NAN, 3.0, 2.0, 1.0), 0.5, 2.0, 0.125)
B = WatchLine("b", "␣yes+␣Yes", (0.0, 1e-9, 0.125, 0.0), (49152.0, 900.0, 4.0, 70.0), 0.125, 4.0, 0.0)
VIEW = TimelineView((3.0, 5.0, 0.5), (2.0, 4.0, 1.0), 2, (A, B), "T 2.00, chain llama.cpp", n_vocab=49152)


def rows_of(view: TimelineView, width: int, height: int) -> list[str]:
    return ["".join(text for text, _ in row) for row in timeline(view, width, height)]


def test_a_low_timeline_tells_the_watches_in_a_line() -> None:
    assert rows_of(VIEW, 76, 9)[:3] == [
        f"{' ━ entropy   ┅ surprisal of the token taken   │ cursor':<76}",
        f"{' T 1, no chain:   a ␣the 50.00 % #2   b ␣yes+␣Yes 12.50 % #4   1 unseen':<76}",
        rows_of(VIEW, 76, 9)[2],
    ]
    assert "a" in "".join(rows_of(VIEW, 76, 9)[2:]) and "100 %" in rows_of(VIEW, 76, 9)[2]


def test_a_high_timeline_has_a_row_for_each_and_a_chart_of_ranks() -> None:
    rows = rows_of(VIEW, 90, 24)
    assert [row.split() for row in rows[1:5]] == [
        ["watched", "T", "1,", "no", "chain", "rank", "now,", "at", "T", "2.00,", "chain", "llama.cpp"],
        ["a", "␣the", "50.00", "%", "2", "12.50", "%"],
        ["b", "␣yes+␣Yes", "12.50", "%", "4", "0", "%"],
        ["1", "position", "was", "passed", "before", "the", "watch:", "walk", "there", "to", "see", "it"],
    ]
    labels = [row.strip().split(" ")[0] for row in rows]
    assert labels.count("#1") == 1 and labels.count("position") == 1


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize("cursor", [0, 3])
def test_exact_size(logarithmic: bool, cursor: int) -> None:
    view = replace(VIEW, logarithmic=logarithmic, cursor=cursor)
    for width in (40, 58, 76, 120):
        for height in (3, 5, 9, 13, 19, 40):
            rows = timeline(view, width, height)
            assert len(rows) == height
            assert all(sum(cell_len(text) for text, _ in row) == width for row in rows)
            assert all(role in ROLES for row in rows for _, role in row)


def test_letters_tell_the_lines_apart_and_a_gap_has_none() -> None:
    alone = replace(VIEW, watched=(replace(A, probs=(NAN, 0.9, NAN, NAN)),))
    marks = [text for row in timeline(alone, 76, 12)[2:] for text, role in row if role == "watch-0"]
    assert marks == ["a"]


def watched(*actions: act.Action, watches: tuple[tuple[int, ...], ...]) -> State:
    return play(toy_model(), act.SetWatches(watches), *actions)


def test_the_numbers_now_are_with_the_settings_and_the_line_is_without() -> None:
    pair = (token(" of"), token(" is"))
    state = watched(act.SetTemperature(3.0), act.NextPreset(), act.Step(), watches=(pair,))
    (line,) = PICTURES["Timeline"](state).watched
    assert len(line.probs) == 2 and not any(map(math.isnan, line.probs))
    plain = softmax(state.row.ranking.logits, 1.0)[list(pair)].sum()
    assert line.plain == line.probs[1] == pytest.approx(plain, rel=1e-9)
    assert line.rank == min(state.row.ranking.rank_of(i) for i in pair)
    assert line.now != pytest.approx(line.plain, rel=1e-3)
    assert PICTURES["Timeline"](state).settings == "T 3.00, chain llama.cpp"


def test_a_watch_shows_before_anything_is_taken() -> None:
    (line,) = PICTURES["Timeline"](watched(watches=((3,),))).watched
    assert len(line.probs) == 1 and line.probs[0] == line.plain


def test_the_sweep_shows_a_group_as_one_line_with_its_letter() -> None:
    state = replace(greetings(2.0), watches=((0, 1), (5,)))
    group, single = PICTURES["Sweep"](state).watched
    logits = np.array([0.1, 0.0, 0.5, 1.0, 4.0, 0.6])
    for t, p in group.points:
        assert p == pytest.approx(softmax(logits, t)[:2].sum(), rel=1e-6)
    assert group.now == pytest.approx(softmax(logits, 2.0)[:2].sum(), rel=1e-6)
    assert (group.mark, group.name, single.mark) == ("a", "Ni␣Hao+Konnichiwa", "b")
    for width, height in ((58, 7), (76, 9), (76, 14), (120, 20)):
        text = "\n".join(drawn("Sweep", state, width, height))
        assert "a Ni␣Hao+Konnic" in text
        if height > 8:
            assert "b Ciao" in text


async def test_find_watches_what_it_found() -> None:
    async with driven(friendly_toy) as run:
        await found_and_watched(run)
