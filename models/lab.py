"""The lab: logits and names that somebody typed, and the model made of them.

Nothing here needs numpy before the model is made, so that wrong usage is said, and the first frame drawn, without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .engine import Loading, OwnedModel

MOST_TOKENS = 1000
GREATEST_LOGIT = 3e38
"""What a model's float32 can hold."""

_NAME = "/lab"
_LOGIT = "A logit is a number such as -0.5, or -inf for a masked token."


class LabError(ValueError):
    """Logits or names that make no lab; `str(error)` is a sentence for a person."""


def logit_of(text: str) -> float:
    """A logit as it is typed: a number, or -inf for a masked token. Raises LabError by name for everything else."""
    try:
        logit = float(text.replace("−", "-"))
    except ValueError:
        raise LabError(f"{text!r} is not a number. {_LOGIT}") from None
    if logit != float("-inf") and not abs(logit) <= GREATEST_LOGIT:
        raise LabError(f"{text} cannot be a logit: no model computes it. {_LOGIT}")
    return logit


@dataclass(frozen=True, slots=True)
class Lab:
    """A vocabulary of names with one logit each; the id of a token is its place. Raises LabError if it is none."""

    logits: tuple[float, ...]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        n = len(self.logits)
        if not n and not self.names:
            raise LabError("A lab needs at least one token.")
        if len(self.names) != n:
            raise LabError(f"The names are {len(self.names)} and the logits {n}. Give one name for each logit.")
        if n > MOST_TOKENS:
            raise LabError(f"The lab holds at most {MOST_TOKENS:,} tokens, not {n:,}.")
        if not any(logit > float("-inf") for logit in self.logits):
            raise LabError("No logit is finite, so every token is masked. Give at least one number.")

    @classmethod
    def of(cls, logits: Sequence[float], names: Sequence[str] | None = None) -> Lab:
        """These logits; without names x0, x1, …; without both the worked example."""
        if not logits and names is None:
            return GREETINGS
        return cls(tuple(logits), tuple(names) if names is not None else tuple(f"x{i}" for i in range(len(logits))))

    # ---- edits -----------------------------------------------------------------------------------------------------

    def with_logit(self, token: int, logit: float) -> Lab:
        """The same with another logit for a token."""
        return replace(self, logits=(*self.logits[:token], logit, *self.logits[token + 1 :]))

    def with_token(self, name: str, logit: float) -> Lab:
        """The same with one more token, the last."""
        return Lab((*self.logits, logit), (*self.names, name))

    def without(self, token: int) -> Lab:
        """The same without a token; those after it move up."""
        return Lab(
            self.logits[:token] + self.logits[token + 1 :],
            self.names[:token] + self.names[token + 1 :],
        )

    # ---- as a model ------------------------------------------------------------------------------------------------

    @property
    def pieces(self) -> list[bytes]:
        """The bytes of the names; those of an argument that is no UTF-8 are kept as they are."""
        return [name.encode("utf-8", "surrogateescape") for name in self.names]

    @property
    def path(self) -> str:
        """What a lab has in the place of a file's path: it spells the logits, so the same path is the same model."""
        return json.dumps([self.logits, self.names]) + _NAME

    @classmethod
    def at(cls, path: str) -> Lab:
        """The lab that a path spells."""
        logits, names = json.loads(path.removesuffix(_NAME))
        return cls(tuple(logits), tuple(names))


GREETINGS = Lab(
    (0.1, 0.0, 0.5, 1.0, 4.0, 0.6),
    ("Ni Hao", "Konnichiwa", "Hola", "Namaste", "Hello", "Ciao"),
)
"""The worked example: "Hello" has 0.868 at T = 1 and 0.289 at T = 5."""


def open_lab(path: str, progress: Loading, spawned: Callable[[OwnedModel], None]) -> OwnedModel:
    """The model of the lab at a path, in this process: an opener for `EngineThread`."""
    from .lab_model import LabModel

    model = LabModel(Lab.at(path))
    spawned(model)
    return model
