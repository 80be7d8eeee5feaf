"""Two branches side by side, against the sums of their tokens."""

import math
from dataclasses import replace

import numpy as np
import pytest
from immutables import Map
from tempviz.models import actions as act
from tempviz.models.branch_pair import Pair, pair_of, total
from tempviz.models.engine import Path
from tempviz.models.state import State
from tempviz.models.trace import ROOT
from tempviz.tui.display import cell_len
from tempviz.tui.pair_view import ends, pair_view, parting
from tempviz.tui.renderables.formats import percent
from tempviz.tui.renderables.pair import pair_lines, pair_rows
from tempviz.tui.tree_view import tree_view

from .driving import HOSTILE, NAMES, driven, play, token, toy_model, uneven


def way(*names: str) -> list[act.Action]:
    return [act.GoTo(ROOT), *(act.Take(token(name)) for name in names)]


STATE = play(toy_model(), *way("a", "b", "c", "d"), *way("a", "b", " Paris"), *way(*HOSTILE))
LEFT, RIGHT, HOSTILE_END = 4, 5, STATE.trace.cursor


def test_two_ways_from_where_they_part():
    pair = pair_of(STATE.trace, LEFT, RIGHT)
    assert (pair.common, pair.left, pair.right, pair.parts) == (2, (3, 4), (5,), True)
    assert pair_of(STATE.trace, LEFT, HOSTILE_END).common == ROOT
    within = pair_of(STATE.trace, 2, LEFT)
    assert (within.common, within.left, within.right, within.parts) == (2, (), (3, 4), False)


def test_totals_are_sums():
    for begin, end in ((ROOT, LEFT), (2, LEFT), (LEFT, LEFT)):
        ids = [i for i in STATE.trace.ancestors(end) if STATE.trace[i].depth > STATE.trace[begin].depth]
        of = total(STATE.trace, None, begin, end)
        assert of.tokens == len(ids)
        assert of.bits == pytest.approx(sum(STATE.trace[i].surprisal_bits for i in ids))
    assert math.isnan(total(STATE.trace, None, LEFT, LEFT).mean_bits)


def test_a_masked_token_taken_by_hand_costs_nothing_after_it():
    def masking(path: Path) -> np.ndarray:
        return np.where(np.arange(len(NAMES)) == token("b"), -np.inf, uneven(path))

    state = play(toy_model(masking), *way("a", "b", "c", "d"), act.GoTo(2), act.Take(token(" Paris")), act.OpenTree())
    trace = state.trace
    assert total(trace, None, 1, 2).bits == total(trace, None, ROOT, 4).bits == math.inf
    assert total(trace, None, 2, 4).bits == pytest.approx(sum(trace[i].surprisal_bits for i in (3, 4)))
    shown = [(line.logprob, line.surprisal) for line in tree_view(state, 0, 20, 40).lines[1:]]
    assert shown[0] == ("−∞", "∞")
    assert shown[1][1] == f"{(trace[3].surprisal_bits + trace[4].surprisal_bits) / 2:.2f}"
    assert "∞ bits a token" in tree_view(state, 0, 20, 40).detail


def test_what_is_said_of_the_parting():
    said = parting(STATE, LEFT, RIGHT)
    p, q = (100 * 2.0 ** -STATE.trace[i].surprisal_bits for i in (3, 5))
    assert said == f"They part after 2 tokens: left “c” {p:.2f} %, right “␣Paris” {q:.2f} %."
    assert "right after the prompt" in parting(STATE, LEFT, HOSTILE_END)
    assert parting(STATE, 2, LEFT) == "They do not part: the right one goes on where the other ends, after 2 tokens."
    assert "the left one goes on" in parting(STATE, LEFT, 2)


