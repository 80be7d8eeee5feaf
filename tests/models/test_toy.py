"""The toy keeps the protocol and plays what it is told, so that what is above a model can be tested without one."""

import threading

import numpy as np
import pytest
from tempviz.models.engine import (
    BadLogits,
    Cancelled,
    ContextFull,
    EngineDied,
    EngineError,
    InvalidToken,
    LanguageModel,
    Path,
    path_of,
    path_tokens,
)
from tempviz.models.toy import ToyModel

NAMES = ["a", "b", "ab", " "]


def test_the_lab_has_one_row_everywhere():
    toy: LanguageModel = ToyModel([1, 2, 3, -np.inf], NAMES)
    for path in (path_of((0,)), path_of((1, 2), (3,))):
        row = toy.logits_after(path)
        assert row.dtype == np.float32 and not row.flags.writeable
        assert row.tolist() == [1, 2, 3, -np.inf]
    assert toy.info.n_vocab == 4 and toy.info.vocabulary.piece(2) == b"ab"


def test_the_longest_name_is_the_token():
    toy = ToyModel([0, 0, 0, 0], NAMES)
    assert toy.tokenize("ab ba") == (2, 3, 1, 0)
    assert toy.tokenize("") == (0,)
    with pytest.raises(EngineError, match="“c”"):
        toy.tokenize("ac")


def test_a_rule_sees_the_path_and_calls_are_kept():
    def rule(path: Path) -> list[float]:
        return [float(len(path_tokens(path)))] * 4

    toy = ToyModel.scripted(rule, NAMES)
    asked = [path_of((0,)), path_of((0,), (1, 2))]
    assert [toy.logits_after(path)[0] for path in asked] == [1, 3]
    assert toy.calls == asked


def test_outcomes_are_played_once_each_and_in_order():
    go = threading.Event()
    go.set()
    toy = ToyModel.scripted(lambda _: [0] * 4, NAMES, None, EngineDied("It died."), [9] * 4, go)
    assert toy.logits_after(path_of((0,)))[0] == 0
    with pytest.raises(EngineDied):
        toy.logits_after(path_of((0,)))
    assert [toy.logits_after(path_of((0,)))[0] for _ in range(3)] == [9, 0, 0]


@pytest.mark.parametrize("stop", [ToyModel.cancel, ToyModel.close])
def test_a_call_that_waits_can_be_stopped(stop):
    toy = ToyModel([0] * 4, NAMES)
    toy.cancel()  # nothing runs yet
    toy.then(threading.Event())
    threading.Timer(0.05, stop, (toy,)).start()
    with pytest.raises(Cancelled):
        toy.logits_after(path_of((0,)))


def test_a_text_is_read_by_the_rule():
    toy = ToyModel(lambda path: [float(len(path_tokens(path))), 0, 0, 0], NAMES)
    reading = toy.read((1, 0, 1))
    assert reading.rank.tolist() == [1, 2] and toy.calls == []
    assert reading.logprob == pytest.approx([-np.log(1 + 3 / np.e), -np.log(np.e**2 + 3)])
    assert toy.logits_at((1, 0, 1), 2)[0] == 2


def test_it_refuses_what_a_model_refuses():
    toy = ToyModel([0] * 4, NAMES, n_ctx=2)
    with pytest.raises(InvalidToken):
        toy.logits_after(path_of((4,)))
    with pytest.raises(ContextFull):
        toy.logits_after(path_of((0,), (1, 2)))
    toy.then([np.nan] * 4, [1, 2])
    with pytest.raises(BadLogits):
        toy.logits_after(path_of((0,)))
    with pytest.raises(EngineError, match="shape"):
        toy.logits_after(path_of((0,)))
