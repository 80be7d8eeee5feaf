"""Tiny random GGUF models, written when a test asks for one: no download, no binary in the repository.

Each writer returns the file it wrote; the same arguments give the same bytes. `overrides` replaces,
adds or (with None) removes metadata keys by their full name: that is how a test makes a model that lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np

Tensors = dict[str, np.ndarray]
Shape = tuple[int, ...]
Draw = Callable[..., np.ndarray]

UNKNOWN, BOS, EOS, FIRST_BYTE, FIRST_PIECE = 0, 1, 2, 3, 259
"""Ids of every tiny vocabulary: three control tokens, 256 byte tokens, then the pieces."""

FF = 128
"""Width of the feed-forward layer of all of them."""


def tiny_llama(
    path: Path,
    *,
    n_vocab: int = 299,
    n_embd: int = 64,
    n_layer: int = 1,
    n_ctx_train: int = 2048,
    seed: int = 0,
    pieces: list[bytes] | None = None,
    chat_template: str | None = None,
    overrides: dict[str, Any] | None = None,
    scale: float = 1.0,
) -> Path:
    """A llama with an SPM vocabulary, ≈ 300 kB; its logits are finite, of standard deviation ≈ 2 × `scale`.

    `pieces` are token texts from id `FIRST_PIECE` on; `n_vocab` grows if they need it.
    """
    vocabulary = spm_vocabulary(n_vocab, pieces or [])
    count, draw = len(vocabulary["tokenizer.ggml.tokens"]), _draw(seed)
    metadata = _sizes("llama", n_embd, n_layer, n_ctx_train) | {
        "llama.vocab_size": count,
        "llama.rope.dimension_count": n_embd // 4,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.chat_template": chat_template,
    }
    tensors: Tensors = {"token_embd.weight": draw(count, n_embd)}
    for i in range(n_layer):
        tensors |= _attention_block(draw, f"blk.{i}.", n_embd)
    tensors["output_norm.weight"] = np.ones(n_embd, np.float32)
    tensors["output.weight"] = draw(count, n_embd, scale=2 * scale / n_embd**0.5)
    return write_gguf(path, metadata | vocabulary | (overrides or {}), tensors)


def tiny_nan(path: Path) -> Path:
    """A `tiny_llama` that loads, and whose logits are all NaN."""
    return _with_tensors(path, {"output_norm.weight": np.full(64, np.nan, np.float32)})


def vocab_only(path: Path) -> Path:
    """A vocabulary without any tensor; llama.cpp refuses it."""
    metadata = _sizes("llama", 64, 1, 2048) | {"llama.attention.layer_norm_rms_epsilon": 1e-5}
    return write_gguf(path, metadata | spm_vocabulary(299), {})


def big_vocab_llama(path: Path, n_vocab: int = 262_144) -> Path:
    """One layer and as many tokens as Gemma has, < 60 MB, for benchmarks.

    The logits are normal with standard deviation 4.7: at 262,144 tokens an entropy of ≈ 7 bits, like text.
    """
    n_embd, draw = 64, _draw(0)
    metadata = _sizes("llama", n_embd, 1, 2048) | {
        "general.file_type": int(gguf.LlamaFileType.MOSTLY_Q8_0),
        "llama.vocab_size": n_vocab,
        "llama.rope.dimension_count": n_embd // 4,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
    }
    tensors = {"token_embd.weight": draw(n_vocab, n_embd)} | _attention_block(draw, "blk.0.", n_embd)
    tensors["output_norm.weight"] = np.ones(n_embd, np.float32)
    tensors["output.weight"] = draw(n_vocab, n_embd, scale=4.7 / n_embd**0.5)
    large = ("token_embd.weight", "output.weight")
    return write_gguf(path, metadata | spm_vocabulary(n_vocab), tensors, q8=large)


def tiny_swa(path: Path, *, window: int = 8, n_layer: int = 6, overrides: dict | None = None) -> Path:
    """A Gemma 3 whose layers look `window` tokens back; every sixth layer sees everything."""
    n_embd, head, draw = 64, 16, _draw(1)
    metadata = _sizes("gemma3", n_embd, n_layer, 2048) | {
        "gemma3.attention.layer_norm_rms_epsilon": 1e-6,
        "gemma3.attention.key_length": head,
        "gemma3.attention.value_length": head,
        "gemma3.attention.sliding_window": window,
    }
    tensors: Tensors = {"token_embd.weight": draw(299, n_embd, scale=0.15)}
    for i in range(n_layer):
        block = f"blk.{i}."
        tensors |= _attention_block(draw, block, n_embd)
        for norm, size in (
            ("attn_q_norm", head),
            ("attn_k_norm", head),
            ("post_attention_norm", n_embd),
            ("post_ffw_norm", n_embd),
        ):
            tensors[f"{block}{norm}.weight"] = np.ones(size, np.float32)
    tensors["output_norm.weight"] = np.ones(n_embd, np.float32)
    return write_gguf(path, metadata | spm_vocabulary(299) | (overrides or {}), tensors)


def tiny_mamba(path: Path) -> Path:
    """A recurrent model: it decodes, and refuses to drop a part of what it has read."""
    n_embd, inner, state, conv, rank, draw = 64, 128, 16, 4, 4, _draw(2)
    metadata = _sizes("mamba", n_embd, 1, 2048) | {
        "mamba.feed_forward_length": 0,
        "mamba.attention.head_count": 0,
        "mamba.attention.head_count_kv": None,
        "mamba.attention.layer_norm_rms_epsilon": 1e-5,
        "mamba.ssm.conv_kernel": conv,
        "mamba.ssm.inner_size": inner,
        "mamba.ssm.state_size": state,
        "mamba.ssm.time_step_rank": rank,
    }
    tensors = {
        "token_embd.weight": draw(299, n_embd, scale=1.0),
        "blk.0.attn_norm.weight": np.ones(n_embd, np.float32),
        "blk.0.ssm_in.weight": draw(2 * inner, n_embd),
        "blk.0.ssm_conv1d.weight": draw(inner, conv, scale=0.5),
        "blk.0.ssm_conv1d.bias": draw(inner),
        "blk.0.ssm_x.weight": draw(rank + 2 * state, inner),
        "blk.0.ssm_dt.weight": draw(inner, rank),
        "blk.0.ssm_dt.bias": draw(inner),
        "blk.0.ssm_a": -np.tile(np.arange(1, state + 1, dtype=np.float32), (inner, 1)),
        "blk.0.ssm_d": np.ones(inner, np.float32),
        "blk.0.ssm_out.weight": draw(n_embd, inner),
        "output_norm.weight": np.ones(n_embd, np.float32),
        "output.weight": draw(299, n_embd, scale=0.25),
    }
    return write_gguf(path, metadata | spm_vocabulary(299), tensors)


def tiny_bert(path: Path) -> Path:
    """An encoder: llama.cpp loads it, but its context has no memory and gives no next token."""
    n_embd, draw = 64, _draw(3)
    metadata = _sizes("bert", n_embd, 1, 512) | {
        "bert.attention.layer_norm_epsilon": 1e-12,
        "bert.attention.causal": False,
        "bert.pooling_type": 1,
        "tokenizer.ggml.token_type_count": 2,
    }
    tensors = {
        "token_embd.weight": draw(299, n_embd),
        "token_types.weight": draw(2, n_embd),
        "position_embd.weight": draw(512, n_embd),
    }
    tensors |= _layer_norm("token_embd_norm", n_embd)
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        tensors |= {f"blk.0.{name}.weight": draw(n_embd, n_embd), f"blk.0.{name}.bias": draw(n_embd)}
    tensors |= _layer_norm("blk.0.attn_output_norm", n_embd) | _layer_norm("blk.0.layer_output_norm", n_embd)
    tensors |= {"blk.0.ffn_up.weight": draw(FF, n_embd), "blk.0.ffn_up.bias": draw(FF)}
    tensors |= {"blk.0.ffn_down.weight": draw(n_embd, FF), "blk.0.ffn_down.bias": draw(n_embd)}
    return write_gguf(path, metadata | spm_vocabulary(299), tensors)


def tiny_t5(path: Path) -> Path:
    """An encoder and a decoder; llama.cpp aborts when it is asked for the next token of a text."""
    draw = _draw(4)
    tensors = _t5_stack(draw, "enc.", cross=False) | _t5_stack(draw, "dec.", cross=True)
    tensors |= {"token_embd.weight": draw(299, 64), "output.weight": draw(299, 64)}
    return write_gguf(path, _t5_metadata("t5"), tensors)


def tiny_t5encoder(path: Path) -> Path:
    """Only T5's encoder; llama.cpp decodes it without an error, to logits that are all 0."""
    draw = _draw(5)
    tensors = {"token_embd.weight": draw(299, 64)} | _t5_stack(draw, "enc.", cross=False)
    return write_gguf(path, _t5_metadata("t5encoder"), tensors)


