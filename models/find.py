"""Finding tokens of the vocabulary by what is in them, best first.

A query is a case-sensitive substring of a token's bytes, with a space (or ␣) for a space; `#7042` is the token of that
id.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .ranking import Ranking
from .vocabulary import Vocabulary

Ids = npt.NDArray[np.intp]


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
    # One look at the whole vocabulary for the rarest byte, then only at the places that are left.
    counts = [np.count_nonzero(blob == byte) for byte in set(pattern)]
    rarest = list(set(pattern))[int(np.argmin(counts))]
    shift = pattern.index(rarest)
    places = np.flatnonzero(blob == rarest)
    if len(pattern) > 1:
        places = places[(places >= shift) & (places <= len(blob) - len(pattern) + shift)] - shift
        for i, byte in enumerate(pattern):
            if i != shift:
                places = places[blob[places + i] == byte]
        # A place must not reach over the end of its token.
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
        self._order: Ranking | None = None
        if len(self.tokens) == len(vocabulary):
            self._order = ranking
        elif ranking is not None and len(self.tokens):
            logits = ranking.logits[self.tokens]
            # All of them masked is no ranking; then the order of ids is as good as any.
            self._order = Ranking(logits) if np.isfinite(logits.max()) else None

    def __len__(self) -> int:
        return len(self.tokens)

    def best(self, start: int, stop: int) -> list[int]:
        """The ids from the start-th (from 0) to before the stop-th, best first."""
        if self._order is None:
            return self.tokens[start:stop].tolist()
        return self.tokens[self._order.ids(start, stop)].tolist()
