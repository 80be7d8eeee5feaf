"""Token ids and their bytes: nothing lost, whatever the bytes are."""

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models.vocabulary import Vocabulary, decode_runs

PIECES = [b"a", b"", b" the", b"\xe6\x97", b"\xa5", b"\x1b[31m", b"<|im_end|>", b"x" * 300]


def test_pieces_come_back_exactly():
    vocabulary = Vocabulary.of(PIECES, eog=[6], control=[6])
    assert len(vocabulary) == len(PIECES)
    assert [vocabulary.piece(token) for token in range(len(PIECES))] == PIECES
    assert vocabulary.eog == vocabulary.control == {6}


@pytest.mark.parametrize("token", [-1, len(PIECES), 2**31 - 1])
def test_an_id_outside_is_refused(token: int):
    with pytest.raises(IndexError, match="outside the vocabulary of 8 tokens"):
        Vocabulary.of(PIECES).piece(token)


def test_offsets_may_be_a_compact_array():
    of_list = Vocabulary.of(PIECES)
    of_array = Vocabulary(of_list.blob, array("q", of_list.offsets))
    assert [of_array.piece(token) for token in range(len(of_array))] == PIECES


def test_the_text_joins_split_characters():
    vocabulary = Vocabulary.of(PIECES)
    assert vocabulary.text([0, 3, 4, 2]) == "a日 the"
    assert vocabulary.text([3, 0]) == "\ufffda"
    assert vocabulary.text([]) == ""


def test_an_empty_vocabulary():
    assert len(Vocabulary.of([])) == 0


def test_a_character_belongs_to_the_piece_that_completes_it():
    assert list(decode_runs([b"a\xe6", b"\x97", b"", b"\xa5b"])) == [
        ("a", b"\xe6"),
        ("", b"\xe6\x97"),
        ("", b"\xe6\x97"),
        ("日b", b""),
    ]


def test_bytes_that_are_no_text_come_as_surrogates():
    assert list(decode_runs([b"\xff", b"\xe6", b"a"])) == [("\udcff", b""), ("", b"\xe6"), ("\udce6a", b"")]


# Any bytes at all would hardly ever be a valid character, so text cut anywhere is mixed with broken bytes.
fragments = st.one_of(st.binary(max_size=4), st.text(max_size=6).map(lambda text: text.encode("utf-8", "replace")))
cuts = st.lists(st.integers(1, 3), min_size=1, max_size=20)


@settings(deadline=None, max_examples=200)
@given(st.lists(fragments, max_size=8).map(b"".join), cuts)
def test_no_byte_is_lost_and_none_comes_twice(data: bytes, cuts: list[int]):
    pieces, at = [], 0
    while at < len(data):
        pieces.append(data[at : at + cuts[len(pieces) % len(cuts)]])
        at += len(pieces[-1])
    seen, pending = "", b""
    for n, (text, pending) in enumerate(decode_runs(pieces), 1):
        seen += text
        assert seen.encode("utf-8", "surrogateescape") + pending == b"".join(pieces[:n])
        assert len(pending) <= 3
    assert seen + pending.decode("utf-8", "surrogateescape") == data.decode("utf-8", "surrogateescape")
