"""The nucleus and the candidates in their shapes, against a full sort."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models.candidates import Candidates
from tempviz.models.chain import Chain
from tempviz.models.nucleus import FEW, nucleus
from tempviz.models.penalties import LogitBias
from tempviz.models.ranking import Ranking
from tempviz.models.transform import Context
from tempviz.models.transforms import MinP, Temperature, TopK, TopP
from tempviz.models.views import Views
from tempviz.models.whole import all_of


def by_sorting(keys: np.ndarray, probs: np.ndarray, mass: float, at_least: int) -> list[int]:
    order = np.argsort(keys, kind="stable")
    reached = np.flatnonzero(probs[order].cumsum() >= mass)
    n = max(int(reached[0]) + 1 if len(reached) else len(keys), at_least)
    return sorted(order[:n].tolist())


KEYS = {
    "normal": lambda rng, n: rng.normal(0, 3, n),
    "tied": lambda rng, n: rng.integers(0, 9, n).astype(float),
    "constant": lambda rng, n: np.full(n, 2.5),
    "outliers": lambda rng, n: np.concatenate([rng.normal(0, 1, n - 2), [1e30, 1e250]]),
    "huge": lambda rng, n: rng.choice([-1.7e308, 1.7e308, 0.0], n),
    "subnormal": lambda rng, n: rng.integers(0, 3000, n) * 5e-324,
    "float32": lambda rng, n: rng.normal(0, 3, n).astype(np.float32),
}


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("n", [3, FEW, FEW + 1, 30_000])
def test_the_nucleus_is_that_of_a_full_sort(name: str, n: int):
    rng = np.random.default_rng(n)
    with np.errstate(over="ignore"):
        for mass in (0.0, 0.1, 0.5, 0.999, 1.1):
            keys, probs = KEYS[name](rng, n), rng.random(n) ** 4
            probs /= probs.sum()
            for at_least in (1, 3):
                found = nucleus(keys, probs, mass, at_least).tolist()
                expected = by_sorting(keys, probs, mass, at_least)
                near = abs(math.fsum(probs[expected]) - mass) < 1e-12
                assert found == expected or (near and abs(len(found) - len(expected)) <= 1)


# ---- candidates ----------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_candidates_in_any_shape_are_cut_alike(n: int, seed: int):
    """In order of id or best first: the same tokens stay, with the same numbers."""
    rng = np.random.default_rng(seed)
    ids, logits = np.sort(rng.choice(200, n, replace=False)), rng.choice(np.arange(6) / 2, n)
    by_id = Candidates(ids, logits, 0.7)
    ranked = by_id.in_order
    assert [(-a, i) for a, i in zip(ranked.logits, ranked.ids, strict=True)] == sorted(
        zip(-by_id.logits, by_id.ids, strict=True)
    )
    k, p, least = int(rng.integers(1, n + 1)), rng.random(), int(rng.integers(1, 4))
    for cut in (
        lambda c: c.best(k),
        lambda c: c.above(1.0, least),
        lambda c: c.reaching(p, least),
        lambda c: c.without_top_choices(p / 2),
        lambda c: c.without(c.find(ids[:k])),
    ):
        one, other = cut(by_id), cut(ranked)
        assert sorted(one.ids.tolist()) == sorted(other.ids.tolist())
        assert by_id.removed(one) == pytest.approx(ranked.removed(other), abs=1e-12)
        assert one.entropy_bits == pytest.approx(other.entropy_bits, abs=1e-9)


MOVES = (
    lambda c, rng: c.without(_some(c, rng)),
    lambda c, rng: c.moved(at := _some(c, rng), c.current(at) + rng.choice([-3.0, 0.25, 40.0], len(at))),
    lambda c, rng: c.at(rng.choice([0.4, 1.0, 2.5])),
)


def _some(candidates: Candidates, rng: np.random.Generator) -> np.ndarray:
    """The positions of a few tokens, the likeliest often among them."""
    tokens = rng.choice(candidates.ids, 5)
    if rng.random() < 0.5:
        tokens = np.append(tokens, candidates.best(3).ids)
    return candidates.find(np.unique(tokens))


@settings(deadline=None, max_examples=80)
@given(st.sampled_from([5, 300, FEW + 2, 2000]), st.sampled_from([0.5, 3.0, 30.0]), st.integers(0, 2**32 - 1))
def test_a_row_without_some_tokens_and_with_others_moved_is_what_a_list_of_them_is(n: int, spread: float, seed: int):
    """What is corrected for a few tokens, against candidates that know nothing of the row."""
    rng = np.random.default_rng(seed)
    logits = np.round(rng.normal(0, spread, n), 1).astype(np.float32)
    whole, listed = all_of(ranking := Ranking(logits), Views(ranking).at), Candidates(np.arange(n), logits)
    for move in rng.integers(0, len(MOVES), 5):
        again = np.random.default_rng(rng.integers(2**32))
        state = again.bit_generator.state
        before, whole = whole, MOVES[move](whole, again)
        again.bit_generator.state = state
        before_listed, listed = listed, MOVES[move](listed, again)
        assert before.removed(whole) == pytest.approx(before_listed.removed(listed), rel=1e-9)
        _are_alike(whole, listed)
    k, p, depth = int(rng.integers(1, n + 1)), rng.random(), rng.normal(0, spread)
    for cut in (
        lambda c: c.best(k),
        lambda c: c.above(c.greatest - abs(depth)),
        lambda c: c.without_top_choices(p / 2),
        lambda c: c.typical(p),
    ):
        _are_alike(cut(whole).in_order, cut(listed).in_order)


def _are_alike(whole: Candidates, listed: Candidates) -> None:
    mine, order = np.argsort(whole.ids), np.argsort(listed.ids)
    assert whole.n == listed.n
    assert whole.ids[mine].tolist() == listed.ids[order].tolist()
    assert whole.logits[mine].tolist() == listed.logits[order].tolist()
    assert whole.probs[mine] == pytest.approx(listed.probs[order], rel=1e-9, abs=1e-307)
    assert whole.of(mine).tolist() == pytest.approx(whole.probs[mine].tolist(), rel=1e-12, abs=1e-307)
    assert whole.current(mine).tolist() == listed.current(order).tolist()
    assert whole.entropy_bits == pytest.approx(listed.entropy_bits, rel=1e-9, abs=1e-9)
    assert whole.greatest == listed.greatest
    tokens = np.arange(0, 2000, 3)
    found = whole.find(tokens)
    assert sorted(whole.ids[found].tolist()) == np.intersect1d(whole.ids, tokens).tolist()
    assert whole.tokens(mine[:7]).tolist() == whole.ids[mine[:7]].tolist()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "bias", [{5: -1e6}, {5: 1e6}, dict.fromkeys(range(40), 1000.0), {2: -12.0}, {2: 800.0, 3: -800.0}]
)
@pytest.mark.parametrize("temperature", [1.0, 0.01])
def test_huge_and_tiny_numbers_of_a_corrected_row_are_those_of_a_list(bias: dict[int, float], temperature: float):
    """Where e^x leaves float64, and where the entropy is all but 0."""
    logits = np.full(3000, -30.0, np.float32)
    logits[2] = 20.0
    moved = LogitBias.of(bias)
    context = Context((), lambda purpose: 0.5)
    ranking = Ranking(logits)
    whole = moved.apply(all_of(ranking, Views(ranking).at), context).at(temperature)
    listed = moved.apply(Candidates(np.arange(3000), logits), context).at(temperature)
    _are_alike(whole, listed)
    assert whole.entropy_bits == pytest.approx(listed.entropy_bits, rel=1e-9)
    assert ((whole.probs == 0) == (listed.probs == 0)).all()


@pytest.mark.parametrize("name", ["top_k", "top_k twice", "top_p", "min_p", "few", "moved", "masked"])
def test_a_removed_mass_has_all_its_digits(name: str):
    """1 minus the sum of what stays has none where that is 1 to the last bit."""
    logits = np.concatenate([[30.0, 29.0, 28.0], np.full(3000, -15.0)])
    row = {"few": logits[:9], "masked": np.concatenate([logits, [-np.inf]])}.get(name, logits)
    cold = Temperature(0.7)
    stages = {
        "top_k": (cold, TopK(3)),
        "top_k twice": (cold, TopK(1000), TopK(3)),
        "top_p": (cold, TopP(1 - 1e-12)),
        "min_p": (cold, MinP(1e-6)),
        "few": (cold, TopK(3)),
        "moved": (LogitBias.of({0: 1.0}), cold, TopK(3)),
        "masked": (cold, TopK(3)),
    }[name]
    moved = row + np.where(np.arange(len(row)) == 0, name == "moved", 0)
    w = [math.exp((x - 31) / 0.7) for x in moved]
    result = Chain(stages).run(Ranking(row.astype(np.float32)), (), lambda purpose: 0.5)
    before = w[:1000] if name == "top_k twice" else w
    assert result.stages[-1].mass_removed == pytest.approx(math.fsum(before[3:]) / math.fsum(before), rel=1e-6)
    assert 0 < result.stages[-1].mass_removed < 1e-20


def test_ties_go_to_the_lowest_id_in_a_whole_vocabulary():
    row = np.zeros(50_000, np.float32)

    def kept(transform) -> list[int]:
        return Chain((transform,)).run(Ranking(row), (), lambda purpose: 0.5).kept.tolist()

    assert kept(TopK(3)) == kept(TopP(2.5 / row.size)) == [0, 1, 2]
    assert kept(TopP(0.5)) == list(range(25_000))
