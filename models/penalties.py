"""The transforms that move the logits of single tokens: what the person says, and what the text has said already.

Penalties: Keskar et al., CTRL, 2019 (repeat; on negative logits it multiplies), and those of OpenAI's API (frequency
and presence), as llama.cpp applies them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .candidates import Candidates, Ids
from .softmax import Array
from .transform import Context, Transform, knob

GREATEST_BIAS = 1e6
"""No model's logit comes near it, and nothing overflows."""

_MOST_IDS = 2**31


@dataclass(frozen=True)
class LogitBias(Transform):
    """A number added to the logits of single tokens; -inf bans one. Ids beyond the vocabulary are passed over."""

    name: ClassVar[str] = "logit_bias"

    bias: tuple[tuple[int, float], ...] = ()
    """(token id, what is added), each id once."""

    def __post_init__(self) -> None:
        """Raises ValueError for a bias that is no number, or an id that is none."""
        for token, value in self.bias:
            if not 0 <= token < _MOST_IDS:
                raise ValueError(f"logit-bias needs token ids of at least 0 and below 2^31, not {token}")
            if not (value == -math.inf or abs(value) <= GREATEST_BIAS):
                raise ValueError(
                    f"logit-bias of token {token} must be a number from -1,000,000 to 1,000,000, or -inf to ban it"
                )
        if len({token for token, _ in self.bias}) < len(self.bias):
            raise ValueError("logit-bias names a token twice")

    @classmethod
    def of(cls, bias: Mapping[int, float]) -> LogitBias:
        """From a mapping of ids to what is added."""
        return cls(tuple(sorted((int(token), float(value)) for token, value in bias.items())))

    @property
    def active(self) -> bool:
        return any(value for _, value in self.bias)

    @property
    def setting(self) -> str:
        banned = sum(value == -math.inf for _, value in self.bias)
        biased = len(self.bias) - banned
        parts = [f"{biased:,} biased"] * bool(biased) + [f"{banned:,} banned"] * bool(banned)
        return ", ".join(parts) or "none"

    def switched_off(self) -> LogitBias:
        return LogitBias()

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        positions = candidates.find(_ids(token for token, value in self.bias if value == -math.inf))
        after = candidates.without(positions) if len(positions) else candidates
        added = {token: value for token, value in self.bias if value != -math.inf and value}
        positions = after.find(_ids(added))
        if not len(positions):
            return after
        biases = np.array([added[token] for token in after.tokens(positions).tolist()])
        return after.moved(positions, after.current(positions) + biases)


@dataclass(frozen=True)
class Penalties(Transform):
    """Tokens among the last n are made less likely: once by `repeat` and `presence`, per occurrence by `frequency`."""

    name: ClassVar[str] = "penalties"

    last_n: int = knob(64, "repeat-last-n", -1, step=8, whole=True)  # -1: all of the history
    repeat: float = knob(1.0, "repeat-penalty", 0, GREATEST_BIAS, step=0.05, above_low=True)
    frequency: float = knob(0.0, "frequency-penalty", -GREATEST_BIAS, GREATEST_BIAS, step=0.1)
    presence: float = knob(0.0, "presence-penalty", -GREATEST_BIAS, GREATEST_BIAS, step=0.1)

    off: ClassVar[dict[str, float]] = {"repeat": 1.0, "frequency": 0.0, "presence": 0.0}

    @property
    def active(self) -> bool:
        return self.last_n != 0 and super().active

    @property
    def setting(self) -> str:
        parts = [f"{key} {getattr(self, key):g}" for key, off in self.off.items() if getattr(self, key) != off]
        return ", ".join([*parts, f"last {self.last_n:,}" if self.last_n >= 0 else "all of the text"])

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        tokens, counts = np.unique(np.asarray(self.window(context), np.intp), return_counts=True)
        positions = candidates.find(tokens)
        if not len(positions):
            return candidates
        counts = counts[tokens.searchsorted(candidates.tokens(positions))]
        return candidates.moved(positions, self.penalised(candidates.current(positions), counts))

    def window(self, context: Context) -> tuple[int, ...]:
        """The tokens it looks at, oldest first."""
        return tuple(context.history[-self.last_n :] if self.last_n > 0 else context.history if self.last_n else ())

    def penalised(self, logits: Array, counts: Ids) -> Array:
        """The logits after it, of tokens that occurred `counts` times."""
        with np.errstate(over="ignore"):  # a logit may be huge after a tiny temperature; `moved` bounds it
            repeated = np.where(logits <= 0, logits * self.repeat, logits / self.repeat)
        return np.asarray(repeated - counts * self.frequency - self.presence, np.float64)


def _ids(tokens: Iterable[int]) -> Ids:
    return np.array(sorted(tokens), np.intp)
