"""Watches: what is kept of the watched tokens, and how a person writes them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models.engine import Segment, path_of
from tempviz.models.path_keys import GrowingKey, line_keys, path_key
from tempviz.models.row import Row
from tempviz.models.softmax import softmax
from tempviz.models.state import State
from tempviz.models.vocabulary import Vocabulary
from tempviz.models.watch_text import parse_watch, watch_text
from tempviz.models.watches import Followed
from toy_states import logits_of, play, ready, settled

# ---- the names of rows ---------------------------------------------------------------------------------------------

tokens = st.lists(st.integers(0, 300), max_size=9).map(tuple)


@given(tokens.filter(len), tokens)
def test_a_growing_key_is_the_key_of_the_path(given_: tuple[int, ...], taken: tuple[int, ...]) -> None:
    at = GrowingKey(given_)
    for i, token in enumerate(taken):
        assert at.key == path_key(path_of(given_, taken[:i]))
        at = at.grown(token)
    assert at.key == path_key(path_of(given_, taken))


def test_where_a_segment_ends_tells_paths_apart() -> None:
    paths = [
        path_of((1, 2, 3)),
        path_of((1, 2), (3,)),
        path_of((1,), (2, 3)),
        (Segment("given", (1,)), Segment("given", (2, 3))),
        (Segment("given", (1,)), Segment("taken", (2,)), Segment("given", (3,))),
    ]
    assert len({path_key(path) for path in paths}) == len(paths)


def test_keys_along_the_text() -> None:
    state = ready(act.Take(3), act.Take(4), act.Walk(-1), act.Take(5))
    trace = state.trace
    assert line_keys(trace) == [path_key(trace.path(node)) for node in trace.line]


def test_keys_where_the_text_leaves_the_prompt() -> None:
    trace = ready(act.Walk(-2), act.Take(9), act.Take(4)).trace
    assert trace.line[0] == -2
    assert line_keys(trace) == [path_key(trace.path(node), trace.rest(node)) for node in trace.line]
    assert path_key(trace.path(-2), trace.rest(-2)) != path_key(trace.path(-2))


# ---- what is followed ----------------------------------------------------------------------------------------------


def along(state: State, watch: tuple[int, ...]) -> np.ndarray:
    keys = line_keys(state.trace)
    return np.array([(state.followed.prob(key, watch), state.followed.rank(key, watch)) for key in keys])


def by_hand(state: State, watch: tuple[int, ...]) -> np.ndarray:
    rows = [logits_of(state.trace.path(node)) for node in state.trace.line]
    ranks = [min(Row(b"", row).ranking.rank_of(token) for token in watch) for row in rows]
    probs = [softmax(row, 1.0)[list(watch)].sum() for row in rows]
    return np.array([probs, ranks]).T


def test_a_watch_is_followed_at_every_step_at_t_1_without_the_chain() -> None:
    state = ready(act.SetWatches(((3,), (1, 4))), act.SetTemperature(0.3), act.NextPreset(), act.Take(6), act.Step())
    for watch in state.watches:
        assert along(state, watch) == pytest.approx(by_hand(state, watch), rel=1e-9)


def test_positions_before_the_watch_are_unknown_until_one_walks_there() -> None:
    state = ready(act.Take(6), act.Take(7), act.ToggleWatch(3))
    unknown = [math.isnan(prob) for prob, _ in along(state, (3,))]
    assert unknown == [True, True, False]
    state = settled(*play(state, act.Walk(-1)))
    assert [math.isnan(prob) for prob, _ in along(state, (3,))] == [True, False, False]


def test_rows_that_are_still_stored_are_read_for_a_new_token_only() -> None:
    state = ready(act.Take(6), act.Take(7))
    watching, effects = play(state, act.ToggleWatch(3))
    assert effects == (act.ReadStored(),)
    rows = tuple((path_key(path), logits_of(path)) for path in map(state.trace.path, state.trace.line))
    watching, _ = play(watching, act.StoredRows(rows))
    assert along(watching, (3,)) == pytest.approx(by_hand(watching, (3,)))
    assert play(watching, act.SetWatches(((3,),)))[1] == ()
    assert play(watching, act.SetWatches(((3,), (3, 4))))[1] == (act.ReadStored(),)
    assert play(watching, act.SetWatches(()))[1] == ()


def test_undo_takes_a_watch_back_and_keeps_what_was_seen() -> None:
    state = ready(act.ToggleWatch(3), act.Take(6))
    state, effects = play(state, act.Undo(), act.Undo())
    assert state.watches == () and effects == ()
    state = settled(*play(state, act.Redo(), act.Redo()))
    assert state.watches == ((3,),) and not any(math.isnan(prob) for prob, _ in along(state, (3,)))


def test_another_model_has_other_tokens() -> None:
    state = settled(*play(ready(act.ToggleWatch(3)), act.OpenModel("other.gguf")))
    assert state.info is not None and state.info.path == "other.gguf"
    assert (state.watches, len(state.followed.rows)) == ((), 0)


def test_a_masked_token_has_no_probability_and_a_rank() -> None:
    row = Row(b"key", np.array([1.0, -np.inf, 2.0], np.float32))
    followed = Followed().after(row, (1, 2))
    assert (followed.prob(b"key", (1,)), followed.rank(b"key", (1,))) == (0.0, 3.0)
    assert followed.after(row, (2,)) is followed
    assert math.isnan(followed.prob(b"key", (0, 1))) and math.isnan(followed.rank(b"other", (1,)))


# ---- how they are written ------------------------------------------------------------------------------------------

PIECES = (b"yes", b" yes", b" Yes", b",", b"#1", b" ", b"\n", b"\xe6\xad", b"yes", b"\xe2\x90\xa3", "é".encode())
VOCABULARY = Vocabulary.of(PIECES)


@pytest.mark.parametrize(
    ("text", "watch"),
    [
        ("␣yes", (1,)),
        (" ␣Yes , ␣yes,yes ", (0, 1, 2, 8)),
        ("#3, #3", (3,)),
        ("␣", (5,)),
        ("é", (10,)),
        ("", ()),
        (" , ", ()),
    ],
)
def test_a_watch_is_read(text: str, watch: tuple[int, ...]) -> None:
    assert parse_watch(text, VOCABULARY) == watch


@pytest.mark.parametrize("text", ["ye", "Yes", "#11", "#x", "yes, nope"])
def test_what_is_no_whole_token_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="No token is"):
        parse_watch(text, VOCABULARY)


@given(st.lists(st.integers(0, len(PIECES) - 1), unique=True).map(sorted).map(tuple))
def test_what_is_written_is_read_back(watch: tuple[int, ...]) -> None:
    assert parse_watch(watch_text(watch, VOCABULARY), VOCABULARY) == watch
    assert "\n" not in watch_text(watch, VOCABULARY)
