"""What the panels show, as plain data: made by `view.py`, drawn by `renderables/`. Nothing here computes.

Named tuples, since a frozen dataclass takes a millisecond to declare and ten of them are on the way to the first frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .display import Run

BORDER = "│"
"""Between two tokens of the text, where one asked to see that."""

SURPRISAL_STEPS = (1.0, 3.0, 6.0, 10.0)
"""Bits at which the shade of the text changes."""


class HeaderView(NamedTuple):
    """The first line. `context`, `speed` and `seed` are empty while there is nothing to say."""

    model: str
    description: str
    context: str
    speed: str
    seed: str
    status: str
    mood: str  # "ready", "busy" or "trouble"
    fraction: float | None = None  # of what is being loaded or evaluated


class TextView(NamedTuple):
    """The text: runs of tokens with the shade of each, and where the cursor stands."""

    runs: tuple[Run, ...]
    shades: tuple[str, ...]  # per token: "prompt", "prompt-s1" … "prompt-s4", "s0" … "s4", "eog"
    nodes: tuple[int, ...]  # per token: its node
    caret: int  # the token after the cursor; len(shades) at the end
    about: tuple[str, ...] = ()  # where the cursor is, how expected the prompt was; the last go first for want of room


class StripView(NamedTuple):
    """The mass strip: shares in rank order, the tail last, with their names; and the coin."""

    shares: tuple[float, ...]
    names: tuple[str, ...]
    coin: float
    coin_label: str
    changes: str = ""  # at which temperatures it would fall on another token


class CandidateRow(NamedTuple):
    """One ranked token."""

    rank: int
    name: str
    prob: float
    ghost: float  # what it is compared with
    highlighted: bool = False
    coin: bool = False  # the coin falls on it
    taken: bool = False  # it was taken here, on the way of the text on view
    walked: bool = False  # it was taken here, on another branch
    eog: bool = False
    cut_by: str = ""  # the stage of the chain that cut it
    ahead: str = ""  # what would follow it greedily, as far as that is known
    ahead_prob: float | None = None  # of it and what follows together, at T = 1


class RestRow(NamedTuple):
    """All the tokens above or below the window, as one row."""

    tokens: int
    prob: float
    ghost: float
    cut: bool = False  # all of them are cut, and hidden
    coin: bool = False  # the coin falls on one of them


class CandidatesView(NamedTuple):
    """The window on the ranked vocabulary."""

    rows: tuple[CandidateRow, ...]
    above: RestRow | None
    below: RestRow | None
    scale: str  # "linear" or "logarithmic"
    temperature: str
    n_vocab: int
    chain: str = ""  # its name, where there is one
    ghost: str = ""  # what the bars are compared with; empty where that is the bars
    cut_hidden: bool = False
    looks_ahead: int = 0  # beside how many rows, from the first, there is or will be what would follow


class StatusView(NamedTuple):
    """The line of the settings and of what they do."""

    temperature: float
    label: str  # "T 1.20"
    mode: str  # "greedy" at T = 0, else ""
    entropy: str
    choices: str
    coin: str
    greatest: float  # where the slider ends
    prompt: str = ""  # its perplexity, once it was read


class StepView(NamedTuple):
    """One picture of the state. Panels without a row yet are None."""

    header: HeaderView
    text: TextView
    status: StatusView
    detail: tuple[str, ...]  # parts in order of weight; the last are dropped where there is no room
    notice: str
    trouble: bool
    strip: StripView | None = None
    candidates: CandidatesView | None = None
    pictures: Mapping[str, Any] = MappingProxyType({})  # by name, those that were asked for
