"""What columns at several temperatures cost beside one column of the same length."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from tempviz.models.compare import Column, Comparison, decoded
from tempviz.models.engine import Logits, Path, Progress, path_of
from tempviz.models.state import Settings
from tempviz.models.worker import RemoteModel

from .report import Row, threads
from .subjects import MODELS, PROMPT

TOKENS = 40
TEMPERATURES = (0.5, 1.0, 2.0)
ROUNDS = 10


class Counting(RemoteModel):
    """A model that counts the tokens it decodes."""

    tokens = 0

    def logits_after(self, path: Path, progress: Progress | None = None) -> Logits:
        """As any model, and counted."""
        decoded = 0

        def count(done: int, total: int) -> None:
            nonlocal decoded
            decoded = total

        row = super().logits_after(path, count)
        self.tokens += decoded
        return row


def compare() -> Iterator[Row]:
    """Three columns beside one; both read the prompt, and no column ends before its length."""
    for label, file in MODELS.items():
        model = Counting(str(file()), n_threads=threads())
        try:
            model.load()
            three, one = _paired(model)
        finally:
            model.close()
        against = f"one column of {TOKENS} tokens"
        # The quickest of each: a run of seconds meets whatever else the machine does, and that only adds.
        a, b = (min(seconds for seconds, _ in runs) for runs in (three, one))
        yield Row(f"compare, {label}, three columns", a, b, "s", against, "<= 3.2")
        yield Row(f"compare, {label}, three columns, decoded", three[0][1], one[0][1], "tokens", against, "<= 3.2")


def _paired(model: Counting) -> tuple[list[tuple[float, int]], list[tuple[float, int]]]:
    """(seconds, tokens decoded) of three columns and of one, in turns.

    What is shorter meets less of what else the machine does: one column is decoded three times, and is a third of that.
    """
    given = model.tokenize(PROMPT)
    three, one = [], []
    for _ in range(ROUNDS):
        three.append(_run(model, given, TEMPERATURES))
        thrice = [_run(model, given, TEMPERATURES[:1]) for _ in TEMPERATURES]
        one.append((sum(seconds for seconds, _ in thrice) / len(thrice), thrice[0][1]))
    return three, one


def _run(model: Counting, given: tuple[int, ...], temperatures: tuple[float, ...]) -> tuple[float, int]:
    model.logits_after(path_of(given[:1]))  # so that the prompt is read anew
    endless = replace(model.info.vocabulary, eog=frozenset())
    columns = tuple(map(Column, temperatures))
    before, began = model.tokens, time.perf_counter()
    *_, last = decoded(Comparison(given, Settings(seed=7), TOKENS, model.info.n_ctx, endless, columns), model)
    seconds = time.perf_counter() - began
    if any(len(column.tokens) != TOKENS for column in last.columns):
        raise RuntimeError("a column did not come to its length")
    return seconds, model.tokens - before
