"""The coin under the cursor against the temperature, with whatever chain the person has made."""

from __future__ import annotations

import numpy as np

from .coin_changes import CoinPath
from .drawing import chain_here
from .generate import coin_here
from .partition import PartitionSum
from .ranking import Ranking
from .state import State
from .transforms import Temperature
from .whole import Whole


def coin_path_here(s: State) -> CoinPath | None:
    """Where the coin of this position falls at other temperatures.

    What comes before the temperature in a chain does not depend on it, so a chain that ends with its only temperature
    (stages that are off do not count) gives one row that the temperature cools. None for any other chain: there T
    changes what the stages after it cut.
    """
    assert s.row is not None
    row, u, samplers = s.row, coin_here(s), s.settings.samplers
    if not samplers:
        return row.coin_path(u, lambda: CoinPath(row.partition, u))
    cooling = [(i, stage) for i, stage in enumerate(samplers) if isinstance(stage, Temperature)]
    if len(cooling) != 1 or cooling[0][1].range or any(stage.active for stage in samplers[cooling[0][0] + 1 :]):
        return None
    result, place = chain_here(s), cooling[0][0]
    assert result is not None
    left = result.stages[place - 1].left if place else None
    if left is None or type(left) is Whole:
        return row.coin_path(u, lambda: CoinPath(row.partition, u))
    tokens = left.tokens(np.arange(left.n))
    key = (u, samplers, s.settings.seed, s.trace.here.toss)
    return row.coin_path(key, lambda: CoinPath(PartitionSum(Ranking(left.logits)), u, tokens))
