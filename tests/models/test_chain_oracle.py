"""The sampling chain against llama.cpp's own samplers: thousands of random rows, chains and histories.

Compared stage by stage, as llama.cpp's list of candidates goes from sampler to sampler. llama.cpp counts in float32, so
tokens may fall to the other side of a cut where

- they tie with the token at the cut, as float32 sees it, or
- what is disputed weighs no more than 1e-4 together.

Such cases are counted, printed at the end, and not followed further, since the stages after them have other tokens
before them. Where a probability underflows in float32, llama.cpp's typ_p has NaN for its entropy: counted, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import llama_cpp as lib
import numpy as np
import pytest
from llama_chain import LlamaVocabulary, TokenList, sampler_of
from tempviz.models.candidates import Candidates
from tempviz.models.chain import Chain, Stage
from tempviz.models.dry import Dry
from tempviz.models.penalties import LogitBias, Penalties
from tempviz.models.ranking import Ranking
from tempviz.models.transform import Transform
from tempviz.models.transforms import MinP, Temperature, TopK, TopNSigma, TopP, TypP, Xtc
from tempviz.models.vocabulary import Vocabulary
from tiny_models import tiny_llama

NEAR_MASS = 1e-4
NEAR_PROB = 1e-5
UNDERFLOW = -87.0
"""ln of the smallest normal float32: llama.cpp's typ_p is NaN for a row with a token below it."""

ALONE = 150
CHAINS = 900
SIZES = (8, 9, 30, 299, 1000, 3000)
VOCABULARIES = {49_152: 4, 262_144: 1}
"""Full vocabularies, and how many cases of each transform alone; as many chains as there are transforms."""


@dataclass
class Counts:
    """What was compared, over all tests of this file."""

    cases: Counter[str] = field(default_factory=Counter)
    tied: Counter[str] = field(default_factory=Counter)
    near: Counter[str] = field(default_factory=Counter)
    nan: int = 0
    worst: float = 0.0

    def __str__(self) -> str:
        def named(counter: Counter[str]) -> str:
            return f"{counter.total():,}" + (
                f" ({', '.join(f'{k} {n}' for k, n in counter.items())})" if counter else ""
            )

        return (
            f"{self.cases.total():,} cases against llama.cpp {lib.__version__}; tied at the cut: {named(self.tied)}; "
            f"within {NEAR_MASS:g} of it: {named(self.near)}; NaN in llama.cpp's typ_p: {self.nan:,}; "
            f"greatest difference of a probability: {self.worst:.1e}"
        )


@pytest.fixture(scope="module")
def counts(request: pytest.FixtureRequest) -> Iterator[Counts]:
    counts = Counts()
    yield counts
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\nsampling chain: {counts}")


# ---- random cases --------------------------------------------------------------------------------------------------


def any_row(rng: np.random.Generator, n: int) -> np.ndarray:
    """A row like a model's, or one with ties, or one with a few great logits."""
    kind = rng.integers(5)
    if kind == 0:
        row = rng.integers(-6, 6, n) * 0.5
    elif kind == 1:
        row = rng.permutation(-1.2 * np.log(np.arange(1, n + 1))) + rng.normal(0, 0.3, n)
    else:
        row = rng.normal(rng.uniform(-5, 5), rng.uniform(0.5, 4), n)
    if kind == 4:
        row[rng.integers(0, n, 3)] += 8
    return row.astype(np.float32)


def any_history(rng: np.random.Generator, row: np.ndarray) -> list[int]:
    """Tokens before the row, with repetitions, and the row's best among them."""
    pool = np.concatenate([rng.integers(0, row.size, 6), np.argsort(-row)[:4]])
    return rng.choice(pool, rng.integers(0, 150)).tolist()


