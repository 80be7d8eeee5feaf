"""Tokens, or groups of tokens as one, whose probability and rank are followed over the positions of a text.

What is followed is the model's own distribution, at T = 1 without a chain, like the surprisal of the text: then two
numbers per position and token are all that has to be kept, and no turn of a knob needs a row that is gone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from immutables import Map

if TYPE_CHECKING:
    from .row import Row

Watch = tuple[int, ...]
"""The ids of the tokens that are followed as one, ascending, each once."""

MOST = 5
"""Watches: as many as there are lines that one can tell apart."""


class Seen(NamedTuple):
    """One token in one row, at T = 1 without a chain."""

    logprob: float
    rank: int


@dataclass(frozen=True, eq=False)
class Followed:
    """What was seen of the watched tokens, by the key of the row."""

    rows: Map[bytes, Mapping[int, Seen]] = Map()  # noqa: RUF009 (immutable)

    def after(self, row: Row, tokens: Iterable[int]) -> Followed:
        """With these tokens as the row has them."""
        known = self.rows.get(row.key, {})
        missing = [token for token in tokens if token not in known]
        if not missing:
            return self
        plain = row.at(1.0)
        seen = {token: Seen(plain.logprob(token), row.ranking.rank_of(token)) for token in missing}
        return Followed(self.rows.set(row.key, {**known, **seen}))

    def prob(self, key: bytes, watch: Watch) -> float:
        """The probability of a watch in a row; NaN where the row was not seen."""
        seen = self.rows.get(key)
        if seen is None or any(token not in seen for token in watch):
            return math.nan
        return min(1.0, math.fsum(math.exp(seen[token].logprob) for token in watch))

    def rank(self, key: bytes, watch: Watch) -> float:
        """The best rank among a watch in a row, from 1; NaN where the row was not seen."""
        seen = self.rows.get(key)
        if seen is None or any(token not in seen for token in watch):
            return math.nan
        return float(min(seen[token].rank for token in watch))


def tokens_of(watches: Iterable[Watch]) -> tuple[int, ...]:
    """All tokens that are watched, each once."""
    return tuple(dict.fromkeys(token for watch in watches for token in watch))
