"""`update` as a table: for every action, in the states that matter, the fields that change and the effects."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from immutables import Map
from tempviz.models import actions as act
from tempviz.models.actions import Action, Effect
from tempviz.models.breakpoints import Breakpoints
from tempviz.models.engine import path_of
from tempviz.models.state import Auto, Notice, Overview, State, Work
from tempviz.models.transforms import TopK
from tempviz.models.update import update
from tempviz.models.watches import Followed
from toy_states import EOG, N_CTX, changes, logits_of, ready, settled, tokens_of, toy_info, unanswered

OPENING = State(model="toy.gguf", asked_prompt=("abc", False), starts=1, window=5)
READING, _ = update(OPENING, act.ModelLoaded(toy_info()))  # the prompt is being tokenized
THINKING, _ = update(READING, act.PromptTokenized("abc", False, tokens_of("abc")))  # its row is being evaluated
READY = ready()
WALKED = ready(act.Take(3), act.Take(4), act.Walk(-1))  # abcd|e
INSIDE = ready(act.Walk(-2))  # a|bc
STEPPED, _ = update(READY, act.Step())  # the row after a step is being evaluated
DEAD = replace(READY, phase="dead", phase_text="It died.", deaths=2)
FAILED = replace(OPENING, phase="failed", phase_text="No such file.")
BAD, _ = update(THINKING, act.EvaluationFailed(THINKING.key, "It is NaN.", bad=True))
NO_PROMPT, _ = update(READING, act.PromptFailed("abc", False, "No token."))
COMPARED = ready(act.Compare((1.0, 2.0), 3))
AUTO = replace(STEPPED, auto=Auto(STEPPED.trace.cursor, STEPPED.path, STEPPED.key))
CHAINED = replace(ready(act.NextPreset()), notice=None)  # llama.cpp's
CUT = replace(CHAINED, cut_hidden=True, settings=replace(CHAINED.settings, samplers=(TopK(3),)), stage=0)
FORKED = ready(act.Take(3), act.Take(4), act.Walk(-1), act.Take(5), act.OpenTree())  # abcde, abcdf|
WATCHED = replace(ready(act.ToggleWatch(3)), notice=None)
LOOKING = ready(act.ToggleLookahead())
COMPARING, _ = update(READY, act.Compare((0.5, 1.0), 3))

CURSOR = {"trace", "path", "key", "row", "work"}
"""What changes when the cursor comes to another node."""
NO_EFFECT: list[type] = []

RESTARTING = replace(STEPPED, phase="restarting", work=None, deaths=1)
TABLE: list[tuple[str, State, Action, set[str], list[type]]] = [
    # taking tokens
    ("step", READY, act.Step(), {*CURSOR, "history"}, [act.Evaluate]),
    ("step into the child that is there", replace(WALKED, settings=replace(WALKED.settings, seed=1)), act.Step(),
     {*CURSOR, "history"}, [act.Evaluate]),
    ("step without a row waits for it", STEPPED, act.Step(), {"wants_step"}, NO_EFFECT),
    ("one step waits, no more", replace(STEPPED, wants_step=True), act.Step(), set(), NO_EFFECT),
    ("step while the model loads", OPENING, act.Step(), {"notice"}, NO_EFFECT),
    ("step without a model", FAILED, act.Step(), {"notice"}, NO_EFFECT),
    ("step while the prompt is read", READING, act.Step(), {"notice"}, NO_EFFECT),
    ("step without a prompt", NO_PROMPT, act.Step(), {"notice"}, NO_EFFECT),
    ("step on a bad row", BAD, act.Step(), {"notice", "bad_row", "wants_step", "work"}, [act.Evaluate]),
    ("step starts a dead engine", DEAD, act.Step(), {"phase", "starts", "deaths"}, [act.StartEngine]),
    ("take the highlighted", replace(READY, highlight=3), act.TakeHighlighted(), {*CURSOR, "history", "highlight"},
     [act.Evaluate]),
    ("take what the chain cuts", replace(CUT, trace=READY.trace), act.Take(EOG), {*CURSOR, "history", "notice"},
     [act.Evaluate]),
    ("take what is there already", WALKED, act.Take(4), CURSOR, [act.Evaluate]),
    ("take another one", WALKED, act.Take(5), {*CURSOR, "history"}, [act.Evaluate]),
    ("nothing can be taken before its row is there", STEPPED, act.Take(4), set(), NO_EFFECT),
    ("nor by the highlight", STEPPED, act.TakeHighlighted(), set(), NO_EFFECT),
    # the highlight
    ("down", READY, act.MoveHighlight(1), {"highlight"}, NO_EFFECT),
    ("up at the top", READY, act.MoveHighlight(-1), set(), NO_EFFECT),
    ("page down", READY, act.PageHighlight(1), {"highlight"}, NO_EFFECT),
    ("two pages down", READY, act.PageHighlight(2), {"highlight", "top"}, NO_EFFECT),
    ("to a rank", READY, act.Highlight(2), {"highlight"}, NO_EFFECT),
    ("to the last rank", READY, act.Highlight(-1), {"highlight", "top"}, NO_EFFECT),
    ("to the coin's", READY, act.HighlightCoin(), set(), NO_EFFECT),
    ("to the coin's, at a high temperature", replace(READY, settings=replace(READY.settings, temperature=5, seed=3)),
     act.HighlightCoin(), {"highlight", "top"}, NO_EFFECT),
    ("no row, no highlight", STEPPED, act.MoveHighlight(1), set(), NO_EFFECT),
    ("no row, no coin's token", STEPPED, act.HighlightCoin(), set(), NO_EFFECT),
    ("a larger window", READY, act.Resized(9), {"window"}, NO_EFFECT),
    # the cursor
    ("walk left", WALKED, act.Walk(-1), CURSOR, [act.Evaluate]),
    ("walk right", WALKED, act.Walk(1), CURSOR, [act.Evaluate]),
    ("walk far", WALKED, act.Walk(99), CURSOR, [act.Evaluate]),
    ("walk left into the prompt", READY, act.Walk(-1), CURSOR, [act.Evaluate]),
    ("walk left at its first token", INSIDE, act.Walk(-1), set(), NO_EFFECT),
    ("walk right inside the prompt", INSIDE, act.Walk(1), CURSOR, [act.Evaluate]),
    ("enter the prompt's own token", INSIDE, act.Take(1), CURSOR, [act.Evaluate]),
    ("take another one inside the prompt", INSIDE, act.Take(9), {*CURSOR, "history"}, [act.Evaluate]),
    ("toss inside the prompt", INSIDE, act.Toss(), {"trace", "history"}, NO_EFFECT),
    ("no settings in the prompt", INSIDE, act.RestoreDrawn(), {"notice"}, NO_EFFECT),
    ("walk away from a prompt that is read", THINKING, act.Walk(-1), {"trace", "path", "key", "work"},
     [act.CancelWork]),
    ("a prompt that was not read yet", replace(INSIDE, row=None, readings=Map(), work=Work(INSIDE.key)),
     act.RowReady(INSIDE.key, logits_of(INSIDE.path)), {"row", "work"}, [act.Evaluate]),
    ("its reading", replace(INSIDE, readings=Map(), work=Work(READY.key)),
     act.RowReady(READY.key, logits_of(READY.path), reading=READY.readings[READY.trace.given]),
     {"readings", "work"}, NO_EFFECT),
    ("its reading fails", replace(INSIDE, readings=Map(), work=Work(READY.key)),
     act.EvaluationFailed(READY.key, "It is NaN.", bad=True), {"readings", "work"}, NO_EFFECT),
    ("walk away from what is evaluated", STEPPED, act.Walk(-1), {"trace", "path", "key", "work"}, [act.CancelWork]),
    ("back", WALKED, act.Back(), CURSOR, [act.Evaluate]),
    ("back into the prompt", READY, act.Back(), CURSOR, [act.Evaluate]),
    ("back at its first token", INSIDE, act.Back(), set(), NO_EFFECT),
    ("go to a node", WALKED, act.GoTo(2), CURSOR, [act.Evaluate]),
    ("go to where one is", WALKED, act.GoTo(1), set(), NO_EFFECT),
    ("go to no node", WALKED, act.GoTo(77), set(), NO_EFFECT),
    ("go to where a node was taken", WALKED, act.GoToBefore(1), CURSOR, [act.Evaluate]),
    ("go to where no node was taken", WALKED, act.GoToBefore(77), set(), NO_EFFECT),
    ("go to the end", WALKED, act.GoToEnd(), CURSOR, [act.Evaluate]),
    ("go to the end from the end", READY, act.GoToEnd(), set(), NO_EFFECT),
    # the settings
    ("turn T", READY, act.TurnTemperature(5), {"settings", "history"}, NO_EFFECT),
    ("turn T beyond its end", replace(READY, settings=replace(READY.settings, temperature=5)),
     act.TurnTemperature(5), set(), NO_EFFECT),
    ("set T", READY, act.SetTemperature(2.0), {"settings", "history"}, NO_EFFECT),
    ("set T to what it is", READY, act.SetTemperature(1.0), set(), NO_EFFECT),
    ("greedy", READY, act.ToggleGreedy(), {"settings", "history"}, NO_EFFECT),
    ("settings of a token", replace(WALKED, settings=replace(WALKED.settings, temperature=3.0)),
     act.RestoreDrawn(), {"settings", "history", "other_temperature"}, NO_EFFECT),
    ("settings of no token", READY, act.RestoreDrawn(), {"notice"}, NO_EFFECT),
    ("toss", READY, act.Toss(), {"trace", "history"}, NO_EFFECT),
    ("toss without a row", STEPPED, act.Toss(), {"trace", "history"}, NO_EFFECT),
    ("scale", READY, act.ToggleScale(), {"scale"}, NO_EFFECT),
    ("hide cut tokens", CHAINED, act.ToggleCut(), {"cut_hidden"}, NO_EFFECT),
    ("hide the cut token that is highlighted", replace(CUT, cut_hidden=False, highlight=9, top=6), act.ToggleCut(),
     {"cut_hidden", "highlight", "top"}, NO_EFFECT),
    ("cut the highlighted token while such are hidden", replace(CUT, highlight=3), act.TurnKnob(-2),
     {"settings", "history", "highlight"}, NO_EFFECT),
    ("hide cut tokens without a chain", READY, act.ToggleCut(), {"cut_hidden", "notice"}, NO_EFFECT),
    ("ghost", CHAINED, act.ToggleGhost(), {"ghost"}, NO_EFFECT),
    ("the ghost without a chain", READY, act.ToggleGhost(), {"notice"}, NO_EFFECT),
    ("borders", READY, act.ToggleBorders(), {"borders"}, NO_EFFECT),
    # prompt, model, engine
    ("a prompt", READY, act.SetPrompt("xy"), {"asked_prompt", "tokenizing"}, [act.TokenizePrompt]),
    ("a prompt while a row is evaluated", STEPPED, act.SetPrompt("xy"), {"asked_prompt", "tokenizing"},
     [act.CancelWork, act.TokenizePrompt]),
    ("a prompt while the model loads", OPENING, act.SetPrompt("xy", chat=True), {"asked_prompt"}, NO_EFFECT),
    ("another model", READY, act.OpenModel("other.gguf"), {"model", "starts", "phase"}, [act.StartEngine]),
    ("another model while a row is evaluated", STEPPED, act.OpenModel("other.gguf"),
     {"model", "starts", "phase", "work"}, [act.StartEngine]),
    ("another model after a failure", FAILED, act.OpenModel("other.gguf"), {"model", "starts", "phase"},
     [act.StartEngine]),
    ("stop an evaluation", STEPPED, act.Cancel(), {"stopped", "work"}, [act.CancelWork]),
    ("stop again", replace(STEPPED, stopped=True, work=Work(STEPPED.key, cancelled=True)), act.Cancel(), set(),
     NO_EFFECT),
    ("stop nothing", READY, act.Cancel(), set(), NO_EFFECT),
    ("stop a waiting step", replace(STEPPED, wants_step=True), act.Cancel(), {"wants_step", "stopped", "work"},
     [act.CancelWork]),
    ("stop auto", AUTO, act.Cancel(), {"auto"}, NO_EFFECT),
    ("say", READY, act.Say("Copied."), {"notice"}, NO_EFFECT),
    ("auto", READY, act.StartAuto(), {*CURSOR, "auto", "history"}, [act.Evaluate]),
    ("auto, a token a second", READY, act.StartAuto(per_second=1), {*CURSOR, "auto", "history"},
     [act.TickAfter, act.Evaluate]),
    *(("no auto", state, action, {"notice"}, NO_EFFECT) for state in (OPENING, FAILED, READING, NO_PROMPT)
      for action in (act.StartAuto(), act.ToggleAuto())),
    ("auto starts a dead engine", replace(DEAD, row=None), act.ToggleAuto(), {"phase", "starts", "deaths", "auto"},
     [act.StartEngine]),
    ("auto on and off", AUTO, act.ToggleAuto(), {"auto"}, NO_EFFECT),
    ("a tick of the clock", replace(AUTO, auto=replace(AUTO.auto, due=False)), act.AutoTick(AUTO.trace.cursor),
     {"auto"}, NO_EFFECT),
    ("a tick for nobody", READY, act.AutoTick(0), set(), NO_EFFECT),
    ("compare", READY, act.Compare((1.0, 2.0), 3), {"comparison", "work"}, [act.Evaluate]),
    ("compare too few", READY, act.Compare((1.0,), 3), {"notice"}, NO_EFFECT),
    ("compare before there is a prompt", READING, act.Compare((1.0, 2.0), 3), {"notice"}, NO_EFFECT),
    ("stop a comparison", COMPARED, act.Cancel(), {"comparison"}, NO_EFFECT),
    ("go on with a comparison", COMPARED, act.Step(), {"comparison"}, NO_EFFECT),
    ("continue a column", COMPARED, act.Adopt(1), {*CURSOR, "comparison", "settings", "history"}, [act.Evaluate]),
    ("continue no column", READY, act.Adopt(1), set(), NO_EFFECT),
    ("leave a comparison", COMPARED, act.LeaveComparison(), {"comparison"}, NO_EFFECT),
    ("undo nothing", READY, act.Undo(), {"notice"}, NO_EFFECT),
    ("undo", STEPPED, act.Undo(), {"trace", "path", "key", "work", "history", "notice"}, [act.CancelWork]),
    ("redo nothing", READY, act.Redo(), {"notice"}, NO_EFFECT),
    ("breakpoints", READY, act.SetBreakpoints(Breakpoints(entropy_above=5.0)), {"breakpoints"}, NO_EFFECT),
    # the tree
    ("look ahead", READY, act.ToggleLookahead(), {"looks_ahead", "lookahead", "work"}, [act.Evaluate]),
    ("look ahead before the row is there", STEPPED, act.ToggleLookahead(), {"looks_ahead"}, NO_EFFECT),
    ("look ahead no more", LOOKING, act.ToggleLookahead(), {"looks_ahead", "lookahead"}, NO_EFFECT),
    ("add what was seen ahead", LOOKING, act.BranchLookahead(), {"trace", "history", "notice"}, NO_EFFECT),
    ("add what nobody saw", READY, act.BranchLookahead(), {"notice"}, NO_EFFECT),
    ("look at the tree", replace(FORKED, overview=Overview()), act.OpenTree(), {"overview"}, NO_EFFECT),
    ("the next branch", FORKED, act.TreeMove(-1), {"overview"}, NO_EFFECT),
    ("beyond the last branch", FORKED, act.TreeMove(9), set(), NO_EFFECT),
    ("beyond the branch's last token", FORKED, act.TreeWalk(1), set(), NO_EFFECT),
    ("a branch", FORKED, act.TreeSelect(1), {"overview"}, NO_EFFECT),
    ("no branch", FORKED, act.TreeSelect(77), set(), NO_EFFECT),
    ("sort the tree", FORKED, act.SortTree(), {"overview"}, NO_EFFECT),
    ("fold", replace(FORKED, overview=Overview(1)), act.Fold(), {"trace", "history"}, NO_EFFECT),
    ("fold what nothing follows", FORKED, act.Fold(), {"notice"}, NO_EFFECT),
    ("name a branch", FORKED, act.NameBranch(3, "mine"), {"trace", "history"}, NO_EFFECT),
    ("name it as it is named", FORKED, act.NameBranch(3, ""), set(), NO_EFFECT),
    ("name no branch", FORKED, act.NameBranch(77, "mine"), set(), NO_EFFECT),
    ("delete a branch with the cursor in it", FORKED, act.DeleteBranch(),
     {*CURSOR, "overview", "history", "notice"}, [act.Evaluate]),
    ("delete a branch elsewhere", replace(FORKED, overview=Overview(2)), act.DeleteBranch(),
     {"trace", "overview", "history", "notice"}, NO_EFFECT),
    ("delete the prompt", replace(FORKED, overview=Overview()), act.DeleteBranch(), {"notice"}, NO_EFFECT),
    ("mark a branch", FORKED, act.MarkBranch(), {"overview"}, NO_EFFECT),
    # watches
    ("watch the highlighted token", READY, act.ToggleWatch(), {"watches", "history", "notice"}, [act.ReadStored]),
    ("watch a token", STEPPED, act.ToggleWatch(7), {"watches", "history", "notice"}, [act.ReadStored]),
    ("watch nothing", STEPPED, act.ToggleWatch(), set(), NO_EFFECT),
    ("watch it no more", WATCHED, act.ToggleWatch(3), {"watches", "history", "notice"}, NO_EFFECT),
    ("too many watches", replace(WATCHED, watches=tuple((i,) for i in range(5))), act.ToggleWatch(9), {"notice"},
     NO_EFFECT),
    ("watches, an empty one among them", READY, act.SetWatches(((1, 2), (), (3,))), {"watches", "history"},
     [act.ReadStored]),
    ("the watches that are there", WATCHED, act.SetWatches(WATCHED.watches), set(), NO_EFFECT),
    ("too many watches at once", READY, act.SetWatches(tuple((i,) for i in range(6))), {"notice"}, NO_EFFECT),
    ("rows of before, for a watch", replace(WATCHED, followed=Followed()),
     act.StoredRows(((READY.key, logits_of(READY.path)),)), {"followed"}, NO_EFFECT),
    ("no rows of before", replace(WATCHED, followed=Followed(), row=None), act.StoredRows(()), {"work"},
     [act.Evaluate]),
    ("a row while something is watched", replace(THINKING, watches=((3,),)),
     act.RowReady(THINKING.key, logits_of(THINKING.path)), {"row", "work", "followed", "readings"}, NO_EFFECT),
    # the chain
    ("preset", READY, act.NextPreset(), {"settings", "history", "notice"}, NO_EFFECT),
    ("own presets", READY, act.KnowPresets({"mine": CHAINED.settings.samplers}), {"own_presets"}, NO_EFFECT),
    ("a chain", READY, act.SetSamplers(CHAINED.settings.samplers), {"settings", "history"}, NO_EFFECT),
    ("select a stage", CHAINED, act.SelectStage(1), {"stage"}, NO_EFFECT),
    ("select beyond the last stage", CHAINED, act.SelectStage(99), {"stage"}, NO_EFFECT),
    ("select before the first stage", CHAINED, act.SelectStage(-1), set(), NO_EFFECT),
    ("select a knob", replace(CHAINED, stage=1), act.SelectKnob(1), {"knob"}, NO_EFFECT),
    ("turn a knob", replace(CHAINED, stage=3), act.TurnKnob(1), {"settings", "history"}, NO_EFFECT),
    ("switch a stage", replace(CHAINED, stage=3), act.ToggleStage(), {"settings", "history"}, NO_EFFECT),
    ("move a stage", CHAINED, act.MoveStage(1), {"settings", "history", "stage"}, NO_EFFECT),
    ("move the first stage up", CHAINED, act.MoveStage(-1), set(), NO_EFFECT),
    *(("no chain to change", READY, action, set(), NO_EFFECT) for action in
      (act.SelectStage(1), act.SelectKnob(1), act.TurnKnob(1), act.ToggleStage(), act.MoveStage(1))),
    # the comparison
    ("compare", READY, act.Compare((0.5, 1.0), 3), {"comparison", "work"}, [act.Evaluate]),
    ("compare before there is a prompt", READING, act.Compare((0.5, 1.0), 3), {"notice"}, NO_EFFECT),
    ("adopt a column of no comparison", READY, act.Adopt(0), set(), NO_EFFECT),
    ("leave the comparison", COMPARING, act.LeaveComparison(), {"comparison", "work"}, [act.CancelWork]),
    ("leave no comparison", READY, act.LeaveComparison(), set(), NO_EFFECT),
    # the engine
    ("loading", OPENING, act.ModelLoading(0.5), {"loaded"}, NO_EFFECT),
    ("reading the file", OPENING, act.ModelLoading(0.5, True), {"loaded", "reading"}, NO_EFFECT),
    ("stop the load", OPENING, act.Cancel(), {"stops_load"}, [act.CancelWork]),
    ("stop it twice", replace(OPENING, stops_load=True), act.Cancel(), set(), NO_EFFECT),
    ("stop a start after a death", RESTARTING, act.Cancel(), {"stops_load"}, [act.CancelWork]),
    ("walk while it is started again", RESTARTING, act.Walk(-1), {"trace", "path", "key"}, [act.Recall]),
    ("say that it died until it is back", replace(RESTARTING, notice=Notice("It died.", True)), act.Walk(-1),
     {"trace", "path", "key"}, [act.Recall]),
    ("died while it loaded", OPENING, act.EngineDied("It died."), {"phase", "phase_text"}, NO_EFFECT),
    ("died while it was started again", RESTARTING, act.EngineDied("It died."),
     {"phase", "phase_text", "deaths", "notice"}, NO_EFFECT),
    ("loaded", OPENING, act.ModelLoaded(toy_info()), {"phase", "info", "tokenizing", "trace", "history"},
     [act.TokenizePrompt]),
    ("loaded again", replace(STEPPED, phase="restarting", work=None), act.ModelLoaded(toy_info()),
     {"phase", "info", "work"}, [act.Evaluate]),
    ("a model that was replaced", replace(OPENING, starts=2), act.ModelLoaded(toy_info(), 1), set(), NO_EFFECT),
    ("not loaded", OPENING, act.ModelFailed("No such file."), {"phase", "phase_text"}, NO_EFFECT),
    ("tokens of the prompt", READING, act.PromptTokenized("abc", False, (0, 1, 2)),
     {*CURSOR, "prompt", "asked_prompt", "tokenizing"} - {"row"}, [act.Evaluate]),
    ("a prompt too long", READING, act.PromptTokenized("abc", False, (0,) * (N_CTX + 1)),
     {"asked_prompt", "tokenizing", "rejected_prompt", "rejection", "notice"}, NO_EFFECT),
    ("a prompt of no tokens", READING, act.PromptFailed("abc", False, "No token."),
     {"asked_prompt", "tokenizing", "rejected_prompt", "rejection", "notice"}, NO_EFFECT),
    ("progress", THINKING, act.Evaluating(THINKING.key, 1, 3), {"work"}, NO_EFFECT),
    ("progress of something else", THINKING, act.Evaluating(b"other", 1, 3), set(), NO_EFFECT),
    ("a row", THINKING, act.RowReady(THINKING.key, logits_of(THINKING.path)), {"row", "work", "readings"}, NO_EFFECT),
    ("a row, and its speed", THINKING, act.RowReady(THINKING.key, logits_of(THINKING.path), 0.1, 1),
     {"row", "work", "tokens_per_second", "readings"}, NO_EFFECT),
    ("a row that nobody waits for", READY, act.RowReady(b"other", logits_of(path_of((9,)))), set(), NO_EFFECT),
    ("a row after which a step waited", replace(THINKING, wants_step=True),
     act.RowReady(THINKING.key, logits_of(THINKING.path)), {*CURSOR, "wants_step", "history", "readings"} - {"row"},
     [act.Evaluate]),
    ("a bad row", THINKING, act.EvaluationFailed(THINKING.key, "It is NaN.", bad=True),
     {"bad_row", "bad_logits", "notice", "work", "readings"}, NO_EFFECT),
    ("no row", THINKING, act.EvaluationFailed(THINKING.key, "No room."),
     {"bad_row", "notice", "work", "readings"}, NO_EFFECT),
    ("a bad row that the engine let through", THINKING, act.RowReady(THINKING.key, np.full(26, np.nan, np.float32)),
     {"bad_row", "bad_logits", "notice", "work", "readings"}, NO_EFFECT),
    ("a stored row while another is evaluated", replace(THINKING, work=Work(b"other", cancelled=True)),
     act.RowReady(THINKING.key, logits_of(THINKING.path), stored=True), {"row", "readings"}, [act.CancelWork]),
    ("cancelled", replace(THINKING, stopped=True, work=Work(THINKING.key, cancelled=True)),
     act.EvaluationFailed(THINKING.key, "Stopped.", cancelled=True), {"work"}, NO_EFFECT),
    ("cancelled, but wanted again", replace(THINKING, work=Work(THINKING.key, cancelled=True)),
     act.EvaluationFailed(THINKING.key, "Stopped.", cancelled=True), {"work"}, [act.Evaluate]),
    ("died", STEPPED, act.EngineDied("It died."), {"phase", "phase_text", "deaths", "starts", "notice", "work"},
     [act.StartEngine]),
    ("died again", replace(STEPPED, deaths=1, wants_step=True), act.EngineDied("It died."),
     {"phase", "phase_text", "deaths", "notice", "work", "wants_step"}, NO_EFFECT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "action", "changed", "wanted"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_what_changes_and_what_is_wanted(state: State, action: Action, changed: set[str], wanted: list[type[Effect]]):
    new, effects = update(state, action)
    assert changes(state, new) == changed
    assert [type(effect) for effect in effects] == wanted


def test_the_table_has_every_action():
    assert {type(row[2]) for row in TABLE} == set(get_args(Action))


# ---- what the table cannot say -------------------------------------------------------------------------------------


def test_only_one_step_waits():
    state, _ = unanswered(STEPPED, act.Step(), act.Step(), act.Step())
    assert settled(state, [act.Evaluate(state.key, state.path)]).trace.here.depth == 2


def test_a_waiting_step_is_forgotten_when_the_cursor_moves():
    state, _ = unanswered(STEPPED, act.Step(), act.Walk(-1))
    assert not state.wants_step


def test_the_notice_goes_with_the_next_action():
    said, _ = update(READY, act.Say("Copied."))
    assert said.notice == Notice("Copied.")
    assert update(said, act.Resized(7))[0].notice == said.notice
    assert update(said, act.ToggleScale())[0].notice is None


@pytest.mark.parametrize(
    ("start", "hundredths", "expected"),
    [(1.0, 5, 1.05), (1.0, -5, 0.95), (0.0, -5, 0.0), (0.03, -5, 0.0), (4.98, 5, 5.0), (0.333, 5, 0.38), (7.5, 5, 7.5),
     (7.5, -5, 5.0), (0.1, 20, 0.3)],
)  # fmt: skip
def test_keys_turn_the_temperature_on_a_grid_of_hundredths(start: float, hundredths: int, expected: float):
    state = replace(READY, settings=replace(READY.settings, temperature=start))
    assert update(state, act.TurnTemperature(hundredths))[0].settings.temperature == expected


def test_turns_up_and_down_leave_no_drift():
    state, _ = unanswered(READY, *[act.TurnTemperature(5)] * 60, *[act.TurnTemperature(-5)] * 60)
    state, _ = unanswered(state, *[act.TurnTemperature(5)] * 14)
    assert state.settings.temperature == 1.7


def test_greedy_goes_back_to_the_last_temperature():
    def temperatures(state: State, *actions: Action) -> list[float]:
        seen = []
        for action in actions:
            state, _ = update(state, action)
            seen.append(state.settings.temperature)
        return seen

    toggle = act.ToggleGreedy()
    assert temperatures(READY, act.SetTemperature(0.7), toggle, toggle) == [0.7, 0, 0.7]
    assert temperatures(READY, act.SetTemperature(0.7), act.SetTemperature(0.0), toggle) == [0.7, 0, 0.7]
    assert temperatures(READY, toggle, act.TurnTemperature(-5), toggle) == [0, 0, 1]
    cold = replace(READY, settings=replace(READY.settings, temperature=0.0))
    assert temperatures(cold, toggle, toggle) == [1, 0]


def test_the_selected_stage_is_one_of_the_chain_that_a_token_was_drawn_with():
    """The chain of then has fewer stages than the one in which the last is selected now."""
    drawn = ready(act.SetSamplers((TopK(3),)), act.Step(), act.Back(), act.SetSamplers((TopK(3),) * 4))
    state, _ = unanswered(drawn, act.SelectStage(3), act.RestoreDrawn())
    assert state.settings.samplers == (TopK(3),) and state.stage == 0
    for action in (act.TurnKnob(1), act.MoveStage(1), act.ToggleStage(), act.SelectKnob(1)):
        update(state, action)


def test_a_turn_never_asks_the_model():
    for state in (READY, WALKED, STEPPED, THINKING):
        assert unanswered(state, *[act.TurnTemperature(5)] * 9)[1] == ()
