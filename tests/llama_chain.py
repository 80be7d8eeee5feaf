"""llama.cpp's own samplers on a row of logits, through ctypes: the oracle of the chain, and what it is timed against.

Each transform of ours is given to llama.cpp as the sampler that its command line would make of it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import singledispatch
from pathlib import Path
from typing import Any

import llama_cpp as lib
import numpy as np
from tempviz.models.dry import Dry
from tempviz.models.penalties import LogitBias, Penalties
from tempviz.models.transform import Transform
from tempviz.models.transforms import MinP, Temperature, TopK, TopNSigma, TopP, TypP, Xtc
from tempviz.models.vocabulary import Vocabulary

TOKEN = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
assert TOKEN.itemsize == ctypes.sizeof(lib.llama_token_data)

Sampler = Any  # a pointer of llama.cpp's


class LlamaVocabulary:
    """The vocabulary of a model file, as llama.cpp needs it to find DRY's breakers."""

    def __init__(self, path: Path) -> None:
        params = lib.llama_model_default_params()
        params.vocab_only = True
        self._model = lib.llama_model_load_from_file(str(path).encode(), params)
        self.pointer = lib.llama_model_get_vocab(self._model)
        self.n = lib.llama_vocab_n_tokens(self.pointer)

    @property
    def vocabulary(self) -> Vocabulary:
        """The same for us."""
        return Vocabulary.of(self._piece(token) for token in range(self.n))

    def _piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(64)
        n = lib.llama_token_to_piece(self.pointer, token, buffer, len(buffer), 0, True)
        return buffer.raw[:n]

    def close(self) -> None:
        lib.llama_model_free(self._model)


class TokenList:
    """llama.cpp's list of candidates: built once from a row, and copied anew by `reset`."""

    def __init__(self, logits: np.ndarray) -> None:
        self._pristine = np.zeros(logits.size, TOKEN)
        self._pristine["id"], self._pristine["logit"] = np.arange(logits.size), logits
        self._data = self._pristine.copy()
        self._pointer = self._data.ctypes.data_as(lib.llama_token_data_p)
        self._address, self._source = self._data.ctypes.data, self._pristine.ctypes.data
        self.reset()

    def reset(self) -> None:
        """The whole row again."""
        ctypes.memmove(self._address, self._source, self._pristine.nbytes)
        self._list = lib.llama_token_data_array(data=self._pointer, size=self._pristine.size, selected=-1, sorted=False)

    def apply(self, sampler: Sampler) -> None:
        """Let a sampler cut it or move its logits."""
        lib.llama_sampler_apply(sampler, ctypes.byref(self._list))

    @property
    def tokens(self) -> np.ndarray:
        """What is in it now, an array of TOKEN in llama.cpp's order. XTC moves the pointer, not the tokens."""
        offset = (ctypes.addressof(self._list.data.contents) - self._address) // TOKEN.itemsize
        return self._data[offset : offset + self._list.size]

    @property
    def left(self) -> np.ndarray:
        """The same without masked tokens."""
        return self.tokens[self.tokens["logit"] > -np.inf]

    def probs(self) -> np.ndarray:
        """p of what is left, float64 by `left`; llama.cpp's own softmax, which its last sampler makes."""
        draw = lib.llama_sampler_init_dist(1)
        self.apply(draw)
        lib.llama_sampler_free(draw)
        return self.left["p"].astype(np.float64)


def sampler_of(
    transform: Transform, n_vocab: int, history: Sequence[int], vocabulary: LlamaVocabulary | None = None
) -> Sampler:
    """llama.cpp's sampler for a transform, which has seen the history. The caller frees it."""
    sampler = _made(transform, n_vocab, len(history), vocabulary)
    for token in history:
        lib.llama_sampler_accept(sampler, token)
    return sampler


@singledispatch
def _made(transform: Transform, n_vocab: int, n_history: int, vocabulary: LlamaVocabulary | None) -> Sampler:
    raise TypeError(f"no sampler for {transform!r}")


@_made.register
def _(t: LogitBias, n_vocab, n_history, vocabulary):
    biases = (lib.llama_logit_bias * len(t.bias))(*(lib.llama_logit_bias(token, value) for token, value in t.bias))
    return lib.llama_sampler_init_logit_bias(n_vocab, len(t.bias), biases)


@_made.register
def _(t: Penalties, n_vocab, n_history, vocabulary):
    last_n = n_history if t.last_n < 0 else t.last_n
    return lib.llama_sampler_init_penalties(n_vocab, last_n, t.repeat, t.frequency, t.presence)


@_made.register
def _(t: Dry, n_vocab, n_history, vocabulary):
    last_n = n_history if t.last_n < 0 else t.last_n
    breakers = (ctypes.c_char_p * len(t.breakers))(*(breaker.encode() for breaker in t.breakers))
    pointer = vocabulary.pointer if vocabulary else None
    return lib.llama_sampler_init_dry(
        pointer, t.multiplier, t.base, t.allowed_length, last_n, breakers, len(t.breakers)
    )


@_made.register
def _(t: TopNSigma, n_vocab, n_history, vocabulary):
    return lib.llama_sampler_init_top_n_sigma(t.n)


@_made.register
def _(t: TopK, n_vocab, n_history, vocabulary):
    return lib.llama_sampler_init_top_k(t.k)


@_made.register
def _(t: TypP, n_vocab, n_history, vocabulary):
    return lib.llama_sampler_init_typical(t.p, t.min_keep)


@_made.register
def _(t: TopP, n_vocab, n_history, vocabulary):
    return lib.llama_sampler_init_top_p(t.p, t.min_keep)


@_made.register
def _(t: MinP, n_vocab, n_history, vocabulary):
    return lib.llama_sampler_init_min_p(t.p, t.min_keep)


@_made.register
def _(t: Xtc, n_vocab, n_history, vocabulary):
    return lib.llama_sampler_init_xtc(t.probability, t.threshold, 0, 1)


@_made.register
def _(t: Temperature, n_vocab, n_history, vocabulary):
    return lib.llama_sampler_init_temp_ext(t.t, t.range, t.exponent)
