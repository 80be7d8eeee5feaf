"""The worked example of the lab, as a state: six greetings, "Hello" far ahead. And what a picture of it looks like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tempviz.models.row import Row
from tempviz.models.state import Scale, Settings, State
from tempviz.models.toy import ToyModel
from tempviz.models.vocabulary import Vocabulary
from tempviz.tui.picture_views import PICTURES
from tempviz.tui.renderables.pictures import DRAWN

NAMES = ("Ni Hao", "Konnichiwa", "Hola", "Namaste", "Hello", "Ciao")
LOGITS = (0.1, 0.0, 0.5, 1.0, 4.0, 0.6)


def state_of(
    logits: np.ndarray,
    temperature: float = 1.0,
    highlight: int = 1,
    names: list[str] | None = None,
    scale: Scale = "linear",
) -> State:
    """A state with this row under the cursor, and tokens of these names."""
    vocabulary = Vocabulary.of(name.encode() for name in names or [f" t{i}" for i in range(len(logits))])
    info = replace(ToyModel([0.0], ["a"]).info, vocabulary=vocabulary, n_vocab=len(logits))
    return State(row=Row(b"", logits), info=info, highlight=highlight, settings=Settings(temperature), scale=scale)


def greetings(temperature: float = 1.0, highlight: int = 1, scale: Scale = "linear") -> State:
    """The example at a temperature."""
    return state_of(np.array(LOGITS, np.float32), temperature, highlight, list(NAMES), scale)


def drawn(name: str, state: State, width: int, height: int) -> list[str]:
    """The text of a picture."""
    rows = DRAWN[name](PICTURES[name](state), width, height)
    return ["".join(text for text, _ in row) for row in rows]
