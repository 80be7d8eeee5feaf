"""What the panels show, as plain data: made by `view.py`, drawn by `renderables/`. Nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .display import Run

BORDER = "│"
"""Between two tokens of the text, where one asked to see that."""

SURPRISAL_STEPS = (1.0, 3.0, 6.0, 10.0)
"""Bits at which the shade of the text changes."""


@dataclass(frozen=True, slots=True)
class HeaderView:
    """The first line. `context`, `speed` and `seed` are empty while there is nothing to say."""

    model: str
    description: str
    context: str
    speed: str
    seed: str
    status: str
    mood: str  # "ready", "busy" or "trouble"
    fraction: float | None = None  # of what is being loaded or evaluated


@dataclass(frozen=True, eq=False, slots=True)
class TextView:
    """The text: runs of tokens with the shade of each, and where the cursor stands."""

    runs: tuple[Run, ...]
    shades: tuple[str, ...]  # per token: "prompt", "s0" … "s4", "eog"
    nodes: tuple[int, ...]  # per token: its node, ROOT for the prompt's
    caret: int  # the token after the cursor; len(shades) at the end
    position: str  # "" at the end of the text


@dataclass(frozen=True, eq=False, slots=True)
class StripView:
    """The mass strip: shares in rank order, the tail last, with their names; and the coin."""

    shares: tuple[float, ...]
    names: tuple[str, ...]
    coin: float
    coin_label: str
    changes: str = ""  # at which temperatures it would fall on another token


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One ranked token."""

    rank: int
    name: str
    prob: float
    ghost: float  # at T = 1
    highlighted: bool = False
    coin: bool = False  # the coin falls on it
    taken: bool = False  # it was taken here, on the way of the text on view
    walked: bool = False  # it was taken here, on another branch
    eog: bool = False
    cut_by: str = ""  # the stage of the chain that cut it


@dataclass(frozen=True, slots=True)
class RestRow:
    """All the tokens above or below the window, as one row."""

    tokens: int
    prob: float
    ghost: float


@dataclass(frozen=True, eq=False, slots=True)
class CandidatesView:
    """The window on the ranked vocabulary."""

    rows: tuple[CandidateRow, ...]
    above: RestRow | None
    below: RestRow | None
    scale: str  # "linear" or "logarithmic"
    temperature: str
    n_vocab: int
    chain: str = ""  # its name, where there is one


Decades = tuple[tuple[float, int], ...]
"""The histogram of the whole vocabulary: (mass, tokens) per decade of probability, from 10 % down."""


@dataclass(frozen=True, eq=False, slots=True)
class TimelineView:
    """Surprisal and entropy (bits, at T = 1) of every token of the text, and where the cursor stands among them."""

    surprisals: tuple[float, ...]
    entropies: tuple[float, ...]
    cursor: int


Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False, slots=True)
class CurveView:
    """The curve y = e^(x/T) over the logits x, measured from the greatest one."""

    temperature: str
    left: float  # the least x that is shown
    curve: Points
    ghost: Points  # e^x; empty at T = 1
    candidates: Points  # the best tokens, without the highlighted one
    highlighted: tuple[float, float]  # x is -inf for a masked token
    name: str  # of the highlighted token
    beyond: int  # tokens that are not masked and lie farther left
    chained: bool  # there are samplers, which this picture leaves out


@dataclass(frozen=True, eq=False, slots=True)
class RankView:
    """Probability and cumulative mass against rank, in powers of ten: points are (log10 rank, log10 p or share)."""

    temperature: str
    tokens: int  # that are not masked: the last rank
    decades: int  # the scale of probabilities begins at 10^-decades
    curve: Points
    ghost: Points  # at T = 1; empty there
    cumulative: Points
    highlighted: tuple[float, float]
    name: str
    rank: int  # of the highlighted token
    counts: tuple[int, ...]  # tokens that make MASS_SHARES
    reached: tuple[float, ...]  # the cumulative mass of so many
    plain_counts: tuple[int, ...]  # at T = 1
    chained: bool  # there are samplers, which this picture leaves out


