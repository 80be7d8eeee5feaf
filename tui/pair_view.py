"""Two branches side by side as plain data: where they part, then token by token, totals at the end."""

from __future__ import annotations

import math
from itertools import zip_longest

from ..models.branch_pair import Pair, Total, pair_of, surprisal_of, total
from ..models.softmax import LN2
from ..models.state import State
from ..models.trace import ROOT
from ..models.tree_actions import highlighted
from .display import display
from .labels import name_of
from .renderables.formats import UNKNOWN, bits, count, counted, natural_log, percent
from .text_view import shade
from .tree_data import PairCell, PairRow, PairView


def ends(s: State) -> tuple[int, int] | None:
    """The marked node and the selected one, if there are two to set side by side."""
    marked, selected = s.overview.marked, highlighted(s).node
    return None if marked is None or marked not in s.trace.nodes or marked == selected else (marked, selected)


def pair_view(s: State, left: int, right: int, first: int, height: int) -> PairView:
    """`height` rows of tokens from the row `first` on."""
    pair = pair_of(s.trace, left, right)
    start = s.trace[pair.common].depth
    ways = list(zip_longest(pair.left[first : first + height], pair.right[first : first + height]))
    rows = [
        PairRow(start + first + i + 1, _cell(s, one), _cell(s, other)) for i, (one, other) in enumerate(ways)
    ]  # positions count from 1
    n = max(len(pair.left), len(pair.right))
    return PairView(
        (_heading(s, left, "marked"), _heading(s, right, "highlighted")),
        tuple(rows),
        _totals(s, pair, left, right),
        max(0, n - first - height),
    )


def parting(s: State, left: int, right: int) -> str:
    """A sentence: the two tokens chosen where they part, with their probabilities."""
    pair = pair_of(s.trace, left, right)
    after = s.trace[pair.common].depth
    where = f"after {counted(after, 'token')}" if after else "right after the prompt"
    if pair.common < ROOT:
        n = len(s.trace.given)
        where = f"inside the prompt, after {count(n + pair.common)} of its {count(n)} tokens"
    elif s.trace.stem(pair.common) < ROOT:
        where = f"on a branch from inside the prompt, {_taken(s, pair.common)} after it begins"
    if not pair.parts:
        longer = "right" if pair.right else "left"
        return f"They do not part: the {longer} one goes on where the other ends, {where}."
    return f"They part {where}: left {_choice(s, pair.left[0])}, right {_choice(s, pair.right[0])}."


def _taken(s: State, node: int) -> str:
    return counted(len(s.trace.ancestors(node)), "token")


def _bits(s: State, node: int) -> float:
    return surprisal_of(s.trace, s.readings.get(s.trace.given), node)


def _choice(s: State, node: int) -> str:
    return f"“{_name(s, node)}” {percent(2.0 ** -_bits(s, node))}"


def _name(s: State, node: int) -> str:
    return name_of(s.info.vocabulary, s.trace[node].token) if s.info else ""


def _heading(s: State, node: int, which: str) -> str:
    """The last name on the way to a node."""
    while node > ROOT and not s.trace[node].name:
        node = s.trace[node].parent
    name = s.trace[node].name if node > ROOT else ""
    return f"“{display(name, max_cells=40)}” ({which})" if name else which


def _cell(s: State, node: int | None) -> PairCell | None:
    if node is None or s.info is None:
        return None
    at = s.trace[node]
    surprisal = _bits(s, node)
    role = "eog" if at.token in s.info.vocabulary.eog else shade(surprisal)
    return PairCell(_name(s, node), surprisal, role)


def _totals(s: State, pair: Pair, left: int, right: int) -> tuple[tuple[str, str, str], ...]:
    reading = s.readings.get(s.trace.given)
    since = [total(s.trace, reading, pair.common, end) for end in (left, right)]
    whole = [total(s.trace, reading, s.trace.stem(end), end) for end in (left, right)]
    return (
        ("parted", _said(since[0]), _said(since[1])),
        ("in all", _said(whole[0]), _said(whole[1])),
    )


def _said(of: Total) -> str:
    if not of.tokens or math.isnan(of.bits):
        return UNKNOWN
    return f"{count(of.tokens)} tok · ln p {natural_log(-of.bits * LN2)} · {bits(of.mean_bits)}"
