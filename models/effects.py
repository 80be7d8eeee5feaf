"""What `update` wants done; `session.py` carries it out. All are plain frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .engine import Path
from .values import value

if TYPE_CHECKING:
    from .ahead import Ahead


@value
class StartEngine:
    """Load a model in a fresh child process; its answers carry the number of this start."""

    path: str
    start: int


@value
class TokenizePrompt:
    """Ask for the tokens of a prompt."""

    text: str
    chat: bool


@value
class Evaluate:
    """Get the logits after a path, from the store or from the engine. A newer one replaces one that waits.

    In an auto run `ahead` says how it will go on, so that the engine may begin with what comes next. Where `rest`
    follows in the same given text, the row is the one that reading that text computes there. Nobody waits for one that
    is `idle`: a stored row of it may come later.
    """

    key: bytes
    path: Path
    ahead: Ahead | None = None
    rest: tuple[int, ...] = ()
    idle: bool = False


@value
class CancelWork:
    """Stop what the engine is doing: an evaluation, the tokens of a prompt, or loading a model.

    Not if the row `unless` is stored: that one is wanted instead, and what runs may then go on.
    """

    unless: bytes | None = None


@value
class Recall:
    """Get the logits after a path if they are stored; there is no engine to ask."""

    key: bytes


@value
class TickAfter:
    """Send the AutoTick for the node `at` after so many seconds."""

    seconds: float
    at: int


@value
class ReadStored:
    """Give the rows that are stored, those used last."""


Effect = StartEngine | TokenizePrompt | Evaluate | CancelWork | Recall | ReadStored | TickAfter
