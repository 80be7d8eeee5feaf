"""The temperature softmax against the properties that define it, and against arithmetic of 50 digits."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models.distribution import Distribution
from tempviz.models.engine import BadLogits
from tempviz.models.ranking import Ranking
from tempviz.models.softmax import check_temperature, perplexity, powers, softmax, surprisal_bits

FLOAT32_MAX = float(np.finfo(np.float32).max)

logit = st.floats(-60, 60, width=32)
rows = st.lists(logit, min_size=1, max_size=40)
masked_rows = st.tuples(st.lists(st.one_of(logit, st.just(-np.inf)), max_size=40), logit).map(lambda r: [*r[0], r[1]])
extreme_rows = st.lists(st.floats(-FLOAT32_MAX, FLOAT32_MAX, width=32), min_size=1, max_size=20)
temperatures = st.floats(0.05, 50)
any_temperature = st.one_of(st.just(0.0), st.floats(1e-300, 1e300))

quick = settings(deadline=None, max_examples=100)


def logprobs_of(row, temperature: float) -> list[float]:
    distribution = Distribution(Ranking(np.asarray(row, np.float64)), temperature)
    return [distribution.logprob(token) for token in range(len(row))]


def entropy(row, temperature: float) -> float:
    return Distribution(Ranking(np.asarray(row, np.float64)), temperature).entropy_bits


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [(1, "0.26894142 0.73105858"), (2, "0.37754067 0.62245933"), (5, "0.45016600 0.54983400")],
)
def test_the_values_of_logits_1_and_2(temperature: float, expected: str):
    assert " ".join(f"{p:.8f}" for p in softmax([1, 2], temperature)) == expected


@quick
@given(st.one_of(masked_rows, extreme_rows), any_temperature)
def test_probabilities_sum_to_1(row: list[float], temperature: float):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        p = softmax(np.array(row, np.float32), temperature)
    assert p.dtype == np.float64 and p.shape == (len(row),)
    assert abs(p.sum() - 1) <= 1e-12
    assert p.min() >= 0


@quick
@given(st.lists(st.integers(-3000, 3000), min_size=1, max_size=40), st.integers(-(10**6), 10**6), temperatures)
def test_a_shift_of_all_logits_changes_nothing(sixteenths: list[int], shift: int, temperature: float):
    row = np.array(sixteenths) / 16  # exact in float64, before and after the shift
    assert np.array_equal(softmax(row, temperature), softmax(row + shift, temperature))


@quick
@given(masked_rows, temperatures)
def test_a_greater_logit_never_has_less_probability(row: list[float], temperature: float):
    p = softmax(row, temperature)[np.argsort(row)]
    assert (np.diff(p) >= 0).all()


@quick
@given(st.one_of(masked_rows, extreme_rows), any_temperature)
def test_the_greatest_logit_has_the_greatest_probability_at_every_temperature(row: list[float], temperature: float):
    p = softmax(row, temperature)
    assert p[int(np.argmax(row))] == p.max()


@quick
@given(rows, temperatures, st.randoms(use_true_random=False))
def test_tokens_in_another_order_have_the_same_probabilities(row: list[float], temperature: float, random):
    order = list(range(len(row)))
    random.shuffle(order)
    shuffled = np.array(row)[order]
    assert softmax(shuffled, temperature) == pytest.approx(softmax(row, temperature)[order], rel=1e-13)


@quick
@given(masked_rows, temperatures, temperatures)
def test_entropy_never_falls_as_the_temperature_rises(row: list[float], one: float, other: float):
    assert entropy(row, min(one, other)) <= entropy(row, max(one, other)) + 1e-9


@quick
@given(rows.filter(lambda row: len(row) == 1 or np.diff(np.sort(row)[-2:])[0] > 0.05))
def test_a_temperature_near_0_is_greedy(row: list[float]):
    cold, greedy = softmax(row, 1e-3), softmax(row, 0)
    assert np.abs(cold - greedy).max() <= 1e-12
    assert greedy[int(np.argmax(row))] == 1 and greedy.sum() == 1


@quick
@given(masked_rows)
def test_a_great_temperature_is_uniform_over_the_finite_logits(row: list[float]):
    finite = np.isfinite(row)
    p = softmax(row, 1e15)
    assert p[finite] == pytest.approx(1 / finite.sum(), rel=1e-12)
    assert (p[~finite] == 0).all()
    assert entropy(row, 1e15) == pytest.approx(np.log2(finite.sum()), abs=1e-9)


@pytest.mark.parametrize("temperature", [5e-324, 1e-300, 1e-40, 1e-3])
def test_a_tiny_temperature_overflows_nowhere(temperature: float):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        p = softmax([1, 3, -FLOAT32_MAX, 2, -np.inf], temperature)
        bits = entropy([1, 3, -FLOAT32_MAX, 2, -np.inf], temperature)
    assert p.tolist() == [0, 1, 0, 0, 0]
    assert bits == 0


def test_huge_logits():
    assert softmax(np.array([3e38, -3e38, 3e38], np.float32), 0.5).tolist() == [0.5, 0, 0.5]
    far = softmax(np.array([3e38, 0], np.float32), 3e38)
    assert far == pytest.approx([0.7310585786, 0.2689414214], rel=1e-6)


def test_a_tie_at_0_goes_to_the_lowest_id_and_is_shared_above():
    assert softmax([1, 7, 7, 7], 0).tolist() == [0, 1, 0, 0]
    assert softmax([1, 7, 7, 7], 1e-3) == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])


@pytest.mark.parametrize("n", [1, 2, 299, 49152])
def test_equal_logits_are_equally_likely(n: int):
    row = np.full(n, -4.25, np.float32)
    assert np.array_equal(softmax(row), np.full(n, 1 / n))
    assert entropy(row, 1) == pytest.approx(np.log2(n), abs=1e-12)
    assert entropy(row, 0) == 0


def exact(row: list[float], temperature: float) -> tuple[list[mpmath.mpf], mpmath.mpf]:
    """(ln p of every finite logit, entropy in bits) with 50 digits."""
    with mpmath.workdps(50):
        z = [mpmath.mpf(x) / mpmath.mpf(temperature) for x in row if np.isfinite(x)]
        log_total = mpmath.log(mpmath.fsum(mpmath.exp(x) for x in z))
        logprobs = [x - log_total for x in z]
        return logprobs, -mpmath.fsum(mpmath.exp(x) * x for x in logprobs) / mpmath.log(2)


@settings(deadline=None, max_examples=60)
@given(masked_rows, temperatures)
def test_agrees_with_50_digits(row: list[float], temperature: float):
    logprobs, bits = exact(row, temperature)
    finite = np.isfinite(row)
    p, logp = softmax(row, temperature)[finite], np.array(logprobs_of(row, temperature))[finite]
    for ours, our_log, true in zip(p, logp, logprobs, strict=True):
        assert our_log == pytest.approx(float(true), rel=1e-12, abs=1e-12)
        if true > -700:
            assert ours == pytest.approx(float(mpmath.exp(true)), rel=1e-12)
    assert entropy(row, temperature) == pytest.approx(float(bits), rel=1e-12, abs=1e-12)


def test_a_logprob_is_finite_where_the_probability_underflows():
    assert softmax([0, -1000]).tolist() == [1, 0]
    assert logprobs_of([0, -1000], 1.0) == [0, -1000]
    assert logprobs_of([0, -np.inf], 1.0) == [0, -np.inf]


def test_powers_are_what_the_softmax_divides_by_their_sum():
    below = np.array([0.0, -1.0, -np.inf, 0.0])
    for temperature in (0.3, 1.0, 4.0):
        assert powers(below, temperature) / powers(below, temperature).sum() == pytest.approx(
            softmax(below, temperature)
        )
    assert powers(below, 0).tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("function", [softmax, lambda row, t: Distribution(Ranking(row), t)])
@pytest.mark.parametrize("temperature", [-1, -1e-9, np.nan, np.inf, -np.inf])
def test_what_is_no_temperature_is_refused_by_name(function, temperature: float):
    with pytest.raises(ValueError, match="temperature must be a finite number of at least 0, not"):
        function([1, 2], temperature)
    assert check_temperature(0) == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([1, np.nan, np.nan], "2 of 3 logits are NaN"),
        ([np.nan, np.inf], "1 of 2 logits are NaN"),
        ([1, np.inf], "1 of 2 logits are +inf"),
        ([-np.inf, -np.inf], "None of the 2 logits is finite"),
        ([], "shape"),
        ([[1, 2]], "shape"),
    ],
)
@pytest.mark.parametrize("function", [softmax, Ranking])
def test_what_is_no_distribution_is_refused_by_name(function, row: list, said: str):
    with pytest.raises(BadLogits) as caught:
        function(np.array(row, np.float32))
    assert said in str(caught.value)


def test_the_logits_are_left_as_they_were():
    row = np.array([1, 2, 3], np.float32)
    row.flags.writeable = False
    softmax(row, 0.5)
    assert row.tolist() == [1, 2, 3]


def test_surprisal_and_perplexity():
    assert surprisal_bits(np.log(0.25)) == pytest.approx(2, rel=1e-15)
    assert surprisal_bits(-np.inf) == np.inf
    assert str(surprisal_bits(0.0)) == str(surprisal_bits(-0.0)) == "0.0"
    assert perplexity([1, 2, 3]) == 4
    with pytest.raises(ValueError, match="perplexity"):
        perplexity([])
