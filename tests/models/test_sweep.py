"""Z, entropy and probabilities against T, from buckets, against the exact softmax; peaks, ranges and ranks too."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tempviz.models.distribution import Distribution
from tempviz.models.partition import Z_ERROR, PartitionSum
from tempviz.models.rank_curve import RankCurve, depths_at, tokens_for_mass
from tempviz.models.ranking import Ranking
from tempviz.models.state import MAX_KEYED_T as MAX_T
from tempviz.models.sweep import POINTS, Sweep

rng = np.random.default_rng(5)
NORMAL = rng.normal(0, 3, 20_000).astype(np.float32)
ROWS = {
    "normal": NORMAL,
    "wide": (NORMAL * 5),
    "narrow": (NORMAL / 100).astype(np.float32),
    "peaked": np.append(NORMAL, np.float32(30)),
    "outlier": np.append(NORMAL, np.float32(-1e30)),
    "masked": np.where(rng.random(20_000) < 0.9, -np.inf, NORMAL).astype(np.float32),
    "constant": np.full(5000, 2.5, np.float32),
    "tied": rng.integers(-6, 3, 5000).astype(np.float32),
    "two": np.array([1.0, 2.0]),
    "one": np.array([7.0], np.float32),
    "far apart": np.array([0, -800, 3e38, 2.9e38, -np.inf, 3e38], np.float32),
}
rows = arrays(
    np.float32,
    st.integers(1, 200),
    elements=st.one_of(
        st.floats(-40, 40, width=32),
        st.floats(-1, 1, width=32),
        st.integers(-2, 2).map(float),
        st.sampled_from([-np.inf, -1e4, -1e30]),
    ),
).filter(lambda row: np.isfinite(row).any())
TEMPERATURES = [0.003, 0.05, 0.3, 0.7, 1.0, 1.7, 3.0, 5.0]


def exact_z(logits: np.ndarray, temperature: float) -> float:
    """Z from its definition, in extended precision."""
    depth = logits.max().astype(np.longdouble) - logits.astype(np.longdouble)
    return float(np.exp(-depth / np.longdouble(temperature)).sum())


def sweep_of(logits: np.ndarray) -> Sweep:
    return Sweep(PartitionSum(Ranking(logits)))


# ---- Z -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_z_and_the_mean_depth_are_within_the_stated_error(name: str) -> None:
    z, mean = PartitionSum(Ranking(ROWS[name])).sums(TEMPERATURES)
    depth = ROWS[name].max().astype(np.float64) - ROWS[name].astype(np.float64)
    depth = depth[np.isfinite(depth)]
    for t, z_t, mean_t in zip(TEMPERATURES, z, mean, strict=True):
        assert z_t == pytest.approx(exact_z(ROWS[name], t), rel=Z_ERROR)
        p = np.exp(-depth / t) / z_t
        assert mean_t == pytest.approx(float((p * depth).sum()), rel=1e-4, abs=1e-12)


@given(rows, st.floats(0.003, MAX_T))
def test_z_of_any_row(logits: np.ndarray, temperature: float) -> None:
    z, _ = PartitionSum(Ranking(logits)).at(temperature)
    assert z == pytest.approx(exact_z(logits, temperature), rel=Z_ERROR)


@settings(deadline=None, max_examples=60)
@given(
    octave=st.integers(-3, 6),
    place=st.integers(0, 127),
    low=st.floats(0.02, 0.98),
    x=st.floats(4, 25),
)
@example(octave=3, place=0, low=0.211, x=11.5)
def test_the_error_where_it_is_greatest(octave: int, place: int, low: float, x: float) -> None:
    """Every token but the best at the two ends of one bucket, at temperatures where the bucket weighs most in Z."""
    begin = 2.0**octave * (1 + place / 128)
    end = begin + 2.0**octave / 128 * 0.999
    logits = np.full(262_144, -end)
    logits[: int(low * len(logits))] = -begin
    logits[0] = 0.0
    temperature = begin / x
    z, _ = PartitionSum(Ranking(logits)).at(temperature)
    assert abs(z / exact_z(logits, temperature) - 1) < Z_ERROR


def test_the_stated_error_is_not_generous() -> None:
    """It is a bound of this method, not of any: a row comes within a factor of ten of it."""
    worst = 0.0
    logits = np.full(262_144, -(8 + 8 / 128 * 0.999))
    for low in (0.2, 0.79):
        logits[: int(low * len(logits))] = -8.0
        logits[0] = 0.0
        sums = PartitionSum(Ranking(logits))
        for x in (10.5, 11.5, 12.5):
            worst = max(worst, abs(sums.at(8 / x)[0] / exact_z(logits, 8 / x) - 1))
    assert Z_ERROR / 10 < worst < Z_ERROR


@pytest.mark.parametrize("name", ["two", "one", "far apart"])
def test_short_rows_are_exact(name: str) -> None:
    """Up to 64 tokens there is no bucket."""
    sums = PartitionSum(Ranking(ROWS[name]))
    assert len(sums.count) == 0
    for t in TEMPERATURES:
        assert sums.at(t)[0] == pytest.approx(exact_z(ROWS[name], t), rel=1e-15)


# ---- against T -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_probabilities_and_entropy_are_those_of_the_distribution(name: str) -> None:
    ranking = Ranking(ROWS[name])
    sweep = Sweep(PartitionSum(ranking))
    tokens = {int(i) for i in (*ranking.head(5), ranking.n - 1, ranking.n // 2)}
    assert (sweep.temperatures[0], sweep.temperatures[-1], len(sweep.temperatures)) == (0.0, MAX_T, POINTS)
    probs = {token: sweep.probs(token) for token in tokens}
    for i in (0, 1, 20, 60, 100, POINTS - 1):
        t = float(sweep.temperatures[i])
        exact = Distribution(ranking, t)
        assert sweep.entropy_bits[i] == pytest.approx(exact.entropy_bits, rel=1e-4, abs=1e-9)
        for token in tokens:
            assert probs[token][i] == pytest.approx(exact.prob(token), rel=Z_ERROR, abs=1e-300)
            assert sweep.prob(token, t) == pytest.approx(probs[token][i], rel=1e-12, abs=1e-300)


def test_the_lab_s_numbers() -> None:
    sweep = sweep_of(ROWS["two"])
    assert sweep.prob(1, 1.0) == pytest.approx(0.73105858, abs=1e-8)
    assert sweep.prob(1, 5.0) == pytest.approx(0.54983400, abs=1e-8)
    assert sweep.prob(1, 0.0) == 1.0
    peak = sweep.peak(1)
    assert peak is not None and (peak.temperature, peak.prob, peak.at_end) == (0.0, 1.0, True)
    other = sweep.peak(0)
    assert other is not None and (other.temperature, other.at_end) == (MAX_T, True)
    assert other.prob == pytest.approx(0.45016600, abs=1e-8)
    low, high = sweep.range_above(0, 0.1) or (0, 0)
    assert (low, high) == (pytest.approx(1 / math.log(9), abs=2e-6), MAX_T)  # e^(-1/T) / (1 + e^(-1/T)) = 1/10


def test_a_masked_token_has_no_peak() -> None:
    sweep = sweep_of(np.array([0, -np.inf, -1], np.float32))
    assert sweep.peak(1) is None
    assert sweep.range_above(1, 0.01) is None
    assert not sweep.probs(1).any()


def test_of_tied_tokens_one_has_it_all_at_zero_and_each_its_part_above() -> None:
    sweep = sweep_of(np.array([1, 1, 0], np.float32))
    assert (sweep.probs(0)[0], sweep.probs(1)[0]) == (1.0, 0.0)
    assert sweep.probs(1)[1] == 0.5
    peak = sweep.peak(1)
    assert peak is not None and (peak.temperature, peak.prob) == (0.0, 0.5)
    # 1 / (2 + e^(-1/T)) falls to 0.4 where e^(-1/T) = 1/2.
    assert sweep.range_above(1, 0.4) == (0.0, pytest.approx(1 / math.log(2), abs=2e-6))
    assert sweep.range_above(1, 0.6) is None


@settings(deadline=None)
@given(rows, st.data())
def test_a_peak_is_the_greatest_and_a_range_is_where_it_is_said_to_be(logits: np.ndarray, data: st.DataObject) -> None:
    sweep = sweep_of(logits)
    token = data.draw(st.integers(0, len(logits) - 1))
    peak = sweep.peak(token)
    fine = np.linspace(0.003, MAX_T, 400)
    probs = np.array([sweep.prob(token, float(t)) for t in fine])
    if peak is None:
        assert logits[token] == -np.inf
        return
    assert probs.max() <= peak.prob * (1 + 1e-9)
    assert peak.at_end == (peak.temperature in (0.0, MAX_T))
    for share in (0.01, 0.1):
        span = sweep.range_above(token, share)
        inside = fine[probs >= share * (1 + 1e-9)]
        if span is None:
            assert not len(inside)
            continue
        assert all(span[0] - 2e-6 <= t <= span[1] + 2e-6 for t in inside)
        within = (fine > span[0] + 2e-6) & (fine < span[1] - 2e-6)
        assert (probs[within] >= share * (1 - 1e-9)).all()


# ---- against rank --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_the_depths_at_ranks_are_those_of_a_full_sort(name: str) -> None:
    logits = ROWS[name]
    curve = RankCurve(PartitionSum(Ranking(logits)))
    ordered = np.sort(logits[np.isfinite(logits)].astype(np.float64))[::-1]
    assert (curve.ranks[0], curve.ranks[-1]) == (1, len(ordered))
    assert (np.diff(curve.ranks) > 0).all()
    assert np.array_equal(curve.depths, ordered[0] - ordered[curve.ranks - 1])


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.0, 5.0])
def test_mass_against_rank(name: str, temperature: float) -> None:
    ranking = Ranking(ROWS[name])
    exact, curve = Distribution(ranking, temperature), RankCurve(PartitionSum(ranking))
    ordered = exact.probs[ranking.ids(0, ranking.n)]
    edges = ordered.cumsum()
    assert curve.cumulative(temperature) == pytest.approx(edges[curve.ranks - 1], abs=2e-3)
    with np.errstate(divide="ignore"):
        logs = np.log10(ordered[curve.ranks - 1])
    seen = logs > -300
    assert curve.log10_probs(temperature)[seen] == pytest.approx(logs[seen], abs=2e-5)
    assert (curve.log10_probs(temperature)[~seen] < -299).all()


@given(rows, st.one_of(st.just(0.0), st.floats(0.05, 20)))
def test_the_tokens_that_make_a_share(logits: np.ndarray, temperature: float) -> None:
    distribution = Distribution(Ranking(logits), temperature)
    edges = np.sort(distribution.probs)[::-1].cumsum()
    shares = (0.01, 0.5, 0.9, 0.99)
    for share, n in zip(shares, tokens_for_mass(distribution, shares), strict=True):
        assert edges[n - 1] >= share * (1 - 2e-12)
        assert n == 1 or edges[n - 2] < share * (1 - 0.5e-12)


def test_half_of_a_hundred_equals_is_fifty() -> None:
    equals = Distribution(Ranking(np.zeros(100, np.float32)), 1.0)
    assert tokens_for_mass(equals, (0.5, 0.9, 0.99)) == [50, 90, 99]


def test_depths_at_any_ranks() -> None:
    ranking = Ranking(NORMAL)
    ranks = np.array([1, 2, 77, 78, 19_999, 20_000])
    assert np.array_equal(
        depths_at(ranking, ranks), float(NORMAL.max()) - np.sort(NORMAL.astype(np.float64))[::-1][ranks - 1]
    )
