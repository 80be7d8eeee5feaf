"""What tempviz asks of a language model, and how it can fail.

`LanguageModel` is the one protocol: `llama.py` implements it on llama.cpp inside the child process, `worker.py`
across the process boundary, `toy.py` on scripted logits. Everything the app does with a model (step, walk back,
branch, edit the prompt, start again after a crash) is one call: `logits_after(path)`.

The evaluation schedule is part of the contract. The same path decoded in other batches gives other last digits
(llama.cpp sums in another order), so a path is always decoded in the batches that `schedule` names, and a KV cache
may be reused only up to the last batch that both paths share. Then the same path gives bit-identical logits, whatever
was evaluated before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from .vocabulary import Vocabulary

if TYPE_CHECKING:  # numpy takes a tenth of a second, and the app's first frame does not need it
    import numpy as np
    import numpy.typing as npt

    from .ahead import Ahead, RowAhead
    from .reading import Reading

Logits: TypeAlias = "npt.NDArray[np.float32]"
"""One row of logits, shape [n_vocab], read-only, owned by whoever holds it (never a view of llama.cpp's buffer)."""

CHUNK, CHUNK_BYTES = 64, 16 << 20
"""Tokens of given text that are decoded together, and the most bytes that their rows of logits may take: llama.cpp
holds them twice and never gives that back, 128 MB for 64 tokens of a vocabulary of 262,144."""

Progress = Callable[[int, int], None]
"""Called with (done, total): batches' tokens decoded so far and to be decoded for this call."""

Loading = Callable[[float, bool], None]
"""Called with (fraction, reading): how far a load is, first with reading the file ahead, then with llama.cpp's part."""


@dataclass(frozen=True)
class Segment:
    """A run of tokens of one origin: *given* (a prompt, a chat turn) or *taken* one by one."""

    kind: Literal["given", "taken"]
    tokens: tuple[int, ...]


Path = tuple[Segment, ...]
"""A way from the start of the text to a position; at least one token."""


def path_of(given: tuple[int, ...], taken: tuple[int, ...] = ()) -> Path:
    """The common path: a prompt, then tokens taken one at a time."""
    return (Segment("given", given), Segment("taken", taken)) if taken else (Segment("given", given),)


def extend(path: Path, token: int) -> Path:
    """The path with one more taken token."""
    *before, last = path
    if last.kind == "taken":
        return (*before, Segment("taken", (*last.tokens, token)))
    return (*path, Segment("taken", (token,)))


def path_tokens(path: Path) -> tuple[int, ...]:
    """All token ids of a path in order."""
    return tuple(chain.from_iterable(segment.tokens for segment in path))


def chunk_of(n_vocab: int) -> int:
    """Tokens of given text that a model with so many tokens decodes together: `CHUNK` up to 65,536."""
    return max(1, min(CHUNK, CHUNK_BYTES // (4 * n_vocab)))


def schedule(path: Path, chunk: int = CHUNK) -> list[tuple[int, ...]]:
    """The batches in which a model decodes a path, always the same for the same path.

    A given segment goes in chunks counted from its start, its last token alone; each taken token goes alone.
    """
    batches: list[tuple[int, ...]] = []
    for segment in path:
        if segment.kind == "taken":
            batches += [(token,) for token in segment.tokens]
        elif segment.tokens:
            body, last = segment.tokens[:-1], segment.tokens[-1:]
            batches += [body[i : i + chunk] for i in range(0, len(body), chunk)]
            batches.append(last)
    return batches


@dataclass(frozen=True, eq=False)
class ModelInfo:
    """What is known of a loaded model. Sizes are in bytes; token ids are -1 where the model has none."""

    path: str
    name: str
    architecture: str
    description: str  # llama.cpp's own, e.g. "llama 135M Q4_1"
    file_size: int
    n_vocab: int
    n_ctx: int  # the real one, after llama.cpp's padding to 256
    n_ctx_train: int
    n_threads: int
    bos: int
    eos: int
    adds_bos: bool
    llama_cpp: str  # version of llama-cpp-python, and the build it wraps
    vocabulary: Vocabulary
    chat_template: str | None = None
    file: str = ""  # which one it was, apart from its name: `FileIdentity`


_IDENTITY = ("path", "file", "file_size", "n_vocab", "description", "n_threads", "llama_cpp")


def same_model(a: ModelInfo | None, b: ModelInfo) -> bool:
    """Both are of one file, as far as one can tell without reading its weights: rows of one hold for the other.

    So the number of threads and the build of llama.cpp are the same too: they change the last digits.
    """
    return a is not None and all(getattr(a, name) == getattr(b, name) for name in _IDENTITY)


class LanguageModel(Protocol):
    """A model that is loaded and answers one call at a time; only `cancel` and `close` may come from another thread."""

    @property
    def info(self) -> ModelInfo: ...

    def tokenize(self, text: str) -> tuple[int, ...]:
        """Token ids of a prompt, never empty. What looks like a special token in `text` stays plain text.

        BOS comes first where the model asks for it; an empty text without it is BOS alone, else EOS.
        """
        ...

    def logits_after(self, path: Path, progress: Progress | None = None) -> Logits:
        """The logits of the token that follows `path`, by the one schedule.

        Raises `PromptTooLong` or `ContextFull` before anything is decoded, `InvalidToken` for an id outside the
        vocabulary, `BadLogits` if the model answers NaN, +inf or nothing finite, `Cancelled`, `EngineDied`.
        """
        ...

    def chat_tokens(self, text: str) -> tuple[int, ...]:
        """Token ids of one message by the person, in the model's own chat template, up to where the answer begins.

        The template's special tokens are such, the person's text is plain. Raises `ChatTemplateError`; if the template
        had to be stopped, `EngineDied` follows at the next call and the model must be loaded again.
        """
        ...

    def read(self, tokens: tuple[int, ...], progress: Progress | None = None) -> Reading:
        """What the model thought of each token of a given text before it saw it.

        It costs one evaluation of the text, from where it differs from the last one that was read, and leaves the model
        as `logits_after` would; it raises the same.
        """
        ...

    def logits_at(self, tokens: tuple[int, ...], position: int) -> Logits:
        """The logits that stood before the token at `position` of a given text, 1 … n - 1, as `read` saw them.

        The chunk is decoded again; where the KV cache is too large to be put aside, what follows it is too, at the next
        call. Raises what `logits_after` raises.
        """
        ...

    def cancel(self) -> None:
        """Make the call that is running raise `Cancelled`; nothing happens when none is."""
        ...

    def close(self) -> None:
        """Free everything. Safe to call twice."""
        ...


class OwnedModel(LanguageModel, Protocol):
    """A model that one thread owns, and that others may stop at any moment: `expect` to `check` wait for nothing."""

    def run_on(self, path: Path, ahead: Ahead, progress: Progress | None = None) -> RowAhead:
        """`logits_after` a path of an auto run, and the token that the run takes there, if it takes one.

        The model may go on with that token, and some more, before it is asked to.
        """
        ...

    @property
    def n_asked(self) -> int:
        """How many rows of the run have been asked for, and are there or will be without another word."""
        ...

    @property
    def is_ahead(self) -> bool:
        """The next row of the run is there: `run_on` along it waits for nothing."""
        ...

    def expect(self) -> None:
        """The owner is about to make a call: a `cancel` from here on is meant for that one."""
        ...

    def abandon(self) -> None:
        """Make the call that runs, and every later one, raise `Cancelled`; the owner still has to `close`."""
        ...

    def check(self) -> None:
        """Raises `EngineDied` if the model has ended by itself since the last call."""
        ...


class EngineError(Exception):
    """Anything that went wrong with a model; `str(error)` is one or two sentences for a person."""


class ModelRefused(EngineError):
    """The file cannot be used: missing, damaged, of another kind, or too large for this machine."""


class PromptTooLong(EngineError):
    """More tokens of given text than the context holds."""


class ContextFull(EngineError):
    """No room in the context for another token."""


class InvalidToken(EngineError):
    """A token id that the vocabulary does not have."""


class BadLogits(EngineError):
    """The model computed something that is no distribution: NaN, +inf, or no finite logit at all."""


class ModelChanged(EngineError):
    """The model file was written over after it was loaded, so what runs is a mixture of two models."""


class Cancelled(EngineError):
    """The person stopped it."""


class ChatTemplateError(EngineError):
    """The model has no chat template, or one that does not work."""


class EngineDied(EngineError):
    """The child process ended, with the signal and its last log line in the sentence."""

    def __init__(self, sentence: str = "", signal: int | None = None) -> None:
        super().__init__(sentence)
        self.signal = signal  # that ended it; None if it exited


def check_path(path: Path, n_vocab: int, n_ctx: int) -> None:
    """Refuse a path before a model sees any of it.

    Raises `InvalidToken`, `PromptTooLong` if the given text alone exceeds the context of `n_ctx` tokens, `ContextFull`
    if the whole path does, and `EngineError` if it is empty.
    """
    tokens = path_tokens(path)
    if not tokens:
        raise EngineError("There is nothing to evaluate: the text holds no token.")
    if not (set(map(type, tokens)) == {int} and min(tokens) >= 0 and max(tokens) < n_vocab):  # no loop at every step
        wrong = next(t for t in tokens if not (type(t) is int and 0 <= t < n_vocab))
        raise InvalidToken(f"Token {wrong} is outside this model's vocabulary of {n_vocab:,} tokens.")
    given = sum(len(segment.tokens) for segment in path if segment.kind == "given")
    if given > n_ctx:
        raise PromptTooLong(
            f"The text has {given:,} tokens, and the context holds {n_ctx:,}. Shorten it, or start with a larger --ctx."
        )
    if len(tokens) > n_ctx:
        raise ContextFull(f"The context of {n_ctx:,} tokens is full. Walk back, or start with a larger --ctx.")
