"""The distribution of one position against brute force over the whole row: landing, tails, decades, entropy."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tempviz.models.distribution import DECADES, Distribution
from tempviz.models.ranking import Ranking
from tempviz.models.sampling import coin
from tempviz.models.softmax import softmax

rng = np.random.default_rng(11)
NORMAL = rng.normal(0, 3, 3000).astype(np.float32)
TIED = rng.integers(-4, 4, 500).astype(np.float32)
MASKED = np.where(rng.random(3000) < 0.7, -np.inf, NORMAL).astype(np.float32)
ROWS = {
    "normal": NORMAL,
    "tied": TIED,
    "constant": np.full(97, 1.5, np.float32),
    "masked": MASKED,
    "one": np.array([2], np.float32),
    "far apart": np.array([0, -800, -801, 3e38, 2.9e38, -np.inf, 3e38], np.float32),
    "peaked": np.append(NORMAL, np.float32(40)),
}
CASES = [(name, t) for name in ROWS for t in (0.0, 0.1, 0.7, 1.0, 2.0, 50.0)]

any_row = arrays(
    np.float32,
    st.integers(1, 50),
    elements=st.one_of(st.floats(-40, 40, width=32), st.integers(-2, 2).map(float), st.just(-np.inf)),
).filter(lambda row: np.isfinite(row).any())
temperatures = st.one_of(st.sampled_from([0.0, 1e-3, 1.0]), st.floats(0.05, 20))


def of(row, temperature: float = 1.0) -> Distribution:
    return Distribution(Ranking(np.asarray(row)), temperature)


def order(row: np.ndarray) -> np.ndarray:
    return np.lexsort((np.arange(row.size), -row.astype(np.float64)))


# ---- landing -------------------------------------------------------------------------------------------------------


def check_landing(distribution: Distribution, u: float) -> None:
    """The token under a coin is the one whose share of the full cumulative sum holds it, up to rounding."""
    ids = order(distribution.ranking.logits)
    edges = np.concatenate([[0.0], distribution.probs[ids].cumsum()])
    landing = distribution.land(u)
    i = landing.rank - 1
    assert landing.token == ids[i]
    assert distribution.prob(landing.token) > 0
    assert edges[i] - 1e-12 <= u
    assert u < edges[i + 1] + 1e-12 or not distribution.probs[ids[i + 1 :]].any()
    assert abs(landing.low - edges[i]) <= 1e-12 and abs(landing.high - edges[i + 1]) <= 1e-12


@pytest.mark.parametrize(("name", "temperature"), CASES)
def test_landing_at_and_around_every_border(name: str, temperature: float):
    row = ROWS[name][:400]
    distribution = of(row, temperature)
    edges = distribution.probs[order(row)].cumsum()
    coins = [0.0, 2.0**-53, 0.5, 1 - 2.0**-53]
    for edge in np.unique(edges)[:60].tolist() + np.unique(edges)[-20:].tolist():
        coins += [edge, math.nextafter(edge, 0), math.nextafter(edge, 1)]
    for u in coins:
        if 0 <= u < 1:
            check_landing(distribution, u)


@settings(deadline=None, max_examples=100)
@given(any_row, temperatures, st.floats(0, 1, exclude_max=True))
def test_landing_anywhere(row: np.ndarray, temperature: float, u: float):
    check_landing(of(row, temperature), u)


@settings(deadline=None, max_examples=100)
@given(any_row, temperatures, st.floats(0, 1 - 1e-9))  # nearer to 1 it may be rounding that decides
def test_a_border_belongs_to_the_token_that_begins_there(row: np.ndarray, temperature: float, u: float):
    distribution = of(row, temperature)
    landing = distribution.land(u)
    assert distribution.land(landing.low).rank == landing.rank
    if landing.low > 0:
        assert distribution.land(math.nextafter(landing.low, 0)).rank < landing.rank
    if landing.high < 1 - 1e-12:
        assert distribution.land(landing.high + 1e-12).rank > landing.rank or distribution.prob(landing.token) < 1e-11


@pytest.mark.parametrize("temperature", [0.7, 1.0, 5.0])
def test_landing_deep_in_the_vocabulary(temperature: float):
    """Beyond the best tokens, which are looked at first, and on both sides of where these end."""
    distribution = of(NORMAL, temperature)
    ids = order(NORMAL)
    edges = distribution.probs[ids].cumsum()
    for rank in (1, 2, 63, 64, 65, 66, 128, 1000, 2999):
        check_landing(distribution, float(edges[rank - 1]))
        middle = (edges[rank - 1] + edges[rank]) / 2
        assert distribution.land(float(middle)).token == ids[rank]


def test_every_token_with_a_share_can_be_landed_on():
    distribution = of(TIED, 1.3)
    ids = order(TIED)
    edges = np.concatenate([[0], distribution.probs[ids].cumsum()])
    middles = (edges[:-1] + edges[1:]) / 2
    assert [distribution.land(u).token for u in middles.tolist()] == ids.tolist()


def test_the_last_coin_falls_on_the_last_token_that_has_a_share():
    last = 1 - 2.0**-53
    assert of([0, 1, -np.inf, 0]).land(last).token == 3
    assert of([0, -800, 1]).land(last).token == 0  # p of the second underflows
    assert of(np.full(299, 0.1, np.float32)).land(last).token == 298
    assert of(NORMAL, 0).land(last).token == int(NORMAL.argmax())


def test_greedy_lands_on_the_lowest_id_of_a_tie():
    for u in (0, 0.5, 0.999):
        assert of([1, 7, 7], 0).land(u).token == 1


def p_value(chi_square: float, freedom: int) -> float:
    """How likely so great a chi-square is by luck alone."""
    return float(mpmath.gammainc(freedom / 2, chi_square / 2, mpmath.inf, regularized=True))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_come_as_often_as_their_probabilities_say(temperature: float):
    row = np.array([2, 0.5, 3, -1, 1, 3, -np.inf, 0], np.float32)
    distribution, n = of(row, temperature), 6000
    landed = [distribution.land(coin(42, position)).token for position in range(n)]
    counts = np.bincount(landed, minlength=row.size)
    expected = n * softmax(row, temperature)
    possible = expected > 0
    assert counts[~possible].sum() == 0
    chi_square = float(((counts - expected)[possible] ** 2 / expected[possible]).sum())
    assert p_value(chi_square, int(possible.sum()) - 1) > 0.001
    # The same test tells another distribution from this one.
    other = n * softmax(row, temperature * 1.2)
    assert p_value(float(((counts - other)[possible] ** 2 / other[possible]).sum()), int(possible.sum()) - 1) < 1e-6


# ---- shares --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "temperature"), CASES)
def test_the_same_probabilities_as_the_softmax(name: str, temperature: float):
    distribution = of(ROWS[name], temperature)
    assert np.array_equal(distribution.probs, softmax(ROWS[name], temperature))
    for token in range(min(20, ROWS[name].size)):
        p, logprob = distribution.prob(token), distribution.logprob(token)
        assert math.exp(logprob) == pytest.approx(p, rel=1e-12, abs=1e-300)


def test_a_logprob_is_exact_where_the_probability_underflows():
    assert of([0, -1000]).prob(1) == 0
    assert of([0, -1000]).logprob(1) == -1000
    assert of([0, -np.inf]).logprob(1) == -np.inf


@settings(deadline=None, max_examples=100)
@given(any_row, temperatures, st.integers(0, 50), st.integers(0, 50))
def test_window_above_and_tail_are_everything(row: np.ndarray, temperature: float, start: int, stop: int):
    start, stop = min(start, stop), max(start, stop)
    distribution = of(row, temperature)
    ids = order(row)
    outside = np.concatenate([ids[:start], ids[stop:]])
    tail = distribution.tail_mass(start, stop)
    assert tail == pytest.approx(math.fsum(distribution.probs[outside]), rel=1e-12, abs=0)
    assert tail + math.fsum(distribution.probs[ids[start:stop]]) == pytest.approx(1, abs=1e-12)


def test_a_tiny_tail_is_right_to_its_last_digits():
    distribution = of([0, -60, -61, -62])
    true = math.exp(-60) + math.exp(-61) + math.exp(-62)
    assert distribution.tail_mass(0, 1) == pytest.approx(true, rel=1e-12)
    assert distribution.probs[0] == 1.0  # so 1 minus the rest would say 0
    assert distribution.tail_mass(0, 4) == 0


# ---- entropy -------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=100)
@given(any_row, temperatures)
def test_entropy_is_the_sum_that_defines_it(row: np.ndarray, temperature: float):
    distribution = of(row, temperature)
    p = distribution.probs[distribution.probs > 0]
    bits = -math.fsum(p * np.log2(p))
    assert distribution.entropy_bits == pytest.approx(bits, abs=1e-9)
    assert distribution.effective_choices == pytest.approx(2**bits, rel=1e-8)
    assert 0 <= distribution.entropy_bits <= math.log2(row.size) + 1e-9


def test_entropy_at_the_ends():
    assert of([1, 2, 3], 0).entropy_bits == 0 and of([1, 2, 3], 0).effective_choices == 1
    assert of([5]).entropy_bits == 0
    assert of([1, 2, 3], 1e-40).entropy_bits == 0
    assert of([0, 0, 0, -np.inf, 0]).entropy_bits == pytest.approx(2)


# ---- decades -------------------------------------------------------------------------------------------------------


def test_decades_of_a_row_whose_buckets_are_full():
    """One logit far below all others leaves nearly the whole vocabulary in one bucket."""
    logits = np.append(np.random.default_rng(1).normal(0, 3, 20_000), -1e6)
    decades, p = of(logits, 2.0).decades, softmax(logits, 2.0)
    rows = np.clip(np.ceil(-np.log10(p, where=p > 0, out=np.full(p.size, -99.0))) - 1, 0, DECADES - 1).astype(int)
    assert decades.count.tolist() == np.bincount(rows, minlength=DECADES).tolist()
    assert decades.mass == pytest.approx(np.bincount(rows, p, DECADES), abs=1e-12)


@pytest.mark.parametrize(("name", "temperature"), CASES)
def test_decades_hold_everything_once(name: str, temperature: float):
    distribution = of(ROWS[name], temperature)
    decades = distribution.decades
    assert decades.mass.shape == decades.count.shape == (DECADES,)
    assert decades.mass.sum() == pytest.approx(1, abs=1e-12)
    assert decades.count.sum() == ROWS[name].size
    p = distribution.probs
    for row in range(DECADES):
        low = 0 if row == DECADES - 1 else 10.0 ** -(row + 1)
        high = 2 if row == 0 else 10.0**-row
        inside = p[(p >= low) & (p < high)]
        near = np.isclose(p, low, rtol=1e-9, atol=0).any() or np.isclose(p, high, rtol=1e-9, atol=0).any()
        if not near:  # whether rounding leaves a border itself above or below is no matter
            assert decades.count[row] == inside.size
            assert decades.mass[row] == pytest.approx(inside.sum(), abs=1e-12)


@pytest.mark.parametrize("power", range(1, 6))
def test_a_power_of_ten_belongs_to_the_decade_that_begins_with_it(power: int):
    decades = of(np.zeros(10**power, np.float32)).decades
    assert decades.count[power - 1] == 10**power
    assert decades.mass[power - 1] == pytest.approx(1, abs=1e-11)


def test_the_ends_of_the_decades():
    greedy = of([3, 1, -np.inf], 0).decades
    assert greedy.count[0] == 1 and greedy.mass[0] == 1
    assert greedy.count[-1] == 2 and greedy.mass[-1] == 0
    smallest = of(np.log([1, 3e-10, 2e-11, 9e-12, 1e-13, 1e-30])).decades
    assert smallest.count.tolist() == [1, *[0] * 8, 1, 1, 3]


# ---- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [-0.1, np.nan, np.inf])
def test_what_is_no_temperature_is_refused_by_name(temperature: float):
    with pytest.raises(ValueError, match="temperature"):
        of([1, 2], temperature)
