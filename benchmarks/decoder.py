"""What a step costs without tempviz: the bare llama.cpp loop, and llama-cpp-python's own completion, each in a child.

Run as a program it loads the model, prints one JSON line about it, then answers every line `n` on stdin with the
seconds of n greedy tokens. `Decoder` starts it and talks to it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

N_CTX = 2048
ROWS_KEPT_CTX = 256  # the completion keeps a row of logits per position, 1 MB each at 262,144 tokens
N_UBATCH = 64

Way = Literal["bare", "completion"]


class Decoder:
    """A child that decodes greedily on demand; `about` has kv_bytes, the KV cache's size at `N_CTX`."""

    def __init__(self, way: Way, model: Path, prompt: str, threads: int) -> None:
        command = [sys.executable, "-m", "benchmarks.decoder", way, str(model), prompt, str(threads)]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.about: dict[str, Any] = self._answer()

    def __enter__(self) -> Decoder:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.communicate()

    def decode(self, n: int) -> list[float]:
        """The seconds of each of the next n tokens."""
        assert self._child.stdin
        print(n, file=self._child.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        assert self._child.stdout
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"the decoder ended with {self._child.wait()}: {self._child.args}")
        return json.loads(line)


def main(way: Way, path: str, prompt: str, threads: str) -> None:
    """Answer until stdin ends."""
    from llama_cpp import llama_cpp as lib

    params = lib.llama_model_default_params()
    params.use_extra_bufts = False  # the default dies on some Intel CPUs; no difference elsewhere
    about, tokens = (bare if way == "bare" else completion)(lib, params, path, prompt, int(threads))
    print(json.dumps(about), flush=True)
    for line in sys.stdin:
        print(json.dumps([next(tokens) for _ in range(int(line))]), flush=True)


def bare(lib: Any, params: Any, path: str, prompt: str, threads: int) -> tuple[dict[str, Any], Iterator[float]]:
    """Decode one token, copy its row of logits, take the largest: the least that any program must do."""
    model = lib.llama_model_load_from_file(path.encode(), params)
    settings = lib.llama_context_default_params()
    settings.n_ctx, settings.n_batch, settings.n_ubatch = N_CTX, N_UBATCH, N_UBATCH
    settings.n_threads = settings.n_threads_batch = threads
    context = lib.llama_init_from_model(model, settings)
    vocabulary = lib.llama_model_get_vocab(model)
    n_vocab = lib.llama_vocab_n_tokens(vocabulary)
    text, room = prompt.encode(), (lib.llama_token * N_UBATCH)()
    count = lib.llama_tokenize(vocabulary, text, len(text), room, N_UBATCH, True, False)
    head = lib.llama_model_n_embd(model) // lib.llama_model_n_head(model)
    per_token = 2 * lib.llama_model_n_layer(model) * lib.llama_model_n_head_kv(model) * head * 2  # K and V, f16

    def step(tokens: Any, n: int) -> int:
        if lib.llama_decode(context, lib.llama_batch_get_one(tokens, n)) != 0:
            raise RuntimeError("llama_decode failed")
        row = np.ctypeslib.as_array(lib.llama_get_logits_ith(context, -1), (n_vocab,)).copy()
        return int(row.argmax())

    def tokens() -> Iterator[float]:
        while True:  # from the prompt again once the context is full
            lib.llama_memory_clear(lib.llama_get_memory(context), True)
            token = step(room, count)
            for _ in range(N_CTX - count):
                started = time.perf_counter()
                token = step((lib.llama_token * 1)(token), 1)
                yield time.perf_counter() - started

    return {"kv_bytes": per_token * N_CTX, "n_vocab": n_vocab, "n_prompt": count}, tokens()


def completion(lib: Any, params: Any, path: str, prompt: str, threads: int) -> tuple[dict[str, Any], Iterator[float]]:
    """`create_completion` with the ten likeliest of each position, streamed."""
    from llama_cpp import Llama

    lib.llama_model_default_params = lambda: params
    model = Llama(path, n_ctx=ROWS_KEPT_CTX, n_threads=threads, logits_all=True, verbose=False)

    def tokens() -> Iterator[float]:
        while True:
            stream = iter(model.create_completion(prompt, max_tokens=200, temperature=0, logprobs=10, stream=True))
            next(stream, None)  # the first one pays for the prompt
            before = time.perf_counter()
            for _ in stream:
                now = time.perf_counter()
                yield now - before
                before = now

    return {"n_vocab": model.n_vocab()}, tokens()


if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]
