"""llama.cpp behind the protocol: the same path gives the same bits, whatever the KV cache held before."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path as File

import numpy as np
import pytest
from tempviz.models import llama_native
from tempviz.models.engine import (
    BadLogits,
    Cancelled,
    ContextFull,
    EngineError,
    InvalidToken,
    Logits,
    ModelRefused,
    Path,
    PromptTooLong,
    Segment,
    path_of,
)
from tempviz.models.llama import LlamaModel
from tiny_models import tiny_bert, tiny_llama, tiny_mamba, tiny_nan, tiny_swa, tiny_t5, tiny_t5encoder

PROMPT = tuple(3 + (7 * i) % 250 for i in range(150))
TAKEN = (50, 60, 70, 80)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory, demo_model: File) -> Iterator[Callable[..., LlamaModel]]:
    """Open a model by kind; all are closed at the end."""
    folder, opened = tmp_path_factory.mktemp("models"), []
    writers = {"llama": tiny_llama, "swa": tiny_swa, "mamba": tiny_mamba}

    def open_model(kind: str, **options: int) -> LlamaModel:
        path = demo_model if kind == "demo" else folder / f"{kind}.gguf"
        if not path.exists():
            writers[kind](path)
        # Two threads wait for each other at every operation: on a busy machine that is most of a tiny model's time.
        threads = 2 if kind == "demo" else 1
        opened.append(LlamaModel.open(str(path), n_threads=threads, **options))
        return opened[-1]

    yield open_model
    for model in opened:
        model.close()


@pytest.fixture(scope="module")
def demo(make: Callable[..., LlamaModel]) -> LlamaModel:
    return make("demo")


@pytest.fixture(scope="module")
def tiny(make: Callable[..., LlamaModel]) -> LlamaModel:
    return make("llama")


def spent(model: LlamaModel, path: Path) -> int:
    """How many batches a path costs now."""
    before = model.batches_decoded
    model.logits_after(path)
    return model.batches_decoded - before


ROUTES = {
    "rewind": [path_of(PROMPT, TAKEN), path_of(PROMPT, TAKEN[:2])],
    "branch": [path_of(PROMPT, TAKEN), path_of(PROMPT, (*TAKEN[:2], 99, 98))],
    "branch at the prompt's end": [path_of(PROMPT, TAKEN), path_of(PROMPT, (91,))],
    "shorter prompt": [path_of(PROMPT), path_of(PROMPT[:100])],
    "longer prompt": [path_of(PROMPT[:100]), path_of(PROMPT)],
    "a token changed in the second chunk": [path_of(PROMPT), path_of((*PROMPT[:80], 9, *PROMPT[81:]))],
    "another prompt altogether": [path_of(PROMPT, TAKEN), path_of(PROMPT[::-1])],
    "taken tokens after a second given text": [
        path_of(PROMPT, TAKEN),
        (Segment("given", PROMPT), Segment("taken", TAKEN[:1]), Segment("given", PROMPT[5:9])),
    ],
    "there and back": [path_of(PROMPT, TAKEN), path_of(PROMPT[:70]), path_of(PROMPT, TAKEN)],
}


@pytest.mark.parametrize("kind", ["llama", "swa", "mamba", "demo"])
def test_every_route_to_a_path_gives_the_same_bits(make: Callable[..., LlamaModel], kind: str):
    travelled, fresh = make(kind), make(kind)
    names = ["rewind", "branch", "a token changed in the second chunk"] if kind == "demo" else list(ROUTES)
    for name, route in ((name, ROUTES[name]) for name in names):
        rows = [travelled.logits_after(path) for path in route]
        fresh._forget()
        assert np.array_equal(rows[-1], fresh.logits_after(route[-1])), name


def test_a_model_loaded_again_gives_the_same_bits(make: Callable[..., LlamaModel], demo: LlamaModel):
    path = path_of(demo.tokenize("Once upon a time, there was a"), (1165, 2006))
    assert np.array_equal(demo.logits_after(path), make("demo").logits_after(path))


def test_reading_taken_tokens_as_given_text_is_another_path(make: Callable[..., LlamaModel]):
    """Were this equal, the batches would not matter, and the tests above could not see a wrong one."""
    swa = make("swa")
    as_taken, as_given = path_of(PROMPT, PROMPT[:40]), path_of((*PROMPT, *PROMPT[:40]))
    assert not np.array_equal(swa.logits_after(as_taken), swa.logits_after(as_given))


def test_only_what_changed_is_decoded(tiny: LlamaModel):
    tiny._forget()
    assert spent(tiny, path_of(PROMPT)) == 4  # 64, 64, 21, 1
    assert spent(tiny, path_of(PROMPT)) == 0
    assert spent(tiny, path_of(PROMPT, (50,))) == 1
    assert spent(tiny, path_of(PROMPT, (50, 60, 70))) == 2
    assert spent(tiny, path_of(PROMPT, (50, 61))) == 1  # a branch
    assert spent(tiny, path_of(PROMPT, (50,))) == 1  # walked back by one who did not keep the row
    assert spent(tiny, path_of((*PROMPT[:80], 9, *PROMPT[81:]))) == 3  # from the second chunk on
    assert spent(tiny, path_of(PROMPT[:129])) == 2  # 64 kept, 64 edited back, 1


def test_a_running_state_starts_from_zero_when_it_must_go_back(make: Callable[..., LlamaModel]):
    mamba = make("mamba")
    assert spent(mamba, path_of(PROMPT)) == 4
    assert spent(mamba, path_of(PROMPT, (50,))) == 1
    assert spent(mamba, path_of(PROMPT, (51,))) == 5


def test_the_row_is_the_callers_own_and_cannot_be_written(tiny: LlamaModel):
    first = tiny.logits_after(path_of(PROMPT))
    kept = first.copy()
    tiny.logits_after(path_of(PROMPT, (50,)))
    assert np.array_equal(first, kept)
    assert first.dtype == np.float32 and first.shape == (tiny.info.n_vocab,)
    with pytest.raises(ValueError):
        first[0] = 1


def test_progress_counts_the_tokens_still_to_decode(tiny: LlamaModel):
    tiny._forget()
    tiny.logits_after(path_of(PROMPT[:65]))
    seen: list[tuple[int, int]] = []
    tiny.logits_after(path_of(PROMPT), lambda done, total: seen.append((done, total)))
    assert seen == [(64, 86), (85, 86), (86, 86)]


def test_a_cancelled_prefill_stops_soon_and_leaves_a_usable_model(demo: LlamaModel):
    path = path_of(tuple(100 + i for i in range(3000)))
    reference = demo.logits_after(path_of(path[0].tokens[:200]))
    demo._forget()
    times: list[float] = []

    def cancel() -> None:
        times.append(time.monotonic())
        demo.cancel()

    timer = threading.Timer(0.4, cancel)
    timer.start()
    with pytest.raises(Cancelled):
        demo.logits_after(path)
    assert time.monotonic() - times[0] < 1
    assert demo._length < 3000
    assert np.array_equal(demo.logits_after(path_of(path[0].tokens[:200])), reference)


@pytest.mark.parametrize("kind", ["llama", "swa", "mamba"])
def test_a_decode_aborted_at_any_moment_leaves_the_cache_true(
    make: Callable[..., LlamaModel], kind: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(llama_native, "BRIEF", 0.0)
    model, fresh = make(kind), make(kind)
    reference = fresh.logits_after(path_of(PROMPT, TAKEN))
    asked, is_set = 0, model.interrupted
    for stop_at in (1, 2, 5, 20, 30, 45, 60, 75, 90):
        asked = 0

        def stop(stop_at: int = stop_at) -> bool:
            nonlocal asked
            asked += 1
            return asked >= stop_at

        model.logits_after(path_of(PROMPT[:70]))
        model.interrupted = stop
        with pytest.raises(Cancelled):
            model.logits_after(path_of(PROMPT, TAKEN))
        model.interrupted = is_set
        assert np.array_equal(model.logits_after(path_of(PROMPT, TAKEN)), reference), stop_at


def test_a_brief_decode_does_not_ask_whether_to_stop(make: Callable[..., LlamaModel], monkeypatch: pytest.MonkeyPatch):
    model, asked = make("llama"), 0
    model.logits_after(path_of(PROMPT, TAKEN[:1]))

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return False

    model.interrupted = stop
    monkeypatch.setattr(llama_native, "BRIEF", math.inf)
    model.logits_after(path_of(PROMPT, TAKEN[:2]))
    assert asked == 1  # before the decode, by us
    monkeypatch.setattr(llama_native, "BRIEF", 0.0)
    model.logits_after(path_of(PROMPT, TAKEN[:3]))
    assert asked > 10
    asked = 0
    monkeypatch.setattr(llama_native, "BRIEF", math.inf)
    model._forget()
    model.logits_after(path_of(PROMPT))
    assert asked > 10  # many tokens at once


def test_cancel_when_nothing_runs_does_nothing(tiny: LlamaModel):
    tiny.cancel()
    assert np.isfinite(tiny.logits_after(path_of((5, 6)))).all()


def test_the_context_fills_up_to_its_last_token(make: Callable[..., LlamaModel]):
    model = make("llama", n_ctx=200)
    assert model.info.n_ctx == 256
    full = tuple(3 + i % 250 for i in range(256))
    model.logits_after(path_of(full))
    last = model.logits_after(path_of(full[:200], full[200:]))
    decoded = model.batches_decoded
    with pytest.raises(ContextFull, match="256"):
        model.logits_after(path_of(full[:200], (*full[200:], 5)))
    with pytest.raises(PromptTooLong, match=r"257 tokens.*256"):
        model.logits_after(path_of((*full, 5)))
    assert model.batches_decoded == decoded
    assert np.array_equal(model.logits_after(path_of(full[:200], full[200:])), last)


@pytest.mark.parametrize("token", [-1, 299, 2**31 - 1, 2**40])
def test_an_id_outside_the_vocabulary_never_reaches_llama_cpp(tiny: LlamaModel, token: int):
    decoded = tiny.batches_decoded
    with pytest.raises(InvalidToken, match=f"{token}.*299"):
        tiny.logits_after(path_of((5,), (token,)))
    assert tiny.batches_decoded == decoded


def test_an_empty_path_is_refused_in_words(tiny: LlamaModel):
    with pytest.raises(EngineError, match="no token"):
        tiny.logits_after(())


def test_special_text_in_a_prompt_stays_plain(demo: LlamaModel):
    text = "a<|im_end|>b"
    tokens = demo.tokenize(text)
    assert not set(tokens) & demo.info.vocabulary.control
    assert demo.info.vocabulary.text(tokens) == text


def test_bos_comes_first_where_the_model_asks_for_it(demo: LlamaModel, tiny: LlamaModel):
    assert tiny.info.adds_bos and tiny.tokenize("ab")[0] == tiny.tokenize("")[0] == tiny.info.bos
    assert tiny.tokenize("") == (tiny.info.bos,)
    assert not demo.info.adds_bos and demo.tokenize("Hi")[0] != demo.info.bos
    assert demo.tokenize("") == (demo.info.bos,)


def test_bytes_that_came_as_surrogates_are_tokenised(demo: LlamaModel, tiny: LlamaModel):
    """What is not UTF-8 stays as it is in a byte vocabulary; llama.cpp's BPE reads it as U+FFFD."""
    text = b"caf\xe9".decode("utf-8", "surrogateescape")
    assert b"".join(map(tiny.info.vocabulary.piece, tiny.tokenize(text))).endswith(b"caf\xe9")
    assert demo.info.vocabulary.text(demo.tokenize(text)) == "caf\ufffd"
    assert demo.tokenize("\ud800")


