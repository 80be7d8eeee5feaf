"""Lookahead: what is followed and in which order, what it costs, what stops it, and what becomes of it."""

import functools
from dataclasses import replace
from itertools import pairwise
from pathlib import Path as File

import numpy as np
import pytest
from slow_engine import Desk
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.engine import CHUNK, Logits, Path, extend, path_of, path_tokens
from tempviz.models.engine_thread import evaluated
from tempviz.models.lookahead import TOKENS, candidates
from tempviz.models.path_keys import path_key
from tempviz.models.sampling import coin
from tempviz.models.softmax import softmax
from tempviz.models.state import State
from tempviz.models.trace import ROOT
from tempviz.models.transforms import TopK
from tempviz.models.update import update
from tempviz.models.worker import RemoteModel
from toy_states import EOG, logits_of, play, ready, settled, text_of, tokens_of, toy_info, unanswered

ON = act.ToggleLookahead()


def roomy(*actions: Action, n_ctx: int = 64) -> State:
    """A toy with room for continuations, after some actions."""
    state = ready()
    return settled(*play(replace(state, info=toy_info(n_ctx=n_ctx)), *actions))


def greedy(path: Path, n: int = TOKENS) -> list[int]:
    """What follows a path at T = 0."""
    tokens: list[int] = []
    for _ in range(n):
        tokens.append(int(np.argmax(logits_of(path))))
        path = extend(path, tokens[-1])
    return tokens


def asked(state: State) -> list[Path]:
    """The paths that are evaluated from here on until the engine rests, in order."""
    state, effects = update(state, ON)
    paths = []
    while effects:
        (effect,) = effects
        assert isinstance(effect, act.Evaluate) and effect.idle
        paths.append(effect.path)
        state, effects = update(state, act.RowReady(effect.key, logits_of(effect.path), 0.01, 1))
    return paths


def test_each_candidate_on_view_is_followed_greedily():
    state = roomy(ON)
    assert state.lookahead is not None and state.work is None
    assert list(state.lookahead.known) == candidates(state) and len(candidates(state)) == state.window
    for candidate, known in state.lookahead.known.items():
        path = extend(state.path, candidate)
        assert known.tokens == (candidate, *greedy(path))
        probs, before = [], state.path
        for token in known.tokens:
            probs.append(softmax(logits_of(before), 1.0)[token])
            before = extend(before, token)
        assert known.prob == pytest.approx(np.prod(probs))


def test_a_candidate_is_followed_to_its_end_before_the_next():
    state = roomy()
    paths = asked(state)
    assert len(paths) == TOKENS * state.window
    for i, candidate in enumerate(candidates(state)):
        mine = paths[i * TOKENS : (i + 1) * TOKENS]
        assert path_tokens(mine[0]) == (*path_tokens(state.path), candidate)
        for one, other in pairwise(mine):
            assert path_tokens(other)[:-1] == path_tokens(one)  # the cache holds all but the last token


def test_what_is_seen_is_kept_while_the_position_is_the_same():
    state = roomy(ON)
    seen = state.lookahead
    assert settled(*play(state, act.MoveHighlight(2), act.TurnTemperature(5), act.Toss())).lookahead is seen
    scrolled = settled(*play(state, act.MoveHighlight(9)))
    assert scrolled.lookahead is not None and seen is not None
    assert set(scrolled.lookahead.known) == set(seen.known) | set(candidates(scrolled))


@pytest.mark.parametrize("leave", [act.Take(3), act.SetPrompt("xyz"), act.OpenModel("other.gguf")])
def test_what_is_seen_goes_with_its_position(leave: Action):
    state, _ = unanswered(roomy(ON), leave)
    if isinstance(leave, act.Take):
        assert state.lookahead is None
    after = settled(*play(roomy(ON), leave))
    assert after.lookahead is not None and after.lookahead.key == after.key
    assert set(after.lookahead.known) == set(candidates(after))


def test_an_auto_run_pauses_it():
    state, effects = play(roomy(ON), act.StartAuto(count=3))
    while effects:
        evaluations = [effect for effect in effects if isinstance(effect, act.Evaluate)]
        if state.auto is not None:
            assert not any(effect.idle for effect in evaluations)
        if not evaluations:
            break
        (effect,) = evaluations
        state, effects = update(state, act.RowReady(effect.key, logits_of(effect.path), 0.01, 1))
    assert state.auto is None and state.lookahead is not None and state.lookahead.known


