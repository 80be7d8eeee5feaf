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
from tempviz.models.transforms import MinP, Temperature, TopK, TopP


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
        assert one.removed == pytest.approx(other.removed, abs=1e-12)
        assert one.entropy_bits == pytest.approx(other.entropy_bits, abs=1e-9)


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
