"""What a query finds, against looking through the pieces one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models.find import Found, matches
from tempviz.models.ranking import Ranking
from tempviz.models.vocabulary import Vocabulary

PIECES = st.lists(st.text("ab é", max_size=4).map(str.encode), min_size=1, max_size=12)


@given(PIECES, st.text("ab é␣", max_size=5))
def test_a_query_finds_the_tokens_that_hold_it(pieces: list[bytes], query: str):
    wanted = query.replace("␣", " ").encode()
    found = matches(Vocabulary.of(pieces), query)
    assert found.tolist() == [i for i, piece in enumerate(pieces) if wanted in piece]


def test_an_id_finds_its_token_alone():
    vocabulary = Vocabulary.of([b"#1", b"x", b"1"])
    assert matches(vocabulary, "#1").tolist() == [1]
    assert matches(vocabulary, "#3").tolist() == []
    assert matches(vocabulary, "#").tolist() == [0]


@pytest.mark.parametrize(("query", "best"), [("", [2, 0, 3, 1]), ("a", [2, 0]), ("b", [3, 1]), ("c", [])])
def test_what_is_found_is_ranked_by_the_row(query: str, best: list[int]):
    vocabulary, ranking = Vocabulary.of([b"a", b"b", b"ab"[:1], b"b"]), Ranking(np.array([1.0, -1.0, 2.0, 0.0]))
    found = Found(vocabulary, query, ranking)
    assert (len(found), found.best(0, 9)) == (len(best), best)
    assert Found(vocabulary, query, None).best(0, 9) == sorted(best)


@given(st.data())
def test_any_window_of_what_is_found_is_that_of_a_full_sort(data: st.DataObject):
    n = data.draw(st.integers(1, 300))
    logit = st.sampled_from([-np.inf, -3.0, 0.0, 0.5, 4.0, 9.0])
    logits = np.array(data.draw(st.lists(logit, min_size=n, max_size=n)), np.float32)
    logits[data.draw(st.integers(0, n - 1))] = 1.0  # one at least is not masked
    fits = data.draw(st.sets(st.integers(0, n - 1)))
    pieces = [b"yes" if i in fits else b"no" for i in range(n)]
    found = Found(Vocabulary.of(pieces), "e", Ranking(logits))
    ordered = sorted(fits, key=lambda i: (-logits[i], i))
    start = data.draw(st.integers(0, n))
    stop = data.draw(st.integers(start, n + 5))
    assert len(found) == len(fits)
    assert found.best(start, stop) == ordered[start:stop]
