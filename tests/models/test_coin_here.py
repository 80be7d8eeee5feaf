"""The coin under the cursor against T with a chain: every change against the chain run anew on both sides of it."""

import numpy as np
import pytest
from tempviz.models.coin_here import coin_path_here
from tempviz.models.drawing import distribution_here
from tempviz.models.generate import coin_here
from tempviz.models.penalties import LogitBias
from tempviz.models.row import Row
from tempviz.models.state import Settings, State
from tempviz.models.transforms import MinP, Temperature, TopK, TopP

LOGITS = np.random.default_rng(2).normal(0, 2, 300).astype(np.float32)
BEST = int(LOGITS.argmax())
CHAINS = {
    "alone": (),
    "temperature only": (Temperature(1.0),),
    "cut": (TopK(12), Temperature(1.0)),
    "cut by mass": (TopP(0.8), MinP(0.02), Temperature(1.0)),
    "moved": (LogitBias(((BEST, -3.0),)), Temperature(1.0)),
    "off afterwards": (TopK(12), Temperature(1.0), TopP(1.0)),
}


def state(chain: str, temperature: float, seed: int) -> State:
    return State(row=Row(b"", LOGITS), settings=Settings(temperature, seed, CHAINS[chain]))


def lands_on(chain: str, temperature: float, seed: int) -> int:
    s = state(chain, temperature, seed)
    return distribution_here(s).land(coin_here(s)).token


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_every_change_is_one_of_the_chain(chain: str, temperature: float) -> None:
    told = 0
    for seed in range(8):
        s = state(chain, temperature, seed)
        path = coin_path_here(s)
        assert path is not None
        found = path.around(temperature, distribution_here(s).land(coin_here(s)))
        assert found.here == lands_on(chain, temperature, seed)
        for change in found.changes:
            assert lands_on(chain, change.temperature - 1e-6, seed) == change.before
            assert lands_on(chain, change.temperature + 1e-6, seed) == change.after
            told += 1
    assert told > 0


@pytest.mark.parametrize(
    "samplers",
    [
        (Temperature(1.0), TopP(0.9)),
        (TopK(5), Temperature(1.0, 0.5)),
        (Temperature(1.0), Temperature(1.0)),
        (TopK(5),),
    ],
)
def test_where_the_temperature_does_not_come_last_nothing_is_told(samplers: tuple) -> None:
    assert coin_path_here(State(row=Row(b"", LOGITS), settings=Settings(1.0, 7, samplers))) is None
