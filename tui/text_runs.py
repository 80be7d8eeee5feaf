"""The runs of a text that changes at its end: made anew only from where it differs from the text before.

A text of ten thousand tokens takes a tenth of a second; a key must not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..models.vocabulary import Vocabulary
from .display import START, FlowState, Run, flow_from, waiting_run
from .viewdata import BORDER


def common_prefix(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How many of their first entries two tuples (or lists) share. By comparing slices, which takes no loop here."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


Made = TypeVar("Made")


def kept_while_the_same(of: Callable[..., Made]) -> Callable[..., Made]:
    """A function whose last value is kept while it gets the very same objects: to compare long ones takes too long."""
    last: list[tuple[tuple[Any, ...], Made]] = []

    def kept(*arguments: Any) -> Made:
        if not last or any(one is not other for one, other in zip(last[0][0], arguments, strict=True)):
            last[:] = [(arguments, of(*arguments))]
        return last[0][1]

    return kept


class GrownTuple:
    """A function of each entry of a text, kept for as far as the next text is the same."""

    def __init__(self, of: Callable[[Any], Any]) -> None:
        self._of = of
        self._before: tuple[Any, ...] = ()
        self._values: tuple[Any, ...] = ()

    def __call__(self, entries: tuple[Any, ...]) -> tuple[Any, ...]:
        """The values of all entries."""
        same = common_prefix(self._before, entries)
        if same < max(len(entries), len(self._before)):
            self._values = (*self._values[:same], *map(self._of, entries[same:]))
            self._before = entries
        return self._values


class TextRuns:
    """The runs of the last text, with what it takes to go on from any of its tokens."""

    def __init__(self) -> None:
        self._key: tuple[Vocabulary, bool] | None = None
        self._tokens: tuple[int, ...] = ()
        self._runs: tuple[Run, ...] = ()
        self._begins: list[int] = []  # per token the index of its first run
        self._states: list[FlowState] = [START]  # before each token, and at the end

    def __call__(self, tokens: tuple[int, ...], vocabulary: Vocabulary, borders: bool) -> tuple[Run, ...]:
        """The runs of a text; the same object for the same text. With `borders` a line stands after every token."""
        if self._key is None or self._key[0] is not vocabulary or self._key[1] != borders:
            self.__init__()
            self._key = vocabulary, borders
        same = common_prefix(self._tokens, tokens)
        if same < max(len(tokens), len(self._tokens)):
            # What waits at the end of a text is shown there, so the last token that is shared is made anew too.
            self._go_on(max(0, same - 1), tokens, vocabulary, borders)
        return self._runs

    def _go_on(self, start: int, tokens: tuple[int, ...], vocabulary: Vocabulary, borders: bool) -> None:
        runs = list(self._runs[: self._begins[start]] if self._begins else ())
        del self._begins[start:], self._states[start + 1 :]
        made: list[Run] = []
        for made, state in flow_from(start, map(vocabulary.piece, tokens[start:]), self._states[start]):
            self._begins.append(len(runs))
            self._states.append(state)
            runs += _bordered(made) if borders else made
        if waiting := waiting_run(self._states[-1]):
            del runs[self._begins[-1] :]
            runs += _bordered([*made, *waiting]) if borders else [*made, *waiting]
        self._tokens, self._runs = tokens, tuple(runs)


def _bordered(runs: list[Run]) -> list[Run]:
    """The runs of one token and a line after them, before a break of the line."""
    *before, last = runs
    border = Run(last.token_index, BORDER, last.breaks_line, True)
    return [*before, last._replace(breaks_line=False), border]
