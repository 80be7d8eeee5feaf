"""What `update` wants done; `session.py` carries it out. All are plain frozen values."""

from __future__ import annotations

from .engine import Path
from .values import value


@value
class StartEngine:
    """Load a model in a fresh child process."""

    path: str


@value
class TokenizePrompt:
    """Ask for the tokens of a prompt."""

    text: str
    chat: bool


@value
class Evaluate:
    """Get the logits after a path, from the store or from the engine. A newer one replaces one that waits."""

    key: bytes
    path: Path


@value
class CancelWork:
    """Stop the engine's running call."""


@value
class TickAfter:
    """Send the AutoTick for the node `at` after so many seconds."""

    seconds: float
    at: int


Effect = StartEngine | TokenizePrompt | Evaluate | CancelWork | TickAfter
