"""`LanguageModel` on llama.cpp, inside the child process: the one schedule, and the KV cache reused along it.

The cache is described by the list of batches that were decoded into it. Two paths may share it up to the last batch
that both have; whatever fails, that list stays true, so the next call starts from something known.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from . import engine
from .engine import Logits, ModelInfo, ModelRefused, Path, Progress, check_path, path_of
from .llama_native import VERSION, Native, llama
from .reading import Reading
from .softmax import check_logits

ASIDE = 256 << 20
"""Bytes of KV cache that are copied in order not to decode a text again; SmolLM2-135M takes 23 kB a token."""

_NO_VOCABULARY = 0  # LLAMA_VOCAB_TYPE_NONE


class LlamaModel:
    """A GGUF model on the CPU. One call at a time; only `cancel` may come from another thread."""

    batches_decoded = 0
    """Calls of llama_decode so far, failed ones too."""
    tokens_decoded = 0
    """Tokens in the batches that succeeded."""

    def __init__(self, native: Native, path: str, n_threads: int) -> None:
        self._native = native
        self._cached: list[tuple[int, ...]] = []
        self._row: Logits | None = None  # the logits after the last cached batch
        self._read: Reading | None = None  # the last text that was read
        self._cancelled = threading.Event()
        self.interrupted: Callable[[], bool] = self._cancelled.is_set
        """Asked all the time whether the running call is to stop; whoever cancels in another way may replace it."""
        native.abort_when(lambda: self.interrupted())
        self.info = _info(native, path, n_threads)

    @classmethod
    def open(
        cls,
        path: str,
        n_ctx: int | None = None,
        n_threads: int = 2,
        progress: Callable[[float], None] | None = None,
    ) -> LlamaModel:
        """Load a model and try it on one token.

        `n_ctx` in tokens (None: what the model was trained for, at most 4096), `progress` gets 0 to 1.
        Raises `ModelRefused` for a file that is no text-generating model.
        """
        native = Native(path, n_ctx, n_threads, progress)
        try:
            _refuse_other_kinds(native, os.path.basename(path))
            model = cls(native, path, n_threads)
            model._probe()
        except BaseException:
            native.free()
            raise
        return model

    def close(self) -> None:
        """Free everything. Safe to call twice, not while another call runs."""
        self._native.free()

    def cancel(self) -> None:
        """Make the running call raise `Cancelled` before its next operation."""
        self._cancelled.set()

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Token ids of a prompt, never empty; see `LanguageModel.tokenize`."""
        tokens = self._native.tokenize(_utf8(text), special=False)
        if self.info.adds_bos and self.info.bos >= 0:
            return (self.info.bos, *tokens)
        return tokens or (_first_token(self.info.bos, self.info.eos),)

    def chat_tokens(self, text: str) -> tuple[int, ...]:
        """One message in the model's chat template; see `LanguageModel.chat_tokens`. A template may never end."""
        from .chat_template import around

        info, native, message = self.info, self._native, _utf8(text)
        parts = [_utf8(part) for part in around(info.chat_template, self._name(info.bos), self._name(info.eos))]
        plain = native.tokenize(message, special=False)
        if plain == native.tokenize(message, special=True):
            # As one text: where a space or a line break touches the message, its tokens may reach across.
            tokens = native.tokenize(message.join(parts), special=True)
        else:
            first, *others = (native.tokenize(part, special=True) for part in parts)
            tokens = sum(((*plain, *other) for other in others), first)
        missing = info.adds_bos and info.bos >= 0 and tokens[:1] != (info.bos,)
        return (info.bos, *tokens) if missing else tokens

    def _schedule(self, path: Path) -> list[tuple[int, ...]]:
        return engine.schedule(path, self._native.chunk)

    def _name(self, token: int) -> str:
        """The text of a special token, "" where the model has none."""
        return self.info.vocabulary.text([token]) if token >= 0 else ""

    def logits_after(self, path: Path, progress: Progress | None = None) -> Logits:
        """The logits [n_vocab] of the token that follows `path`; see `LanguageModel.logits_after`."""
        check_path(path, self.info.n_vocab, self.info.n_ctx)
        self._cancelled.clear()
        return self._evaluate(self._schedule(path), progress)

    def read(self, tokens: tuple[int, ...], progress: Progress | None = None) -> Reading:
        """What the model thought of each token of a given text; see `LanguageModel.read`."""
        check_path(path_of(tokens), self.info.n_vocab, self.info.n_ctx)
        self._cancelled.clear()
        batches, reading = self._schedule(path_of(tokens)), Reading.of(tokens)
        self._keep(self._known(reading, batches))
        todo, done = len(tokens) - self._length, 0
        for batch in batches[len(self._cached) :]:
            begin = self._length
            self._decode(batch, all_rows=True)
            following = min(len(batch), len(tokens) - 1 - begin)
            with self._forgetting_bad_rows():
                reading.measure(begin, [self._native.row(i) for i in range(following)])
            done += len(batch)
            if progress:
                progress(done, todo)
        self._row = self._copied_row(0)  # the last token went alone
        self._read = reading
        return reading

    def _known(self, reading: Reading, batches: list[tuple[int, ...]]) -> int:
        """Fill in what the last reading says of the batches that are still cached; how many these are."""
        if self._read is None:
            return 0
        read = self._schedule(path_of(self._read.tokens))
        kept = min(_shared(self._cached, batches), _shared(read, batches), len(batches) - 1, len(read) - 1)
        # The last entry of a batch is about the first token of the next one, so that must be the same too.
        while kept and batches[kept][0] != read[kept][0]:
            kept -= 1
        reading.copy_from(self._read, sum(map(len, batches[:kept])))
        return kept

    def logits_at(self, tokens: tuple[int, ...], position: int) -> Logits:
        """The logits [n_vocab] that stood before the token at `position`; see `LanguageModel.logits_at`."""
        check_path(path_of(tokens), self.info.n_vocab, self.info.n_ctx)
        if not 0 < position < len(tokens):
            raise ValueError(f"position {position} is not between 1 and {len(tokens) - 1}")
        self._cancelled.clear()
        batches = self._schedule(path_of(tokens))
        before = (position - 1) // self._native.chunk
        with self._put_back():
            self._keep(min(before, _shared(self._cached, batches)))
            for batch in batches[len(self._cached) : before]:
                self._decode(batch)
            begin = self._length
            self._decode(batches[before], all_rows=True)  # as `read` does it, for the same bits
            return self._copied_row(position - 1 - begin)

    @contextmanager
    def _put_back(self) -> Iterator[None]:
        """Afterwards the cache is as it was, unless a copy of it would take more than `ASIDE`."""
        cached, row = self._cached[:], self._row
        state = self._native.saved(ASIDE) if cached else None
        try:
            yield
        finally:
            if state is not None:
                if self._native.restore(state):
                    self._cached, self._row = cached, row
                else:
                    self._forget()

    def _evaluate(self, batches: list[tuple[int, ...]], progress: Progress | None) -> Logits:
        kept = _shared(self._cached, batches)
        if kept == len(batches) == len(self._cached) and self._row is not None:
            return self._row
        self._keep(min(kept, len(batches) - 1))
        todo = batches[len(self._cached) :]
        done, total = 0, sum(map(len, todo))
        for batch in todo:
            self._decode(batch)
            done += len(batch)
            if progress:
                progress(done, total)
        self._row = self._copied_row(len(batches[-1]) - 1)
        return self._row

    def _decode(self, batch: tuple[int, ...], all_rows: bool = False) -> None:
        """Append one batch to the cache; the logits of its last token, or of all, can be read afterwards."""
        if self.interrupted():
            raise engine.Cancelled("Stopped.")
        self._row = None
        self.batches_decoded += 1
        try:
            self._native.decode(batch, self._length, range(0 if all_rows else len(batch) - 1, len(batch)))
        except engine.EngineError:
            # An aborted batch has already changed a running state, so only a cache of tokens can be kept.
            self._keep(len(self._cached) if self._native.rewinds else 0)
            raise
        self._cached.append(batch)
        self.tokens_decoded += len(batch)

    def _keep(self, n_batches: int) -> None:
        """Cut the cache after its first batches; all of it goes where the model cannot be cut."""
        if n_batches == len(self._cached) and self._row is not None:
            return
        del self._cached[n_batches:]
        self._row = None
        if not self._native.remove_from(self._length):
            self._forget()

    def _forget(self) -> None:
        self._cached.clear()
        self._row = None
        self._native.clear()

    @property
    def _length(self) -> int:
        """Tokens in the cache."""
        return sum(map(len, self._cached))

    def _copied_row(self, index: int) -> Logits:
        """The logits after token `index` of the batch decoded last. Raises `BadLogits`."""
        row = self._native.row(index).copy()
        with self._forgetting_bad_rows():
            check_logits(row)
        row.flags.writeable = False
        return row

    @contextmanager
    def _forgetting_bad_rows(self) -> Iterator[None]:
        """Empty a cache that gave no distribution: NaN in it would spread to whatever reads it."""
        try:
            yield
        except engine.BadLogits:
            self._forget()
            raise

    def _probe(self) -> None:
        """Decode one token; a file that llama.cpp accepts can still compute nothing of use."""
        name = os.path.basename(self.info.path)
        try:
            row = self.logits_after(path_of((_first_token(self.info.bos, self.info.eos),)))
        except engine.BadLogits as error:
            raise ModelRefused(
                f"{name} loads, but its first answer is no distribution. {error} Download it again, or choose another."
            ) from None
        if len(row) > 1 and row.min() == row.max():
            raise ModelRefused(f"{name} loads, but all its logits are equal: it does not generate text.")
        self._forget()
        self.batches_decoded = self.tokens_decoded = 0


