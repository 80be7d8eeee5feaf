"""`LanguageModel` on logits that somebody wrote down: the lab, and the tests of everything above a model.

A toy can be told what to do at its next calls: wait, fail, or answer with another row. It keeps what it was asked.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .ahead import RowAhead
from .engine import (
    Cancelled,
    ChatTemplateError,
    EngineError,
    Logits,
    ModelInfo,
    Path,
    Progress,
    check_path,
    path_of,
    path_tokens,
)
from .reading import Reading
from .row import Row as EvaluatedRow
from .softmax import check_logits
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from .ahead import Ahead

Row = npt.ArrayLike
Rule = Callable[[Path], Row]
"""The row of logits after a path."""
Outcome = Exception | threading.Event | Row | None
"""What one call does: raise this, wait for this, answer with this; None answers by the rule."""


class ToyModel:
    """The same row of logits [n_vocab] after every path, for a vocabulary of these names."""

    def __init__(self, logits: Row | Rule, names: Sequence[str], *, n_ctx: int = 4096) -> None:
        self._rule: Rule = logits if callable(logits) else lambda _: logits
        self._names = tuple(names)
        self._outcomes: deque[Outcome] = deque()
        self._cancelled, self._closed = threading.Event(), threading.Event()
        self._expected = False
        self.calls: list[Path] = []
        """Every path `logits_after` was asked for, in order."""
        self.info = _info(self._names, n_ctx)

    @classmethod
    def scripted(cls, rule: Rule, names: Sequence[str], *outcomes: Outcome, n_ctx: int = 4096) -> ToyModel:
        """A toy whose row depends on the path, and whose first calls have these outcomes."""
        toy = cls(rule, names, n_ctx=n_ctx)
        toy.then(*outcomes)
        return toy

    def then(self, *outcomes: Outcome) -> None:
        """Queue what the next calls of `logits_after` do, one each."""
        self._outcomes.extend(outcomes)

    def tokenize(self, text: str) -> tuple[int, ...]:
        """The longest name that fits, again and again; the empty text is token 0. Raises `EngineError` for others."""
        tokens: list[int] = []
        while text:
            fitting = [name for name in self._names if name and text.startswith(name)]
            if not fitting:
                raise EngineError(f"None of this model's {len(self._names)} tokens begins “{text[:20]}”.")
            name = max(fitting, key=len)
            tokens.append(self._names.index(name))
            text = text[len(name) :]
        return tuple(tokens) or (0,)

    def chat_tokens(self, text: str) -> tuple[int, ...]:
        """A toy has no chat template. Raises `ChatTemplateError`."""
        raise ChatTemplateError("This model has no chat template. Start it without --chat.")

    def logits_after(self, path: Path, progress: Progress | None = None) -> Logits:
        """See `LanguageModel.logits_after`; the queued outcome comes before the rule."""
        check_path(path, self.info.n_vocab, self.info.n_ctx)
        if not self._expected:
            self._cancelled.clear()
        self._expected = False
        self.calls.append(path)
        outcome = self._outcomes.popleft() if self._outcomes else None
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, threading.Event):
            self._wait(outcome)
        if self._closed.is_set():
            raise Cancelled("The model was closed.")
        if progress:
            progress(len(path_tokens(path)), len(path_tokens(path)))
        return self._row(path, None if isinstance(outcome, threading.Event) else outcome)

    def run_on(self, path: Path, ahead: Ahead, progress: Progress | None = None) -> RowAhead:
        """See `OwnedModel.run_on`."""
        logits = self.logits_after(path, progress)
        return RowAhead(logits, ahead.draw(path, EvaluatedRow(b"", logits), self.info.vocabulary), 0.0)

    n_asked = 8
    is_ahead = False
    """A test may say otherwise: a toy waits for nothing, unless it is told to."""

    def read(self, tokens: tuple[int, ...], progress: Progress | None = None) -> Reading:
        """See `LanguageModel.read`; no outcome is used up and no call is kept."""
        check_path(path_of(tokens), self.info.n_vocab, self.info.n_ctx)
        reading = Reading.of(tokens)
        reading.measure(0, [self.logits_at(tokens, i) for i in range(1, len(tokens))])
        return reading

    def logits_at(self, tokens: tuple[int, ...], position: int) -> Logits:
        """See `LanguageModel.logits_at`."""
        if not 0 < position < len(tokens):
            raise ValueError(f"position {position} is not between 1 and {len(tokens) - 1}")
        return self._row(path_of(tokens[:position]), None)

    def cancel(self) -> None:
        """Make a call that waits raise `Cancelled`."""
        self._cancelled.set()

    def expect(self) -> None:
        """A `cancel` from here on is meant for the next call."""
        self._cancelled.clear()
        self._expected = True

    def abandon(self) -> None:
        """As `cancel`, and for every later call too."""
        self._closed.set()

    def close(self) -> None:
        """As `abandon`; there is nothing to free."""
        self._closed.set()

    def check(self) -> None:
        """A toy never ends by itself."""

    def _wait(self, event: threading.Event) -> None:
        while not event.wait(0.002):
            if self._cancelled.is_set() or self._closed.is_set():
                raise Cancelled("Stopped.")

    def _row(self, path: Path, outcome: Row | None) -> Logits:
        row = np.array(self._rule(path) if outcome is None else outcome, np.float32)
        if row.shape != (len(self._names),):
            raise EngineError(f"A row of {self.info.n_vocab} logits was due, not an array of shape {row.shape}.")
        check_logits(row).flags.writeable = False
        return row


def _info(names: tuple[str, ...], n_ctx: int) -> ModelInfo:
    return ModelInfo(
        path="",
        name="toy",
        architecture="toy",
        description=f"{len(names)} tokens, logits by hand",
        file_size=0,
        n_vocab=len(names),
        n_ctx=n_ctx,
        n_ctx_train=n_ctx,
        n_threads=1,
        bos=-1,
        eos=-1,
        adds_bos=False,
        llama_cpp="",
        vocabulary=Vocabulary.of(name.encode("utf-8", "surrogateescape") for name in names),
    )
