"""What undo and redo say they did."""

import pytest
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.state import State
from tempviz.models.transforms import MinP, TopK
from tempviz.models.update import update
from toy_states import play, ready, settled

START = ready(act.Take(3), act.Take(4), act.Walk(-1))  # abcd|e
CHAINED = ready(act.SetSamplers((TopK(9), MinP(0.1))))
TREE = ready(act.Take(3), act.Take(4), act.Walk(-1), act.Take(5), act.OpenTree())  # abcde, abcdf|
NAMED = ready(act.Take(3), act.NameBranch(1, "mine"))


def said(state: State, *actions: Action) -> str:
    """The notice after the actions."""
    notice = settled(*play(state, *actions)).notice
    return notice.text if notice else ""


EDITS: dict[str, tuple[State, list[Action], str, str]] = {
    "a token": (START, [act.Take(9)], "1 token added", "1 token added"),
    "an auto run": (START, [act.StartAuto(count=3)], "3 tokens added", "3 tokens added"),
    "a branch": (TREE, [act.DeleteBranch()], "1 token deleted", "1 token deleted"),
    "a name": (START, [act.NameBranch(1, "mine")], "the name “mine”", "the name “mine”"),
    "a name taken away": (NAMED, [act.NameBranch(1, "")], "the name “mine”", "the name “mine”"),
    "a fold": (TREE, [act.TreeMove(-9), act.Fold()], "a fold in the tree", "a fold in the tree"),
    "a toss": (START, [act.Toss()], "a toss of the coin", "a toss of the coin"),
    "a prompt": (START, [act.SetPrompt("xyz")], "the prompt", "the prompt"),
    "the same prompt": (START, [act.SetPrompt("abc")], "the prompt", "the prompt"),
    "chat": (START, [act.SetPrompt("abc", True)], "the prompt", "the prompt"),
    "watches": (START, [act.ToggleWatch(3)], "the watches", "the watches"),
    "T": (START, [act.TurnTemperature(5)] * 4, "T 1.20 → 1.00", "T 1.00 → 1.20"),
    "T and back": (START, [act.TurnTemperature(5), act.TurnTemperature(-5)], *["a turn there and back"] * 2),
    "a chain": (START, [act.NextPreset()], "the samplers", "the samplers"),
    "a stage moved": (CHAINED, [act.MoveStage(1)], "the samplers", "the samplers"),
    "a knob": (CHAINED, [act.TurnKnob(2)], "top-k 11 → 9", "top-k 9 → 11"),
    "a stage switched off": (CHAINED, [act.ToggleStage()], "top-k 0 → 9", "top-k 9 → 0"),
    "settings": (
        ready(act.Take(3), act.Back(), act.SetTemperature(2), act.NextPreset()), [act.RestoreDrawn()],
        "the samplers, T 1.00 → 2.00", "the samplers, T 2.00 → 1.00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_what_was_taken_back_and_made_again_is_said(name: str):
    start, edit, undone, redone = EDITS[name]
    assert said(start, *edit, act.Undo()) == f"Undone: {undone}."
    assert said(start, *edit, act.Undo(), act.Redo()) == f"Redone: {redone}."


def test_that_the_engine_died_is_not_talked_over():
    dead, _ = update(settled(*play(START, act.Take(9))), act.EngineDied("It died."))
    undone, _ = update(dead, act.Undo())
    assert undone.notice is dead.notice is not None and undone.trace.next_id == START.trace.next_id
