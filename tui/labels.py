"""Names of tokens, as several views need them."""

from __future__ import annotations

import string
import unicodedata
from functools import lru_cache

from ..models.vocabulary import Vocabulary
from .display import token_label

NAME_CELLS = 40
"""The longest token name that any panel asks for."""


@lru_cache(maxsize=8192)
def name_of(vocabulary: Vocabulary, token: int) -> str:
    """The visible name of a token."""
    return token_label(vocabulary.piece(token), max_cells=NAME_CELLS)


@lru_cache(maxsize=8192)
def spoken(vocabulary: Vocabulary, token: int) -> str:
    """The name of a token inside a sentence: between quotes where it may be taken for the sentence's own: “,” “2”."""
    name = name_of(vocabulary, token)
    marks = any(c in string.punctuation or unicodedata.category(c)[0] in "PN" for c in name)
    return f"“{name}”" if marks and name[0] != "⟨" and not any(map(str.isalpha, name)) else name
