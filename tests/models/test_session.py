"""The session: any sequence of what a person does and what the engine answers keeps tree, rows and history whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from slow_engine import ROW_MB, Desk, rule_of
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.engine import Logits, Path, path_of, path_tokens
from tempviz.models.row import path_key
from tempviz.models.softmax import softmax
from tempviz.models.state import State, shown_ranks
from tempviz.models.trace import ROOT
from toy_states import EOG, N_CTX, logits_of, text_of, toy_info

# ---- one thing at a time -------------------------------------------------------------------------------------------


@pytest.fixture
def desk() -> Desk:
    """The toy opened on "abc", quiet."""
    desk = Desk()
    desk.settle()
    return desk


def test_it_opens_on_the_prompt(desk: Desk):
    assert text_of(desk.state) == "abc" and desk.state.row is not None
    assert desk.engine.evaluated == [path_of((0, 1, 2))]


def test_walking_back_and_turning_decode_nothing(desk: Desk):
    for _ in range(5):
        desk.do(act.Step())
        desk.settle()
    n = len(desk.engine.evaluated)
    for action in [act.Walk(-1)] * 5 + [act.TurnTemperature(5)] * 9 + [act.GoToEnd(), act.Toss(), act.ToggleGreedy()]:
        desk.do(action)
        assert desk.state.row is not None  # at once: no answer of the engine is needed
    assert len(desk.engine.evaluated) == n
    desk.do(act.Walk(-2), act.Take(EOG))
    desk.settle()
    assert len(desk.engine.evaluated) == n + 1  # a branch


def test_walking_to_a_stored_row_stops_no_work_that_goes_on_afterwards(desk: Desk):
    """An auto run goes on behind the back of who looks at what was there before."""
    desk.do(act.Step())
    desk.settle()
    desk.do(act.StartAuto(3))
    desk.engine.begin()
    desk.do(act.Walk(-2))
    assert desk.state.row is not None and desk.engine.running is not None and not desk.engine.cancelled
    n = len(desk.engine.evaluated)
    desk.settle()
    assert len(desk.engine.evaluated) == n + 3 and desk.state.trace.cursor == 0


def test_what_is_not_wanted_any_more_is_stopped_after_a_stored_row_too(desk: Desk):
    desk.do(act.StartAuto(3))
    desk.engine.begin()
    desk.do(act.Walk(-1))
    assert desk.state.row is not None and not desk.engine.cancelled
    desk.do(act.ToggleAuto())
    assert desk.engine.cancelled
    desk.settle()


def test_walking_among_stored_rows_needs_no_engine(desk: Desk):
    desk.do(act.Step())
    desk.settle()
    desk.do(act.EngineDied("It died."), act.EngineDied("It died."))
    assert desk.state.phase == "dead"
    desk.do(act.Walk(-1))
    assert desk.state.row is not None and desk.state.deaths == 2


def test_what_a_replaced_model_still_says_is_not_listened_to(desk: Desk):
    """Its failure, its death and its success may all be on their way when another model is asked for."""
    late = desk.state.starts
    desk.do(act.OpenModel("other.gguf"))
    told = act.ModelFailed("No.", late), act.EngineDied("No.", late), act.ModelLoaded(toy_info("toy.gguf"), late)
    prompt = act.PromptTokenized("abc", False, (9,), late), act.PromptFailed("abc", False, "No.", start=late)
    desk.do(*told, *prompt, act.ModelLoading(0.5, False, late))
    assert text_of(desk.state) == "abc"
    assert (desk.state.phase, desk.state.loaded, desk.state.starts) == ("loading", None, late + 1)
    desk.settle()
    assert desk.state.phase == "ready" and desk.state.info is not None and desk.state.info.path == "other.gguf"


def test_a_prompt_under_way_belongs_to_the_model_that_is_opened_meanwhile(desk: Desk):
    desk.do(act.SetPrompt("xyz"))
    desk.engine.begin()
    desk.do(act.OpenModel("other.gguf"))
    desk.settle()
    assert text_of(desk.state) == "xyz" and desk.state.rejected_prompt is None and desk.state.notice is None


def test_a_row_that_the_store_gave_up_is_decoded_again():
    small = Desk(stored_rows=2)
    small.settle()
    assert small.session.store.limit == int(ROW_MB * 2 * 1e6)
    for _ in range(4):
        small.do(act.Step())
        small.settle()
    n = len(small.engine.evaluated)
    small.do(act.Walk(-1))
    assert small.state.row is not None
    small.do(act.Walk(-3))
    assert small.state.row is None
    small.settle()
    assert len(small.engine.evaluated) == n + 1
    assert (
        small.state.row is not None and small.state.row.ranking.logits.tolist() == logits_of(small.state.path).tolist()
    )


def test_a_held_key_queues_one_evaluation(desk: Desk):
    for _ in range(30):
        desk.do(act.Step())
    assert desk.state.trace.here.depth == 1
    desk.settle()
    assert desk.state.trace.here.depth == 2


def test_a_late_row_of_the_old_model_is_not_taken_for_one_of_the_new(desk: Desk):
    desk.do(act.Take(3))
    desk.engine.answer()
    assert len(desk.engine.mail) == 2  # the row is on its way
    desk.do(act.OpenModel("other.gguf"))
    desk.settle()
    desk.do(act.Take(3))
    desk.settle()
    expected = rule_of("other.gguf")(desk.state.path)
    assert desk.state.row is not None and np.array_equal(desk.state.row.ranking.logits, expected)


def test_a_prompt_taken_back_is_there_at_once(desk: Desk):
    desk.do(act.SetPrompt("xy"))
    desk.settle()
    desk.do(act.Undo())
    assert text_of(desk.state) == "abc" and desk.state.row is not None


def test_closing_closes_the_engine(desk: Desk):
    desk.do(act.Step())
    desk.session.close()
    assert not desk.engine.waiting


# ---- everything at any time ----------------------------------------------------------------------------------------


def tree(state: State) -> dict:
    """What a tree holds, without where the cursor went in it."""
    return {n: (node.parent, node.token, node.toss, node.children) for n, node in state.trace.nodes.items()}


PRESSES = [
    act.Step(),
    act.TakeHighlighted(),
    act.MoveHighlight(1),
    act.MoveHighlight(-1),
    act.PageHighlight(1),
    act.Highlight(-1),
    act.HighlightCoin(),
    act.Back(),
    act.GoToEnd(),
    act.Toss(),
    act.RestoreDrawn(),
    act.ToggleAuto(),
    act.Compare((0.0, 2.0, 1.0), 4),
    act.Adopt(1),
    act.LeaveComparison(),
    act.Cancel(),
    act.Undo(),
    act.Redo(),
    act.NextPreset(),
    act.SelectStage(3),
    act.SelectKnob(1),
    act.TurnKnob(1),
    act.ToggleStage(),
    act.MoveStage(1),
    act.Compare((0.0, 1.0), 2),
    act.Adopt(0),
    act.LeaveComparison(),
    act.Resized(1),
    act.Resized(7),
    act.Resized(30),
]


class AnyUse(RuleBasedStateMachine):
    """A person and an engine that do anything at any time, and after every move the whole is as it must be."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(stored_rows=6)

    @property
    def state(self) -> State:
        return self.desk.state

    def rows(self, path: Path) -> Logits:
        """Brute force: the row of the model in use."""
        assert self.state.info is not None
        return rule_of(self.state.info.path)(path)

    @initialize(quiet=st.sampled_from([True, True, True, False]))
    def begin(self, quiet: bool) -> None:
        if quiet:
            self.desk.settle()

    # -- the person

    @rule(actions=st.lists(st.sampled_from(PRESSES), min_size=1, max_size=3))
    def press(self, actions: list[Action]) -> None:
        self.desk.do(*actions)

    @rule(token=st.sampled_from([0, 1, EOG]))
    def take(self, token: int) -> None:
        had, cursor = self.state.row is not None, self.state.trace.cursor
        full = self.state.trace.length >= N_CTX
        self.desk.do(act.Take(token))
        if had and not full and self.state.auto is None:
            assert self.state.trace.here.token == token and self.state.trace.here.parent == cursor

    @rule(by=st.integers(-4, 4))
    def walk(self, by: int) -> None:
        before = self.state.trace
        way = (*range(before.first, before.line[0]), *before.line)
        auto = self.state.auto
        self.desk.do(act.Walk(by))
        if auto is None:
            assert self.state.trace.cursor == way[min(max(0, way.index(before.cursor) + by), len(way) - 1)]
            assert self.state.trace.text == before.text

    @rule(n=st.integers(0, 10**6), before=st.booleans())
    def go(self, n: int, before: bool) -> None:
        nodes = sorted({*range(self.state.trace.first, ROOT), *self.state.trace.nodes})
        node = nodes[n % len(nodes)]
        self.desk.do(act.GoToBefore(node) if before else act.GoTo(node))

    @rule(hundredths=st.integers(-50, 50), n=st.integers(1, 4))
    def turn(self, hundredths: int, n: int) -> None:
        evaluated, row = len(self.desk.engine.evaluated), self.state.row
        self.desk.do(*[act.TurnTemperature(hundredths)] * n, act.ToggleGreedy(), act.ToggleGreedy())
        if self.state.auto is None:
            assert len(self.desk.engine.evaluated) == evaluated and self.state.row is row

    @rule(text=st.sampled_from(["ab", "xyz", "", "b" * N_CTX, "b" * (N_CTX + 1), "not ours"]), chat=st.booleans())
    def prompt(self, text: str, chat: bool) -> None:
        self.desk.do(act.SetPrompt(text, chat))

    @rule(count=st.one_of(st.none(), st.integers(0, 4)), slow=st.booleans())
    def auto(self, count: int | None, slow: bool) -> None:
        self.desk.do(act.StartAuto(count, 1.0 if slow else None))

    @precondition(lambda self: self.desk.ticks)
    @rule()
    def tick(self) -> None:
        self.desk.do(self.desk.ticks.pop(0))

    @precondition(lambda self: self.state.history.undo is not None)
    @rule()
    def undo_and_redo_is_nothing(self) -> None:
        before, path, settings_, prompt = tree(self.state), self.state.path, self.state.settings, self.state.prompt
        self.desk.do(act.Undo(), act.Redo())
        assert (tree(self.state), self.state.path) == (before, path)
        assert (self.state.settings, self.state.prompt) == (settings_, prompt)

    @precondition(lambda self: self.state.phase != "loading")
    @rule(model=st.sampled_from(["other.gguf", "toy.gguf", "missing.gguf"]), late=st.booleans())
    def open_model(self, model: str, late: bool) -> None:
        if late:  # an answer of the old model is on its way
            self.desk.engine.answer()
        self.desk.do(act.OpenModel(model))

    # -- the engine

    @precondition(lambda self: self.desk.engine.waiting and self.desk.engine.running is None)
    @rule()
    def engine_begins(self) -> None:
        self.desk.engine.begin()

    @precondition(lambda self: self.desk.engine.waiting or self.desk.engine.running)
    @rule(bad=st.sampled_from([False, False, False, True]), arrives=st.booleans())
    def engine_answers(self, bad: bool, arrives: bool) -> None:
        self.desk.engine.answer(bad)
        while arrives and self.desk.engine.mail:
            self.desk.deliver()

    @precondition(lambda self: self.desk.engine.mail)
    @rule()
    def one_answer_arrives(self) -> None:
        self.desk.deliver()

    @precondition(lambda self: self.desk.engine.toy is not None and self.desk.engine.running is not None)
    @rule()
    def engine_dies(self) -> None:
        self.desk.engine.die()

    @rule()
    def all_is_quiet(self) -> None:
        self.desk.settle()
        state = self.state
        assert state.work is None and not state.tokenizing
        if state.phase == "ready":
            assert state.asked_prompt is None
            assert state.row is not None or state.stopped or state.bad_row or not state.trace.given
            assert not state.wants_step or not state.trace.given
            assert state.auto is None or state.auto.per_second is not None or not state.trace.given
        self.every_token_came_from_its_own_row()

    def every_token_came_from_its_own_row(self) -> None:
        trace = self.state.trace
        for node in trace.ancestors(trace.frontier):
            p = softmax(self.rows(trace.path(trace[node].parent)))
            assert trace[node].surprisal_bits == pytest.approx(-np.log2(p[trace[node].token]), abs=1e-9)

    # -- what always holds

    @invariant()
    def the_path_is_the_trees(self) -> None:
        state, trace = self.state, self.state.trace
        if trace.given:
            assert state.path == trace.path(trace.cursor)
            rest = trace.given[trace.cursor :] if trace.cursor < ROOT else ()
            assert state.key == path_key(state.path, rest)
            assert path_tokens(state.path) == trace.text[: trace.length]
        else:
            assert state.path == () and trace.cursor == ROOT
        assert trace.length <= N_CTX
        assert trace.cursor in trace.line or trace.first <= trace.cursor < trace.line[0]

    @invariant()
    def the_row_on_view_is_that_of_the_path(self) -> None:
        if self.state.row is None:
            return
        assert self.state.row.key == self.state.key
        assert np.array_equal(self.state.row.ranking.logits, self.rows(self.state.path))
        now = self.state.row.at(self.state.settings.temperature)
        assert abs(now.probs.sum() - 1) <= 1e-12
        assert now.temperature == self.state.settings.temperature

    @invariant()
    def the_highlight_is_in_sight(self) -> None:
        state = self.state
        assert state.top <= state.highlight < state.top + shown_ranks(state.window, state.top)

    @invariant()
    def the_tree_is_whole(self) -> None:
        trace = self.state.trace
        assert {*trace.inside, ROOT} == {n for n in trace.nodes if n <= ROOT}
        for n, node in trace.nodes.items():
            assert node.depth == (trace[node.parent].depth + 1 if n > ROOT else n)
            assert len({trace[child].token for child in node.children}) == len(node.children)
            assert all(trace[child].parent == n for child in node.children)
            assert n == trace.first or n in trace[node.parent].children

    @invariant()
    def no_work_is_forgotten(self) -> None:
        """What the state waits for is with the engine or in the mail."""
        state, engine = self.state, self.desk.engine
        if state.phase != "ready":
            return
        asked = [*engine.waiting.values(), engine.running, *engine.mail]
        fatal = any(isinstance(a, act.EngineDied | act.ModelLoaded) for a in asked)
        if state.work is not None and not fatal:
            assert any(getattr(a, "key", None) == state.work.key for a in asked)
        if state.tokenizing and not fatal:
            assert any(isinstance(a, act.TokenizePrompt | act.PromptTokenized | act.PromptFailed) for a in asked)


AnyUse.TestCase.settings = settings(deadline=None, max_examples=120, stateful_step_count=50)
TestAnyUse = AnyUse.TestCase
