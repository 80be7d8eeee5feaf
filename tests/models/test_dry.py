"""DRY on texts that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models.chain import Chain, ChainResult
from tempviz.models.dry import Dry, matches, since_breaker
from tempviz.models.ranking import Ranking
from tempviz.models.transform import Context
from tempviz.models.vocabulary import Vocabulary

VOCABULARY = Vocabulary.of([b"a", b"b", b"c", b"\n", b"x\ny", b"end:", b" of", b"fo", b"o"])


def run(transform: Dry, row, history=()) -> ChainResult:
    return Chain((transform,)).run(Ranking(np.asarray(row)), history, lambda purpose: 0.5)


def dry_losses(history: list[int], **settings) -> dict[int, float]:
    result = run(Dry(1.0, 2.0, breakers=(), **settings), np.zeros(20), history)
    return {token: round(-by, 9) for token, by in result.stages[0].moves.items()}


def test_dry_weighs_the_longest_repetition_a_token_would_continue():
    # a b c c b c y a b c: after "a b c" came c, after "c" came b, after "b c" came y.
    history = [1, 2, 3, 3, 2, 3, 9, 1, 2, 3]
    assert dry_losses(history, allowed_length=1) == {3: 4.0, 2: 1.0, 9: 2.0}
    assert dry_losses(history, allowed_length=2) == {3: 2.0, 9: 1.0}
    assert dry_losses(history, allowed_length=4) == {}


def test_dry_sees_the_last_tokens_only():
    history = [1, 2, 3, 4, 1, 2, 3]
    assert dry_losses(history) == {4: 2.0}
    assert dry_losses(history, last_n=6) == {4: 1.0}  # the first token is out of sight
    assert dry_losses(history, last_n=3) == {}
    assert dry_losses(history, last_n=-1) == {4: 2.0}


def test_a_breaker_ends_the_repetition():
    history = [0, 1, 3, 2, 0, 1, 3]  # a b \n c a b \n
    assert Dry(1.0, breakers=()).repeats(Context(history, float)) == {2: 3}
    assert Dry(1.0).repeats(Context(history, float, VOCABULARY)) == {}
    history = [3, 0, 1, 2, 3, 0, 1]  # \n a b c \n a b
    assert Dry(1.0, breakers=()).repeats(Context(history, float)) == {2: 3}
    assert Dry(1.0).repeats(Context(history, float, VOCABULARY)) == {2: 2}


def test_a_token_that_holds_a_breaker_is_never_penalised():
    history = [0, 1, 2, 4, 0, 1, 2]
    assert Dry(1.0, breakers=()).repeats(Context(history, float)) == {4: 3}
    assert Dry(1.0).repeats(Context(history, float, VOCABULARY)) == {}


@pytest.mark.parametrize(
    ("breaker", "history", "since"),
    [
        ("\n", [0, 1, 2], 3),
        ("\n", [0, 3, 1, 2], 2),
        ("\n", [0, 4, 1, 2], 2),
        ("\n", [0, 1, 3], 0),
        ("offo", [6, 7], 0),  # " of" + "fo"
        ("offo", [6, 7, 0], 1),
        ("offo", [0, 6], 2),
        ("off", [6, 7], 2),  # would end within a token
        ("foo", [0, 7, 8, 1], 1),
        ("fool", [0, 7, 8, 1], 4),
    ],
)
def test_where_the_last_breaker_ended(breaker: str, history: list[int], since: int):
    assert since_breaker(history[::-1], [breaker.encode()], VOCABULARY) == since


def test_breakers_need_a_vocabulary():
    with pytest.raises(ValueError, match="vocabulary"):
        run(Dry(1.0), [1.0, 2.0], [0, 1, 0, 1])
    assert run(Dry(0.0), [1.0, 2.0], [0, 1, 0, 1]).stages[0].changed is False


@given(st.lists(st.integers(0, 2), max_size=40))
def test_matches_are_those_of_brute_force(tokens: list[int]):
    def common(i: int) -> int:
        n = 0
        while i + n < len(tokens) and tokens[n] == tokens[i + n]:
            n += 1
        return n

    assert matches(tokens) == [common(i) for i in range(len(tokens))]


def test_a_long_repetition_does_not_overflow():
    result = run(Dry(1.0, 3.0, breakers=(), last_n=-1), np.zeros(3), [0] * 5000)
    assert np.isfinite(result.logits).all() and result.logits[0] < -1e30