def test_a_row_that_is_waited_for_comes_before_it():
    looking, (effect,) = unanswered(roomy(), ON)
    assert looking.work is not None and looking.work.key == effect.key
    other = next(token for token in range(26) if token not in candidates(looking))
    stepped, (cancel,) = update(looking, act.Take(other))
    assert isinstance(cancel, act.CancelWork) and cancel.unless == stepped.key
    after, (wanted,) = update(stepped, act.EvaluationFailed(effect.key, "Stopped.", cancelled=True))
    assert (wanted.key, wanted.idle) == (after.key, False)


def test_a_token_whose_row_is_on_its_way_waits_for_that():
    looking, (effect,) = unanswered(roomy(), ON)
    best = candidates(looking)[0]
    stepped, effects = update(looking, act.Take(best))
    assert effects == () and stepped.key == effect.key
    there, _ = update(stepped, act.RowReady(effect.key, logits_of(effect.path), 0.01, 1))
    assert there.row is not None


def test_a_row_that_was_cancelled_is_asked_for_again():
    looking, (effect,) = unanswered(roomy(), ON)
    again, (same,) = update(looking, act.EvaluationFailed(effect.key, "Stopped.", cancelled=True))
    assert same.key == effect.key and again.notice is None


def test_a_row_that_fails_ends_its_continuation_without_a_word():
    looking, (effect,) = unanswered(roomy(), ON)
    after, (following,) = update(looking, act.EvaluationFailed(effect.key, "It is NaN.", bad=True))
    assert after.notice is None and after.bad_row is None
    assert path_tokens(following.path)[-1] == candidates(after)[1]


def test_no_continuation_leaves_the_context():
    state = roomy(ON, n_ctx=6)
    assert state.lookahead is not None
    assert {len(known.tokens) for known in state.lookahead.known.values()} == {1 + 2}


def test_the_end_of_the_text_ends_a_continuation():
    state = roomy()
    rows = {path_tokens(state.path): logits_of(state.path)}
    ending = np.full(26, -5, np.float32)
    ending[EOG] = 5
    state, effects = update(state, ON)
    while effects:
        (effect,) = effects
        row = rows.get(path_tokens(effect.path), ending)
        state, effects = update(state, act.RowReady(effect.key, row, 0.01, 1))
    assert state.lookahead is not None
    assert all(known.tokens[1:] == (EOG,) for known in state.lookahead.known.values())


def test_a_watch_is_not_followed_through_it():
    """It sees dozens of rows at each position, and the timeline shows those of the text."""
    state = roomy(act.ToggleWatch(3), ON)
    assert state.lookahead is not None and len(state.lookahead.known) == state.window
    assert set(state.followed.rows) == {state.key}


def test_inside_the_prompt_its_own_next_token_is_followed_by_the_prompt():
    """To take that token is to walk along the prompt, where no path of a branch leads."""
    state = roomy(act.Walk(-2))
    for _ in range(26):  # until it is on view
        state = settled(*play(state, act.MoveHighlight(1)))
        if 1 in candidates(state):
            break
    assert text_of(state) == "abc" and state.trace.length == 1 and 1 in candidates(state)
    others = [token for token in candidates(state) if token != 1]
    assert len(asked(state)) == TOKENS * len(others)
    state = settled(*play(state, ON))
    known = state.lookahead.known[1] if state.lookahead else None
    assert known is not None and known.in_prompt and known.tokens == tokens_of("bc")
    probs = [softmax(logits_of(path_of((0, 1, 2)[:n])), 1.0)[n] for n in (1, 2)]
    assert known.prob == pytest.approx(np.prod(probs))
    branched = settled(*play(state, act.BranchLookahead()))
    assert branched.notice and f"{len(others)} continuations" in branched.notice.text
    state = settled(*play(state, act.Take(1)))
    assert state.trace.cursor < ROOT and state.lookahead and state.lookahead.known[2].tokens == tokens_of("c")


# ---- branches ------------------------------------------------------------------------------------------------------


def test_continuations_become_branches():
    looking = roomy(ON)
    state = settled(*play(looking, act.BranchLookahead()))
    assert looking.lookahead is not None
    assert state.trace.cursor == looking.trace.cursor
    texts = []
    for branch in state.trace.branches.values():
        if branch.head > ROOT:
            texts.append(tuple(state.trace[i].token for i in branch.ids))
            first, *rest = (state.trace[i].drawn for i in branch.ids)
            assert first is not None and first.coin is None
            assert all(drawn is not None and drawn.coin is not None and drawn.temperature == 0 for drawn in rest)
    assert sorted(texts) == sorted(known.tokens for known in looking.lookahead.known.values())
    for node in state.trace.branches[1].ids:
        parent = logits_of(state.trace.path(state.trace[node].parent))
        assert 2.0 ** -state.trace[node].surprisal_bits == pytest.approx(softmax(parent, 1.0)[state.trace[node].token])
    assert set(settled(*play(state, act.Undo())).trace.nodes) == set(looking.trace.nodes)
    again = settled(*play(state, act.BranchLookahead()))
    assert len(again.trace.nodes) == len(state.trace.nodes) and again.notice is not None


