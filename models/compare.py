"""The same prompt at several temperatures with the same coins: what differs between the columns comes from T alone.

A comparison says which path it wants evaluated next and is given the row after it; who drives it (the command line, or
`update`) asks the model. Every column is decoded by the one schedule, so its numbers are the main screen's.

The KV cache holds one path, so columns that took turns token by token would decode each other's text away. Instead they
grow together while their texts are the same, one evaluation serving them all; from where they part, one goes on to
its end before the next, the one that parted last first. Then the cache still holds the beginning of the column whose
turn comes, and no token is decoded twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from .drawing import Place, drawn_from
from .engine import LanguageModel, ModelInfo, Path, PromptTooLong, path_of
from .heap import keep_freed_memory
from .row import Row, path_key
from .sampling import coin
from .softmax import perplexity
from .state import Settings
from .vocabulary import Vocabulary

LEAST_COLUMNS, MOST_COLUMNS = 2, 6

End = Literal["eog", "limit", "context", "failed"]
"""Why a column ended: by itself, at the number of tokens asked for, with the context, with an evaluation."""


def check_temperatures(temperatures: Sequence[float]) -> tuple[float, ...]:
    """The temperatures of the columns. Raises ValueError, a sentence, for too few, too many, or one that is none."""
    n = len(temperatures)
    if not LEAST_COLUMNS <= n <= MOST_COLUMNS:
        raise ValueError(f"A comparison takes {LEAST_COLUMNS} to {MOST_COLUMNS} temperatures, not {n}.")
    for t in temperatures:
        if not (math.isfinite(t) and t >= 0):
            raise ValueError(f"A temperature is a finite number of at least 0, not {t:g}.")
    return tuple(map(float, temperatures))


@dataclass(frozen=True, eq=False)
class Column:
    """The text at one temperature so far. An end-of-generation token is the last of it.

    `surprisal_bits` of each token and `entropy_bits` of the distribution before it are at T = 1, as on the main screen.
    """

    temperature: float
    tokens: tuple[int, ...] = ()
    surprisal_bits: tuple[float, ...] = ()
    entropy_bits: tuple[float, ...] = ()
    end: End | None = None

    @property
    def mean_surprisal(self) -> float:
        """Bits a token; NaN for a text without tokens, as for all means here."""
        return _mean(self.surprisal_bits)

    @property
    def mean_entropy(self) -> float:
        """Bits a token."""
        return _mean(self.entropy_bits)

    @property
    def perplexity(self) -> float:
        """Of the text at T = 1."""
        return perplexity(self.surprisal_bits) if self.tokens else math.nan

    @property
    def distinct_share(self) -> float:
        """Different tokens among all tokens, up to 1: how little the text repeats itself."""
        return len(set(self.tokens)) / len(self.tokens) if self.tokens else math.nan


def _mean(bits: Sequence[float]) -> float:
    return math.fsum(bits) / len(bits) if bits else math.nan


@dataclass(frozen=True, eq=False)
class Comparison:
    """The columns, and what decides how they go on.

    A column is drawn with the settings at its own temperature, which takes the place of theirs.
    """

    given: tuple[int, ...]
    settings: Settings
    limit: int  # tokens that a column takes at most
    n_ctx: int
    vocabulary: Vocabulary
    columns: tuple[Column, ...]
    stopped: bool = False  # by the person; the columns stay as they are

    @classmethod
    def of(
        cls, info: ModelInfo, given: tuple[int, ...], temperatures: Sequence[float], limit: int, settings: Settings
    ) -> Comparison:
        """A comparison that has not begun. Raises ValueError for its temperatures or limit, `PromptTooLong`."""
        if limit < 1:
            raise ValueError(f"A column takes at least 1 token, not {limit}.")
        columns = tuple(Column(temperature) for temperature in check_temperatures(temperatures))
        if len(given) >= info.n_ctx:
            raise PromptTooLong(
                f"The prompt is {len(given):,} tokens and the context holds {info.n_ctx:,}, so nothing can follow it. "
                "Shorten it, or start with a larger --ctx."
            )
        return cls(given, settings, limit, info.n_ctx, info.vocabulary, columns)

    @cached_property
    def _text(self) -> tuple[int, ...] | None:
        """The text after which the next row is wanted: the longest that still grows."""
        return max((column.tokens for column in self.columns if column.end is None), key=len, default=None)

    @cached_property
    def path(self) -> Path | None:
        """What is to be evaluated next; None when every column has ended."""
        return None if self._text is None else path_of(self.given, self._text)

    @cached_property
    def key(self) -> bytes:
        """The name of `path`, empty without one."""
        return b"" if self.path is None else path_key(self.path)

    @property
    def runs(self) -> bool:
        """It wants a row."""
        return self.path is not None and not self.stopped

    def coin(self, position: int) -> float:
        """The coin that all columns share at a position."""
        return coin(self.settings.seed, position)

    def after(self, row: Row) -> Comparison:
        """With one more token in every column that has the text of `path`, whose row this is."""
        assert self._text is not None
        return self._with_grown(lambda column: self._grown(column, row))

    def failed(self) -> Comparison:
        """Without a row after `path`: the columns that stand there end."""
        return self._with_grown(lambda column: replace(column, end="failed"))

    def _with_grown(self, grown: Callable[[Column], Column]) -> Comparison:
        turn = [column.end is None and column.tokens == self._text for column in self.columns]
        return replace(self, columns=tuple(grown(c) if its else c for c, its in zip(self.columns, turn, strict=True)))

    def _grown(self, column: Column, row: Row) -> Column:
        position = len(column.tokens)
        settings = replace(self.settings, temperature=column.temperature)
        place = Place(path_of(self.given, column.tokens), position)
        token = drawn_from(settings, row, place, self.vocabulary).land(self.coin(position)).token
        surprisal, entropy = row.plain_figures(token)
        return Column(
            column.temperature,
            (*column.tokens, token),
            (*column.surprisal_bits, surprisal),
            (*column.entropy_bits, entropy),
            self._end(token, position + 1),
        )

    def _end(self, token: int, length: int) -> End | None:
        if token in self.vocabulary.eog:
            return "eog"
        if length >= self.limit:
            return "limit"
        return "context" if len(self.given) + length >= self.n_ctx else None

    @cached_property
    def parting(self) -> int | None:
        """The first position at which two columns took different tokens, from 0; None while there is none."""
        for position in range(max(len(column.tokens) for column in self.columns)):
            taken = {column.tokens[position] for column in self.columns if position < len(column.tokens)}
            if len(taken) > 1:
                return position
        return None

    @property
    def progress(self) -> tuple[int, int]:
        """Tokens taken, and to be taken in all if no column ends before its limit."""
        taken = [len(column.tokens) for column in self.columns]
        ended = [n if column.end else self.limit for n, column in zip(taken, self.columns, strict=True)]
        return sum(taken), sum(ended)


def decoded(comparison: Comparison, model: LanguageModel) -> Iterator[Comparison]:
    """The comparison after each evaluation, to its end. Raises what `LanguageModel.logits_after` raises."""
    keep_freed_memory()
    while comparison.path is not None:
        comparison = comparison.after(Row(comparison.key, model.logits_after(comparison.path)))
        yield comparison
