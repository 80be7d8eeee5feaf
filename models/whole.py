"""All tokens of a row, as the candidates with which a chain begins."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property

import numpy as np

from .candidates import Candidates, Ids
from .distribution import Distribution
from .ranking import Ranking
from .softmax import Array

_NONE: Ids = np.empty(0, np.intp)


class Whole(Candidates):
    """Every token of a row without masked ones: float32 or float64 logits, of which few have been moved."""

    def __init__(self, ranking: Ranking, view: Callable[[float], Distribution], temperature: float = 1.0) -> None:
        """`view` gives the row's distribution at a temperature."""
        super().__init__(_NONE, ranking.logits, temperature)
        self.ranking = ranking
        self._view = view
        self._moved: Ids = _NONE

    @property
    def is_row(self) -> bool:
        """Whether no logit has been moved."""
        return not len(self._moved)

    @cached_property
    def alone(self) -> Distribution:
        return super().alone if len(self._moved) else self._view(self.temperature)

    @property
    def greatest(self) -> float:
        return super().greatest if len(self._moved) else self.ranking.max

    def find(self, tokens: Ids) -> Ids:
        return tokens[: int(tokens.searchsorted(self.n))]

    def best(self, k: int) -> Candidates:
        if k >= self.n:
            return self
        if not len(self._moved):
            return self._best(self.ranking.head(k))
        # Those of the k best that have not been moved are among so many of the row itself.
        pool = np.union1d(self.ranking.head(min(self.n, k + len(self._moved))), self._moved)
        return self._best(pool[np.argsort(-self.logits[pool], kind="stable")][:k])

    def at(self, temperature: float) -> Candidates:
        after = copy.copy(self)
        after.__dict__.pop("alone", None)
        after.temperature *= temperature
        after.removed, after.moves = 0.0, None
        return after

    def tokens(self, positions: Ids) -> Ids:
        return positions

    def _reordered(self, logits: Array, moved: Ids) -> Candidates:
        after = Whole(self.ranking, self._view, self.temperature)
        after.logits = logits
        after._moved = np.union1d(self._moved, moved)
        return after


def all_of(ranking: Ranking, view: Callable[[float], Distribution]) -> Candidates:
    """The candidates before any transform: every token that is not masked."""
    if ranking.n_finite < ranking.n:
        ids = np.flatnonzero(ranking.logits > -np.inf)
        return Candidates(ids, ranking.logits[ids])
    return Whole(ranking, view)
