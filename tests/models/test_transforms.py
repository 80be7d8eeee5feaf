"""Every transform on rows that can be worked out by hand, and its settings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tempviz.models.chain import Chain, ChainResult
from tempviz.models.dry import Dry
from tempviz.models.penalties import LogitBias, Penalties
from tempviz.models.ranking import Ranking
from tempviz.models.transform import Transform
from tempviz.models.transforms import MinP, Temperature, TopK, TopNSigma, TopP, TypP, Xtc
from tempviz.models.vocabulary import Vocabulary

HALVES = np.log([0.5, 0.25, 0.125, 0.0625, 0.0625])
"""p = 1/2, 1/4, 1/8, 1/16, 1/16."""

KINDS: tuple[type[Transform], ...] = (
    LogitBias,
    Penalties,
    Dry,
    TopNSigma,
    TopK,
    TypP,
    TopP,
    MinP,
    Xtc,
    Temperature,
)


def run(transform: Transform, row, history=(), coin: float = 0.5, vocabulary: Vocabulary | None = None) -> ChainResult:
    return Chain((transform,)).run(Ranking(np.asarray(row)), history, lambda purpose: coin, vocabulary)


def kept(transform: Transform, row, **circumstances) -> list[int]:
    return run(transform, row, **circumstances).kept.tolist()


# ---- cuts ----------------------------------------------------------------------------------------------------------


def test_top_k_keeps_the_best_and_of_a_tie_the_lowest_id():
    assert kept(TopK(2), [1, 3, 2]) == [1, 2]
    assert kept(TopK(2), [1, 3, 1, 1]) == [0, 1]
    assert kept(TopK(0), [1, 3, 2]) == kept(TopK(9), [1, 3, 2]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("p", "expected"), [(0, 1), (0.5, 1), (0.51, 2), (0.75, 2), (0.76, 3), (0.9, 4), (0.95, 5), (1, 5)]
)
def test_top_p_keeps_the_token_that_reaches_p(p: float, expected: int):
    assert kept(TopP(p), HALVES) == list(range(expected))


@pytest.mark.parametrize(("p", "expected"), [(0, 5), (0.1, 5), (0.126, 3), (0.5, 2), (0.51, 1), (1, 1)])
def test_min_p_is_relative_to_the_best(p: float, expected: int):
    assert kept(MinP(p), HALVES) == list(range(expected))


def test_min_p_of_1_keeps_all_that_tie_with_the_best():
    assert kept(MinP(1.0), [2, 5, 5, 1, 5]) == [1, 2, 4]


def test_min_p_is_exact_where_float32_would_round_the_bound():
    best = np.float32(16)
    bound = float(best) + math.log(0.05)
    row = np.array([best, np.nextafter(np.float32(bound), np.float32(0)), np.float32(bound)], np.float32)
    expected = [i for i, logit in enumerate(row.tolist()) if logit >= bound]
    assert kept(MinP(0.05), row) == expected
    assert kept(MinP(0.05), np.append(row, [-3.4e38]).astype(np.float32)) == expected


@pytest.mark.parametrize("transform", [TopP(0.0, 3), MinP(1.0, 3), TypP(0.0, 3)])
def test_min_keep_keeps_so_many(transform: Transform):
    assert len(kept(transform, HALVES)) == 3
    assert len(kept(transform, [1.0, 0.0])) == 2


def test_typ_p_keeps_what_surprises_as_expected():
    # H = 1.875 bits; surprisals 1, 2, 3, 4, 4: nearest is the second, then the first, then the third.
    assert kept(TypP(0.0), HALVES) == kept(TypP(0.2), HALVES) == [1]
    assert kept(TypP(0.25 + 1e-9), HALVES) == kept(TypP(0.7), HALVES) == [0, 1]
    assert kept(TypP(0.8), HALVES) == [0, 1, 2]
    assert kept(TypP(1.0), HALVES) == [0, 1, 2, 3, 4]


def test_top_n_sigma_measures_in_standard_deviations():
    row = [4.0, 2.0, 0.0, -2.0, -4.0]  # of sqrt(8)
    assert kept(TopNSigma(1), row) == [0, 1]
    assert kept(TopNSigma(math.sqrt(2) + 1e-9), row) == [0, 1, 2]
    assert kept(TopNSigma(0), row) == kept(TopNSigma(-1), row) == [0, 1, 2, 3, 4]


def test_xtc_spares_the_last_of_the_top_choices():
    assert kept(Xtc(1, 0.1), HALVES) == [2, 3, 4]
    assert kept(Xtc(1, 0.2), HALVES) == [1, 2, 3, 4]
    assert kept(Xtc(1, 0.5), HALVES) == kept(Xtc(1, 0.51), HALVES) == [0, 1, 2, 3, 4]
    assert kept(Xtc(1, 0.0), HALVES) == [4]


def test_xtc_asks_its_own_coin_and_only_if_it_is_on():
    asked: list[str] = []

    def coin(purpose: str) -> float:
        asked.append(purpose)
        return 0.3

    for probability, expected in ((0.0, 5), (0.29, 5), (0.3, 3), (1.0, 3)):
        result = Chain((Xtc(probability, 0.1),)).run(Ranking(HALVES), (), coin)
        assert result.left.n == expected
    assert asked == ["xtc"] * 3


def test_temperature_zero_keeps_the_lowest_id_of_the_best():
    result = run(Temperature(0), [1, 7, 7, 2])
    assert result.kept.tolist() == [1]
    assert result.distribution.probs.tolist() == [0, 1, 0, 0]


def test_a_dynamic_temperature_goes_with_the_entropy():
    flat, sure = [1.0, 1.0, 1.0, 1.0], [900.0, 0.0, 0.0, 0.0]
    assert run(Temperature(1, 0.5), flat).left.temperature == pytest.approx(1.5)
    assert run(Temperature(1, 0.5), sure).left.temperature == pytest.approx(0.5)
    assert run(Temperature(0.3, 0.5), sure).kept.tolist() == [0]  # below 0 is 0: greedy
    share = 1.875 / math.log2(5)
    assert run(Temperature(1, 0.5), HALVES).left.temperature == pytest.approx(0.5 + share)
    assert run(Temperature(1, 0.5, 2), HALVES).left.temperature == pytest.approx(0.5 + share**2)
    assert run(Temperature(2, 0.5), [4.0]).left.temperature == 1  # one token has no entropy to go by


def test_a_dynamic_temperature_counts_tokens_that_llama_cpp_only_masks():
    chain = Chain((TopNSigma(0.5), Temperature(1, 0.5)))
    result = chain.run(Ranking(np.array([3.0, 2.9, -5, -5, -5, -5, -5, -5])), (), lambda purpose: 0.5)
    share = result.stages[0].entropy_bits / 3  # log2 of 8, not of the 2 that are left
    assert result.stages[0].n_out == 2
    assert result.left.temperature == pytest.approx(0.5 + share)


def greatest_settings() -> list[Transform]:
    return [
        TopK(1),
        TopP(0),
        TypP(0),
        MinP(1),
        TopNSigma(1e-9),
        Xtc(1, 0),
        Temperature(0),
        LogitBias.of(dict.fromkeys(range(300), -math.inf)),
    ]


@pytest.mark.parametrize("transform", greatest_settings(), ids=lambda t: t.name)
@pytest.mark.parametrize("row", [[2.0], [1.0, 1.0, 1.0], [-math.inf, 3.0, -math.inf], np.zeros(299)], ids=len)
def test_one_token_stays_whatever_happens(transform: Transform, row):
    result = run(transform, row)
    assert 1 <= result.left.n == len(result.kept)
    assert result.distribution.probs.sum() == pytest.approx(1)
    assert np.isfinite(result.left.logits).all()


# ---- moves ---------------------------------------------------------------------------------------------------------


def test_a_bias_is_added_and_a_ban_is_a_cut():
    result = run(LogitBias.of({0: 2.0, 2: -math.inf, 77: 1.0}), [1.0, 2.0, 3.0])
    assert result.kept.tolist() == [0, 1]
    assert result.logits.tolist() == [3.0, 2.0, -math.inf]
    assert result.stages[0].moves == {0: 2.0}
    assert result.stages[0].mass_removed == pytest.approx(math.exp(3) / sum(map(math.exp, (1, 2, 3))))


def test_penalties_divide_what_is_positive_and_multiply_what_is_not():
    row, history = [2.0, -2.0, 0.0, 5.0], [0, 1, 1, 2]
    assert run(Penalties(repeat=2.0), row, history).logits.tolist() == [1.0, -4.0, 0.0, 5.0]
    assert run(Penalties(frequency=0.5), row, history).logits.tolist() == [1.5, -3.0, -0.5, 5.0]
    assert run(Penalties(presence=0.5), row, history).logits.tolist() == [1.5, -2.5, -0.5, 5.0]
    assert run(Penalties(repeat=2.0), row, history).stages[0].moves == {0: -1.0, 1: -2.0, 2: 0.0}


def test_penalties_look_at_the_last_tokens():
    row, history = [1.0, 1.0, 1.0], [0, 1, 2]

    def moved(last_n: int) -> list[int]:
        return sorted(run(Penalties(last_n, presence=1.0), row, history).stages[0].moves)

    assert [moved(n) for n in (-1, 0, 1, 2, 3, 99)] == [[0, 1, 2], [], [2], [1, 2], [0, 1, 2], [0, 1, 2]]


def test_penalties_pass_over_tokens_that_are_no_candidates():
    assert run(Penalties(presence=1.0), [1.0, -math.inf], [1, 55, 0]).stages[0].moves == {0: -1.0}
    chain = Chain((TopK(1), Penalties(presence=1.0)))
    assert chain.run(Ranking(np.array([1.0, 2.0])), [0, 1], lambda purpose: 0.5).stages[1].moves == {1: -1.0}


@pytest.mark.parametrize("temperature", [0.5, 3.0])
def test_moves_count_after_the_temperature(temperature: float):
    chain = Chain((Temperature(temperature), Penalties(presence=1.0), LogitBias.of({1: 0.25})))
    result = chain.run(Ranking(np.array([1.0, 2.0, 4.0])), [2], lambda purpose: 0.5)
    expected = np.array([1.0, 2.0, 4.0]) / temperature + [0, 0.25, -1.0]
    assert result.logits == pytest.approx(expected)
    p = np.exp(expected)
    assert result.distribution.probs == pytest.approx(p / p.sum())


def test_a_move_changes_who_is_best():
    chain = Chain((Penalties(repeat=4.0), TopK(2)))
    result = chain.run(Ranking(np.array([8.0, 5.0, 4.0, 3.0])), [0], lambda purpose: 0.5)
    assert result.kept.tolist() == [1, 2]


# ---- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_is_out_of_range_is_refused_by_its_option(kind: type[Transform]):
    for key, knob in kind.knobs().items():
        bad = [math.nan, math.inf, -math.inf, "1", None, True, 10**400]
        bad += [knob.low - 1 if knob.whole else np.nextafter(knob.low, -np.inf), knob.high * 1.1 + 1]
        bad += [0.5] * knob.whole + [knob.low] * knob.above_low
        for value in bad:
            with pytest.raises(ValueError, match=f"^{knob.option} must be .*, not "):
                kind(**{key: value})
        for value in (knob.high, 0 if knob.whole else 0.5 * (1 + knob.low)):
            assert getattr(kind(**{key: value}), key) == value


@pytest.mark.parametrize(
    ("bias", "message"),
    [({-1: 1.0}, "ids"), ({2**31: 1.0}, "ids"), ({1: math.nan}, "token 1"), ({1: math.inf}, "token 1")],
)
def test_a_bias_that_is_none_is_refused(bias: dict[int, float], message: str):
    with pytest.raises(ValueError, match=f"logit-bias.*{message}"):
        LogitBias.of(bias)


def test_a_breaker_that_is_none_is_refused():
    for breaker in ("", "x" * 41, "\ud800"):
        with pytest.raises(ValueError, match="dry-sequence-breaker"):
            Dry(breakers=(breaker,))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_keys_turn_on_a_grid_and_stay_within_the_range(kind: type[Transform]):
    start = kind()
    for key, knob in kind.knobs().items():
        for steps in (-1000, -1, 1, 1000):
            turned = start.turned(key, steps)
            value = getattr(turned, key)
            assert knob.low <= value <= knob.high
            assert type(value) is (int if knob.whole else float)
            assert value in (knob.low, knob.high) or value / knob.step == pytest.approx(round(value / knob.step))
        there = getattr(start.turned(key, 1), key)
        assert there > getattr(start, key) or there == knob.high
    assert not start.switched_off().active


def test_no_drift_over_many_turns():
    transform = Temperature(0.8)
    for _ in range(70):
        transform = transform.turned("t", 1)
    assert transform.t == 1.5


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_off_changes_nothing_at_all(kind: type[Transform]):
    off = kind().switched_off()
    result = run(off, HALVES, [0, 1, 0, 1, 0])
    (stage,) = result.stages
    assert not off.active and not stage.changed
    assert stage.n_in == stage.n_out == 5 and stage.mass_removed == 0
    assert stage.entropy_bits == pytest.approx(1.875)
    assert stage.setting


@pytest.mark.filterwarnings("error")
def test_logits_whose_squares_are_no_floats_have_no_deviation_to_cut_by():
    """As after a temperature of 5e-324; all of them stay, and nothing warns."""
    logits = np.array([1e300, -1e300, 0.0])
    assert sorted(kept(TopNSigma(0.5), logits)) == [0, 1, 2]