def any_of(kind: type[Transform], rng: np.random.Generator, n: int) -> Transform:
    """A transform of a kind with random settings, now and then at the ends of their range."""
    share = float(rng.choice([0.0, 0.05, 0.3, 0.9, 1.0, rng.random()]))
    keep = int(rng.choice([0, 0, 1, 5]))
    if kind is LogitBias:
        ids = rng.choice(n, min(n - 1, int(rng.integers(1, 20))), replace=False).tolist()
        return LogitBias.of({token: float(rng.choice([-np.inf, rng.normal(0, 4)])) for token in ids})
    if kind is Penalties:
        return Penalties(int(rng.choice([-1, 0, 5, 64])), rng.uniform(0.5, 2), rng.normal(0, 0.3), rng.normal(0, 0.5))
    if kind is Dry:
        return Dry(rng.uniform(0, 2), rng.uniform(1, 2.5), int(rng.integers(0, 4)), int(rng.choice([-1, 9, 64])), ())
    if kind is Temperature:
        t, spread = float(rng.choice([0.0, 1.0, rng.uniform(0.3, 3)])), float(rng.choice([0.0, rng.uniform(0, 1)]))
        return Temperature(t, spread if t != 1 or rng.random() < 0.5 else 0.0, rng.uniform(0, 2))
    if kind is Xtc:
        return Xtc(float(rng.integers(2)), rng.uniform(0.005, 0.55))
    if kind is TopK:
        return TopK(int(rng.choice([0, 1, 5, 40, n, n + 1, rng.integers(1, n + 1)])))
    if kind is TopNSigma:
        return TopNSigma(float(rng.choice([-1, 0, rng.uniform(0.2, 4)])))
    return kind(share, keep)  # type: ignore[call-arg]  # top_p, typ_p, min_p


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


def any_chain(rng: np.random.Generator, n: int) -> tuple[Transform, ...]:
    """Two to nine transforms in any order; a bias comes first, as always in llama.cpp, which does not sort after it."""
    kinds = rng.permutation(np.arange(1, len(KINDS)))[: rng.integers(2, 10)].tolist()
    return tuple(any_of(KINDS[i], rng, n) for i in ([0, *kinds] if rng.random() < 0.3 else kinds))


# ---- one case ------------------------------------------------------------------------------------------------------


def compare(
    counts: Counts,
    transforms: tuple[Transform, ...],
    row: np.ndarray,
    history: list[int],
    llama: LlamaVocabulary | None = None,
    vocabulary: Vocabulary | None = None,
) -> None:
    """One row through one chain, here and in llama.cpp. Raises AssertionError where they disagree."""
    result = Chain(transforms).run(Ranking(row), history, lambda purpose: 0.5, vocabulary)
    theirs, before = TokenList(row), Chain(()).run(Ranking(row), (), lambda purpose: 0.5).left
    counts.cases[transforms[0].name if len(transforms) == 1 else "chain"] += 1
    disputed = np.empty(0, np.intp)
    for stage in result.stages:
        assert not len(disputed)
        if isinstance(stage.transform, TypP) and stage.transform.active and underflows(theirs):
            counts.nan += 1
            return
        apply(theirs, stage.transform, row.size, history, llama)
        disputed = np.setxor1d(
            theirs.left["id"], before.tokens(np.arange(before.n)) if not stage.changed else ids(stage)
        )
        if len(disputed):
            why = counts.tied if tied(before, stage, disputed) else counts.near
            assert why is counts.tied or weight(before, disputed) <= NEAR_MASS, (stage[:4], disputed[:9], transforms)
            why[stage.name] += 1
            if stage is not result.stages[-1]:
                return
        before = stage.left
    difference = furthest(result.distribution.probs, theirs, disputed)
    assert difference <= NEAR_PROB, transforms
    counts.worst = max(counts.worst, difference)


def ids(stage: Stage) -> np.ndarray:
    return stage.left.tokens(np.arange(stage.n_out))


def apply(theirs: TokenList, transform: Transform, n: int, history: list[int], llama: LlamaVocabulary | None) -> None:
    sampler = sampler_of(transform, n, history, llama)
    theirs.apply(sampler)
    lib.llama_sampler_free(sampler)


def underflows(theirs: TokenList) -> bool:
    logits = theirs.tokens["logit"].astype(np.float64)
    return bool((logits - logits.max()).min() < UNDERFLOW)


def weight(before: Candidates, tokens: np.ndarray) -> float:
    """The probability of tokens on the distribution that came in."""
    return float(before.probs[before.find(tokens)].sum())


def tied(before: Candidates, stage: Stage, disputed: np.ndarray) -> bool:
    """Whether the disputed tokens are, for float32, as good as the worst that is left or the best that is not."""
    keys, near = before.logits / before.temperature, 0.0
    if stage.name == "typ_p":
        entropy = before.entropy_bits * np.log(2)
        keys, near = -np.abs(before.surprisals() - entropy), 2 * abs(entropy_in_float32(keys) - entropy)
    inside = np.isin(before.tokens(np.arange(before.n)), ids(stage))
    edges = [keys[inside].min(), keys[~inside].max()] if not inside.all() else [keys.min()]
    if stage.name == "xtc":  # the best go
        edges = [keys[inside].max(), keys[~inside].min()]
    near += 1e-5 * (1 + np.abs(keys).max())
    return all(min(abs(key - edge) for edge in edges) <= near for key in keys[before.find(disputed)].tolist())


