"""What the pictures, the dialogs and the comparison show, as plain data. Nothing here computes.

Apart from `viewdata.py`, since the first frame has no use for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .display import Run


@dataclass(frozen=True, slots=True)
class HistogramView:
    """The whole vocabulary: (mass, tokens) per decade of probability, from 10 % down; and the tokens the chain cut."""

    decades: tuple[tuple[float, int], ...]
    cut: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class WatchLine:
    """A watched token, or several as one, at T = 1 without a chain; NaN where the row was not seen.

    `probs` and `ranks` are those before every token of the text that is not the prompt's, and after the last.
    """

    mark: str  # "a" … "e"
    name: str
    probs: tuple[float, ...]
    ranks: tuple[float, ...]
    plain: float  # the probability at the cursor
    rank: float  # there
    now: float  # the probability there with the current settings


@dataclass(frozen=True, eq=False, slots=True)
class TimelineView:
    """Surprisal and entropy (bits, at T = 1) of the tokens of the text, and where the cursor stands among them.

    Positions count from 1 at the first token after the prompt; those of the prompt are 0 and less.
    """

    surprisals: tuple[float, ...]
    entropies: tuple[float, ...]
    cursor: int  # the position before it
    watched: tuple[WatchLine, ...] = ()
    settings: str = ""  # "T 2.00, chain llama.cpp": what the watches' numbers now are with
    logarithmic: bool = False  # the scale of the watches' probabilities
    n_vocab: int = 1
    first: int = 1  # position of the first token
    stem: int = 0  # the last position that is the prompt's
    hint: str = ""  # what to do where there is nothing to show


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
    mark: str = ""  # on the line, of a watched token; the rank is that of others


@dataclass(frozen=True, eq=False, slots=True)
class SweepView:
    """Probabilities and entropy against the temperature, from 0 to 5."""

    temperature: float
    label: str
    watched: tuple[SweepLine, ...]
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
    chained: bool  # there are samplers, which this picture leaves out


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


@dataclass(frozen=True, slots=True)
class MovedRow:
    """One token whose logit a stage moved."""

    name: str
    stage: str
    by: float
    why: str  # which earlier tokens are the cause
    highlighted: bool


@dataclass(frozen=True, eq=False, slots=True)
class ChainView:
    """The chain, stage by stage in order, and the tokens whose logits it moved most."""

    preset: str
    stages: tuple[StageRow, ...]
    n_vocab: int
    moved: tuple[MovedRow, ...] = ()
    n_moved: int = 0
    hint: str = ""  # what to do where there is no chain


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
