"""A row gives back its megabytes as soon as nobody has it, without waiting for the collector of cycles."""

import gc
import weakref

import numpy as np
import pytest
from tempviz.models.presets import PRESETS
from tempviz.models.row import Row


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "off"])
def test_a_row_that_went_through_a_chain_goes_with_its_last_user(preset: str):
    def used() -> weakref.ref[Row]:
        row = Row(b"", np.random.default_rng(0).normal(0, 3, 500).astype(np.float32))
        result = row.through(0, lambda: PRESETS[preset](0.8).run(row, (1, 2, 3), lambda purpose: 0.3))
        assert result.distribution.land(0.5) and row.sweep and row.rank_curve
        return weakref.ref(row)

    gc.disable()
    try:
        assert used()() is None
    finally:
        gc.enable()


def test_three_distributions_are_kept_and_the_ghost_always():
    row = Row(b"", np.array([1.0, 2.0]))
    plain, first = row.at(1.0), row.at(0.1)
    for temperature in (0.2, 0.3, 0.4):
        row.at(temperature)
    assert row.at(1.0) is plain and row.at(0.1) is not first
