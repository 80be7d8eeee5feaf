"""The order of a row, against a full sort: ties go to the lowest id."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tempviz.models.ranking import N_BUCKETS, Ranking

rng = np.random.default_rng(7)
FLOAT32_MAX = float(np.finfo(np.float32).max)


def masked(row: np.ndarray) -> np.ndarray:
    row = row.copy()
    row[rng.random(row.size) < 0.5] = -np.inf
    row[row.size // 2] = 1
    return row


def outlier(row: np.ndarray) -> np.ndarray:
    """Nearly all of the row in one bucket."""
    return np.append(row, np.float32(1e30))


normal = rng.normal(0, 4, 5000).astype(np.float32)
ROWS = {
    "random": normal,
    "tied": rng.integers(-9, 9, 5000).astype(np.float32),
    "constant": np.full(700, 2.5, np.float32),
    "masked": masked(normal),
    "tied and masked": masked(rng.integers(-3, 3, 2000).astype(np.float32)),
    "one finite": masked(np.full(3, -np.inf, np.float32)),
    "one token": np.array([-3], np.float32),
    "extreme": np.array([FLOAT32_MAX, -FLOAT32_MAX, 0, -0.0, 1e-45, -1e-45, FLOAT32_MAX, -np.inf], np.float32),
    "outlier": outlier(normal),
    "subnormal": np.arange(50, dtype=np.float32) * np.float32(1e-45),
    "close float64": np.array([0, 1e-310, 5e-324, 0]),
    "subnormal float64": np.arange(5000) * 5e-324,
    "float64": rng.normal(0, 4, 5000),
    "whole numbers": np.array([1, 3, 2, 3]),
}

any_row = arrays(
    np.float32,
    st.integers(1, 60),
    elements=st.one_of(st.floats(-FLOAT32_MAX, FLOAT32_MAX, width=32), st.integers(-2, 2).map(float), st.just(-np.inf)),
).filter(lambda row: np.isfinite(row).any())


def order(row: np.ndarray) -> np.ndarray:
    """All ids, best first, by a full sort."""
    return np.lexsort((np.arange(row.size), -row.astype(np.float64)))


def check(row: np.ndarray, start: int, stop: int) -> None:
    """Every question to a ranking has the full sort's answer."""
    ranking, expected = Ranking(row), order(row)
    assert ranking.ids(start, stop).tolist() == expected[max(0, start) : stop].tolist()
    assert ranking.ids(0, row.size).tolist() == expected.tolist()
    assert ranking.argmax == expected[0] and ranking.max == row.max()
    assert ranking.n_finite == np.isfinite(row).sum()
    assert ranking.n_best == (row == row.max()).sum()
    rank = min(max(1, stop), row.size)
    assert ranking.rank_of(int(expected[rank - 1])) == rank
    buckets = [ranking.in_bucket(b) for b in range(N_BUCKETS + 1) if b == 0 or ranking.ends[b] > ranking.ends[b - 1]]
    assert np.concatenate(buckets).tolist() == expected.tolist()


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("window", [(0, 10), (3, 4), (40, 90), (0, 10**6), (-5, 3), (9, 2)])
def test_any_window_on_any_row(name: str, window: tuple[int, int]):
    check(ROWS[name], *window)


MANY = rng.normal(0, 4, 100_000).astype(np.float32)  # some of them at an edge, where float32 rounds


@pytest.mark.parametrize("name", [*ROWS, "many"])
def test_every_token_lies_between_the_edges_of_its_bucket(name: str):
    ranking = Ranking(MANY if name == "many" else ROWS[name])
    low, high = ranking.bucket_edges
    depth = -ranking.below_maximum
    assert (low[ranking.buckets] <= depth).all()
    assert (depth <= high[ranking.buckets]).all()


@settings(deadline=None, max_examples=100)
@given(any_row, st.integers(0, 60), st.integers(0, 60))
def test_any_row_whatever(row: np.ndarray, start: int, stop: int):
    check(row, start, stop)


@pytest.mark.parametrize("name", ROWS)
def test_every_token_has_its_rank(name: str):
    row = ROWS[name][:300]
    ranking = Ranking(row)
    assert [ranking.rank_of(int(token)) for token in order(row)] == list(range(1, row.size + 1))


def test_the_head_grows_when_more_is_asked_for():
    ranking, expected = Ranking(normal), order(normal)
    for k in (0, 1, 64, 3, 65, 4000, 5000, 5001, 10):
        assert ranking.head(k).tolist() == expected[:k].tolist()


def test_a_whole_vocabulary():
    row = rng.normal(0, 3, 262_144).astype(np.float32)
    ranking, expected = Ranking(row), order(row)
    for start in (0, 64, 1000, 131_072, 262_100):
        assert ranking.ids(start, start + 50).tolist() == expected[start : start + 50].tolist()


@given(arrays(np.float32, st.integers(1, 60), elements=st.sampled_from([-np.inf, -3.0, 0.0, 0.5, 0.5, 7.0])))
def test_the_ranks_of_several_are_those_of_each(logits):
    if np.isfinite(logits).any():
        ranking = Ranking(logits)
        assert ranking.ranks_of(range(len(logits))) == [ranking.rank_of(i) for i in range(len(logits))]
