"""The same sums as llama.cpp's own samplers, which nobody here wrote.

They compute in float32, so the rows are benign: no great logits, no tiny temperature (where they overflow and ours do
not). The draw itself has no oracle there: llama.cpp has another generator and another order of tokens.
"""

import ctypes

import llama_cpp as lib
import numpy as np
import pytest
from tempviz.models.distribution import Distribution
from tempviz.models.ranking import Ranking

TOKEN = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])

rng = np.random.default_rng(5)


def llama_cpp_sampled(logits: np.ndarray, *samplers) -> tuple[np.ndarray, int]:
    """(what llama.cpp's samplers left, as an array of TOKEN in its order; which of it they selected)."""
    data = np.zeros(logits.size, TOKEN)
    assert data.itemsize == ctypes.sizeof(lib.llama_token_data)
    data["id"], data["logit"] = np.arange(logits.size), logits
    pointer = data.ctypes.data_as(lib.llama_token_data_p)
    tokens = lib.llama_token_data_array(data=pointer, size=data.size, selected=-1, sorted=False)
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    for sampler in samplers:
        lib.llama_sampler_chain_add(chain, sampler)
    lib.llama_sampler_apply(chain, ctypes.byref(tokens))
    lib.llama_sampler_free(chain)
    return data[: tokens.size], tokens.selected


def llama_cpp_probs(logits: np.ndarray, temperature: float) -> tuple[np.ndarray, int]:
    """(p of every token by id, the id drawn), by llama.cpp at a temperature."""
    left, selected = llama_cpp_sampled(logits, lib.llama_sampler_init_temp(temperature), lib.llama_sampler_init_dist(1))
    assert left.size == logits.size
    return left["p"][np.argsort(left["id"])].astype(np.float64), int(left["id"][selected])


@pytest.mark.parametrize("n_vocab", [8, 299, 49_152, 262_144])
@pytest.mark.parametrize("temperature", [0.3, 0.7, 1.0, 1.5, 5.0])
def test_the_softmax_of_llama_cpp(n_vocab: int, temperature: float):
    logits = rng.normal(0, 2, n_vocab).astype(np.float32)
    theirs, _ = llama_cpp_probs(logits, temperature)
    assert theirs.sum() == pytest.approx(1, abs=1e-5)
    ours = Distribution(Ranking(logits), temperature).probs
    assert np.abs(ours - theirs).max() <= 1e-6


@pytest.mark.parametrize("n_vocab", [8, 49_152])
def test_masked_tokens_are_nothing_in_both(n_vocab: int):
    logits = rng.normal(0, 2, n_vocab).astype(np.float32)
    logits[::3] = -np.inf
    theirs, _ = llama_cpp_probs(logits, 0.8)
    ours = Distribution(Ranking(logits), 0.8).probs
    assert np.abs(ours - theirs).max() <= 1e-6
    assert (ours[::3] == 0).all() and (theirs[::3] == 0).all()


@pytest.mark.parametrize("n_vocab", [8, 299, 262_144])
@pytest.mark.parametrize("tied", [False, True])
def test_greedy_is_that_of_llama_cpp(n_vocab: int, tied: bool):
    logits = rng.normal(0, 2, n_vocab).astype(np.float32)
    if tied:
        logits[[n_vocab // 3, n_vocab // 2, n_vocab - 1]] = 99
    ours = Distribution(Ranking(logits), 0)
    probs, drawn = llama_cpp_probs(logits, 0)
    best, selected = llama_cpp_sampled(logits, lib.llama_sampler_init_greedy())
    assert np.array_equal(ours.probs, probs)
    assert ours.land(0.4).token == drawn == best["id"][selected]


def test_the_order_is_that_of_llama_cpp():
    """Its top-k keeps the tokens of our first ranks, in our order."""
    logits = rng.permutation(5000).astype(np.float32) / 200
    left, _ = llama_cpp_sampled(logits, lib.llama_sampler_init_top_k(40))
    assert left["id"].tolist() == Ranking(logits).ids(0, 40).tolist()
