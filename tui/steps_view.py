"""What the picture of the steps is drawn from: one distribution by its definition, with all the numbers between."""

from __future__ import annotations

import numpy as np

from ..models.percentages import temperature_label
from ..models.softmax import scaled
from ..models.state import State
from .labels import name_of
from .picture_data import StepsToken, StepsView

TOKENS = 40
"""Columns that no screen is too narrow for."""


def steps_view(s: State) -> StepsView:
    """The best tokens from logit to probability: p = e^((x - max)/T) / Z."""
    assert s.row is not None and s.info is not None
    ranking, t = s.row.ranking, s.settings.temperature
    now = s.row.at(t)
    best = ranking.head(TOKENS)
    exponents = scaled(ranking.logits[best], t)
    tokens = [
        StepsToken(
            name=name_of(s.info.vocabulary, token),
            logit=float(ranking.logits[token]),
            below=float(ranking.below_maximum[token]),
            scaled=exponent,
            power=power,
            prob=now.prob(token),
            highlighted=rank == s.highlight,
        )
        for rank, (token, exponent, power) in enumerate(
            zip(best.tolist(), exponents.tolist(), np.exp(exponents).tolist(), strict=True), 1
        )
    ]
    return StepsView(
        temperature=t,
        label=temperature_label(t),
        tokens=tuple(tokens),
        n_vocab=ranking.n,
        z=now.z,
        rest=now.tail_mass(0, len(tokens)),
        chained=bool(s.settings.samplers),
    )
