"""What a model thought of a given text: right to the last digit that float64 has, and without a trace in the cache."""

import math
from collections.abc import Iterator
from pathlib import Path as File

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models import engine, llama
from tempviz.models.engine import BadLogits, Cancelled, EngineError, InvalidToken, PromptTooLong, path_of
from tempviz.models.engine_thread import evaluated
from tempviz.models.llama import LlamaModel
from tempviz.models.reading import Reading
from tempviz.models.worker import RemoteModel
from tiny_models import tiny_mamba, tiny_swa

TEXT = tuple(3 + (7 * i) % 250 for i in range(150))

logits = st.lists(st.floats(-80, 80, width=32) | st.just(-math.inf), min_size=1, max_size=30).filter(
    lambda row: max(row) > -math.inf
)


@given(logits, st.data())
def test_one_row_against_the_definition(row: list[float], data: st.DataObject):
    token = data.draw(st.integers(0, len(row) - 1))
    reading = Reading.of((0, token))
    reading.measure(0, [np.array(row, np.float32)])
    total = math.fsum(math.exp(x - max(row)) for x in row)
    p = [math.exp(x - max(row)) / total for x in row]
    order = sorted(range(len(row)), key=lambda i: (-row[i], i))
    assert reading.rank[0] == order.index(token) + 1
    assert reading.logprob[0] == pytest.approx(row[token] - max(row) - math.log(total), rel=1e-12, abs=1e-12)
    assert reading.entropy_bits[0] == pytest.approx(-math.fsum(q * math.log2(q) for q in p if q), rel=1e-9, abs=1e-9)
    assert reading.entropy_bits[0] >= 0


@pytest.mark.parametrize("row", [[np.nan, 1], [np.inf, 1], [-np.inf, -np.inf]])
def test_a_row_that_is_no_distribution_has_no_measure(row: list[float]):
    with pytest.raises(BadLogits), np.errstate(invalid="ignore"):
        Reading.of((0, 0)).measure(0, [np.array(row, np.float32)])


def test_scores_cross_the_wire_unchanged():
    reading = Reading((5, 6, 7), np.array([-1.5, -np.inf]), np.array([1, 262_144]), np.array([0.5, 17.9]))
    again = Reading.frombytes((5, 6, 7), reading.tobytes())
    for name in ("logprob", "rank", "entropy_bits"):
        assert np.array_equal(getattr(again, name), getattr(reading, name))
    assert Reading.frombytes((5,), Reading.of((5,)).tobytes()).rank.shape == (0,)


def test_what_a_reading_says_of_the_whole_text():
    reading = Reading((5, 6, 7), np.log([0.5, 0.125]), np.array([1, 2]), np.array([1.0, 2.0]))
    assert reading.surprisal_bits == pytest.approx((1, 3))
    assert reading.mean_surprisal == pytest.approx(2) and reading.perplexity == pytest.approx(4)
    one = Reading.of((5,))
    assert one.surprisal_bits == () and math.isnan(one.mean_surprisal) and math.isnan(one.perplexity)


def same(a: Reading, b: Reading) -> bool:
    """Bit by bit."""
    return (a.tokens, a.tobytes()) == (b.tokens, b.tobytes())


