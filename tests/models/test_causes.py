"""Which earlier tokens moved a logit, and by how much."""

import numpy as np
import pytest
from tempviz.models.causes import Moved
from tempviz.models.chain import Chain, ChainResult
from tempviz.models.dry import Dry
from tempviz.models.penalties import LogitBias, Penalties
from tempviz.models.ranking import Ranking
from tempviz.models.transform import Transform
from tempviz.models.transforms import Temperature, TopK

LOGITS = np.array([4.0, -2.0, 3.0, 1.0, 0.5])


def run(*transforms: Transform, history=(0, 1, 0, 2, 1, 0)) -> ChainResult:
    return Chain(transforms).run(Ranking(LOGITS), history, lambda purpose: 0.5)


def test_penalties_name_every_place_where_a_token_stands_nearest_first() -> None:
    moved = run(Penalties(last_n=5, repeat=2.0, frequency=0.5, presence=0.25)).moved
    # 4 / 2 - 2 * 0.5 - 0.25, and -2 * 2 - 2 * 0.5 - 0.25, and 3 / 2 - 0.5 - 0.25
    assert moved == (
        Moved("penalties", 0, -3.25, (1, 4), 5),
        Moved("penalties", 1, -3.25, (2, 5), 5),
        Moved("penalties", 2, -2.25, (3,), 5),
    )


def test_dry_names_the_repetition() -> None:
    (one,) = run(Dry(1.0, 2.0, allowed_length=2, breakers=()), history=(3, 4, 1, 2, 3, 4)).moved
    assert one == Moved("dry", 1, -1.0, (), 64, (3, 4))


def test_a_bias_has_no_cause_in_the_text() -> None:
    assert run(LogitBias.of({3: 1.5, 4: -np.inf})).moved == (Moved("logit_bias", 3, 1.5),)


def test_moves_of_several_stages_after_a_temperature() -> None:
    moved = run(Temperature(0.5), Penalties(presence=1.0), LogitBias.of({0: 5.0})).moved
    assert [(each.stage, each.token) for each in moved[:2]] == [("logit_bias", 0), ("penalties", 0)]
    assert [each.by for each in moved] == pytest.approx([5, -1, -1, -1])


def test_what_no_stage_moves() -> None:
    assert run(TopK(2), Penalties()).moved == ()
    assert run(Penalties(presence=1.0), history=()).moved == ()
