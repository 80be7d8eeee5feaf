"""Any sequence of what a person does, the engine's death among it: the screen says what brute force says.

The same session as the app's, on the toy. Races with the engine are played in tests/models/test_session.py; here it is
at rest after every move, and everything on the screen is computed once more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from slow_engine import Desk, rule_of
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.branches import stretch, tree_rows
from tempviz.models.engine import Logits, Path, path_of
from tempviz.models.lookahead import CANDIDATES, TOKENS
from tempviz.models.path_keys import line_keys
from tempviz.models.sampling import coin
from tempviz.models.state import State
from tempviz.models.trace import ROOT
from tempviz.models.transforms import MinP, Temperature, TopK, TopP
from tempviz.tui.renderables.formats import bits, choices, count, natural_log, percent
from tempviz.tui.tree_view import tree_view
from tempviz.tui.view import view
from tempviz.tui.viewdata import SURPRISAL_STEPS, StepView
from toy_states import EOG, N_CTX, NAMES

from . import brute_force as brute

N = len(NAMES)
PICTURES = ("Histogram", "Timeline", "Steps", "Chain")
CHAIN = (TopK(12), TopP(0.9), MinP(0.05), Temperature(1.0))
NEAR = {"rel": 1e-9, "abs": 1e-9}


def edited(state: State) -> tuple[Any, ...]:
    """What undo and redo bring back."""
    trace = state.trace
    nodes = {n: (x.parent, x.token, x.drawn, x.toss, x.children, x.name, x.folded) for n, x in trace.nodes.items()}
    return nodes, trace.cursor, trace.text, trace.given, state.path, state.prompt, state.chat, state.settings


class EveryNumber(RuleBasedStateMachine):
    """A person at the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(stored_rows=8)
        self.marked: Path = ()  # the way to what was marked last

    @property
    def state(self) -> State:
        return self.desk.state

    def do(self, *actions: Action) -> None:
        for action in actions:
            self.desk.do(action)
            self.desk.settle()
            while self.desk.ticks:  # rows that are stored come to the lookahead one by one, by the clock
                self.desk.do(self.desk.ticks.pop(0))
                self.desk.settle()

    def row(self, given: tuple[int, ...], taken: tuple[int, ...] = ()) -> Logits:
        """Brute force: what the model in use answers after these tokens."""
        assert self.state.info is not None
        return rule_of(self.state.info.path)(path_of(given, taken))

    @initialize()
    def begin(self) -> None:
        self.do(act.Resized(6))

    # -- what a person does

    @rule(turns=st.lists(st.booleans(), max_size=4), by=st.sampled_from([5, -5]))
    def turn_with_foresight(self, turns: list[bool], by: int) -> None:
        self.do(act.TurnTemperature(by))
        for back in turns:
            ready = self.desk.session.foresee(False), self.desk.session.foresee(True)
            self.do(act.TurnTemperature(-by if back else by))
            assert self.state is ready[back]
            by = -by if back else by

    @rule(n=st.integers(1, 3))
    def step(self, n: int) -> None:
        self.do(*[act.Step()] * n)

    @rule(rank=st.integers(1, N))
    def pick(self, rank: int) -> None:
        self.do(act.Highlight(rank), act.TakeHighlighted())

    @rule(token=st.sampled_from([0, 1, EOG]))
    def find(self, token: int) -> None:
        cursor, full = self.state.trace.cursor, self.state.trace.length >= N_CTX
        self.do(act.Take(token))
        if not full:
            assert self.state.trace.here.token == token and self.state.trace.here.parent == cursor

    @rule(by=st.integers(-6, 6))
    def walk(self, by: int) -> None:
        before = self.state.trace
        self.do(act.Walk(by))
        assert self.state.trace.text == before.text
        assert self.state.trace.length == min(max(1, before.length + by), len(before.text))

    @rule(by=st.integers(-4, 0), rank=st.integers(1, 5), name=st.sampled_from(["", "mine"]))
    def fork(self, by: int, rank: int, name: str) -> None:
        self.do(act.Walk(by), act.Highlight(rank), act.TakeHighlighted())
        if self.state.trace.cursor > ROOT:
            self.do(act.NameBranch(self.state.trace.cursor, name))

    @rule(rows=st.integers(-3, 3), by=st.integers(-2, 2), action=st.sampled_from([act.Fold(), act.SortTree(), None]))
    def look_at_the_tree(self, rows: int, by: int, action: Action | None) -> None:
        self.do(act.OpenTree(), act.TreeMove(rows), act.TreeWalk(by), *([action] if action else []))

    @rule(rows=st.integers(-3, 3))
    def delete(self, rows: int) -> None:
        self.do(act.OpenTree(), act.TreeMove(rows), act.DeleteBranch())

    @rule(rows=st.integers(-3, 3))
    def mark(self, rows: int) -> None:
        self.do(act.OpenTree(), act.TreeMove(rows), act.MarkBranch())
        if (marked := self.state.overview.marked) is not None:
            self.marked = self.state.trace.path(marked)

    @rule(tokens=st.lists(st.integers(0, N - 1), unique=True, max_size=3))
    def watch(self, tokens: list[int]) -> None:
        self.do(act.SetWatches((tuple(sorted(tokens)),)) if len(tokens) != 1 else act.ToggleWatch(tokens[0]))

    @rule(n=st.integers(0, 10**6))
    def go(self, n: int) -> None:
        nodes = sorted({*range(self.state.trace.first, ROOT), *self.state.trace.nodes})
        self.do(act.GoTo(nodes[n % len(nodes)]))

    @rule(
        actions=st.lists(
            st.sampled_from([act.Toss(), act.ToggleGreedy(), act.Back(), act.GoToEnd(), act.HighlightCoin(),
                             act.RestoreDrawn(), act.ToggleCut(), act.MoveHighlight(3), act.Resized(4),
                             act.Resized(40)]),
            min_size=1, max_size=3,
        )
    )  # fmt: skip
    def press(self, actions: list[Action]) -> None:
        self.do(*actions)

    @rule(hundredths=st.integers(-60, 60))
    def turn(self, hundredths: int) -> None:
        evaluated, row = len(self.desk.engine.evaluated), self.state.row
        self.do(act.TurnTemperature(hundredths))
        assert len(self.desk.engine.evaluated) == evaluated and self.state.row is row

    @rule(chain=st.permutations(CHAIN), n=st.integers(0, len(CHAIN)))
    def chain(self, chain: list[Any], n: int) -> None:
        self.do(act.SetSamplers(tuple(chain[:n])))

    @precondition(lambda self: self.state.settings.samplers)
    @rule(stage=st.integers(-3, 3), turn=st.integers(-4, 4), edit=st.sampled_from(["turn", "toggle", "move"]))
    def edit_the_chain(self, stage: int, turn: int, edit: str) -> None:
        self.do(act.SelectStage(stage))
        if edit == "move":
            self.do(act.MoveStage(1 if turn > 0 else -1))
        elif self.state.settings.samplers[self.state.stage].name in brute.CUTS:
            self.do(act.TurnKnob(turn) if edit == "turn" else act.ToggleStage())

    @rule(text=st.sampled_from(["ab", "abcd", "x", "", "b" * N_CTX, "b" * (N_CTX + 1), "not ours"]))
    def prompt(self, text: str) -> None:
        self.do(act.SetPrompt(text))

    @rule(tokens=st.integers(0, 4))
    def auto(self, tokens: int) -> None:
        self.do(act.StartAuto(tokens))
        assert self.state.auto is None

    @rule(branches=st.booleans())
    def look_ahead(self, branches: bool) -> None:
        self.do(act.ToggleLookahead())
        self.the_lookahead()
        self.do(*([act.BranchLookahead()] if branches else []), act.ToggleLookahead())

    @rule(column=st.integers(0, 1))
    def compare(self, column: int) -> None:
        self.do(act.Compare((0.5, 1.5), 3))
        self.do(act.Adopt(column) if self.state.comparison else act.LeaveComparison())

    @rule()
    def undo(self) -> None:
        self.do(act.Undo())

    @rule(n=st.integers(1, 4))
    def undo_then_redo_is_nothing(self, n: int) -> None:
        n_past = 0
        past = self.state.history.undo
        while past is not None and n_past < n:
            n_past, past = n_past + 1, past.before
        before = edited(self.state)
        self.do(*[act.Undo()] * n_past, *[act.Redo()] * n_past)
        assert edited(self.state) == before

    @rule(model=st.sampled_from(["toy.gguf", "other.gguf"]))
    def change_the_model(self, model: str) -> None:
        self.do(act.OpenModel(model))

    @rule(busy_with=st.sampled_from([act.Step(), act.Walk(-2), act.SetPrompt("abx"), act.StartAuto(3)]))
    def the_engine_is_killed(self, busy_with: Action) -> None:
        self.desk.do(busy_with)
        self.desk.engine.begin()
        if self.desk.engine.running is not None:
            self.desk.engine.die()
        self.desk.settle()
        if self.state.phase == "dead":  # it died twice without an answer in between
            self.do(act.Step())
        self.do(act.Cancel())

    # -- what the screen must say

    @invariant()
    def every_number_is_that_of_brute_force(self) -> None:
        state = self.state
        if state.info is None:
            return
        assert state.phase == "ready" and state.row is not None and state.bad_row is None
        assert 0 <= state.stage < max(1, len(state.settings.samplers))
        shown = view(state, PICTURES)
        self.the_path_is_the_engines()
        self.the_distribution(shown)
        self.the_pictures(shown)
        self.the_text(shown)
        self.the_tree()
        self.the_watches()

    def the_path_is_the_engines(self) -> None:
        state, trace = self.state, self.state.trace
        assert state.row is not None
        tokens = tuple(token for segment in state.path for token in segment.tokens)
        assert tokens == trace.text[: trace.length]
        assert state.path in self.desk.engine.evaluated
        assert np.array_equal(state.row.ranking.logits, self.row(tokens))

    def the_distribution(self, shown: StepView) -> None:
        s, logits = self.state, np.asarray(self.state.row.ranking.logits) if self.state.row else np.empty(0)
        p = brute.probs(logits, s.settings.temperature, s.settings.samplers)
        plain = brute.probs(logits, 1.0)
        order = sorted(range(N), key=lambda i: (-logits[i], i))
        assert shown.candidates and shown.strip
        rows, rest = shown.candidates.rows, [x for x in (shown.candidates.above, shown.candidates.below) if x]
        for row in rows:
            token = order[row.rank - 1]
            assert row.name == NAMES[token]
            assert row.prob == pytest.approx(float(p[token]), **NEAR)
            assert row.ghost == pytest.approx(float(plain[token]), **NEAR)
            assert bool(row.cut_by) == (bool(s.settings.samplers) and p[token] == 0)
        assert sum(x.prob for x in (*rows, *rest)) == pytest.approx(1, abs=1e-12)
        assert sum(x.ghost for x in (*rows, *rest)) == pytest.approx(1, abs=1e-12)
        assert sum(shown.strip.shares) == pytest.approx(1, abs=1e-12)
        u = coin(s.settings.seed, s.trace.here.depth, s.trace.here.toss)
        landed = brute.landing(p, order, u)
        ended = ", but the text has ended" if s.trace.here.token == EOG and s.trace.cursor > ROOT else ""
        assert shown.strip.coin == u and shown.strip.coin_label == f"coin {u:.3f} → {NAMES[landed]}{ended}"
        entropy = brute.entropy_bits(p)
        around = [max(0.0, entropy + d) for d in (-1e-9, 0, 1e-9)]
        assert shown.status.entropy in {f"entropy {bits(x)}" for x in around}
        assert shown.status.choices in {choices(2**x) for x in around}
        token = order[s.highlight - 1]
        # "100 %" is said of exactly 1 only, and the last bit of a float64 may be rounded either way.
        least = np.nextafter(float(p[token]), (0.0, 1.0))
        said = {f"p {percent(float(q))}" for q in (*least, float(p[token]))}
        assert (shown.detail[0] == NAMES[token] and shown.detail[1] in said) or token == EOG
        assert f"T=1 {percent(float(plain[token]))}" in shown.detail
        assert f"surprisal at T=1 {bits(brute.surprisal_bits(logits, token))}" in shown.detail
        assert f"rank {s.highlight:,} of {N}" in shown.detail

    def the_lookahead(self) -> None:
        s = self.state
        assert s.row is not None and s.lookahead is not None
        shown, text = view(s).candidates, s.trace.text[: s.trace.length]
        assert shown
        for row in shown.rows[:CANDIDATES] if len(text) + 1 < N_CTX else ():
            token = NAMES.index(row.name)
            in_prompt = s.trace.cursor < ROOT and token == s.trace.given[len(text)]
            if token == EOG and not in_prompt:
                assert row.ahead_prob is None  # nothing follows the end of a text
                continue
            tokens, prob = [token], brute.softmax(s.row.ranking.logits)[token]
            for following in s.trace.given[len(text) + 1 :][:TOKENS] if in_prompt else ():
                prob *= brute.softmax(self.row((*text, *tokens)))[following]
                tokens.append(following)
            while not in_prompt and len(tokens) <= TOKENS and tokens[-1] != EOG and len(text) + len(tokens) < N_CTX:
                logits = self.row((*text, *tokens))
                tokens.append(int(logits.argmax()))
                prob *= brute.softmax(logits)[tokens[-1]]
            assert s.lookahead.known[token].tokens == tuple(tokens)
            assert row.ahead == "prompt:" * in_prompt + "".join(NAMES[t] for t in tokens[1:])
            assert row.ahead_prob == pytest.approx(float(prob), rel=1e-9)

    def the_pictures(self, shown: StepView) -> None:
        s = self.state
        assert s.row is not None
        logits = np.asarray(s.row.ranking.logits)
        p = brute.probs(logits, s.settings.temperature, s.settings.samplers)
        decades, cut = shown.pictures["Histogram"].decades, shown.pictures["Histogram"].cut
        assert sum(mass for mass, _ in decades) == pytest.approx(1, abs=1e-12)
        assert sum(n for _, n in decades) + cut == N
        assert cut == (sum(q == 0 for q in p) if s.settings.samplers else 0)
        for i, (mass, n) in enumerate(decades[:-1]):
            inside = [q for q in p if 10.0 ** (-i - 1) <= q < (10.0**-i if i else 2)]
            assert (mass, n) == (pytest.approx(float(sum(inside)), abs=1e-12), len(inside))
        steps, alone = shown.pictures["Steps"], brute.probs(logits, s.settings.temperature)
        assert sum(x.prob for x in steps.tokens) + steps.rest == pytest.approx(1, abs=1e-12)
        assert sorted(x.prob for x in steps.tokens) == pytest.approx(sorted(map(float, alone))[-len(steps.tokens) :])
        if s.settings.samplers:
            left = brute.through(logits, s.settings.temperature, s.settings.samplers)
            assert [stage.n_out for stage in shown.pictures["Chain"].stages] == left.counts

    def surprisals(self) -> list[float]:
        """Of all tokens of the text on view but the first."""
        trace = self.state.trace
        given, taken = trace.shown, trace.columns.tokens
        inside = [brute.surprisal_bits(self.row(given[:i]), given[i]) for i in range(1, len(given))]
        return inside + [brute.surprisal_bits(self.row(given, taken[:i]), taken[i]) for i in range(len(taken))]

    def the_text(self, shown: StepView) -> None:
        s, trace, expected = self.state, self.state.trace, self.surprisals()
        degrees = [sum(x >= step for step in SURPRISAL_STEPS) for x in expected]
        n = len(trace.shown)
        roles = ["prompt"] + [f"prompt-s{d}" if d else "prompt" for d in degrees[: n - 1]]
        roles += ["eog" if t == EOG else f"s{d}" for t, d in zip(trace.columns.tokens, degrees[n - 1 :], strict=True)]
        assert shown.text.shades == tuple(roles)
        assert "".join(run.text for run in shown.text.runs) == "".join(NAMES[t] for t in trace.text)
        assert shown.text.caret == trace.length
        assert shown.header.context == f"{trace.length}/{N_CTX} tokens"
        given = trace.given
        if len(given) > 1:
            own = [brute.surprisal_bits(self.row(given[:i]), given[i]) for i in range(1, len(given))]
            mean = math.fsum(own) / len(own)
            assert shown.text.about[-1] == f"prompt: {bits(mean)} a token, perplexity {2**mean:,.1f}"
        timeline = shown.pictures["Timeline"]
        assert timeline.surprisals == pytest.approx(expected, **NEAR)
        entropies = [brute.entropy_bits(brute.probs(self.row(trace.text[:i]), 1.0)) for i in range(1, len(trace.text))]
        assert timeline.entropies == pytest.approx(entropies, **NEAR)
        assert (timeline.first + len(given), timeline.cursor) == (2, trace.here.depth)
        assert s.trace.line[0] == timeline.stem

    def the_tree(self) -> None:
        s, trace = self.state, self.state.trace
        rows = tree_rows(trace, s.overview.by_probability).rows
        lines = tree_view(s, 0, len(rows), 60).lines
        assert len(lines) == len(rows)
        for row, line in zip(rows, lines, strict=True):
            if row.branch.head <= ROOT:
                assert line.tokens == count(len(stretch(trace, row.branch.head)))
                continue
            costs = []
            for node in row.branch.ids:
                before = trace.path(trace[node].parent)
                tokens = tuple(token for segment in before for token in segment.tokens)
                costs.append(brute.surprisal_bits(self.row(tokens), trace[node].token))
            total = math.fsum(costs)
            around = [x * (1 + d) for x in (total,) for d in (-1e-12, 0, 1e-12)]
            assert line.prob in {percent(2.0 ** -(costs[0] + d)) for d in (-1e-12, 0, 1e-12)}
            assert line.tokens == count(len(costs))
            assert line.logprob in {natural_log(-x * math.log(2)) for x in around}
            assert f"{line.surprisal} bits" in {bits(x / len(costs)) for x in around}
        marked = s.overview.marked
        assert marked is None or marked not in trace or trace.path(marked) == self.marked

    def the_watches(self) -> None:
        s = self.state
        for i, key in enumerate(line_keys(s.trace), len(s.trace.shown)):
            row = self.row(s.trace.text[:i])
            for watch in s.watches:
                seen = s.followed.prob(key, watch)
                assert math.isnan(seen) or seen == pytest.approx(float(brute.probs(row, 1.0)[list(watch)].sum()))
                assert key != s.key or not math.isnan(seen)


EveryNumber.TestCase.settings = settings(deadline=None, max_examples=80, stateful_step_count=30)
TestEveryNumber = EveryNumber.TestCase
