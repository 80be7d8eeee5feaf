"""One evaluated position: its ranked logits, and the distributions that were asked of it.

Raw logits are what is kept; probabilities are a view of them. A turn of the temperature makes one more view of the
same row.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import TYPE_CHECKING

from .coin_changes import CoinPath
from .distribution import Distribution
from .engine import Logits
from .partition import PartitionSum
from .path_keys import path_key as path_key
from .rank_curve import RankCurve
from .ranking import Ranking
from .softmax import surprisal_bits
from .sweep import Sweep
from .views import Views

if TYPE_CHECKING:
    from .ahead import Foreseen
    from .chain import ChainResult


class Row:
    """The logits after one path, with what was made of them."""

    def __init__(self, key: bytes, logits: Logits, foreseen: Foreseen | None = None) -> None:
        """`foreseen` is what was found out of it where it was computed. Raises BadLogits if it is no distribution."""
        self.key = key
        self.foreseen = foreseen
        self.ranking = Ranking(logits)
        self.views = Views(self.ranking)
        self._results: dict[Hashable, ChainResult] = {}

    def at(self, temperature: float) -> Distribution:
        """The distribution at a temperature; the last ones are kept."""
        return self.views.at(temperature)

    def plain_figures(self, token: int) -> tuple[float, float]:
        """The surprisal of a token and the entropy, in bits, at T = 1 without a chain: what is kept with a token."""
        known = self.foreseen
        if known is not None and known.token == token:
            return known.surprisal_bits, known.entropy_bits
        plain = self.at(1.0)
        return surprisal_bits(plain.logprob(token)), plain.entropy_bits

    def through(self, key: Hashable, run: Callable[[], ChainResult]) -> ChainResult:
        """The result of a chain, made by `run` the first time; three are kept: this, and one turn either way."""
        result = self._results.pop(key, None) or run()
        self._results[key] = result
        if len(self._results) > 3:
            del self._results[next(iter(self._results))]
        return result

    @cached_property
    def partition(self) -> PartitionSum:
        """Z at any temperature."""
        return PartitionSum(self.ranking)

    @cached_property
    def sweep(self) -> Sweep:
        """The probabilities against the temperature."""
        return Sweep(self.partition)

    @cached_property
    def rank_curve(self) -> RankCurve:
        """The probabilities against the rank."""
        return RankCurve(self.partition)

    def coin_path(self, key: Hashable, make: Callable[[], CoinPath]) -> CoinPath:
        """The tokens under a coin against the temperature, made by `make` the first time; the last one is kept."""
        if self._coin_path is None or self._coin_path[0] != key:
            self._coin_path = key, make()
        return self._coin_path[1]

    _coin_path: tuple[Hashable, CoinPath] | None = None