MASS_SHARES = (0.5, 0.9, 0.99)
RANGE_SHARES = (0.01, 0.1)


@dataclass(frozen=True, eq=False, slots=True)
class SweepLine:
    """One token's probability against the temperature."""

    rank: int
    name: str
    points: Points
    now: float  # its probability at the current temperature


@dataclass(frozen=True, eq=False, slots=True)
class SweepView:
    """Probabilities and entropy against the temperature, from 0 to 5."""

    temperature: float
    label: str
    lines: tuple[SweepLine, ...]  # the best tokens
    highlighted: SweepLine  # may be one of them
    entropy: Points  # bits
    most_bits: float  # log2 of the vocabulary
    entropy_now: float
    ranges: tuple[tuple[float, float] | None, ...]  # of T, where the highlighted token has RANGE_SHARES
    peak: tuple[float, float] | None  # (T, p) where it is most probable; None for a masked token
    peak_at_end: bool
    logarithmic: bool  # the scale of the probabilities, as that of the candidates' bars
    chained: bool  # there are samplers, which this picture leaves out


@dataclass(frozen=True, slots=True)
class StepsToken:
    """One token from its logit to its probability."""

    name: str
    logit: float
    below: float  # logit - maximum
    scaled: float  # that divided by T; at T = 0 its limit
    power: float  # e^scaled
    prob: float  # power / Z
    highlighted: bool


@dataclass(frozen=True, eq=False, slots=True)
class StepsView:
    """The softmax of one position step by step: the best tokens, the sum Z of all, the probability of the rest."""

    temperature: float
    label: str
    tokens: tuple[StepsToken, ...]
    n_vocab: int
    z: float
    rest: float  # of all tokens but these


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of the chain and what it did here."""

    name: str
    setting: str
    n_in: int
    n_out: int
    mass_removed: float
    entropy: str
    active: bool
    selected: bool
    knob: str = ""  # the setting that keys turn, if this stage is selected


@dataclass(frozen=True, eq=False, slots=True)
class ChainView:
    """The chain, stage by stage in order."""

    preset: str
    stages: tuple[StageRow, ...]
    n_vocab: int


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One token that fits a query."""

    rank: int  # 0 where there are no logits yet
    token: int
    name: str
    prob: float
    plain: float  # at T = 1
    highlighted: bool


@dataclass(frozen=True, eq=False, slots=True)
class FoundView:
    """The tokens that fit a query, a window of them."""

    rows: tuple[FoundRow, ...]
    total: int
    temperature: str


@dataclass(frozen=True, slots=True)
class StatusView:
    """The line of the settings and of what they do."""

    temperature: float
    label: str  # "T 1.20"
    mode: str  # "greedy" at T = 0, else ""
    entropy: str
    choices: str
    coin: str
    greatest: float  # where the slider ends


@dataclass(frozen=True, eq=False, slots=True)
class StepView:
    """One picture of the state. Panels without a row yet are None."""

    header: HeaderView
    text: TextView
    status: StatusView
    detail: tuple[str, ...]  # parts in order of weight; the last are dropped where there is no room
    notice: str
    trouble: bool
    strip: StripView | None = None
    candidates: CandidatesView | None = None
    pictures: Mapping[str, Any] = field(default_factory=dict)  # by name, those that were asked for


Figure = tuple[tuple[str, str], ...]
"""One number of a column as (what it is, the number), from the form with the most room to the one with the least."""


@dataclass(frozen=True, eq=False, slots=True)
class ColumnView:
    """The text at one temperature, with its figures."""

    label: str  # "T 0.50"
    runs: tuple[Run, ...]
    shades: tuple[str, ...]  # per token
    figures: tuple[Figure, ...]


@dataclass(frozen=True, eq=False, slots=True)
class CompareView:
    """The columns of a comparison, and where they part."""

    columns: tuple[ColumnView, ...]
    parting: str
    chosen: int | None = None
