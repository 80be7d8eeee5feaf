"""Which tokens the candidates list, in rank order: all of them, or those alone that the chain has left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .drawing import chain_here
from .ranking import Ranking
from .state import State

Ids = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Listing:
    """Places, from 1, in a list of ranked tokens. `ranks` ascend; None lists every rank."""

    ranking: Ranking
    ranks: Ids | None = None

    @property
    def n(self) -> int:
        """How many tokens are listed."""
        return self.ranking.n if self.ranks is None else len(self.ranks)

    def rank(self, place: int) -> int:
        """The rank of the token at a place."""
        return place if self.ranks is None else int(self.ranks[place - 1])

    def place(self, rank: int) -> int:
        """The place of a rank; of the next better one if it is not listed, or the first."""
        return rank if self.ranks is None else max(1, int(self.ranks.searchsorted(rank, side="right")))

    def ids(self, start: int, stop: int) -> Ids:
        """The token ids at places start+1 … stop, best first, intp [stop - start]."""
        if self.ranks is None or start >= stop:
            return self.ranking.ids(start, stop)
        ranks = self.ranks[start:stop]
        return self.ranking.head(int(ranks[-1]))[ranks - 1]


def listing_here(s: State) -> Listing:
    """What the candidates at the cursor list; its row is there."""
    assert s.row is not None
    result = chain_here(s) if s.cut_hidden else None
    return Listing(s.row.ranking, result.ranks_left if result and result.n_left < s.row.ranking.n else None)
