"""The tokens under a fixed coin against T, against `Distribution.land` on both sides of every change."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tempviz.models.coin_changes import CoinChanges, CoinPath
from tempviz.models.distribution import Distribution
from tempviz.models.partition import PartitionSum
from tempviz.models.ranking import Ranking
from tempviz.models.state import MAX_KEYED_T as MAX_T

rng = np.random.default_rng(3)
PEAKED = np.append(rng.normal(0, 2, 3000), [9.0, 11.0]).astype(np.float32)
rows = arrays(
    np.float32,
    st.integers(1, 40),
    elements=st.one_of(st.floats(-20, 20, width=32), st.integers(-2, 2).map(float), st.just(-np.inf)),
).filter(lambda row: np.isfinite(row).any())
# Nearer to 1, the rounding of a sum says where a coin lands.
coins = st.one_of(st.just(0.0), st.floats(0, 1 - 1e-9))


def around(logits: np.ndarray, coin: float, temperature: float) -> CoinChanges:
    ranking = Ranking(logits)
    path = CoinPath(PartitionSum(ranking), coin)
    return path.around(temperature, Distribution(ranking, temperature).land(coin))


def lands_on(logits: np.ndarray, coin: float, temperature: float) -> int:
    return Distribution(Ranking(logits), temperature).land(coin).token


def test_two_tokens_by_hand() -> None:
    """p of the best is 1 / (1 + e^(-1/T)), which is 0.7 at T = 1 / ln(7/3)."""
    changes = around(np.array([1.0, 2.0]), 0.7, 1.0)
    assert [(c.before, c.after) for c in changes.changes] == [(1, 0)]
    assert changes.changes[0].temperature == pytest.approx(1 / np.log(7 / 3), abs=1e-7)
    assert (changes.here, changes.from_zero, changes.to_the_end) == (1, True, True)


def test_a_coin_below_the_last_share_of_the_best_never_changes() -> None:
    assert around(np.array([1.0, 2.0]), 0.5, 1.0) == CoinChanges(1, (), (), True, True)
    assert around(np.array([1.0]), 0.999, 0.0) == CoinChanges(0, (), (), True, True)


def test_of_equal_tokens_the_first_is_left_at_zero() -> None:
    changes = around(np.zeros(1000, np.float32), 0.6185, 2.0)
    assert [(c.temperature, c.before, c.after) for c in changes.changes] == [(0.0, 0, 618)]
    assert around(np.zeros(1000, np.float32), 0.6185, 0.0).changes == changes.changes


def test_at_most_two_on_each_side_and_what_lies_beyond_is_said() -> None:
    changes = around(PEAKED, 0.9, 1.4)
    assert len(changes.changes) == 4
    assert (changes.from_zero, changes.to_the_end) == (False, False)
    assert all(c.temperature < 1.4 for c in changes.below) and all(c.temperature > 1.4 for c in changes.above)
    assert all(a.after == b.before for a, b in pairwise(changes.changes))
    assert changes.changes[1].after == changes.here == changes.changes[2].before


def test_above_the_last_temperature_only_what_is_below_is_said() -> None:
    changes = around(PEAKED, 0.5, 8.0)
    assert all(c.temperature <= 8 for c in changes.changes)
    assert changes.to_the_end


@settings(deadline=None)
@given(rows, coins, st.one_of(st.just(0.0), st.floats(0.05, MAX_T)))
def test_every_change_is_one_of_the_landing(logits: np.ndarray, coin: float, temperature: float) -> None:
    """Brute force: just below and just above every change, and in the middle between two."""
    found = around(logits, coin, temperature)
    temperatures = [c.temperature for c in found.changes]
    assert temperatures == sorted(temperatures)
    edges = [0.0, *temperatures, MAX_T]
    tokens = [found.here] if not found.changes else [found.changes[0].before, *(c.after for c in found.changes)]
    for i, token in enumerate(tokens):
        if (i == 0 and not found.from_zero) or (i == len(tokens) - 1 and not found.to_the_end):
            continue
        low, high = edges[i], edges[i + 1]
        inner = [low + 2e-6, (low + high) / 2, high - 2e-6] if high - low > 1e-5 and high > 0.01 else []
        assert all(t < 0.01 or lands_on(logits, coin, t) == token for t in inner)
        if temperatures and i == 0 and low == 0:
            assert lands_on(logits, coin, 0.0) == token


@settings(deadline=None, max_examples=50)
@given(rows, coins)
def test_no_change_is_missed(logits: np.ndarray, coin: float) -> None:
    """The path walked change by change from T = 0 is what a fine sweep of landings sees."""
    ranking = Ranking(logits)
    path = CoinPath(PartitionSum(ranking), coin)
    borders = [path.border(rank) for rank in range(1, ranking.n_finite)]
    assert all(a <= b + 1e-7 for a, b in pairwise(borders))
    for t in np.linspace(0.05, MAX_T, 40):
        landing = Distribution(ranking, float(t)).land(coin)
        assert not any(abs(b - t) > 1e-6 and (b < t) != (rank < landing.rank) for rank, b in enumerate(borders, 1))


@pytest.mark.parametrize("coin", [0.1, 0.6, 0.93, 0.99, 0.9999])
@pytest.mark.parametrize("temperature", [0.3, 0.8, 1.4, 3.0])
def test_a_large_row_with_its_tail_in_buckets(coin: float, temperature: float) -> None:
    """The token between two changes, and those 0.005 aside where no other change is nearer."""
    found = around(PEAKED, coin, temperature)
    edges = [c.temperature for c in found.changes]
    for i, change in enumerate(found.changes):
        t = change.temperature
        low = max([t - 0.005, *((t + other) / 2 for other in edges[:i])])
        high = min([t + 0.005, *((t + other) / 2 for other in edges[i + 1 :])])
        if i or found.from_zero:
            assert lands_on(PEAKED, coin, low) == change.before
        if i < len(edges) - 1 or found.to_the_end:
            assert lands_on(PEAKED, coin, high) == change.after
        assert lands_on(PEAKED, coin, t + 1e-6 * (t > 0)) == change.after
        assert lands_on(PEAKED, coin, t - 1e-6) == change.before


def test_a_border_that_no_rounding_can_tell():
    """Two tokens so close that the first has exactly a half at every temperature, and the coin there too."""
    path = CoinPath(PartitionSum(Ranking(np.array([0.0, -5e-17]))), 0.5)
    assert path.border(1) == 1.0
