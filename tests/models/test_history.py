"""Undo and redo: an edit taken back and made again is as it was; a run of turns is one edit; walking is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.history import Edited
from tempviz.models.state import State
from tempviz.models.transforms import MinP, TopK
from toy_states import logits_of, play, ready, settled, text_of

UNDO, REDO = act.Undo(), act.Redo()
START = ready(act.Take(3), act.Take(4), act.Walk(-1))  # abcd|e


def played(state: State, *actions: Action) -> State:
    """The state after the actions and all that the engine says to them."""
    return settled(*play(state, *actions))


def seen(state: State) -> tuple:
    """What a person sees of the edits and of the cursor."""
    tree = {node: (n.parent, n.token, n.toss, n.children) for node, n in state.trace.nodes.items()}
    return state.settings, state.prompt, state.chat, text_of(state), tree, state.path, state.key


EDITS = {
    "step": act.Step(),
    "take": act.Take(9),
    "turn": act.TurnTemperature(-5),
    "set": act.SetTemperature(3.0),
    "greedy": act.ToggleGreedy(),
    "toss": act.Toss(),
    "prompt": act.SetPrompt("xyz"),
    "auto": act.StartAuto(count=3),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_taken_back_and_made_again(name: str):
    edited = played(START, EDITS[name])
    assert not Edited.of(edited).same_as(Edited.of(START))
    undone = played(edited, UNDO)
    assert seen(undone) == seen(START)
    assert undone.row is not None and undone.row.ranking.logits.tolist() == logits_of(START.path).tolist()
    redone = played(undone, REDO)
    assert seen(redone) == seen(edited)
    assert redone.row is not None and redone.key == redone.row.key
    assert seen(played(redone, UNDO)) == seen(START)


def test_only_the_latest_edits_keep_what_is_derived_from_their_traces():
    """All of them together would be the square of the text."""
    state = ready()
    for _ in range(30):
        state = played(state, act.Toss())
        assert state.trace.line
    entry, kept = state.history.undo, []
    while entry is not None:
        kept.append("line" in entry.edited.trace.__dict__)
        entry = entry.before
    assert len(kept) == 30 and kept[0] and not any(kept[8:])


def test_settings_that_are_edited_leave_what_is_derived_from_the_trace_in_use():
    line, branches = START.trace.line, START.trace.branches
    state = played(START, *[act.TurnTemperature(1), act.ToggleWatch(3)] * 10)
    assert state.trace.line is line and state.trace.branches is branches


def test_a_setting_taken_back_moves_no_cursor():
    """Not even where one went to another branch meanwhile."""
    forked = played(START, act.Take(9), act.SetTemperature(2.0), act.GoTo(2))
    undone = played(forked, UNDO)
    assert undone.settings.temperature == 1 and text_of(undone) == text_of(forked)
    redone = played(undone, REDO)
    assert redone.settings.temperature == 2 and redone.trace.cursor == 2


def test_there_is_nothing_to_take_back_at_the_start():
    state = played(ready(), UNDO)
    assert seen(state) == seen(ready())
    assert state.notice is not None and state.notice.text == "Nothing to undo."
    state = played(ready(), REDO)
    assert state.notice is not None and state.notice.text == "Nothing to redo."


def test_a_run_of_turns_is_one_edit():
    turned = played(START, *[act.TurnTemperature(5)] * 7, act.SetTemperature(2.0), act.ToggleGreedy())
    undone = played(turned, UNDO)
    assert seen(undone) == seen(START)
    assert seen(played(undone, REDO)) == seen(turned)


def test_an_edit_between_two_turns_makes_them_two():
    state = played(ready(), act.SetTemperature(2.0), act.Toss(), act.SetTemperature(3.0))
    temperatures = [state.settings.temperature]
    for _ in range(3):
        state = played(state, UNDO)
        temperatures.append(state.settings.temperature)
    assert temperatures == [3, 2, 2, 1]


def test_a_turn_after_undo_is_an_edit_of_its_own():
    state = played(ready(), act.SetTemperature(2.0), act.Toss(), UNDO, act.SetTemperature(3.0), UNDO)
    assert state.settings.temperature == 2


def test_turns_of_another_knob_are_another_edit():
    """Nor do the settings of a token belong to the turns before."""
    chain = (TopK(9), MinP(0.1))
    state = played(
        ready(), act.SetSamplers(chain), act.TurnKnob(2), act.TurnKnob(2), act.SelectStage(1), act.TurnKnob(1)
    )
    assert state.settings.samplers == (TopK(13), MinP(0.11))
    assert played(state, UNDO).settings.samplers == (TopK(13), MinP(0.1))
    assert played(state, UNDO, UNDO).settings.samplers == chain
    back = played(ready(), act.Take(3), act.Back(), act.TurnTemperature(5), act.RestoreDrawn())
    assert [played(back, *[UNDO] * n).settings.temperature for n in (0, 1, 2)] == [1, 1.05, 1]


def test_what_a_person_edits_while_auto_runs_is_an_edit_of_its_own():
    forked = ready(act.Take(3), act.Back())
    running, _ = play(forked, act.StartAuto(per_second=1))
    running, _ = play(running, act.AutoTick(running.trace.cursor))
    running, _ = play(running, act.NameBranch(1, "mine"))
    assert running.trace[1].name == "mine" and running.auto is not None
    undone = played(running, UNDO)
    assert undone.trace[1].name == "" and text_of(undone) == text_of(running) != text_of(forked)


def test_an_auto_run_is_one_edit():
    state = played(ready(), act.Take(1), act.StartAuto(count=4))
    assert state.trace.here.depth == 5 and state.auto is None
    assert text_of(played(state, UNDO)) == "abcb"


def test_two_auto_runs_are_two_edits():
    once = played(ready(), act.StartAuto(count=2))
    twice = played(once, act.StartAuto(count=2))
    assert seen(played(twice, UNDO)) == seen(once)


def test_walking_is_no_edit_and_keeps_what_can_be_made_again():
    state = played(START, act.Take(9), UNDO, act.Walk(-1), act.Walk(1))
    assert text_of(played(state, REDO)) == text_of(played(START, act.Take(9)))


def test_entering_a_child_that_is_there_is_no_edit():
    assert played(START, act.Take(4)).history is START.history


def test_a_new_edit_ends_what_could_be_made_again():
    state = played(START, act.Take(9), UNDO, act.Take(8), REDO)
    assert state.notice is not None and state.notice.text == "Nothing to redo."
    assert text_of(state) == "abcdi"


def test_a_prompt_taken_back_brings_its_tree():
    state = played(START, act.SetPrompt("xyz"), act.Take(1), UNDO, UNDO)
    assert seen(state) == seen(START)


def test_undo_ends_auto():
    state, _ = play(START, act.Take(9), act.StartAuto(per_second=1))
    assert state.auto is not None
    assert played(state, UNDO).auto is None


def test_nothing_of_another_model_can_be_taken_back():
    state = played(START, act.SetTemperature(2.0), act.OpenModel("other.gguf"), UNDO)
    assert text_of(state) == "abc" and state.settings.temperature == 2
    assert state.notice is not None and state.notice.text == "Nothing to undo."


def test_the_selected_stage_is_one_of_the_chain_that_comes_back():
    """The one preset has more stages than the other."""
    state = played(START, act.NextPreset(), act.NextPreset(), UNDO, act.SelectStage(99))
    for way in (REDO, UNDO, UNDO, REDO):
        state = played(state, way)
        stages = state.settings.samplers
        assert state.stage < len(stages) or (not stages and state.stage == 0)
        played(state, act.TurnKnob(1), act.MoveStage(1), act.ToggleStage())


def test_the_same_model_started_again_keeps_the_history():
    state = played(START, act.EngineDied("It died."), UNDO)
    assert text_of(state) == "abcd"


edits = st.lists(
    st.one_of(
        st.sampled_from([act.Step(), act.Toss(), act.ToggleGreedy(), act.Walk(-1), act.Walk(1), act.Back()]),
        st.integers(0, 25).map(act.Take),
        st.integers(-20, 20).map(act.TurnTemperature),
        st.sampled_from(["ab", "cde"]).map(act.SetPrompt),
        st.integers(1, 3).map(lambda count: act.StartAuto(count=count)),
    ),
    max_size=15,
)


@settings(deadline=None, max_examples=60)
@given(edits)
def test_everything_taken_back_and_everything_made_again(edits: list[Action]):
    end = state = played(START, *edits)
    n = 0
    while state.history.undo is not None and state.history.undo is not START.history.undo:
        state, n = played(state, UNDO), n + 1
    assert state.trace.given == START.trace.given and Edited.of(state).same_as(Edited.of(START))
    for _ in range(n):
        state = played(state, REDO)
    assert state.history.redo is None
    assert seen(state) == seen(end)
