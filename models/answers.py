"""What the engine tells `update`. All are plain frozen values.

`start` is the number of the start that is told of: what a model still says that was replaced is not listened to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .engine import Logits, ModelInfo
from .values import value

if TYPE_CHECKING:
    from .ahead import Foreseen
    from .reading import Reading


@value
class ModelLoading:
    """The model is being loaded: fraction done, of the file that is read ahead or of llama.cpp's own work."""

    fraction: float
    reading: bool = False
    start: int | None = None


@value
class ModelLoaded:
    """The model can be asked."""

    info: ModelInfo
    start: int | None = None


@value
class ModelFailed:
    """The model cannot be used; a sentence says why."""

    sentence: str
    start: int | None = None


@value
class PromptTokenized:
    """The tokens of a prompt."""

    text: str
    chat: bool
    tokens: tuple[int, ...]
    start: int | None = None


@value
class PromptFailed:
    """A prompt could not be turned into tokens; a sentence says why. Nothing is wrong with one that was `cancelled`."""

    text: str
    chat: bool
    sentence: str
    cancelled: bool = False
    start: int | None = None


@value
class Evaluating:
    """Tokens decoded so far of a path."""

    key: bytes
    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class StoredRows:
    """Rows that are stored, with their keys."""

    rows: tuple[tuple[bytes, Logits], ...]


@dataclass(frozen=True, slots=True, eq=False)
class RowReady:
    """The logits after a path. `seconds` and `tokens` tell what it took; a `stored` row took the engine nothing.

    In an auto run the model's process says with the row which token is `foreseen` after it.
    A prompt is read while it is evaluated, so its `reading` comes with its row.
    """

    key: bytes
    logits: Logits
    seconds: float = 0.0
    tokens: int = 0
    stored: bool = False
    foreseen: Foreseen | None = None
    reading: Reading | None = None


@value
class EvaluationFailed:
    """No logits for this path; a sentence says why. `bad` if the model answered with what is no distribution."""

    key: bytes
    sentence: str
    bad: bool = False
    cancelled: bool = False


@value
class EngineDied:
    """The child process ended; a sentence says how."""

    sentence: str
    start: int | None = None