def test_a_model_is_described_by_its_real_size(demo: LlamaModel):
    assert demo.info.description == "llama 135M Q4_1"  # llama.cpp calls it 256M
    sizes = [llama_native._size(n) for n in (950, 12_300, 134_515_008, 1_235_814_400, 70_553_706_496)]
    assert sizes == ["950", "12K", "135M", "1.2B", "71B"]


def test_the_vocabulary_is_complete(demo: LlamaModel):
    info = demo.info
    assert len(info.vocabulary) == info.n_vocab == 49_152
    assert info.vocabulary.piece(2) == b"<|im_end|>" and 2 in info.vocabulary.eog & info.vocabulary.control
    assert info.vocabulary.text(demo.tokenize("naïve 木")) == "naïve 木"


def test_a_piece_longer_than_the_buffer_is_whole(tmp_path: File):
    model = LlamaModel.open(str(tiny_llama(tmp_path / "long.gguf", pieces=[b"x" * 500])))
    assert b"x" * 500 in [model.info.vocabulary.piece(i) for i in range(model.info.n_vocab)]
    model.close()
    model.close()


@pytest.mark.parametrize(
    ("writer", "sentence"),
    [
        (tiny_bert, "embedding"),
        (tiny_t5, "encoder"),
        (tiny_t5encoder, "encoder"),
        (tiny_nan, "299 logits are NaN"),
        (lambda path: path.write_bytes(b"GGUF\3\0\0\0" + bytes(40)), "unknown model architecture"),
    ],
)
def test_what_generates_no_text_is_refused_in_words(writer: Callable, sentence: str, tmp_path: File):
    writer(tmp_path / "model.gguf")
    with pytest.raises(ModelRefused, match=sentence):
        LlamaModel.open(str(tmp_path / "model.gguf"))


def test_a_context_larger_than_trained_for_needs_to_be_asked_for(make: Callable[..., LlamaModel]):
    assert make("llama").info.n_ctx == make("llama").info.n_ctx_train == 2048
    assert make("llama", n_ctx=2049).info.n_ctx == 2304


def test_nan_that_comes_later_empties_the_cache(tiny: LlamaModel, monkeypatch: pytest.MonkeyPatch):
    reference = tiny.logits_after(path_of(PROMPT))
    with monkeypatch.context() as patch:
        patch.setattr(tiny._native, "row", lambda _: np.full(299, np.nan, np.float32))
        with pytest.raises(BadLogits, match="299 logits are NaN"):
            tiny.logits_after(path_of(PROMPT, (50,)))
    again: Logits = tiny.logits_after(path_of(PROMPT))
    assert np.array_equal(again, reference)
