"""What reading a prompt (the probability and rank of every token) costs beside evaluating it, and walking into it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tempviz.models.engine import path_of
from tempviz.models.worker import RemoteModel

from .report import Row, threads
from .subjects import MODELS

TOKENS = 500
ROUNDS = 7
TEXT = "One of the many rivers of the country is longer than all the others, and it flows to the north. "


def reading() -> Iterator[Row]:
    """Reading a prompt against evaluating it, and one row inside it, in a process as the app's."""
    for label, file in MODELS.items():
        model = RemoteModel.open(str(file()), n_threads=threads())
        try:
            a, b, c = _measured(model)
        finally:
            model.close()
        bound = "<= 1.25" if label == "demo" else ""
        yield Row(f"reading a prompt of {TOKENS} tokens, {label}", a, b, "ms", "evaluating it", bound)
        yield Row(f"a row in the middle of it, {label}", c, b, "ms", "evaluating it")


def _measured(model: RemoteModel) -> tuple[float, float, float]:
    """Milliseconds to read, to evaluate, and to get one row inside: the best of some rounds in turns."""
    words = model.tokenize(TEXT)
    rest = (words * (TOKENS // len(words) + 1))[: TOKENS - 1]
    read, evaluated, inside = [], [], []
    for i in range(ROUNDS):
        # Every text begins with another token, so nothing of the one before is of use.
        one, other = (words[2 * i % len(words)], *rest), (words[(2 * i + 1) % len(words)], *rest)
        evaluated.append(_seconds(lambda text=one: model.logits_after(path_of(text))))
        read.append(_seconds(lambda text=other: model.read(text)))
        inside.append(_seconds(lambda text=other: model.logits_at(text, TOKENS // 2)))
    return 1e3 * min(read), 1e3 * min(evaluated), 1e3 * min(inside)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
