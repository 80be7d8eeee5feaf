"""What the tree and two of its branches side by side are drawn from, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

Text = tuple[tuple[str, str], ...]
"""Stretches of safe text with the role of each."""


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One branch. Figures are ready to be drawn and empty where there is nothing to say."""

    head: int  # the node it begins with
    guides: tuple[bool, ...]  # per level above it whether more follows there; the last is its own
    text: Text
    prob: str  # of its first token
    tokens: str
    logprob: str  # of all its tokens together
    surprisal: str  # mean, bits a token
    origin: str  # "coin", "hand" or ""
    name: str = ""
    folded: str = ""  # how many branches are hidden after it
    highlighted: bool = False
    marked: bool = False  # the mark is in it
    on_view: bool = False  # it is on the way of the text on view
    here: bool = False  # the cursor is in it


@dataclass(frozen=True, slots=True)
class TreeView:
    """The rows in sight."""

    lines: tuple[TreeLine, ...]
    title: str
    order: str
    detail: tuple[str, ...]  # of the selected token, in order of weight


@dataclass(frozen=True, slots=True)
class PairCell:
    """One token of one branch."""

    name: str
    bits: float  # surprisal; NaN for a token of the prompt that was not read
    role: str  # its shade


@dataclass(frozen=True, slots=True)
class PairRow:
    """The tokens of both branches at one position; None where one has ended."""

    position: int
    left: PairCell | None
    right: PairCell | None


@dataclass(frozen=True, slots=True)
class PairView:
    """Two branches from where they part, the rows in sight."""

    headings: tuple[str, str]
    rows: tuple[PairRow, ...]
    totals: tuple[tuple[str, str, str], ...]  # what, left, right
    below: int  # rows that do not fit