def test_token_by_token():
    view = pair_view(STATE, LEFT, RIGHT, 0, 10)
    assert [row.position for row in view.rows] == [3, 4]
    assert [row.left and row.left.name for row in view.rows] == ["c", "d"]
    assert [row.right and row.right.name for row in view.rows] == ["␣Paris", None]
    assert view.below == 0
    second = pair_view(STATE, LEFT, RIGHT, 1, 10)
    assert [row.position for row in second.rows] == [4]
    assert pair_view(STATE, LEFT, HOSTILE_END, 0, 3).below == len(HOSTILE) - 3


@pytest.mark.parametrize(("width", "height"), [(54, 6), (74, 16), (196, 50)])
def test_rows_fill_their_width(width: int, height: int):
    named = play(toy_model(), act.NameBranch(3, "日本語\x1b[2J"), state=STATE)
    for first in (0, 4):
        view = pair_view(named, LEFT, HOSTILE_END, first, pair_rows(height))
        rows = pair_lines(view, width, height)
        assert len(rows) == height
        assert {cell_len("".join(text for text, _ in row)) for row in rows} == {width}


def test_without_two_nodes_there_is_nothing_to_set_side_by_side():
    def looking(marked: int | None) -> State:
        return replace(STATE, overview=replace(STATE.overview, head=3, token=1, marked=marked))

    assert ends(looking(None)) is None and ends(looking(4)) is None and ends(looking(999)) is None
    assert ends(looking(5)) == (5, 4)


async def test_long_branches_scroll():
    async with driven(size=(80, 16)) as run:
        await run.press(*["down", "enter"] * 12, "t", "m", "home", "c")
        await run.until(lambda: "↓ 6 more" in run.screen)
        await run.press("down", "down")
        await run.until(lambda: "↓ 4 more" in run.screen)
        await run.press("end", "down")
        await run.until(lambda: "more" not in run.screen and "12 " in run.screen)
        await run.press("home")
        await run.until(lambda: "↓ 6 more" in run.screen)
        await run.press("escape", "escape")
        assert len(run.app.screen_stack) == 1


# ---- inside the prompt ---------------------------------------------------------------------------------------------


def test_a_branch_inside_the_prompt_beside_the_prompt_itself() -> None:
    toy = toy_model()
    state = play(toy, act.TakeHighlighted(), act.Walk(-3), act.Take(token(" city")), act.Take(token(".")))
    trace = state.trace
    pair = pair_of(trace, 3, 1)
    assert (pair.common, pair.left, pair.right) == (-2, (2, 3), (-1, 0, 1))
    assert pair_of(trace, 2, 3) == Pair(2, (), (3,))
    assert pair_of(trace, -2, 0) == Pair(-2, (), (-1, 0))
    reading = state.readings[trace.given]
    assert reading is not None
    own = [*reading.surprisal_bits[-2:], trace[1].surprisal_bits]
    shown = pair_view(state, 3, 1, 0, 10)
    assert [row.position for row in shown.rows] == [-1, 0, 1]
    assert [row.right.bits for row in shown.rows if row.right] == own
    assert total(trace, reading, -2, 1).bits == pytest.approx(sum(own))
    parted, whole = shown.totals
    assert parted[1].startswith("2 tok · ") and parted[2].startswith("3 tok · ")
    assert whole[1] == parted[1] and whole[2].startswith("1 tok · ")
    said = parting(state, 3, 1)
    assert said.startswith("They part inside the prompt, after 3 of its 5 tokens: left “␣city” ")
    assert f"right “␣France” {percent(2 ** -own[0])}" in said
    assert parting(state, 2, 3).endswith("on a branch from inside the prompt, 1 token after it begins.")


def test_a_prompt_that_was_not_read_has_no_numbers_there() -> None:
    state = play(toy_model(), act.Walk(-3), act.Take(token(" city")))
    shown = pair_view(replace(state, readings=Map()), 1, 0, 0, 10)
    assert math.isnan(shown.rows[0].right.bits) and shown.totals[0][2] == "–"
    assert "–" in "".join(text for text, _ in pair_lines(shown, 80, 12)[1])
