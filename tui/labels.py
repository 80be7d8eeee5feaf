"""Names that several views need: of a token, of a temperature."""

from __future__ import annotations

from functools import lru_cache

from ..models.vocabulary import Vocabulary
from .display import token_label

NAME_CELLS = 40
"""The longest token name that any panel asks for."""


@lru_cache(maxsize=8192)
def name_of(vocabulary: Vocabulary, token: int) -> str:
    """The visible name of a token."""
    return token_label(vocabulary.piece(token), max_cells=NAME_CELLS)


def temperature_label(temperature: float) -> str:
    """ "1.20": two decimals, or as many as it takes."""
    rounded = f"{temperature:.2f}"
    return rounded if float(rounded) == temperature else f"{temperature:g}"
