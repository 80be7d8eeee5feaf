"""The list of candidates without the tokens that were cut."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.chain import Chain
from tempviz.models.drawing import chain_here
from tempviz.models.listing import Listing, listing_here
from tempviz.models.penalties import LogitBias
from tempviz.models.ranking import Ranking
from tempviz.models.state import shown_ranks
from tempviz.models.transform import Transform
from tempviz.models.transforms import TopK, TypP, Xtc
from tempviz.models.update import update
from toy_states import NAMES, ready

CHAINS: tuple[tuple[Transform, ...], ...] = (
    (),
    (TopK(1),),
    (TopK(7),),
    (TypP(0.5),),
    (Xtc(1.0, 0.01),),
    (LogitBias.of({0: -np.inf, 3: -np.inf}), TopK(6)),
    (LogitBias.of({0: 30.0, 25: 9.0}), TopK(4)),
)

moves = st.one_of(
    st.integers(-9, 9).map(act.MoveHighlight),
    st.integers(-2, 2).map(act.PageHighlight),
    st.sampled_from([*range(1, 28), -1, 10**6]).map(act.Highlight),
    st.integers(0, 40).map(act.Resized),
    st.sampled_from(CHAINS).map(act.SetSamplers),
    st.sampled_from([act.HighlightCoin(), act.ToggleCut()]),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(moves, max_size=30))
def test_the_highlight_is_on_a_token_that_is_listed_and_in_sight(moves: list[Action]) -> None:
    state = replace(ready(), cut_hidden=True)
    for move in moves:
        state, effects = update(state, move)
        listing, shown = listing_here(state), shown_ranks(state.window, state.top)
        place = listing.place(state.highlight)
        assert effects == ()
        assert listing.rank(place) == state.highlight
        assert state.top <= place < state.top + shown
        assert state.top == 1 or state.top + shown - 1 <= listing.n


@pytest.mark.parametrize("samplers", CHAINS)
def test_what_is_listed_is_what_is_left_by_rank(samplers: tuple[Transform, ...]) -> None:
    state = replace(ready(), cut_hidden=True)
    state, _ = update(state, act.SetSamplers(samplers))
    listing, result = listing_here(state), chain_here(state)
    ids = listing.ids(0, listing.n).tolist()
    ranking = state.row.ranking
    left = range(len(NAMES)) if result is None else result.kept.tolist()
    assert ids == sorted(left, key=lambda token: (-ranking.logits[token], token))
    assert [ranking.rank_of(token) for token in ids] == [listing.rank(place) for place in range(1, listing.n + 1)]
    assert listing.ids(2, 2).size == 0


def test_something_far_down_is_found_among_many() -> None:
    logits = np.random.default_rng(3).normal(0, 3, 30_000).astype(np.float32)
    ranking = Ranking(logits)
    last = int(ranking.ids(29_999, 30_000)[0])
    chain = Chain((LogitBias.of({last: 1000.0}), TopK(2)))
    result = chain.run(ranking, (), lambda purpose: 0.5)
    assert result.ranks_left.tolist() == [1, 30_000]
    assert Listing(ranking, result.ranks_left).ids(0, 2).tolist() == [ranking.argmax, last]


def test_places_of_what_is_not_listed() -> None:
    listing = Listing(Ranking(np.arange(9.0)), np.array([3, 5, 9]))
    assert [listing.place(rank) for rank in range(1, 10)] == [1, 1, 1, 1, 2, 2, 2, 2, 3]