def test_a_branch_of_a_candidate_that_the_chain_cuts_says_so():
    state = roomy(act.SetSamplers((TopK(1),)), ON, act.BranchLookahead())
    said = [state.trace[child].drawn for child in state.trace[ROOT].children]
    assert len(said) == state.window
    assert [drawn.cut_by for drawn in said if drawn] == ["", *["top_k"] * (len(said) - 1)]


def test_a_branch_has_the_coins_of_its_positions():
    """Those that one would have tossed there, too."""
    before = roomy(act.ToggleGreedy(), act.Step(), act.Toss(), act.Back())
    tossed = before.trace[1]
    state = settled(*play(before, ON, act.BranchLookahead()))
    coins = {node.depth: node.drawn.coin for node in state.trace.nodes.values() if node.parent == 1 and node.drawn}
    assert coins == {2: coin(0, 1, 1)} and tossed.toss == 1


def test_the_text_on_view_stays_where_there_is_one():
    looking = roomy(act.Take(9), act.Take(9), act.Walk(-2), ON)
    assert text_of(looking) == "abcjj"
    assert text_of(settled(*play(looking, act.BranchLookahead()))) == "abcjj"


# ---- what it costs -------------------------------------------------------------------------------------------------


def rest(desk: Desk) -> None:
    """Let the engine and the clock finish all they have to do."""
    desk.settle()
    while desk.ticks:
        desk.session.dispatch(desk.ticks.pop(0))
        desk.settle()


def seen(**options: int) -> Desk:
    """A session that has looked ahead and does so no more."""
    desk = Desk(**options)
    rest(desk)
    desk.do(ON)
    rest(desk)
    desk.do(ON)
    return desk


@pytest.mark.parametrize("stored_rows", [1000, 8])
def test_taking_a_candidate_that_was_followed_costs_no_decode(stored_rows: int):
    """Not even where there is hardly room for the rows of the candidates themselves."""
    desk = seen(stored_rows=stored_rows)
    n = len(desk.engine.evaluated)
    assert n > 5 * 4
    for rank in range(1, 6):
        desk.do(act.Highlight(rank), act.TakeHighlighted())
        assert desk.state.row is not None
        desk.do(act.Back())
        rest(desk)
    assert len(desk.engine.evaluated) == n


def test_what_was_seen_before_comes_one_answer_at_a_time():
    desk = seen()
    n = len(desk.engine.evaluated)
    desk.do(ON)
    assert len(desk.ticks) == 1
    rest(desk)
    assert len(desk.engine.evaluated) == n
    assert desk.state.lookahead is not None and len(desk.state.lookahead.known) == 5


# ---- on a real model -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("walk", [0, -5])
def test_a_row_that_was_seen_ahead_is_that_of_a_fresh_decode(demo: RemoteModel, demo_model: File, walk: int):
    """Bit for bit, at the end of a prompt of more than a chunk and inside it, however the cache was cut on the way."""
    rows: dict[bytes, Logits] = {}
    prompt = " ".join(["The quick brown fox jumps over the lazy dog."] * 9)

    def after(state: State, action: Action) -> State:
        state, effects = update(state, action)
        for effect in effects:
            match effect:
                case act.TokenizePrompt(text):
                    return after(state, act.PromptTokenized(text, False, demo.tokenize(text)))
                case act.Evaluate(key):
                    logits, reading, *_ = evaluated(demo, effect)
                    rows[key] = logits
                    return after(state, act.RowReady(key, logits, 0.01, 1, reading=reading))
        return state

    state = after(State(asked_prompt=(prompt, False), window=3), act.ModelLoaded(demo.info))
    state = after(after(state, act.Walk(walk)), ON)
    assert state.lookahead is not None and len(state.trace.given) > CHUNK
    followed = [known for known in state.lookahead.known.values() if not known.in_prompt]
    assert len(followed) >= 2 and all(len(known.tokens) == 1 + TOKENS for known in followed)
    fresh = RemoteModel.open(str(demo_model))
    for known in followed[:2]:
        candidate = extend(state.path, known.tokens[0])
        end = functools.reduce(extend, known.tokens[1:-1], candidate)
        for path in (candidate, end):
            fresh.logits_after(path_of((0,)))  # nothing of the path is cached
            assert np.array_equal(rows[path_key(path)], fresh.logits_after(path))
    fresh.close()