def entropy_in_float32(logits: np.ndarray) -> float:
    """The entropy in nats as llama.cpp adds it up: best first, one by one."""
    w = np.exp(-np.sort(-logits).astype(np.float32) + np.float32(-logits.max()))
    p = w / w.cumsum(dtype=np.float32)[-1]
    return -float((p * np.log(p)).cumsum(dtype=np.float32)[-1])


def furthest(ours: np.ndarray, theirs: TokenList, disputed: np.ndarray) -> float:
    """The greatest difference of a probability, over the tokens that both keep."""
    p = theirs.probs()
    both = ~np.isin(theirs.left["id"], disputed)
    if not both.any():
        return 0.0
    mine, p = ours[theirs.left["id"][both]], p[both]
    return float(np.abs(mine / mine.sum() - p / p.sum()).max()) if len(disputed) else float(np.abs(mine - p).max())


# ---- tests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_transform_alone(kind: type[Transform], counts: Counts):
    rng = np.random.default_rng(KINDS.index(kind))
    for _ in range(ALONE):
        row = any_row(rng, int(rng.choice(SIZES)))
        compare(counts, (any_of(kind, rng, row.size),), row, any_history(rng, row))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("n_vocab", VOCABULARIES)
def test_each_transform_alone_on_a_full_vocabulary(kind: type[Transform], n_vocab: int, counts: Counts):
    rng = np.random.default_rng(n_vocab + KINDS.index(kind))
    for _ in range(VOCABULARIES[n_vocab]):
        row = any_row(rng, n_vocab)
        compare(counts, (any_of(kind, rng, row.size),), row, any_history(rng, row))


def test_random_chains(counts: Counts):
    rng = np.random.default_rng(77)
    for _ in range(CHAINS):
        row = any_row(rng, int(rng.choice(SIZES)))
        compare(counts, any_chain(rng, row.size), row, any_history(rng, row))


@pytest.mark.parametrize("n_vocab", VOCABULARIES)
def test_random_chains_on_a_full_vocabulary(n_vocab: int, counts: Counts):
    rng = np.random.default_rng(n_vocab)
    for _ in range(len(KINDS) * VOCABULARIES[n_vocab]):
        row = any_row(rng, n_vocab)
        compare(counts, any_chain(rng, row.size), row, any_history(rng, row))


def test_masked_tokens(counts: Counts):
    rng = np.random.default_rng(5)
    for _ in range(100):
        row = any_row(rng, int(rng.choice(SIZES)))
        row[rng.random(row.size) < 0.4] = -np.inf
        row[0] = 1.0
        chain = tuple(t for t in any_chain(rng, row.size) if not isinstance(t, TypP))
        compare(counts, chain, row, any_history(rng, np.maximum(row, -99)))


@pytest.mark.parametrize("breakers", [("\n", ":", '"', "*"), ("b",), ("ab",), ("ab:", "c\n"), ("a:b", "bc")])
def test_dry_with_breakers(breakers: tuple[str, ...], counts: Counts, tmp_path):
    """A breaker's rest after its first token has one tokenisation only: llama.cpp looks for that one, we for any.

    Without a space put before everything, which keeps llama.cpp from finding any rest at all.
    """
    pieces = [b"ab", b" a", b"a:", b"b", b"bc", b"c", b"c\n", b"abc", b"a"]
    no_space = {"tokenizer.ggml.add_space_prefix": False}
    llama = LlamaVocabulary(tiny_llama(tmp_path / "tiny.gguf", pieces=pieces, overrides=no_space))
    vocabulary, rng = llama.vocabulary, np.random.default_rng(len(breakers[0]))
    pool = [*range(259, 259 + len(pieces)), *(3 + byte for byte in b':\n*"')]
    for _ in range(60):
        row = any_row(rng, llama.n)
        history = rng.choice(rng.choice(pool, 5), rng.integers(0, 60)).tolist()
        dry = Dry(rng.uniform(0.1, 2), 1.75, int(rng.integers(0, 3)), int(rng.choice([-1, 20])), breakers)
        compare(counts, (dry,), row, history, llama, vocabulary)
    llama.close()