def _shared(cached: list[tuple[int, ...]], batches: list[tuple[int, ...]]) -> int:
    """How many batches both begin with."""
    n = min(len(cached), len(batches))
    if cached[:n] == batches[:n]:  # as nearly always, and then without a loop over a long text at every step
        return n
    return next(i for i in range(n) if cached[i] != batches[i])


def _first_token(bos: int, eos: int) -> int:
    """What stands for an empty text: BOS, else EOS, else token 0."""
    return next((token for token in (bos, eos) if token >= 0), 0)


def _utf8(text: str) -> bytes:
    """The bytes of a text; bytes that came in as lone surrogates (from the command line) are themselves again."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _refuse_other_kinds(native: Native, name: str) -> None:
    """Raise `ModelRefused` for a model that llama.cpp loads and that does not generate text from left to right."""
    model = native.model
    if llama.llama_model_has_encoder(model) or not llama.llama_model_has_decoder(model):
        raise ModelRefused(f"{name} is an encoder model; tempviz needs one that generates text by itself.")
    if not native.memory:
        raise ModelRefused(f"{name} has no memory of a text: it is an embedding model, not a text generator.")
    if llama.llama_model_is_diffusion(model):
        raise ModelRefused(f"{name} is a diffusion model: it does not choose one token after another.")
    if native.n_vocab <= 0 or llama.llama_vocab_type(native.vocab) == _NO_VOCABULARY:
        raise ModelRefused(f"{name} has no vocabulary, so its tokens have no text.")


def _info(native: Native, path: str, n_threads: int) -> ModelInfo:
    vocab = native.vocab
    return ModelInfo(
        path=path,
        name=native.metadata("general.name") or os.path.splitext(os.path.basename(path))[0],
        architecture=native.metadata("general.architecture"),
        description=native.description(),
        file_size=os.path.getsize(path),
        n_vocab=native.n_vocab,
        n_ctx=native.n_ctx,
        n_ctx_train=llama.llama_model_n_ctx_train(native.model),
        n_threads=n_threads,
        bos=llama.llama_vocab_bos(vocab),
        eos=llama.llama_vocab_eos(vocab),
        adds_bos=llama.llama_vocab_get_add_bos(vocab),
        llama_cpp=VERSION,
        vocabulary=native.vocabulary(),
        chat_template=native.chat_template(),
    )
