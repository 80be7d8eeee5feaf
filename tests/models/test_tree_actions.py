"""The tree on view: where the highlight goes, and that what is edited there can be taken back."""

import pytest
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.state import Notice, State
from tempviz.models.trace import ROOT
from tempviz.models.tree_actions import highlighted
from toy_states import NAMES, play, ready, settled, text_of, tokens_of

BACK = act.GoTo(ROOT)


def typed(text: str) -> list[Action]:
    """Take these letters one after the other from the prompt."""
    return [BACK, *map(act.Take, tokens_of(text))]


FOREST = ready(*typed("def"), *typed("deg"), *typed("kl"), act.OpenTree())
"""abc, then de (f or g) or kl; the cursor and the highlight are at l."""


def played(*actions: Action, state: State = FOREST) -> State:
    return settled(*play(state, *actions))


def at(state: State) -> str:
    """The highlighted branch, up to and including the selected token."""
    here = highlighted(state)
    ids = here.row.branch.ids[: here.token + 1]
    return "".join(NAMES[state.trace[i].token] if i != ROOT else "." for i in ids)


def rows(state: State) -> list[str]:
    """The branches from top to bottom."""
    branches = [row.branch for row in highlighted(state).rows.rows]
    return ["".join(NAMES[state.trace[i].token] if i != ROOT else "." for i in branch.ids) for branch in branches]


def test_the_tree_opens_at_the_cursor():
    assert rows(FOREST) == [".", "de", "f", "g", "kl"] and at(FOREST) == "kl"
    assert at(played(act.Walk(-1), act.OpenTree())) == "k"
    assert at(played(BACK, act.OpenTree())) == "."


def test_the_highlight_moves_over_branches_and_their_tokens():
    assert at(played(act.TreeMove(-1))) == "g"
    assert at(played(act.TreeMove(-3))) == "de"
    assert at(played(act.TreeMove(-3), act.TreeWalk(-1))) == "d"
    assert at(played(act.TreeMove(-3), act.TreeWalk(-9), act.TreeWalk(1))) == "de"
    assert at(played(act.TreeMove(-99))) == "." and at(played(act.TreeMove(-99), act.TreeMove(99))) == "kl"


def test_the_selected_token_is_where_one_goes():
    state = played(act.TreeMove(-1))
    assert text_of(played(act.GoTo(highlighted(state).node), state=state)) == "abcdeg"


def test_a_hidden_highlight_stands_at_what_hides_it():
    state = played(act.TreeMove(-3), act.Fold(), act.TreeMove(-1), act.TreeSelect(2))
    assert rows(state) == [".", "de", "kl"]
    hidden = highlighted(played(act.TreeSelect(state.trace[2].children[0]), state=state))
    assert hidden.head == 1
    assert rows(played(act.Undo(), state=state)) == rows(FOREST)


def test_a_highlight_whose_branch_is_gone_is_at_the_cursor():
    state = played(act.Walk(-2), act.Take(7), act.OpenTree(), act.Undo())
    assert at(state) == "."


def test_siblings_by_probability():
    state = played(act.SortTree())
    bits = [state.trace[row.branch.head].surprisal_bits for row in highlighted(state).rows.rows]
    two = [bits[1:], rows(state)]
    assert sorted(rows(state)) == sorted(rows(FOREST)) and at(state) == "kl"
    by_name = dict(zip(rows(state), bits, strict=True))
    assert (rows(state).index("de") < rows(state).index("kl")) == (by_name["de"] < by_name["kl"]), two
    assert (rows(state).index("f") < rows(state).index("g")) == (by_name["f"] < by_name["g"])


EDITS: dict[str, list[Action]] = {
    "name": [act.NameBranch(1, "mine")],
    "fold": [act.TreeMove(-3), act.Fold()],
    "delete here": [act.DeleteBranch()],
    "delete elsewhere": [act.TreeMove(-3), act.DeleteBranch()],
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_the_tree_taken_back_and_made_again(name: str):
    edited = played(*EDITS[name])
    assert dict(edited.trace.nodes) != dict(FOREST.trace.nodes)
    undone = played(act.Undo(), state=edited)
    assert (dict(undone.trace.nodes), undone.trace.cursor) == (dict(FOREST.trace.nodes), FOREST.trace.cursor)
    redone = played(act.Redo(), state=undone)
    assert (dict(redone.trace.nodes), redone.trace.cursor) == (dict(edited.trace.nodes), edited.trace.cursor)


def test_what_is_deleted_is_said_and_the_next_branch_highlighted():
    state = played(act.TreeMove(-3), act.DeleteBranch())
    assert rows(state) == [".", "kl"] and at(state) == "kl"
    assert state.notice is not None and state.notice == Notice(
        "Deleted 4 tokens.", hint="[tree_undo] brings them back."
    )


def test_an_auto_run_ends_with_its_branch():
    running, _ = play(FOREST, act.StartAuto(per_second=1))
    assert running.auto is not None
    assert played(act.TreeMove(-9), act.TreeMove(9), act.DeleteBranch(), state=running).auto is None


def test_a_mark_is_taken_away_by_marking_again():
    marked = played(act.MarkBranch())
    assert marked.overview.marked == FOREST.trace.cursor
    assert played(act.MarkBranch(), state=marked).overview.marked is None


def test_a_mark_ends_with_its_token():
    """Its id is another one's next."""
    sorted_ = played(act.SortTree(), act.TreeMove(-9), act.TreeMove(1), act.MarkBranch())
    marked = sorted_.overview.marked
    assert marked is not None and marked > ROOT
    for leave in ([act.Undo()] * 6, [act.SetPrompt("xyz")], [act.SetPrompt("abc")], [act.OpenModel("other.gguf")]):
        after = played(*leave, act.Take(9), state=sorted_)
        assert marked in played(*typed("defghij"), state=after).trace.nodes
        assert after.overview.marked is None and after.overview.by_probability
    assert played(act.DeleteBranch(), act.Undo(), state=sorted_).overview.marked == marked


def test_a_mark_in_the_tree_of_another_prompt_ends_with_that():
    other = played(act.SetPrompt("xyz"), act.Take(3), act.OpenTree(), act.MarkBranch())
    assert other.overview.marked == 1
    assert played(act.Undo(), act.Undo(), state=other).overview.marked is None
