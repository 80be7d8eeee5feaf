"""What a chain keeps of every stage, and the probabilities it ends with, against brute force over the whole row."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models.chain import Chain, ChainResult
from tempviz.models.distribution import DECADES, Distribution
from tempviz.models.drawing import chain_of
from tempviz.models.dry import Dry
from tempviz.models.penalties import LogitBias, Penalties
from tempviz.models.presets import llama_cpp, off, transformers
from tempviz.models.ranking import Ranking
from tempviz.models.remaining import Remaining
from tempviz.models.row import Row
from tempviz.models.sampling import coin
from tempviz.models.state import Settings
from tempviz.models.transforms import MinP, Temperature, TopK, TopNSigma, TopP, TypP, Xtc

rng = np.random.default_rng(3)
NORMAL = rng.normal(0, 3, 3000).astype(np.float32)
MASKED = np.where(rng.random(3000) < 0.7, -np.inf, NORMAL).astype(np.float32)
ROWS = {
    "normal": NORMAL,
    "tied": rng.integers(-4, 4, 500).astype(np.float32),
    "masked": MASKED,
    "one": np.array([2], np.float32),
    "constant": np.full(97, 1.5, np.float32),
    "peaked": np.append(NORMAL, np.float32(30)),
    "large": rng.normal(0, 2, 20_000).astype(np.float32),
    "float64": rng.normal(0, 2, 50),
}
HISTORY = [1, 2, 3, 1, 2, 3, 0, 5, 1, 2]

CHAINS = {
    "off": off(0.7),
    "llama.cpp": llama_cpp(0.8),
    "transformers": transformers(1.5),
    "all at once": Chain(
        (
            LogitBias.of({0: 1.5, 2: -math.inf, 6: -2.0}),
            Penalties(repeat=1.3, frequency=0.2),
            Dry(1.0, breakers=()),
            TopNSigma(2.5),
            TypP(0.97),
            TopP(0.9),
            MinP(0.01),
            Xtc(1.0, 0.2),
            Temperature(1.2, 0.4),
        )
    ),
    "moves alone": Chain((Penalties(repeat=1.5, presence=0.5), LogitBias.of({4: 3.0}))),
    "a ban alone": Chain((LogitBias.of({1: -math.inf}),)),
    "much left": Chain((TopP(0.999), Temperature(2.0))),
    "the best gone": Chain((Xtc(1.0, 0.01),)),
    "moves between": Chain((Temperature(0.5), Penalties(presence=4.0), TopP(0.95), Penalties(repeat=0.5), TopK(20))),
    "no stage": Chain(()),
    "greedy": off(0),
}
CASES = [(row, chain) for row in ROWS for chain in CHAINS]


def run(chain: Chain, row: np.ndarray, history=HISTORY, luck: float = 0.5) -> ChainResult:
    return chain.run(Ranking(row), history, lambda purpose: luck)


def softmax(logits: np.ndarray) -> np.ndarray:
    p = np.exp(logits - logits.max())
    return p / p.sum()


def bits(p: np.ndarray) -> float:
    p = p[p > 0]
    return -math.fsum(p * np.log2(p))


# ---- every stage ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "chain"), CASES)
def test_every_stage_says_what_it_did(row: str, chain: str):
    """Each against the result of the chain up to it, whose final logits are all that is used here."""
    logits, transforms = ROWS[row], CHAINS[chain].transforms
    result = run(CHAINS[chain], logits)
    assert [stage.name for stage in result.stages] == [transform.name for transform in transforms]
    before = run(Chain(()), logits).logits
    for i, stage in enumerate(result.stages):
        after = run(Chain(transforms[: i + 1]), logits).logits
        was, left = before > -np.inf, after > -np.inf
        assert stage.n_in == was.sum() and stage.n_out == left.sum() >= 1
        assert not (left & ~was).any()
        assert stage.mass_removed == pytest.approx(softmax(before)[was & ~left].sum(), abs=1e-12)
        assert stage.entropy_bits == pytest.approx(bits(softmax(after)), abs=1e-9)
        assert stage.changed == (not np.array_equal(before, after))
        cut = np.flatnonzero(result.cut_by == i)
        assert cut.tolist() == np.flatnonzero(was & ~left).tolist()
        if stage.moves:
            ids = np.array(list(stage.moves))
            ids, by = ids[left[ids]], np.array(list(stage.moves.values()))[left[ids]]
            assert after[ids] - before[ids] == pytest.approx(by)
        before = after


@pytest.mark.parametrize(("row", "chain"), CASES)
def test_the_end_of_a_chain(row: str, chain: str):
    logits = ROWS[row]
    result = run(CHAINS[chain], logits)
    distribution = result.distribution
    left = result.logits > -np.inf
    assert result.kept.tolist() == np.flatnonzero(left).tolist()
    assert result.left.n == left.sum()
    assert (result.cut_by[left] == -1).all() and (result.cut_by[~left & (logits > -np.inf)] >= 0).all()
    assert result.cut_by.dtype == np.int8 and result.cut_by.shape == logits.shape
    assert distribution.probs == pytest.approx(softmax(result.logits), abs=1e-14)
    assert (distribution.probs[~left] == 0).all()
    for token in range(min(9, logits.size)):
        stage = result.stage_of(token)
        assert (stage is None) == (result.cut_by[token] < 0)
        assert stage is None or stage is result.stages[result.cut_by[token]]


# ---- the temperature alone -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("temperature", [0.0, 1e-300, 0.1, 0.7, 1.0, 2.0, 50.0, 1e300])
def test_the_temperature_alone_is_the_plain_distribution_to_the_bit(row: str, temperature: float):
    """Also where stages that are off stand around it."""
    ranking = Ranking(ROWS[row])
    plain = Distribution(ranking, temperature)
    for chain in (off(temperature), Chain((TopK(0), *off(temperature).transforms, TopP(1.0)))):
        ours = chain.run(Ranking(ROWS[row]), HISTORY, lambda purpose: 0.5).distribution
        assert np.array_equal(ours.probs, plain.probs)
        assert ours.entropy_bits == plain.entropy_bits
        assert ours.effective_choices == plain.effective_choices
        assert np.array_equal(ours.decades.mass, plain.decades.mass)
        assert np.array_equal(ours.decades.count, plain.decades.count)
        for token in range(0, ranking.n, 1 + ranking.n // 40):
            assert ours.prob(token) == plain.prob(token) and ours.logprob(token) == plain.logprob(token)
        for u in np.linspace(0, 1, 41)[:-1].tolist():
            assert ours.land(u) == plain.land(u)
        for window in ((0, 1), (0, 30), (5, 20)):
            assert ours.tail_mass(*window) == plain.tail_mass(*window)


def test_a_row_is_asked_for_what_it_has_already():
    row = Row(b"", NORMAL)
    view = row.at(0.7)
    assert off(0.7).run(row, (), lambda purpose: 0.5).distribution is view


# ---- the final probabilities, as the app asks for them -------------------------------------------------------------


@pytest.mark.parametrize(("row", "chain"), CASES)
def test_landing_goes_in_the_order_of_the_final_logits(row: str, chain: str):
    result = run(CHAINS[chain], ROWS[row])
    distribution = result.distribution
    order = np.lexsort((np.arange(result.logits.size), -result.logits))[: result.left.n]
    edges = np.concatenate([[0], distribution.probs[order].cumsum()])
    raw = {token: rank for rank, token in enumerate(distribution.ranking.ids(0, ROWS[row].size).tolist(), 1)}
    for u in [0.0, 1 - 2.0**-53, *np.linspace(0, 1, 23)[1:-1].tolist()]:
        landing = distribution.land(u)
        i = order.tolist().index(landing.token)
        assert edges[i] - 1e-12 <= u <= edges[i + 1] + 1e-12 or i == np.flatnonzero(distribution.probs[order])[-1]
        assert distribution.prob(landing.token) > 0
        assert landing.low == pytest.approx(edges[i], abs=1e-12) and landing.high == pytest.approx(
            edges[i + 1], abs=1e-12
        )
        assert landing.rank == raw[landing.token]
        if landing.high - landing.low > 1e-9:
            assert distribution.land((landing.low + landing.high) / 2).token == landing.token


@pytest.mark.parametrize(("row", "chain"), CASES)
def test_tails_decades_and_logprobs_of_what_is_left(row: str, chain: str):
    distribution = run(CHAINS[chain], ROWS[row]).distribution
    probs, order = distribution.probs, distribution.ranking.ids(0, ROWS[row].size)
    for start, stop in ((0, 1), (0, 40), (10, 60), (0, probs.size)):
        outside = np.concatenate([order[:start], order[stop:]])
        assert distribution.tail_mass(start, stop) == pytest.approx(math.fsum(probs[outside]), abs=1e-12)
    assert distribution.entropy_bits == pytest.approx(bits(probs), abs=1e-9)
    assert distribution.effective_choices == pytest.approx(2 ** bits(probs))
    decades = distribution.decades
    assert decades.count.sum() == probs.size and decades.mass.sum() == pytest.approx(1)
    assert decades.count[0] == (probs >= 0.1 - 1e-12).sum()
    assert decades.count[-1] == (probs < 10.0 ** -(DECADES - 1)).sum()
    for token in range(0, probs.size, 1 + probs.size // 30):
        if probs[token] > 0:
            assert distribution.logprob(token) == pytest.approx(math.log(probs[token]))
        else:
            assert distribution.logprob(token) == -math.inf or distribution.logprob(token) < -700


def test_a_penalty_changes_the_order_of_the_draw_but_not_of_the_ranks():
    result = run(Chain((Penalties(presence=3.0),)), np.array([4.0, 3.0, 2.0]), history=[0])
    distribution = result.distribution
    assert isinstance(distribution, Remaining)
    assert distribution.ranking.ids(0, 3).tolist() == [0, 1, 2]
    assert [distribution.land(u).token for u in (0.0, 0.6, 0.99)] == [1, 1, 0]
    assert distribution.land(0.0).rank == 2


# ---- luck, repeatability, and the order ----------------------------------------------------------------------------


def test_xtc_replays_with_its_coin():
    chain = Chain((Xtc(0.5, 0.05),))
    row = np.array([2.0, 1.9, 1.8, 0.0])
    cuts = [chain.run(Ranking(row), (), lambda purpose, i=i: coin(7, i, 0, purpose)).left.n for i in range(40)]
    assert set(cuts) == {2, 4}
    assert cuts == [2 if coin(7, i, 0, "xtc") <= 0.5 else 4 for i in range(40)]


def test_the_order_changes_the_answer():
    row = np.log([0.5, 0.2, 0.1, 0.1, 0.1])
    first = run(Chain((Temperature(2.0), TopP(0.69))), row)
    last = run(Chain((TopP(0.69), Temperature(2.0))), row)
    assert first.left.n == 3 and last.left.n == 2


def test_equal_chains_are_one_key():
    assert llama_cpp(0.8) == llama_cpp(0.8) and hash(llama_cpp(0.8)) == hash(llama_cpp(0.8))
    assert len({llama_cpp(0.8), llama_cpp(0.9), off(0.8), off(0.8), CHAINS["all at once"]}) == 4


def test_the_temperature_of_a_chain():
    assert llama_cpp(0.3).temperature == 0.3 and CHAINS["no stage"].temperature == 1
    assert chain_of(Settings(0.5, samplers=llama_cpp(0.3).transforms)) == llama_cpp(0.5)
    assert chain_of(Settings(0.5, samplers=transformers(0.3).transforms)) == transformers(0.5)
    ranged = (Temperature(1.0, 0.5, 2.0),)
    assert chain_of(Settings(3.0, samplers=ranged)).transforms == (Temperature(3.0, 0.5, 2.0),)


def test_an_empty_chain_is_the_softmax():
    result = run(Chain(()), NORMAL)
    assert result.stages == () and np.array_equal(result.distribution.probs, Distribution(Ranking(NORMAL), 1.0).probs)


# ---- numbers at the edge -------------------------------------------------------------------------------------------

any_float = st.floats(-(2.0**127), 2.0**127, width=32)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.one_of(any_float, st.sampled_from([0.0, 1.0, -math.inf])), min_size=1, max_size=30).filter(
        lambda row: max(row) > -math.inf
    ),
    st.sampled_from([0.0, 5e-324, 1e-30, 0.5, 1.0, 1e30, 1.7e308]),
    st.integers(0, 2**32 - 1),
)
@pytest.mark.filterwarnings("error")
def test_no_row_and_no_temperature_breaks_a_chain(row: list[float], temperature: float, seed: int):
    luck = np.random.default_rng(seed)
    stages = [
        LogitBias.of({0: 5.0, 1: -math.inf}),
        Penalties(repeat=1.5, frequency=0.5, presence=-0.5),
        Dry(1.0, 1.5, breakers=()),
        TopNSigma(float(luck.uniform(0.1, 3))),
        TopK(int(luck.integers(0, 9))),
        TypP(luck.random()),
        TopP(luck.random()),
        MinP(luck.random()),
        Xtc(1.0, luck.random() / 2),
        Temperature(temperature, float(luck.choice([0.0, 0.5]))),
    ]
    chosen = luck.permutation(len(stages))[: luck.integers(1, 10)]
    chain = Chain(tuple(stages[i] for i in chosen))
    result = run(chain, np.array(row, np.float32))
    assert result.left.n >= 1 and len(result.kept) == result.left.n
    assert np.isfinite(result.distribution.probs).all()
    assert result.distribution.probs.sum() == pytest.approx(1)
    assert result.distribution.prob(result.distribution.land(luck.random()).token) > 0
    for stage in result.stages:
        assert 0 <= stage.mass_removed <= 1 and stage.n_out <= stage.n_in
        assert 0 <= stage.entropy_bits <= math.log2(stage.n_out) + 1e-9


def test_a_penalty_on_nearly_everything_is_summed_anew():
    """The corrected sum would have lost its digits."""
    row = np.array([60.0, 1.0, 0.5, 0.0], np.float32)
    result = run(Chain((LogitBias.of({0: -100.0}),)), row, history=())
    assert result.stages[0].entropy_bits == pytest.approx(bits(softmax(np.array([-40, 1, 0.5, 0]))), rel=1e-12)
    result = run(Chain((LogitBias.of({3: 500.0}), TopK(2))), row, history=())
    assert result.stages[1].mass_removed == pytest.approx(0, abs=1e-15)
    assert result.kept.tolist() == [0, 3]
