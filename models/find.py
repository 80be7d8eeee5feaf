"""Finding tokens of the vocabulary by what is in them, best first.

A query is a case-sensitive substring of a token's bytes, with a space (or ␣) for a space; `#7042` is the token of that
id.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from .ranking import Ranking
from .vocabulary import Vocabulary

Ids = npt.NDArray[np.intp]

_EVERYWHERE = 3
"""Bytes of a query; few places are left after them."""

_MARGIN, _FEW = 4, 4096
"""Among how many of the best tokens of all those that fit are looked for: of what would hold enough of them if they
were spread evenly, the multiple; and at most."""


def matches(vocabulary: Vocabulary, query: str) -> Ids:
    """The ids of all tokens that fit a query, ascending; all tokens fit the empty one."""
    if query.startswith("#") and query[1:].isdecimal() and len(query) < 12:
        token = int(query[1:])
        return np.array([token] if token < len(vocabulary) else [], np.intp)
    pattern = query.replace("␣", " ").encode("utf-8", "surrogateescape")
    if not pattern:
        return np.arange(len(vocabulary))
    blob, owner = _arrays(vocabulary)
    if len(pattern) > len(blob):
        return np.empty(0, np.intp)
    # Some bytes are compared everywhere, the others only at the places that are left.
    n = len(blob) - len(pattern) + 1
    fit = blob[:n] == pattern[0]
    for i, byte in enumerate(pattern[1:_EVERYWHERE], 1):
        fit &= blob[i : n + i] == byte
    places = np.flatnonzero(fit)
    for i, byte in enumerate(pattern[_EVERYWHERE:], _EVERYWHERE):
        places = places[blob[places + i] == byte]
    if len(pattern) > 1:  # a place must not reach over the end of its token
        places = places[owner[places] == owner[places + len(pattern) - 1]]
    fits = np.zeros(len(vocabulary), bool)
    fits[owner[places]] = True
    return np.flatnonzero(fits)


@lru_cache(maxsize=2)
def _arrays(vocabulary: Vocabulary) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """The vocabulary's bytes, and which token each is of; two of [n_bytes]."""
    sizes = np.diff(np.asarray(vocabulary.offsets, np.intp))
    owner = np.repeat(np.arange(len(vocabulary), dtype=np.int32), sizes)
    return np.frombuffer(vocabulary.blob, np.uint8), owner


class Found:
    """The tokens that fit a query, ranked by the logits of a row (by id where there is no row yet)."""

    def __init__(self, vocabulary: Vocabulary, query: str, ranking: Ranking | None) -> None:
        self.tokens = matches(vocabulary, query)
        self._ranking = ranking

    def __len__(self) -> int:
        return len(self.tokens)

    def best(self, start: int, stop: int) -> list[int]:
        """The ids from the start-th (from 0) to before the stop-th, best first."""
        stop = min(stop, len(self))
        if self._ranking is not None and start < stop:
            # Where many tokens fit, enough of them are among the best of all.
            k = _MARGIN * stop * self._ranking.n // len(self)
            if k <= _FEW:
                best = self._ranking.head(k)
                fitting = best[self.tokens[np.minimum(self.tokens.searchsorted(best), len(self) - 1)] == best]
                if len(fitting) >= stop:
                    return fitting[start:stop].tolist()
            if self._order is not None:
                return self.tokens[self._order.ids(start, stop)].tolist()
        return self.tokens[start:stop].tolist()

    @cached_property
    def _order(self) -> Ranking | None:
        """The tokens as a row of their own; None if all are masked: then the order of ids is as good as any."""
        assert self._ranking is not None
        if len(self) == self._ranking.n:
            return self._ranking
        logits = self._ranking.logits[self.tokens]
        return Ranking(logits) if np.isfinite(logits.max()) else None
