"""The sampling chain beside llama.cpp's own samplers on the same logits.

Both sides start from what is made once per row: llama.cpp from its list of candidates, copied for every run; tempviz
from the ranked row and its distribution at T = 1, which the app has drawn already. Both end with a list of the
tokens that are left and their probabilities: llama.cpp's last sampler, `dist`, makes the softmax and draws. What the
panel says of each stage (mass removed, entropy) is made when it is looked at: "stages looked at" has that in its time,
too. The two take turns, some runs at a time, since each begins with what the other
has left in the processor's caches.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Iterator

import llama_cpp as lib
import numpy as np
from tempviz.models.chain import Chain, ChainResult
from tempviz.models.dry import Dry
from tempviz.models.penalties import LogitBias, Penalties
from tempviz.models.presets import llama_cpp
from tempviz.models.row import Row as LogitsRow
from tempviz.models.transform import Transform
from tempviz.models.transforms import MinP, Temperature, TopK, TopNSigma, TopP, TypP, Xtc

from tests.llama_chain import TokenList, sampler_of

from .report import Row, percentiles

SIZES = (49_152, 262_144)
SPREAD = 4.7
"""Standard deviation of the logits: at 262,144 tokens an entropy of about 7 bits, like text."""

TURNS, RUNS, WARM_UP = 12, 10, 2
"""Turns, runs in each, and how many of those runs do not count."""

AGAINST = "llama.cpp's samplers, copy and dist included"

Make = Callable[[int], tuple[Transform, ...]]
"""The transforms of run i: the temperature is turned in between, lest the row's distribution of the last run serve."""

LOOKED_AT = "default chain, stages looked at"

COMBINED: dict[str, Make] = {
    LOOKED_AT: lambda i: llama_cpp(0.8).transforms,
    "default chain, penalties and dry on": lambda i: (
        Penalties(repeat=1.1),
        Dry(multiplier=0.8, breakers=()),
        *llama_cpp(0.8).transforms[2:],
    ),
    "temperature first": lambda i: (Temperature(0.8 + i / 1000), TopK(50), TopP(0.95)),
}

ALONE: dict[str, Make] = {
    "default": lambda i: llama_cpp(0.8).transforms,
    "logit_bias": lambda i: (LogitBias.of({7: 1.5, 300: -2.0, 4000: -math.inf}),),
    "penalties": lambda i: (Penalties(repeat=1.1, frequency=0.1),),
    "dry": lambda i: (Dry(multiplier=0.8, breakers=()),),
    "top_n_sigma": lambda i: (TopNSigma(1.5),),
    "top_k": lambda i: (TopK(40),),
    "typ_p": lambda i: (TypP(0.9),),
    "top_p": lambda i: (TopP(0.95),),
    "top_p 0.999": lambda i: (TopP(0.999),),
    "min_p": lambda i: (MinP(0.05),),
    "xtc": lambda i: (Xtc(1.0, 0.02),),
    "temperature": lambda i: (Temperature(0.8 + i / 1000),),
    "temperature with a range": lambda i: (Temperature(0.8 + i / 1000, 0.5),),
}


Look = Callable[[ChainResult], object]
"""What is read of a result."""


def _probs(result: ChainResult) -> object:
    return result.left.probs


def _stages(result: ChainResult) -> object:
    return result.left.probs, [(stage.mass_removed, stage.entropy_bits) for stage in result.stages]


def alone() -> Iterator[Row]:
    """Every transform alone, and the default chain, on a known row."""
    for n_vocab, name in itertools.product(SIZES, ALONE):
        yield Row(f"chain, {name}, {n_vocab:,}", *_known_row(n_vocab, ALONE[name]), "ms", AGAINST, "<= 1")


def combined() -> Iterator[Row]:
    """Chains in which a stage measures what llama.cpp has no need to: a distribution that is cut at once."""
    for n_vocab, name in itertools.product(SIZES, COMBINED):
        times = _known_row(n_vocab, COMBINED[name], _stages if name == LOOKED_AT else _probs)
        yield Row(f"chain, {name}, {n_vocab:,}", *times, "ms", AGAINST)


def new_row() -> Iterator[Row]:
    """The default chain on a row seen for the first time, ranking and list of candidates included."""
    for n_vocab in SIZES:
        times = _new_row(n_vocab)
        yield Row(f"chain, default on a new row, {n_vocab:,}", *times, "ms", f"{AGAINST}, list built")


def _known_row(n_vocab: int, make: Make, look: Look = _probs) -> tuple[float, float]:
    logits, history = _logits(n_vocab), _history(n_vocab)
    row, theirs = LogitsRow(b"", logits), TokenList(logits)
    row.at(1.0).entropy_bits  # noqa: B018
    known: dict[tuple[Transform, ...], Chain] = {}
    chains = [known.setdefault(make(i), Chain(make(i))) for i in range(TURNS * RUNS)]
    llama = _llama_chain(make(0), n_vocab, history)

    def theirs_again() -> None:
        theirs.reset()
        theirs.apply(llama)

    medians = _in_turns(lambda i: _run(row, chains[i], history, look), theirs_again)
    lib.llama_sampler_free(llama)
    return medians


def _new_row(n_vocab: int) -> tuple[float, float]:
    logits, history, chain = _logits(n_vocab), _history(n_vocab), llama_cpp(0.8)
    llama = _llama_chain(chain.transforms, n_vocab, history)
    medians = _in_turns(lambda i: _run(LogitsRow(b"", logits), chain, history), lambda: TokenList(logits).apply(llama))
    lib.llama_sampler_free(llama)
    return medians


def _in_turns(ours: Callable[[int], object], theirs: Callable[[], None]) -> tuple[float, float]:
    """The medians of both, in milliseconds."""
    kept: deque[object] = deque(maxlen=3)  # as the app keeps the last views of a row
    times: list[float] = []
    reference: list[float] = []
    for turn in range(TURNS):
        runs = range(turn * RUNS, (turn + 1) * RUNS)
        times += [_timed(lambda i=i: kept.append(ours(i))) for i in runs][WARM_UP:]
        reference += [_timed(theirs) for _ in runs][WARM_UP:]
    return percentiles(times)[0], percentiles(reference)[0]


def _run(row: LogitsRow, chain: Chain, history: list[int], look: Look = _probs) -> object:
    result = chain.run(row, history, _coin)
    return result, look(result)


def _coin(purpose: str) -> float:
    return 0.5


def _llama_chain(transforms: tuple[Transform, ...], n_vocab: int, history: list[int]) -> object:
    params = lib.llama_sampler_chain_default_params()
    params.no_perf = True
    chain = lib.llama_sampler_chain_init(params)
    for transform in transforms:
        plain = Dry(breakers=()) if isinstance(transform, Dry) and not transform.active else transform
        lib.llama_sampler_chain_add(chain, sampler_of(plain, n_vocab, history))
    lib.llama_sampler_chain_add(chain, lib.llama_sampler_init_dist(1))
    return chain


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _logits(n_vocab: int) -> np.ndarray:
    return np.random.default_rng(n_vocab).normal(0, SPREAD, n_vocab).astype(np.float32)


def _history(n_vocab: int) -> list[int]:
    """A text that repeats itself, so that penalties and dry have something to do."""
    return np.resize(np.random.default_rng(1).integers(0, n_vocab, 12), 400).tolist()
