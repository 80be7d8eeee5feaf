"""Inside the prompt: what is said of its tokens, walking there and back, and the branches that begin there."""

import math

import numpy as np
import pytest
from tempviz.models import actions as act
from tempviz.models.state import State
from tempviz.tui.renderables.formats import bits
from tempviz.tui.text_out import raw_text
from tempviz.tui.view import drawn_with, view
from tempviz.tui.viewdata import SURPRISAL_STEPS
from tempviz.tui.widgets.panels import Candidates, HeaderLine
from tempviz.tui.widgets.text_pane import TextPane

from .driving import NAMES, PROMPT, driven, friendly_toy, play, token, toy_model, uneven

GIVEN = tuple(token(name) for name in ("The", " capital", " of", " France", " is"))


def surprisals() -> list[float]:
    """Of the prompt's tokens but the first, by brute force."""
    from tempviz.models.engine import path_of

    found = []
    for i in range(1, len(GIVEN)):
        logits = uneven(path_of(GIVEN[:i])).astype(np.longdouble)
        found.append(float(-np.log2(np.exp(logits[GIVEN[i]]) / np.exp(logits).sum())))
    return found


def walked(by: int, *actions: act.Action) -> State:
    return play(toy_model(), act.Walk(by), *actions)


def test_the_prompt_is_shaded_by_its_surprisal_and_has_a_perplexity() -> None:
    shown, expected = view(play(toy_model())), surprisals()
    text = shown.text
    steps = [sum(x >= step for step in SURPRISAL_STEPS) for x in expected]
    assert text.shades == ("prompt", *(f"prompt-s{n}" if n else "prompt" for n in steps))
    mean = math.fsum(expected) / 4
    assert text.about == (f"prompt: {bits(mean)} a token, perplexity {2**mean:,.1f}",)
    assert shown.status.prompt == f"prompt perplexity {2**mean:,.1f}"


def test_a_prompt_of_one_token_has_nothing_to_say() -> None:
    state = play(toy_model(), act.Walk(-1), act.Back(), prompt="The")
    assert (view(state).text.about, state.trace.cursor) == ((), 0)


@pytest.mark.parametrize("by", [-1, -2, -4])
def test_inside_the_prompt_its_own_token_is_marked_and_described(by: int) -> None:
    state = walked(by, act.Resized(200))
    n, step = len(GIVEN) + by, view(state)
    assert state.row is not None and step.candidates
    assert step.text.about[0] == f"prompt token {n + 1} of 5" and len(step.text.about) == 2
    assert step.text.caret == n
    (own,) = [row for row in step.candidates.rows if row.taken]
    assert own.name == NAMES[GIVEN[n]].replace(" ", "␣")
    assert drawn_with(state).startswith(f"the prompt goes on with {own.name}: rank {own.rank}, ")
    assert drawn_with(state).endswith(bits(surprisals()[n - 1]))
    assert -math.log2(own.ghost) == pytest.approx(surprisals()[n - 1], rel=1e-12)


def test_a_branch_inside_the_prompt_takes_the_place_of_its_rest() -> None:
    toy = toy_model()
    state = play(toy, act.Walk(-3), act.Take(token(" city")), act.Take(token(".")))
    assert raw_text(state) == "The capital city."
    text = view(state).text
    assert text.nodes == (-4, -3, 1, 2) and text.caret == len(text.shades) == 4
    assert text.about[0] == "branch at prompt token 3"
    state = play(toy, act.Walk(-1), state=state)
    assert view(state).text.about[:2] == ("position 1 of 2", "branch at prompt token 3")
    state = play(toy, act.Walk(-1), state=state)
    assert view(state).text.about[:2] == ("prompt token 3 of 5", "branch at prompt token 3")
    marks = {
        row.name: (row.taken, row.walked) for row in view(play(toy, act.Resized(200), state=state)).candidates.rows
    }
    assert (marks["␣city"], marks["␣of"]) == ((True, True), (False, True))
    assert raw_text(play(toy, act.Take(token(" of")), state=state)) == PROMPT


def test_the_timeline_goes_back_to_the_second_token_of_the_prompt() -> None:
    state = play(toy_model(), act.Step())
    timeline = view(state, ("Timeline",)).pictures["Timeline"]
    assert (timeline.first, timeline.stem, timeline.cursor) == (-3, 0, 1)
    assert timeline.surprisals == pytest.approx((*surprisals(), state.trace.here.surprisal_bits))
    assert len(timeline.entropies) == 5
    branch = play(toy_model(), act.Step(), act.Walk(-3), act.Take(token(" city")))
    timeline = view(branch, ("Timeline",)).pictures["Timeline"]
    assert (timeline.first, timeline.stem, timeline.cursor, len(timeline.surprisals)) == (-3, -2, -1, 3)


def test_the_coin_inside_the_prompt_may_fall_on_its_own_token() -> None:
    toy = toy_model(lambda path: np.where(np.arange(len(NAMES)) == GIVEN[len(path[0].tokens) % 5], 50.0, 0.0))
    state = play(toy, act.Walk(-4), act.Step(), act.Step(), act.Step(), act.Step())
    assert state.trace.cursor == 0 and len(state.trace.nodes) == 1


async def test_a_walk_through_the_prompt_and_back() -> None:
    async with driven(friendly_toy) as run:
        await run.press("space", "left", "left")
        assert "prompt token 5 of 5" in run.screen and "5/4,096" not in run.text(HeaderLine)
        assert "◆" in run.text(Candidates) or "above" in run.text(Candidates) or "others" in run.text(Candidates)
        calls = len(run.toy.calls)
        await run.press("right", "right", "left", "left")
        assert len(run.toy.calls) == calls  # all is stored
        await run.press("backspace")
        assert "prompt token 4 of 5" in run.screen
        await run.press("e")
        assert run.state.trace.here.depth == 1 and "prompt token" not in run.screen


async def test_a_branch_inside_the_prompt_can_be_undone_and_left() -> None:
    async with driven(friendly_toy) as run:
        await run.press("space")
        grown = raw_text(run.state)
        await run.press("left", "left", "left", "slash", *"city", "enter")
        assert "The capital of city" in run.text(TextPane) and "branch at prompt token 4" in run.screen
        await run.press("u")
        assert raw_text(run.state) == grown and "prompt token 4 of 5" in run.screen
        await run.press("ctrl+y")
        assert raw_text(run.state) == "The capital of city"
        run.app.perform_action(act.StartAuto(3))
        await run.settle()
        assert raw_text(run.state).startswith("The capital of city") and len(run.state.trace.text) == 7
