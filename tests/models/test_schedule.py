"""The batches in which a path is decoded: the table that makes the same path give the same bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models.engine import CHUNK, Path, Segment, chunk_of, path_of, path_tokens, schedule


@pytest.mark.parametrize(
    ("n_given", "n_taken", "sizes"),
    [
        (1, 0, [1]),
        (2, 0, [1, 1]),
        (64, 0, [63, 1]),
        (65, 0, [64, 1]),
        (66, 0, [64, 1, 1]),
        (129, 0, [64, 64, 1]),
        (130, 0, [64, 64, 1, 1]),
        (3, 2, [2, 1, 1, 1]),
        (0, 3, [1, 1, 1]),
        (0, 0, []),
    ],
)
def test_the_sizes_of_the_batches(n_given: int, n_taken: int, sizes: list[int]):
    path = path_of(tuple(range(n_given)), tuple(range(1000, 1000 + n_taken)))
    assert [len(batch) for batch in schedule(path)] == sizes


@pytest.mark.parametrize(
    ("n_vocab", "chunk"), [(1, 64), (49_152, 64), (65_536, 64), (65_537, 63), (262_144, 16), (10**9, 1)]
)
def test_the_rows_of_a_chunk_take_no_more_than_16_mb(n_vocab: int, chunk: int):
    assert chunk_of(n_vocab) == chunk
    assert len(schedule(path_of(tuple(range(70))), chunk)[0]) == chunk


def test_a_later_given_segment_has_chunks_of_its_own():
    path = (Segment("given", (1, 2, 3)), Segment("taken", (4,)), Segment("given", tuple(range(10, 80))))
    assert [len(batch) for batch in schedule(path)] == [2, 1, 1, 64, 5, 1]


segments = st.builds(
    Segment, st.sampled_from(["given", "taken"]), st.lists(st.integers(0, 99), max_size=200).map(tuple)
)


@given(st.lists(segments, max_size=4).map(tuple))
def test_every_token_is_decoded_once_in_order(path: Path):
    batches = schedule(path)
    assert sum(batches, ()) == path_tokens(path)
    assert all(1 <= len(batch) <= CHUNK for batch in batches)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=150), st.lists(st.integers(0, 9), max_size=9))
def test_one_more_token_adds_one_batch_and_changes_none(prompt: list[int], taken: list[int]):
    before = schedule(path_of(tuple(prompt), tuple(taken)))
    assert schedule(path_of(tuple(prompt), (*taken, 7))) == [*before, (7,)]