def write_gguf(path: Path, metadata: dict[str, Any], tensors: Tensors, q8: Iterable[str] = ()) -> Path:
    """A GGUF file of these metadata and tensors, those in `q8` quantised; keys with None are left out."""
    architecture = metadata.get("general.architecture") or "llama"
    writer = gguf.GGUFWriter(path, architecture)
    writer.kv_data[0].clear()
    for key, value in metadata.items():
        if value is not None:
            writer.add_key_value(key, value, _value_type(value))
    for name, tensor in tensors.items():
        if name in q8:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quantize(tensor, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, np.ascontiguousarray(tensor, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return Path(path)


def spm_vocabulary(n_vocab: int, pieces: Iterable[bytes] = ()) -> dict[str, Any]:
    """Metadata of a vocabulary like Llama 2's: control and byte tokens, `pieces`, filled up to `n_vocab`."""
    tokens = [b"<unk>", b"<s>", b"</s>", *(b"<0x%02X>" % byte for byte in range(256)), *pieces]
    taken, filler = set(tokens), _filler()
    while len(tokens) < n_vocab:
        piece = next(filler)
        if piece not in taken:
            tokens.append(piece)
    kinds = gguf.TokenType
    types = [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL] + [kinds.BYTE] * 256
    types += [kinds.NORMAL] * (len(tokens) - len(types))
    return {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [-float(i) for i in range(len(tokens))],
        "tokenizer.ggml.token_type": [int(kind) for kind in types],
        "tokenizer.ggml.bos_token_id": BOS,
        "tokenizer.ggml.eos_token_id": EOS,
        "tokenizer.ggml.unknown_token_id": UNKNOWN,
    }


def _filler() -> Iterator[bytes]:
    letters = [bytes([code]) for code in range(ord("a"), ord("z") + 1)]
    space = "▁".encode()
    yield from [*letters, space, *(space + letter for letter in letters)]
    number = 0
    while True:
        yield space + b"t%d" % number
        number += 1


def _value_type(value: Any) -> gguf.GGUFValueType:
    if isinstance(value, bool):
        return gguf.GGUFValueType.BOOL
    if isinstance(value, int):
        if value < 0:
            return gguf.GGUFValueType.INT32
        return gguf.GGUFValueType.UINT32 if value < 1 << 32 else gguf.GGUFValueType.UINT64
    return gguf.GGUFValueType.get_type(value)


def _sizes(architecture: str, n_embd: int, n_layer: int, n_ctx_train: int) -> dict[str, Any]:
    return {
        "general.architecture": architecture,
        "general.type": "model",
        "general.name": f"tiny {architecture}",
        "general.file_type": int(gguf.LlamaFileType.ALL_F32),
        f"{architecture}.context_length": n_ctx_train,
        f"{architecture}.embedding_length": n_embd,
        f"{architecture}.block_count": n_layer,
        f"{architecture}.feed_forward_length": FF,
        f"{architecture}.attention.head_count": 4,
        f"{architecture}.attention.head_count_kv": 4,
    }


def _draw(seed: int) -> Draw:
    """A source of normal float32 tensors; by default scaled so that a product keeps its input's size."""
    generator = np.random.default_rng(seed)

    def draw(*shape: int, scale: float | None = None) -> np.ndarray:
        factor = shape[-1] ** -0.5 if scale is None else scale
        return generator.standard_normal(shape, np.float32) * np.float32(factor)

    return draw


def _attention_block(draw: Draw, block: str, n_embd: int) -> Tensors:
    tensors = {f"{block}{name}.weight": draw(n_embd, n_embd) for name in ("attn_q", "attn_k", "attn_v")}
    return tensors | {
        f"{block}attn_norm.weight": np.ones(n_embd, np.float32),
        f"{block}attn_output.weight": draw(n_embd, n_embd),
        f"{block}ffn_norm.weight": np.ones(n_embd, np.float32),
        f"{block}ffn_gate.weight": draw(FF, n_embd),
        f"{block}ffn_up.weight": draw(FF, n_embd),
        f"{block}ffn_down.weight": draw(n_embd, FF),
    }


def _layer_norm(name: str, size: int) -> Tensors:
    return {f"{name}.weight": np.ones(size, np.float32), f"{name}.bias": np.zeros(size, np.float32)}


def _t5_metadata(architecture: str) -> dict[str, Any]:
    sizes = _sizes(architecture, 64, 1, 512) | {
        f"{architecture}.attention.key_length": 16,
        f"{architecture}.attention.value_length": 16,
        f"{architecture}.attention.layer_norm_epsilon": 1e-6,
        f"{architecture}.attention.layer_norm_rms_epsilon": 1e-6,
        f"{architecture}.attention.relative_buckets_count": 32,
        f"{architecture}.decoder_start_token_id": 0,
    }
    return sizes | spm_vocabulary(299)


def _t5_stack(draw: Draw, side: str, cross: bool) -> Tensors:
    n_embd, block = 64, f"{side}blk.0."
    tensors: Tensors = {}
    for kind in ("attn", "cross_attn") if cross else ("attn",):
        tensors[f"{block}{kind}_norm.weight"] = np.ones(n_embd, np.float32)
        tensors |= {f"{block}{kind}_{part}.weight": draw(n_embd, n_embd) for part in "qkvo"}
    tensors[f"{block}attn_rel_b.weight"] = draw(32, 4)
    tensors[f"{block}ffn_norm.weight"] = np.ones(n_embd, np.float32)
    tensors |= {f"{block}ffn_{part}.weight": draw(FF, n_embd) for part in ("gate", "up")}
    tensors[f"{block}ffn_down.weight"] = draw(n_embd, FF)
    tensors[f"{side}output_norm.weight"] = np.ones(n_embd, np.float32)
    return tensors


def _with_tensors(path: Path, replaced: Tensors) -> Path:
    """A `tiny_llama` with some of its tensors overwritten in place."""
    tiny_llama(path)
    reader = gguf.GGUFReader(path, "r+")
    for tensor in reader.tensors:
        if tensor.name in replaced:
            tensor.data[:] = replaced[tensor.name]
    reader.data.flush()
    return path
