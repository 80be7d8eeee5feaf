"""The few calls of llama.cpp that tempviz uses, each made safe to call: one model, one context, one sequence.

llama.cpp aborts the process on many mistakes of its caller, so ids and positions are checked by `llama.py` before they
come here. Only the child process imports this module. The facts relied on are in llama.h: a batch holds at most
`n_batch` tokens, `llama_decode` returns 0 (done), 1 (no room), 2 (aborted) or less than 0 (error).
"""

from __future__ import annotations

import ctypes
import math
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from .engine import CHUNK, Cancelled, ContextFull, EngineError, ModelRefused, chunk_of
from .vocabulary import Vocabulary


def _bindings() -> tuple[Any, str]:
    """The module with llama.cpp's calls, and its version.

    Its package imports all that it offers around them (chat formats, a cache on disk, templates): 5 MB in every process
    with a model, and most of the time of the import. So the module is imported below an empty package.
    """
    name = "llama_cpp"
    package, found = sys.modules.get(name), find_spec(name)
    if found is None or not found.origin or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    if package is None:
        empty = sys.modules[name] = ModuleType(name)
        empty.__path__ = found.submodule_search_locations
    try:
        calls = import_module(f"{name}.{name}")
    finally:
        if package is None:
            del sys.modules[name]
    said = re.search(r'^__version__ = "(.+)"', Path(found.origin).read_text(), re.MULTILINE)
    return calls, said[1] if said else "?"


# Its annotations claim pointers where ctypes gives ints and None, so it is Any.
llama, _version = _bindings()

VERSION = f"{_version} (llama.cpp {llama.llama_version().decode()})"
"""Of llama-cpp-python, and of the llama.cpp it wraps."""

DEFAULT_CTX, CTX_STEP = 4096, 256
"""The largest context nobody asked for, and what llama.cpp rounds every context up to; in tokens."""

BRIEF = 0.05
"""Seconds; a decode of one token is not interrupted where the last one was over within them."""

_BYTES = ctypes.POINTER(ctypes.c_uint8)
_ERROR = 4  # GGML_LOG_LEVEL_ERROR