@pytest.fixture(scope="module", params=["llama", "swa", "mamba"])
def model(request: pytest.FixtureRequest, tiny_model: File, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    folder = tmp_path_factory.mktemp("read")
    file = {
        "llama": lambda: tiny_model,
        "swa": lambda: tiny_swa(folder / "swa.gguf"),
        "mamba": lambda: tiny_mamba(folder / "mamba.gguf"),
    }[request.param]()
    model = LlamaModel.open(str(file), n_threads=1)
    yield model
    model.close()


def test_reading_leaves_the_same_bits_as_evaluating(model: LlamaModel):
    row = model.logits_after(path_of(TEXT))
    step = model.logits_after(path_of(TEXT, (50,)))
    model.read(TEXT)
    decoded = model.batches_decoded
    assert np.array_equal(model.logits_after(path_of(TEXT)), row)
    assert model.batches_decoded == decoded  # the row is still there
    assert np.array_equal(model.logits_after(path_of(TEXT, (50,))), step)
    assert model.batches_decoded == decoded + 1  # and so is the cache


@pytest.mark.parametrize("position", [1, 2, 64, 65, 128, 148, 149])
def test_the_row_of_a_position_is_the_one_that_was_read(model: LlamaModel, position: int):
    final = model.logits_after(path_of(TEXT))
    reading = model.read(TEXT)
    one = Reading.of((0, TEXT[position]))
    one.measure(0, [model.logits_at(TEXT, position)])
    assert one.logprob[0] == reading.logprob[position - 1]
    assert one.rank[0] == reading.rank[position - 1]
    assert one.entropy_bits[0] == reading.entropy_bits[position - 1]
    assert np.array_equal(model.logits_after(path_of(TEXT)), final)


@pytest.mark.parametrize(
    ("other", "decoded"),
    [
        (TEXT, 1),
        ((*TEXT[:-1], 9), 22),
        ((*TEXT[:140], 9), 13),
        (TEXT[:128] + (9,) * 9, 73),  # the first chunk goes on with another token, so the one before is read again
        (TEXT[:100] + (9,) * 99, 135),
        ((9,) * 70, 70),
    ],
    ids=["the same", "the last token", "the last chunk", "after a chunk", "inside a chunk", "all"],
)
def test_a_text_that_begins_alike_is_read_from_where_it_differs(tiny_model: File, other: tuple[int, ...], decoded: int):
    fresh = LlamaModel.open(str(tiny_model), n_threads=1)
    expected, row = fresh.read(other), fresh.logits_after(path_of(other))
    fresh.close()
    model = LlamaModel.open(str(tiny_model), n_threads=1)
    model.read(TEXT)
    model.logits_after(path_of(TEXT, (50, 60)))
    before = model.tokens_decoded
    assert same(model.read(other), expected)
    assert model.tokens_decoded - before == decoded
    assert np.array_equal(model.logits_after(path_of(other)), row)
    model.close()


def test_what_the_app_asks_for(model: LlamaModel, monkeypatch: pytest.MonkeyPatch):
    alone, expected = model.logits_after(path_of(TEXT)), model.read(TEXT)
    row, reading, *_ = evaluated(model, act.Evaluate(b"", path_of(TEXT)))
    assert np.array_equal(row, alone) and reading is not None and same(reading, expected)
    inside, none, *_ = evaluated(model, act.Evaluate(b"", path_of(TEXT[:70]), rest=TEXT[70:]))
    assert np.array_equal(inside, model.logits_at(TEXT, 70)) and none is None
    taken = path_of(TEXT[:70], (50,))
    assert np.array_equal(evaluated(model, act.Evaluate(b"", taken))[0], model.logits_after(taken))

    def refuse(*_):
        raise BadLogits("It is NaN.")

    monkeypatch.setattr(model, "read", refuse)
    row, reading, *_ = evaluated(model, act.Evaluate(b"", path_of(TEXT)))
    assert np.array_equal(row, alone) and reading is None


def test_looking_at_a_position_leaves_the_cache_as_it_was(model: LlamaModel, monkeypatch: pytest.MonkeyPatch):
    step = model.logits_after(path_of(TEXT, (50, 60)))
    model.logits_after(path_of(TEXT, (50,)))
    model.logits_at(TEXT, 10)
    model.logits_at(TEXT[:70], 66)
    with monkeypatch.context() as patch, pytest.raises(Cancelled):
        patch.setattr(model, "interrupted", lambda: True)
        model.logits_at(TEXT, 70)
    decoded = model.batches_decoded
    assert np.array_equal(model.logits_after(path_of(TEXT, (50, 60))), step)
    assert model.batches_decoded == decoded + 1


def test_a_cache_too_large_to_be_put_aside_is_decoded_again(model: LlamaModel, monkeypatch: pytest.MonkeyPatch):
    step = model.logits_after(path_of(TEXT, (50,)))
    monkeypatch.setattr(llama, "ASIDE", 0)
    model.logits_at(TEXT, 10)
    decoded = model.batches_decoded
    assert np.array_equal(model.logits_after(path_of(TEXT, (50,))), step)
    assert model.batches_decoded == decoded + 4  # of 5: the first chunk was just decoded


def test_a_row_inside_is_near_the_one_of_the_text_that_ends_there(model: LlamaModel):
    """Not equal: another batch, other last digits. But a row of the wrong position would be far away."""
    for position in (5, 64, 100):
        alone = model.logits_after(path_of(TEXT[:position]))
        assert np.abs(model.logits_at(TEXT, position) - alone).max() < 0.05 * np.ptp(alone)


def test_a_large_vocabulary_is_read_in_shorter_chunks(tiny_model: File, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "CHUNK_BYTES", 4 * 299 * 16)
    model = LlamaModel.open(str(tiny_model), n_threads=1)
    final = model.logits_after(path_of(TEXT))
    assert model.batches_decoded == 11  # nine of 16, one of 5, and the last token alone
    reading, step = model.read(TEXT), model.logits_after(path_of(TEXT, (50,)))
    for position in (1, 16, 17, 100, 149):
        one = Reading.of((0, TEXT[position]))
        one.measure(0, [model.logits_at(TEXT, position)])
        assert one.logprob[0] == reading.logprob[position - 1]
    other = (*TEXT[:100], *(9,) * 40)
    before = model.tokens_decoded
    again = model.read(other)
    assert model.tokens_decoded - before == 140 - 96  # from the chunk in which it differs
    model.close()
    fresh = LlamaModel.open(str(tiny_model), n_threads=1)
    assert np.array_equal(fresh.logits_after(path_of(TEXT)), final)
    assert np.array_equal(fresh.logits_after(path_of(TEXT, (50,))), step)
    assert same(fresh.read(other), again)
    fresh.close()


def test_short_texts_and_wrong_ones(model: LlamaModel):
    assert model.read((5,)).rank.shape == (0,)
    assert model.read((5, 6)).rank.shape == (1,)
    with pytest.raises(EngineError, match="no token"):
        model.read(())
    with pytest.raises(InvalidToken):
        model.read((5, 299_000))
    with pytest.raises(PromptTooLong):
        model.read((5,) * 5000)
    for position in (-1, 0, 2, 3):
        with pytest.raises(ValueError, match="position"):
            model.logits_at((5, 6), position)


def test_bad_logits_while_reading_leave_a_usable_model(model: LlamaModel, monkeypatch: pytest.MonkeyPatch):
    row = model.logits_after(path_of(TEXT))
    with monkeypatch.context() as patch:
        bad = np.full(model.info.n_vocab, np.nan, np.float32)
        patch.setattr(model._native, "row", lambda _: bad)
        with pytest.raises(BadLogits):
            model.read(TEXT)
    assert np.array_equal(model.logits_after(path_of(TEXT)), row)


def test_across_the_process_boundary(tiny_model: File):
    local = LlamaModel.open(str(tiny_model), n_threads=1)
    remote = RemoteModel.open(str(tiny_model), n_threads=1)
    seen: list[tuple[int, int]] = []
    theirs, ours = remote.read(TEXT, lambda done, total: seen.append((done, total))), local.read(TEXT)
    assert seen[-1] == (150, 150)
    for name in ("logprob", "rank", "entropy_bits"):
        assert np.array_equal(getattr(theirs, name), getattr(ours, name))
    assert np.array_equal(remote.logits_at(TEXT, 70), local.logits_at(TEXT, 70))
    local.close()
    remote.close()


def test_the_demo_model_expects_what_a_reader_expects(demo_model: File):
    model = RemoteModel.open(str(demo_model))
    tokens = model.tokenize("The capital of France is Paris")
    final = model.logits_after(path_of(tokens))
    reading = model.read(tokens)
    assert np.array_equal(model.logits_after(path_of(tokens)), final)
    assert reading.rank[-1] == 1 and reading.logprob[-1] > math.log(0.3)
    assert model.info.vocabulary.piece(int(model.logits_at(tokens, len(tokens) - 1).argmax())) == b" Paris"
    assert np.array_equal(model.logits_after(path_of(tokens)), final)
    model.close()


def test_reading_can_be_cancelled(model: LlamaModel):
    with pytest.raises(Cancelled):
        model.read(TEXT, lambda *_: model.cancel())
    assert np.isfinite(model.read(TEXT).entropy_bits).all()
