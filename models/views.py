"""The distributions of one row at the temperatures that were asked of it."""

from __future__ import annotations

from .distribution import Distribution
from .ranking import Ranking

_KEPT = 4  # T = 1 (the ghost), the current T, and one turn either way


class Views:
    """Holds at most four distributions, the least used forgotten first.

    No part of the row, which keeps results that ask for distributions too: they would keep each other, with some
    megabytes each, until the collector of cycles comes by.
    """

    def __init__(self, ranking: Ranking) -> None:
        self.ranking = ranking
        self._made: dict[float, Distribution] = {}

    def at(self, temperature: float) -> Distribution:
        """The distribution at a temperature; the last ones are kept."""
        view = self._made.pop(temperature, None) or Distribution(self.ranking, temperature)
        self._made[temperature] = view
        if len(self._made) > _KEPT:
            del self._made[next(t for t in self._made if t != 1.0)]
        return view
