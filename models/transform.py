"""What one stage of a sampling chain is: a frozen object with settings, and one method that changes the candidates.

A setting is a field made by `knob`: it carries llama.cpp's own name of the option, its range and a step for the keys.
A value outside is refused with a sentence that names the option.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

if TYPE_CHECKING:
    from .candidates import Candidates
    from .vocabulary import Vocabulary

Self = TypeVar("Self", bound="Transform")


_INT32_MAX = 2**31 - 1


class Knob(NamedTuple):
    """One number of a transform: llama.cpp's option without its dashes, the range, and how far one key turns it."""

    option: str
    low: float
    high: float
    step: float
    whole: bool = False
    above_low: bool = False  # `low` itself is outside

    @property
    def range(self) -> str:
        """The range in words."""
        kind = "a whole number" if self.whole else "a number"
        low = f"{'above' if self.above_low else 'of at least'} {self.low:,.10g}"
        if self.high in (sys.float_info.max, _INT32_MAX):
            return f"{kind} {low}"
        return (
            f"{kind} {low} and at most {self.high:,.10g}"
            if self.above_low
            else f"{kind} from {self.low:,.10g} to {self.high:,.10g}"
        )

    def check(self, value: Any) -> None:
        """Raises ValueError for a value outside the range, or of another kind."""
        number = isinstance(value, int if self.whole else (int, float)) and not isinstance(value, bool)
        if not number or not self.low <= value <= self.high or (self.above_low and value == self.low):
            raise ValueError(f"{self.option} must be {self.range}, not {value!r:.40}")


def knob(
    default: float,
    option: str,
    low: float,
    high: float | None = None,
    *,
    step: float,
    whole: bool = False,
    above_low: bool = False,
) -> Any:
    """A dataclass field that is a knob."""
    if high is None:
        high = _INT32_MAX if whole else sys.float_info.max
    return field(default=default, metadata={"knob": Knob(option, low, high, step, whole, above_low)})


@dataclass
class Context:
    """What a transform may look at besides the logits."""

    history: Sequence[int]
    """The tokens before this position, the prompt's first."""
    coin: Callable[[str], float]
    """Luck in [0, 1) for a purpose."""
    vocabulary: Vocabulary | None = None
    n_listed: int = 0
    """The length of llama.cpp's list here: it masks some tokens that are cut, and counts them on."""


@dataclass(frozen=True)
class Transform:
    """One stage. `name` is what llama.cpp's --samplers calls it; `off` holds the settings that make it do nothing."""

    name: ClassVar[str]
    off: ClassVar[dict[str, float]] = {}

    def __post_init__(self) -> None:
        """Raises ValueError for a setting outside its range."""
        for key, its_knob in self.knobs().items():
            its_knob.check(getattr(self, key))

    @classmethod
    def knobs(cls) -> dict[str, Knob]:
        """The knobs by the name of their field, in order."""
        return {f.name: f.metadata["knob"] for f in fields(cls) if "knob" in f.metadata}

    @property
    def active(self) -> bool:
        """Whether it can change anything at all."""
        return any(getattr(self, key) != value for key, value in self.off.items())

    @property
    def setting(self) -> str:
        """Its settings as text, those that say nothing left out."""
        raise NotImplementedError

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        """The candidates after this stage; the same object where nothing changes."""
        raise NotImplementedError

    def listed(self, n_listed: int, n_in: int, n_out: int) -> int:
        """The length of llama.cpp's list after this stage; as before it, if the stage masks tokens or moves logits."""
        return n_listed

    def turned(self: Self, key: str, steps: int) -> Self:
        """With one knob turned by so many steps, on the grid of its step and within its range."""
        its_knob = self.knobs()[key]
        value = (math.floor(getattr(self, key) / its_knob.step + 0.5) + steps) * its_knob.step
        lowest = its_knob.low + (its_knob.step if its_knob.above_low else 0)
        value = round(min(max(value, lowest), its_knob.high), 6)
        return replace(self, **{key: int(value) if its_knob.whole else float(value)})

    def switched_off(self: Self) -> Self:
        """With the settings that make it do nothing."""
        return replace(self, **self.off)
