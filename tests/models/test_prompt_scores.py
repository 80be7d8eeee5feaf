"""What a model thought of a given text: right to the last digit that float64 has, and without a trace in the cache."""

import math
from collections.abc import Iterator
from pathlib import Path as File

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models import llama
from tempviz.models.engine import BadLogits, Cancelled, EngineError, InvalidToken, PromptTooLong, path_of
from tempviz.models.llama import LlamaModel
from tempviz.models.prompt_scores import PromptScores
from tempviz.models.worker import RemoteModel
from tiny_models import tiny_mamba, tiny_swa

TEXT = tuple(3 + (7 * i) % 250 for i in range(150))

logits = st.lists(st.floats(-80, 80, width=32) | st.just(-math.inf), min_size=1, max_size=30).filter(
    lambda row: max(row) > -math.inf
)


@given(logits, st.data())
def test_one_row_against_the_definition(row: list[float], data: st.DataObject):
    token = data.draw(st.integers(0, len(row) - 1))
    scores = PromptScores.empty(1)
    scores.measure(0, [np.array(row, np.float32)], [token])
    total = math.fsum(math.exp(x - max(row)) for x in row)
    p = [math.exp(x - max(row)) / total for x in row]
    order = sorted(range(len(row)), key=lambda i: (-row[i], i))
    assert scores.rank[0] == order.index(token) + 1
    assert scores.logprob[0] == pytest.approx(row[token] - max(row) - math.log(total), rel=1e-12, abs=1e-12)
    assert scores.entropy_bits[0] == pytest.approx(-math.fsum(q * math.log2(q) for q in p if q), rel=1e-9, abs=1e-9)
    assert scores.entropy_bits[0] >= 0


@pytest.mark.parametrize("row", [[np.nan, 1], [np.inf, 1], [-np.inf, -np.inf]])
def test_a_row_that_is_no_distribution_has_no_measure(row: list[float]):
    with pytest.raises(BadLogits), np.errstate(invalid="ignore"):
        PromptScores.empty(1).measure(0, [np.array(row, np.float32)], [0])


def test_scores_cross_the_wire_unchanged():
    scores = PromptScores(np.array([-1.5, -np.inf]), np.array([1, 262_144]), np.array([0.5, 17.9]))
    again = PromptScores.frombytes(scores.tobytes())
    for name in ("logprob", "rank", "entropy_bits"):
        assert np.array_equal(getattr(again, name), getattr(scores, name))
    assert PromptScores.frombytes(PromptScores.empty(0).tobytes()).rank.shape == (0,)


@pytest.fixture(scope="module", params=["llama", "swa", "mamba"])
def model(request: pytest.FixtureRequest, tiny_model: File, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    folder = tmp_path_factory.mktemp("scored")
    file = {
        "llama": lambda: tiny_model,
        "swa": lambda: tiny_swa(folder / "swa.gguf"),
        "mamba": lambda: tiny_mamba(folder / "mamba.gguf"),
    }[request.param]()
    model = LlamaModel.open(str(file), n_threads=1)
    yield model
    model.close()


def test_scoring_leaves_the_same_bits_as_evaluating(model: LlamaModel):
    row = model.logits_after(path_of(TEXT))
    step = model.logits_after(path_of(TEXT, (50,)))
    model.score(TEXT)
    decoded = model.batches_decoded
    assert np.array_equal(model.logits_after(path_of(TEXT)), row)
    assert model.batches_decoded == decoded  # the row is still there
    assert np.array_equal(model.logits_after(path_of(TEXT, (50,))), step)
    assert model.batches_decoded == decoded + 1  # and so is the cache


@pytest.mark.parametrize("position", [1, 2, 64, 65, 128, 148, 149])
def test_the_row_of_a_position_is_the_one_that_was_scored(model: LlamaModel, position: int):
    final = model.logits_after(path_of(TEXT))
    scores = model.score(TEXT)
    one = PromptScores.empty(1)
    one.measure(0, [model.logits_at(TEXT, position)], TEXT[position : position + 1])
    assert one.logprob[0] == scores.logprob[position - 1]
    assert one.rank[0] == scores.rank[position - 1]
    assert one.entropy_bits[0] == scores.entropy_bits[position - 1]
    assert np.array_equal(model.logits_after(path_of(TEXT)), final)


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


def test_short_texts_and_wrong_ones(model: LlamaModel):
    assert model.score((5,)).rank.shape == (0,)
    assert model.score((5, 6)).rank.shape == (1,)
    with pytest.raises(EngineError, match="no token"):
        model.score(())
    with pytest.raises(InvalidToken):
        model.score((5, 299_000))
    with pytest.raises(PromptTooLong):
        model.score((5,) * 5000)
    for position in (-1, 0, 2, 3):
        with pytest.raises(ValueError, match="position"):
            model.logits_at((5, 6), position)


def test_bad_logits_while_scoring_leave_a_usable_model(model: LlamaModel, monkeypatch: pytest.MonkeyPatch):
    row = model.logits_after(path_of(TEXT))
    with monkeypatch.context() as patch:
        bad = np.full(model.info.n_vocab, np.nan, np.float32)
        patch.setattr(model._native, "row", lambda _: bad)
        with pytest.raises(BadLogits):
            model.score(TEXT)
    assert np.array_equal(model.logits_after(path_of(TEXT)), row)


def test_across_the_process_boundary(tiny_model: File):
    local = LlamaModel.open(str(tiny_model), n_threads=1)
    remote = RemoteModel.open(str(tiny_model), n_threads=1)
    seen: list[tuple[int, int]] = []
    theirs, ours = remote.score(TEXT, lambda done, total: seen.append((done, total))), local.score(TEXT)
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
    scores = model.score(tokens)
    assert np.array_equal(model.logits_after(path_of(tokens)), final)
    assert scores.rank[-1] == 1 and scores.logprob[-1] > math.log(0.3)
    assert model.info.vocabulary.piece(int(model.logits_at(tokens, len(tokens) - 1).argmax())) == b" Paris"
    assert np.array_equal(model.logits_after(path_of(tokens)), final)
    model.close()


def test_scoring_can_be_cancelled(model: LlamaModel):
    with pytest.raises(Cancelled):
        model.score(TEXT, lambda *_: model.cancel())
    assert np.isfinite(model.score(TEXT).entropy_bits).all()
