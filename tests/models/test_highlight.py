"""The highlight, and the window on the ranks that goes with it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.state import shown_ranks
from tempviz.models.update import update
from toy_states import NAMES, ready

READY = ready()

moves = st.one_of(
    st.integers(-9, 9).map(act.MoveHighlight),
    st.integers(-2, 2).map(act.PageHighlight),
    st.sampled_from([*range(1, 28), -1, 10**6]).map(act.Highlight),
    st.integers(0, 40).map(act.Resized),
    st.just(act.HighlightCoin()),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(moves, max_size=30))
def test_the_highlight_is_always_in_sight(moves: list[Action]):
    state = READY
    for move in moves:
        state, effects = update(state, move)
        shown = shown_ranks(state.window, state.top)
        assert effects == ()
        assert 1 <= state.highlight <= len(NAMES)
        assert state.top <= state.highlight < state.top + shown
        # No line is wasted: neither on nothing below the last rank, nor on one rank that could be shown itself.
        assert state.top == 1 or state.top + shown - 1 <= len(NAMES)
        assert state.top != 2 or state.window == 1
        if state.window >= len(NAMES):
            assert state.top == 1


def test_the_window_scrolls_no_more_than_it_must():
    state, tops = READY, []
    for _ in range(len(NAMES) - 1):
        state, _ = update(state, act.MoveHighlight(1))
        tops.append(state.top)
    assert tops == [1, 1, 1, 1, *range(3, 24)]  # a window of 5 shows ranks 1 to 5, then 3 to 6, as one row is "above"
    for _ in range(3):
        state, _ = update(state, act.MoveHighlight(-1))
    assert (state.highlight, state.top) == (23, 23)
    state, _ = update(state, act.Highlight(2))
    assert state.top == 1


def test_a_highlight_goes_with_its_position():
    assert ready(act.Highlight(20), act.Step()).highlight == 1
