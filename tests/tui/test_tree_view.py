"""The tree as data and as rows: figures against a computation by hand, exact widths, hostile text, long branches."""

import math
import unicodedata
from dataclasses import replace

import pytest
from tempviz.models import actions as act
from tempviz.models.softmax import softmax
from tempviz.models.state import State
from tempviz.models.trace import ROOT, Drawn
from tempviz.tui.display import cell_len
from tempviz.tui.renderables.formats import natural_log
from tempviz.tui.renderables.tree import marks_said, text_cells, tree_lines
from tempviz.tui.tree_view import tree_view

from .driving import HOSTILE, Driven, driven, play, token, toy_model, uneven

GO = act.GoTo(ROOT)
TAKEN = [act.Take(token(name)) for name in ("a", "b", " Paris", "c")]
FORKED = play(toy_model(), *TAKEN, act.GoTo(2), act.Take(token(" the")), act.Take(token("d")), act.OpenTree())


def lines(state: State, width: int = 80, height: int = 20, first: int = 0) -> list[str]:
    """The rows of the tree as text."""
    view = tree_view(state, first, height, text_cells(width))
    return ["".join(text for text, _ in row) for row in tree_lines(view, width)]


def test_a_branch_says_what_its_tokens_cost():
    view = tree_view(FORKED, 0, 20, 40)
    assert len(view.lines) == 4
    tokens = [token(name) for name in ("a", "b", " Paris", "c")]
    given, logprobs = FORKED.trace.given, []
    for i, each in enumerate(tokens):
        path = FORKED.trace.path([ROOT, 1, 2, 3][i])
        assert path[0].tokens == given
        logprobs.append(math.log(softmax(uneven(path), 1.0)[each]))
    run, branch = view.lines[1], view.lines[2]
    assert run.tokens == "2" and run.logprob == natural_log(sum(logprobs[:2]))
    assert run.prob == f"{100 * math.exp(logprobs[0]):.2f} %"
    assert branch.tokens == "2" and branch.logprob == natural_log(sum(logprobs[2:]))
    assert branch.surprisal == f"{-sum(logprobs[2:]) / math.log(2) / 2:.2f}"
    assert branch.prob == f"{100 * math.exp(logprobs[2]):.2f} %"
    assert [line.on_view for line in view.lines] == [True, True, False, True]
    assert [line.here for line in view.lines] == [False, False, False, True]
    assert [line.highlighted for line in view.lines] == [False, False, False, True]
    assert view.lines[0].text[0][0].startswith("The") and view.lines[0].prob == ""


def test_what_was_drawn_and_what_was_taken_look_different():
    state = play(toy_model(), GO, act.Step(), state=FORKED)
    view = tree_view(state, 0, 20, 40)
    assert {line.origin for line in view.lines} == {"", "hand", "coin"}


def test_headings_and_marks_say_what_is_of_the_first_token_and_what_of_all():
    heading, _, row, *_ = lines(FORKED, 74)
    ends = [heading.index(name) + len(name) for name in ("first p", "tokens", "joint ln p", "bits/token")]
    assert ends[-1] == 74 and all(row[end - 1].strip() and (end == 74 or row[end] == " ") for end in ends)
    assert marks_said(74) == "▌ cursor  ◆ on view  ▪ marked  first token: ● by the coin  ✎ by hand"
    assert marks_said(54) == "▌ cursor  ◆ on view  ▪ marked"


@pytest.mark.parametrize("width", [54, 60, 74, 196])
def test_every_row_fills_its_width(width: int):
    state = play(toy_model(), *map(act.Take, map(token, HOSTILE)), GO, *TAKEN[:3], state=FORKED)
    state = play(
        toy_model(), act.NameBranch(1, "[red]\x1b[2J\u202ename"), act.OpenTree(), act.MarkBranch(), state=state
    )
    for line in lines(state, width):
        assert cell_len(line) == width
        assert all(unicodedata.category(char)[0] != "C" for char in line)


def deep(n: int) -> State:
    """A text of n tokens with a branch at every tenth."""
    state = FORKED
    trace, node = state.trace, state.trace.cursor
    for i in range(n):
        trace = trace.grow(node, token(" the") if i % 3 else token("a"), Drawn(1.0, 0.5), 1.0, 1.0)
        if i % 10 == 5:
            trace = trace.grow(node, token("b"), Drawn(1.0, None), 2.0, 1.0, enters=False)
        node = trace.next_id - 1 if i % 10 != 5 else trace.next_id - 2
    return play(toy_model(), act.OpenTree(), state=replace(state, trace=trace.go(node)))


def test_far_down_the_guides_leave_room_for_the_text():
    state = deep(300)
    shown = lines(state, 60, 200)
    assert all(cell_len(line) == 60 for line in shown)
    assert any("⋯" in line and "the" in line for line in shown)


def test_the_selected_token_of_a_long_branch_is_in_sight():
    trace = FORKED.trace
    node = trace.cursor
    for _ in range(500):
        trace = trace.grow(node, token(" filler7"), Drawn(1.0, 0.5), 1.0, 1.0)
        node = trace.next_id - 1
    trace = trace.grow(node, token(" Paris"), Drawn(1.0, 0.5), 1.0, 1.0)
    state = play(toy_model(), act.OpenTree(), state=replace(FORKED, trace=trace.go(node + 1)))
    (line,) = [each for each in lines(state) if each.startswith("▸")]
    assert "␣the … " in line and line.index("Paris") < text_cells(80)
    (first,) = [each for each in lines(play(toy_model(), act.TreeWalk(-999), state=state)) if each.startswith("▸")]
    assert "filler7" in first and "Paris" not in first


@pytest.mark.parametrize(
    ("x", "said"), [(0.0, "0"), (-0.001, ">−0.01"), (-0.5, "−0.50"), (-1234.6, "−1,235"), (-math.inf, "−∞")]
)
def test_logarithms_of_probabilities(x: float, said: str):
    assert natural_log(x) == said


async def test_the_mouse_highlights_and_goes():
    from tempviz.tui.widgets.tree import TreeRows

    async def pressed(run: Driven, y: int) -> None:
        await run.click(TreeRows, 10, y)

    async with driven() as run:
        await run.press("down", "enter", "left", "enter", "t")
        await run.mouse(TreeRows, 10, 3, "64M")
        assert run.state.overview.head == ROOT
        await pressed(run, 2)
        assert run.state.overview.head == 1
        await pressed(run, 2)
        await run.until(lambda: run.state.trace.cursor == 1)
        assert len(run.app.screen_stack) == 1


async def test_a_long_tree_scrolls():
    async with driven(size=(80, 16)) as run:
        for _ in range(14):
            await run.press("down", "enter", "left", "down", "down", "enter")
        await run.press("t")
        assert "▸" in run.screen and "The capital" not in run.screen
        await run.press("home")
        assert "The capital" in run.screen
