"""The sentence on the coin and the temperature: what it says, and that it fits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models.coin_changes import Change, CoinChanges
from tempviz.models.generate import coin_here
from tempviz.models.vocabulary import Vocabulary
from tempviz.tui.coin_text import coin_changes_here, coin_changes_text
from tempviz.tui.display import cell_len

from .greetings import greetings, state_of

V = Vocabulary.of(
    name.encode() for name in (" Paris", " the", " London", " Le", " New", "a very long token indeed", "\x1b")
)


def test_from_the_best_token_on() -> None:
    changes = CoinChanges(0, (), (Change(1.3512, 0, 1), Change(1.6249, 1, 2)), True, True)
    assert coin_changes_text(changes, 1.0, V) == "● ␣Paris for T < 1.35, ␣the until 1.62, then ␣London"
    one = CoinChanges(1, (Change(1.3512, 0, 1),), (), True, True)
    assert coin_changes_text(one, 1.5, V) == "␣Paris for T < 1.35, then ● ␣the"


def test_what_is_left_out_is_marked() -> None:
    below, above = (Change(0.5, 0, 1), Change(0.8, 1, 2)), (Change(1.1, 2, 3), Change(2.0, 3, 4))
    changes = CoinChanges(2, below, above, False, False)
    whole = "… ␣Paris until T 0.50, ␣the until 0.80, ● ␣London until 1.10, ␣Le until 2.00, then ␣New …"
    assert coin_changes_text(changes, 1.0, V, 100) == whole
    assert coin_changes_text(changes, 1.0, V, 60) == "… ␣the until T 0.80, ● ␣London until 1.10, then ␣Le …"
    assert coin_changes_text(changes, 1.0, V, 40) == "… ● ␣London until T 1.10, then ␣Le …"
    assert coin_changes_text(changes, 1.0, V, 20) == ""


def test_at_zero_there_is_no_below() -> None:
    tie = CoinChanges(1, (Change(0.0, 0, 1),), (), True, True)
    assert coin_changes_text(tie, 1.0, V) == "␣Paris at T 0, then ● ␣the"


def test_no_change_at_all() -> None:
    assert coin_changes_text(CoinChanges(0, (), (), True, True), 1.0, V) == "␣Paris at every T from 0 to 5"


def test_as_many_decimals_as_tell_the_borders_apart() -> None:
    near = CoinChanges(1, (Change(1.39981, 0, 1),), (Change(1.40024, 1, 2),), False, False)
    assert coin_changes_text(near, 1.4, V) == "… ␣Paris until T 1.3998, ● ␣the until 1.4002, then ␣London …"


def test_names_are_safe_and_short() -> None:
    changes = CoinChanges(5, (), (Change(1.0, 5, 6),), True, True)
    assert coin_changes_text(changes, 0.5, V) == "● a␣very␣long␣tok… for T < 1.00, then ␛"


@pytest.mark.parametrize(("temperature", "said"), [(0.5, True), (1.0, True), (4.0, True)])
def test_of_a_state(temperature: float, said: bool) -> None:
    state = greetings(temperature)
    assert state.row is not None
    landing = state.row.at(temperature).land(coin_here(state))
    assert bool(coin_changes_here(state, landing, 100)) == said


@settings(deadline=None)
@given(st.lists(st.floats(-30, 30), min_size=1, max_size=50), st.floats(0, 5), st.integers(0, 120))
def test_it_fits(logits: list[float], temperature: float, cells: int) -> None:
    state = state_of(np.array(logits, np.float32), temperature)
    assert state.row is not None
    landing = state.row.at(temperature).land(coin_here(state))
    assert cell_len(coin_changes_here(state, landing, cells)) <= cells
