"""The coin: the same in every version, uniform, and unrelated from place to place."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models.sampling import MAX_SEED, coin

N = 4000
SIGMA = (1 / 12 / N) ** 0.5  # of the mean of N uniform numbers


def test_the_coin_never_changes_between_versions():
    assert {
        (0, 0): coin(0, 0),
        (0, 1): coin(0, 1),
        (42, 0): coin(42, 0),
        (42, 7): coin(42, 7),
        (42, 7, 1): coin(42, 7, 1),
        (42, 7, 0, "xtc"): coin(42, 7, 0, "xtc"),
        (MAX_SEED, 3): coin(MAX_SEED, 3),
    } == {
        (0, 0): float.fromhex("0x1.7a5d3204726c0p-7"),
        (0, 1): float.fromhex("0x1.498ac0ff6240dp-1"),
        (42, 0): float.fromhex("0x1.a3f102fa9ac51p-1"),
        (42, 7): float.fromhex("0x1.5fdceb1adf0c4p-3"),
        (42, 7, 1): float.fromhex("0x1.efbc21c9cf212p-1"),
        (42, 7, 0, "xtc"): float.fromhex("0x1.aa6876a97b000p-11"),
        (MAX_SEED, 3): float.fromhex("0x1.dd9be35efc94ep-2"),
    }


@given(st.integers(0, MAX_SEED), st.integers(-5000, 10**6), st.integers(0, 2**32), st.sampled_from(["draw", "xtc"]))
def test_it_is_the_generator_that_numpy_has(seed: int, position: int, toss: int, purpose):
    # Arrays of uint64: a list with a seed of 2^63 or more would become floats and lose its last digits.
    key = np.array([seed, purpose == "xtc"], np.uint64)
    counter = np.array([0, toss, position % 2**64, 0], np.uint64)  # NumPy counts up before it draws
    bits = int(np.random.Philox(key=key, counter=counter).random_raw())
    assert coin(seed, position, toss, purpose) == (bits >> 11) / 2**53


def test_every_seed_has_coins_of_its_own():
    seeds = [0, 1, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**63 + 1, MAX_SEED - 1, MAX_SEED]
    assert len({coin(seed, 5) for seed in seeds}) == len(seeds)


def test_a_seed_outside_64_bits_is_refused():
    for seed in (-1, MAX_SEED + 1):
        with pytest.raises((OverflowError, ValueError)):
            coin(seed, 0)


SEQUENCES = {
    "positions": [coin(1, i) for i in range(N)],
    "tosses": [coin(1, 9, i) for i in range(N)],
    "seeds": [coin(i, 9) for i in range(N)],
    "xtc": [coin(1, i, 0, "xtc") for i in range(N)],
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_coins_are_uniform(name: str):
    u = np.array(SEQUENCES[name])
    assert u.min() >= 0 and u.max() < 1
    assert len(set(SEQUENCES[name])) == N
    assert abs(u.mean() - 0.5) < 4 * SIGMA
    counts = np.bincount((u * 20).astype(int), minlength=20)
    assert ((counts - N / 20) ** 2 / (N / 20)).sum() < 43.8  # chi-square of 19 degrees: 1 in 1000
    # Kolmogorov and Smirnov's distance from the straight line, 1 in 1000.
    assert np.abs(np.sort(u) - (np.arange(N) + 0.5) / N).max() < 1.95 / N**0.5


def correlation(one, other) -> float:
    return float(np.corrcoef(one, other)[0, 1])


@pytest.mark.parametrize("name", SEQUENCES)
@pytest.mark.parametrize("lag", [1, 2, 4, 64])
def test_a_coin_tells_nothing_of_the_next(name: str, lag: int):
    u = SEQUENCES[name]
    assert abs(correlation(u[:-lag], u[lag:])) < 4 / N**0.5


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(SEQUENCES, 2)])
def test_position_toss_seed_and_purpose_are_unrelated(one: str, other: str):
    assert abs(correlation(SEQUENCES[one], SEQUENCES[other])) < 4 / N**0.5


def test_a_coin_depends_on_nothing_that_was_drawn_before():
    forwards = [coin(3, i) for i in range(50)]
    assert [coin(3, i) for i in reversed(range(50))] == forwards[::-1]