class Native:
    """A loaded model with its context and the memory (KV cache) of one sequence; positions count from 0."""

    def __init__(self, path: str, n_ctx: int | None, n_threads: int, progress: Callable[[float], None] | None) -> None:
        self.model = self.context = None
        self._batch: Any = llama.llama_batch_init(CHUNK, 0, 1)
        with _errors_logged() as errors:
            self.model = _load(path, progress)
            if not self.model:
                self.free()
                raise ModelRefused(f"llama.cpp cannot load {os.path.basename(path)}: {_reason(errors)}.")
            self.vocab = llama.llama_model_get_vocab(self.model)
            self.n_vocab = llama.llama_vocab_n_tokens(self.vocab)
            self.chunk = chunk_of(max(1, self.n_vocab))
            params = _context_params(self.model, n_ctx, n_threads, self.chunk)
            self.context = llama.llama_init_from_model(self.model, params)
            if not self.context:
                self.free()
                raise ModelRefused(
                    f"llama.cpp cannot make a context for {os.path.basename(path)}: {_reason(errors)}. "
                    "A smaller --ctx may help."
                )
        self.memory = llama.llama_get_memory(self.context)
        self.n_ctx = llama.llama_n_ctx(self.context)

    def free(self) -> None:
        """Give everything back to llama.cpp; nothing else may be called after it. Safe to call twice."""
        if self._batch is None:
            return
        llama.llama_batch_free(self._batch)
        if self.context:
            llama.llama_free(self.context)
        if self.model:
            llama.llama_model_free(self.model)
        self._batch = self.context = self.model = None

    def abort_when(self, stop: Callable[[], bool]) -> None:
        """Have a decode that lasts ask `stop` before every node of its graph; a yes ends it with `Cancelled`."""
        self._abort = llama.ggml_abort_callback(lambda _: stop())  # kept alive: llama.cpp only has its address

    def _watch(self, lasts: bool) -> None:
        """Whether the next decode asks if it is to stop: Python, asked 500 times, takes 1 to 2 % of a short one."""
        llama.llama_set_abort_callback(self.context, self._abort if lasts else llama.ggml_abort_callback(), None)

    _token_seconds = math.inf  # how long the last single token took

    # ── evaluation ──

    def decode(self, tokens: Sequence[int], position: int, rows: range) -> None:
        """Evaluate at most `chunk` tokens from `position` on, keeping the logits of those whose index is in `rows`.

        Raises `ContextFull`, `Cancelled` or `EngineError`; what of the batch is then left in the memory is not defined.
        """
        batch = self._batch
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i], batch.logits[i] = token, position + i, i in rows
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, 0
        self._watch(len(tokens) > 1 or self._token_seconds > BRIEF)
        began = time.perf_counter()
        status = llama.llama_decode(self.context, batch)
        if len(tokens) == 1:
            self._token_seconds = time.perf_counter() - began
        if status == 1:
            raise ContextFull(f"No room in the context of {self.n_ctx} tokens after position {position}.")
        if status == 2:
            raise Cancelled("Stopped.")
        if status:
            raise EngineError(f"llama.cpp could not evaluate position {position} (llama_decode gave {status}).")

    def row(self, index: int) -> npt.NDArray[np.float32]:
        """The logits [n_vocab] after token `index` of the last batch: a view that the next decode overwrites."""
        return np.ctypeslib.as_array(llama.llama_get_logits_ith(self.context, index), (self.n_vocab,))

    def remove_from(self, position: int) -> bool:
        """Drop `position` and all after it from the memory; False where the model's memory cannot be cut there."""
        if not llama.llama_memory_seq_rm(self.memory, 0, position, -1):
            return False
        return llama.llama_memory_seq_pos_max(self.memory, 0) == position - 1

    def clear(self) -> None:
        """Empty the memory, and zero it, so that no NaN stays in it."""
        llama.llama_memory_clear(self.memory, True)

    def saved(self, limit: int) -> npt.NDArray[np.uint8] | None:
        """A copy of the memory for `restore`, None if it takes more than `limit` bytes."""
        size = llama.llama_state_seq_get_size(self.context, 0)
        if size > limit:
            return None
        state = np.empty(size, np.uint8)
        llama.llama_state_seq_get_data(self.context, state.ctypes.data_as(_BYTES), size, 0)
        return state

    def restore(self, state: npt.NDArray[np.uint8]) -> bool:
        """Put a saved memory back; if it says False, nothing is known of what is there."""
        self.clear()
        return llama.llama_state_seq_set_data(self.context, state.ctypes.data_as(_BYTES), state.size, 0) > 0

    @property
    def rewinds(self) -> bool:
        """Whether the memory holds something for each token, and not one running state."""
        return not (llama.llama_model_is_recurrent(self.model) or llama.llama_model_is_hybrid(self.model))

    # ── text ──

    def tokenize(self, text: bytes, special: bool) -> tuple[int, ...]:
        """Token ids of UTF-8 text, with nothing added; names of special tokens are read as such if `special`."""
        room = len(text) + 8
        while True:
            tokens = (llama.llama_token * room)()
            n = llama.llama_tokenize(self.vocab, text, len(text), tokens, room, False, special)
            if n >= 0:
                return tuple(tokens[:n])
            if n == -(2**31) or -n <= room:  # llama.h: INT32_MIN means that the count does not fit
                raise EngineError("The model's tokenizer cannot read this text.")
            room = -n

    def vocabulary(self) -> Vocabulary:
        """Every piece, and which tokens end a generation or are control tokens."""
        ids = range(self.n_vocab)
        return Vocabulary.of(
            self._pieces(),
            eog=[t for t in ids if llama.llama_vocab_is_eog(self.vocab, t)],
            control=[t for t in ids if llama.llama_vocab_is_control(self.vocab, t)],
        )

    def _pieces(self) -> Iterator[bytes]:
        buffer = ctypes.create_string_buffer(64)
        for token in range(self.n_vocab):
            n = llama.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, True)
            if n < 0:
                buffer = ctypes.create_string_buffer(-n)
                n = llama.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, True)
            yield buffer.raw[:n]

    def metadata(self, key: str) -> str:
        """A value of the header as text, "" where it is missing."""
        buffer = ctypes.create_string_buffer(1024)
        n = llama.llama_model_meta_val_str(self.model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if n >= 0 else ""

    def description(self) -> str:
        """llama.cpp's own few words for the model: architecture, size, types of the weights.

        The size is counted: llama.cpp names the class of the model, and calls one of 135 million weights 256M.
        """
        buffer = ctypes.create_string_buffer(256)
        llama.llama_model_desc(self.model, buffer, len(buffer))
        architecture, _, rest = buffer.value.decode("utf-8", "replace").partition(" ")
        types = rest.partition(" ")[2]
        return f"{architecture} {_size(llama.llama_model_n_params(self.model))} {types}" if types else architecture

    def chat_template(self) -> str | None:
        """The Jinja source of the model's chat template."""
        source = llama.llama_model_chat_template(self.model, None)
        return source.decode("utf-8", "replace") if source else None


def _size(weights: int) -> str:
    """A number of weights as models are named by it: 135M, 1.2B."""
    for unit, name in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if weights >= unit:
            return f"{weights / unit:.{0 if weights >= 10 * unit else 1}f}{name}"
    return str(weights)


def _load(path: str, progress: Callable[[float], None] | None) -> int | None:
    params = llama.llama_model_default_params()
    params.n_gpu_layers = 0
    params.use_extra_bufts = False  # their AMX code, as GCC 12 compiles it, dies with SIGILL in the first decode

    def report(fraction: float, _: object) -> bool:
        if progress:
            progress(fraction)
        return True

    params.progress_callback = callback = llama.llama_progress_callback(report)
    model = llama.llama_model_load_from_file(os.fsencode(path), params)
    del callback  # until here llama.cpp held its address
    return model


def _context_params(model: int, n_ctx: int | None, n_threads: int, chunk: int) -> Any:
    wanted = n_ctx or min(llama.llama_model_n_ctx_train(model) or DEFAULT_CTX, DEFAULT_CTX)
    params = llama.llama_context_default_params()
    params.n_ctx = -(-wanted // CTX_STEP) * CTX_STEP
    params.n_batch = params.n_ubatch = chunk
    params.n_seq_max = 1
    params.swa_full = True  # a sliding-window cache that forgets could not be walked back
    params.n_threads = params.n_threads_batch = n_threads
    return params


@contextmanager
def _errors_logged() -> Iterator[list[str]]:
    """Collect llama.cpp's error lines, while all lines go on to fd 2; natively again afterwards."""
    errors: list[str] = []

    @llama.llama_log_callback
    def collect(level: int, text: bytes, _: object) -> None:
        os.write(2, text)
        if level == _ERROR:
            errors.append(text.decode("utf-8", "replace").strip())

    llama.llama_log_set(collect, None)
    try:
        yield errors
    finally:
        llama.llama_log_set(llama.llama_log_callback(), None)


def _reason(errors: list[str]) -> str:
    """The line that says most: the first error, without the name of llama.cpp's function."""
    if not errors:
        return "it gives no reason"
    return errors[0].split("error loading model: ")[-1].rstrip(".")
