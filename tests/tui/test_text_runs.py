"""A text made anew from where it differs is the text made anew: runs, shades and lines, whatever changed."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models.vocabulary import Vocabulary
from tempviz.tui.display import flow
from tempviz.tui.renderables.text import Wrapping, wrap
from tempviz.tui.text_runs import GrownTuple, TextRuns, common_prefix, kept_while_the_same
from tempviz.tui.viewdata import BORDER

from .driving import PIECES

PIECE_LIST = [*PIECES[:20], b" the", b" a", b"\xe6", b"\xad", b"\xa3", b"\xcc\x81", b"e", b"\n", b"x\ny", b"      "]
VOCABULARY = Vocabulary.of(PIECE_LIST)

TEXT = st.lists(st.integers(0, len(PIECE_LIST) - 1), max_size=12)
CHANGE = st.tuples(st.integers(0, 400), TEXT, st.integers(1, 12))
"""Keep so many tokens, then these so many times over."""


def texts(changes: list[tuple[int, list[int], int]]) -> list[tuple[int, ...]]:
    text: tuple[int, ...] = ()
    made = [text]
    for kept, more, times in changes:
        text = (*text[:kept], *(more * times))
        made.append(text)
    return made


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_what_two_texts_share(one: list[int], other: list[int]):
    n = common_prefix(one, other)
    assert one[:n] == other[:n]
    assert n == min(len(one), len(other)) or one[n] != other[n]


@settings(deadline=None)
@given(st.lists(CHANGE, max_size=8), st.integers(2, 30))
def test_a_changed_text_is_as_one_made_anew(changes: list[tuple[int, list[int], int]], width: int):
    runs, wrapping, doubled = TextRuns(), Wrapping(width), GrownTuple(lambda x: 2 * x)
    for text in texts(changes):
        now = runs(text, VOCABULARY, False)
        assert now == tuple(flow(VOCABULARY.piece(token) for token in text))
        assert wrapping.of(now) == wrap(now, width)
        assert doubled(text) == tuple(2 * x for x in text)


@settings(deadline=None)
@given(st.lists(CHANGE, max_size=6))
def test_borders_stand_after_every_token(changes: list[tuple[int, list[int], int]]):
    runs = TextRuns()
    for text in texts(changes):
        now = runs(text, VOCABULARY, True)
        assert now == TextRuns()(text, VOCABULARY, True)
        bare = [run for run in now if run.text != BORDER]
        plain = list(flow(VOCABULARY.piece(token) for token in text))
        assert [run[:2] for run in bare] == [run[:2] for run in plain]
        assert [run.token_index for run in now if run.text == BORDER] == list(range(len(text)))


def test_another_vocabulary_or_other_borders_are_another_text():
    runs, other = TextRuns(), Vocabulary.of([b"other"] * len(PIECE_LIST))
    assert [run.text for run in runs((20, 21), VOCABULARY, False)] == [" the", " a"]
    assert [run.text for run in runs((20, 21), other, False)] == ["other", "other"]
    assert [run.text for run in runs((20,), other, True)] == ["other", BORDER]


def test_the_same_text_is_the_same_object():
    runs = TextRuns()
    before = runs((20, 21), VOCABULARY, False)
    assert runs((20, 21), VOCABULARY, False) is before
    wrapping = Wrapping(20)
    assert wrapping.of(before) is wrapping.of(before)


def test_a_value_is_kept_for_the_very_same_objects_only():
    made = []

    def of(*arguments: object) -> int:
        made.append(arguments)
        return len(made)

    kept, one = kept_while_the_same(of), (1, 2)
    assert [kept(one, None), kept(one, None), kept((*one, 3)[:2], None), kept(one, None)] == [1, 1, 2, 3]
