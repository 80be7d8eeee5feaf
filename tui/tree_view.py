"""The tree as plain data: the branches that are in sight, and the selected token in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from ..models.branch_pair import total
from ..models.branches import TreeRow, TreeRows, stretch
from ..models.percentages import temperature_label
from ..models.softmax import LN2
from ..models.state import State
from ..models.trace import ROOT, Trace
from ..models.tree_actions import Highlighted, highlighted
from ..models.vocabulary import Vocabulary
from .display import cell_len, display, flow
from .labels import name_of, spoken
from .renderables.formats import UNKNOWN, bits, count, counted, natural_log, percent
from .renderables.tree import before_text
from .text_view import shade
from .tree_data import Text, TreeLine, TreeView

NAME_CELLS = 24


def tree_view(s: State, first: int, height: int, cells: int) -> TreeView:
    """`height` rows from the row `first` on, each with about `cells` cells of text."""
    here, trace = highlighted(s), s.trace
    vocabulary = s.info.vocabulary if s.info else _NO_VOCABULARY
    cursor = _place(here.rows, trace, trace.cursor)
    marked = _place(here.rows, trace, s.overview.marked) if s.overview.marked in trace.nodes else None
    lines = []
    for place in range(first, min(first + height, len(here.rows.rows))):
        marks = (place == cursor, place == marked)
        selected = here.token if place == here.place else None
        lines.append(_line(trace, vocabulary, here.rows.rows[place], selected, marks, cells))
    n = sum(row.branch.head > ROOT for row in here.rows.rows)
    title = f"Tree · {counted(n, 'branch', 'branches')} · {counted(trace.n_taken, 'token')}"
    order = "most probable first" if s.overview.by_probability else "in the order taken"
    return TreeView(tuple(lines), title, order, _detail(s, here))


_NO_VOCABULARY = Vocabulary.of(())


@lru_cache(maxsize=8)
def _place(rows: TreeRows, trace: Trace, node: int) -> int:
    return rows.of_node(trace, node)


@lru_cache(maxsize=512)
def _line(
    trace: Trace, vocabulary: Vocabulary, row: TreeRow, selected: int | None, marks: tuple[bool, bool], cells: int
) -> TreeLine:
    """One row, with the selected token if it is the highlighted one. Kept, since a key changes two of them."""
    head = trace[row.branch.head]
    prompt = row.branch.head <= ROOT
    cost = total(trace, None, head.parent, row.branch.end)
    line = TreeLine(
        head=row.branch.head,
        guides=row.guides,
        text=(),
        prob="" if prompt else percent(2.0**-head.surprisal_bits),
        tokens=count(len(stretch(trace, row.branch.head)) if prompt else cost.tokens),
        logprob="" if prompt else natural_log(-cost.bits * LN2),
        surprisal="" if prompt else bits(cost.mean_bits).removesuffix(" bits"),
        origin="" if head.drawn is None else "hand" if head.drawn.coin is None else "coin",
        name=display(head.name, max_cells=NAME_CELLS),
        folded=f"+{count(row.folded)}" if row.folded else "",
        highlighted=selected is not None,
        marked=marks[1],
        on_view=row.branch.head <= trace.line[0] or row.branch.head in _on_view(trace),
        here=marks[0],
    )
    room = max(8, cells - sum(cell_len(text) for text, _ in before_text(line, cells)))
    return replace(line, text=_text(trace, vocabulary, row, selected, room))


@lru_cache(maxsize=1)
def _on_view(trace: Trace) -> frozenset[int]:
    return frozenset(trace.line)


def _text(trace: Trace, vocabulary: Vocabulary, row: TreeRow, selected: int | None, cells: int) -> Text:
    """The first token of a branch and what follows it, or what leads to the selected token where that is far on."""
    if not len(vocabulary):
        return ()
    if row.branch.head <= ROOT:
        return _runs(vocabulary, stretch(trace, row.branch.head)[:cells], None, 0, lambda i: "prompt") or (
            ("the empty prompt", "dim"),
        )
    ids = row.branch.ids

    def role(i: int) -> str:
        node = trace[ids[i]]
        return "eog" if node.token in vocabulary.eog else shade(node.surprisal_bits)

    def piece(i: int) -> int:
        return trace[ids[i]].token

    # The token chosen at the fork is shown by its name, as the candidates show it.
    head = (name_of(vocabulary, piece(0)), "caret" if selected == 0 else role(0))
    room = cells - cell_len(head[0])
    first, between = 1, ()
    if selected and not _fits(vocabulary, [piece(i) for i in range(1, min(selected, cells) + 1)], room, selected):
        first, between, room = selected, ((" … ", "dim"),), room - 4 - _cells(vocabulary, piece(selected))
        while first > 1 and room >= (wide := _cells(vocabulary, piece(first - 1))):
            first, room = first - 1, room - wide
    stop = min(len(ids), first + cells)
    return (head, *between, *_runs(vocabulary, [piece(i) for i in range(first, stop)], selected, first, role))


def _cells(vocabulary: Vocabulary, token: int) -> int:
    return max(1, cell_len(display(vocabulary.piece(token), max_cells=None)))


def _fits(vocabulary: Vocabulary, tokens: Sequence[int], room: int, selected: int) -> bool:
    """All tokens up to the selected one have room."""
    return len(tokens) == selected and sum(_cells(vocabulary, token) for token in tokens) <= room


def _runs(vocabulary: Vocabulary, tokens: Sequence[int], selected: int | None, first: int, role) -> Text:
    """The tokens as runs; the selected one, counted from `first`, stands out even if it has no cells."""
    runs = []
    for run in flow(map(vocabulary.piece, tokens)):
        index = first + run.token_index
        kind = "caret" if index == selected else "stand-in" if run.stand_in else role(index)
        if run.text or index == selected:
            runs.append((run.text or " ", kind))
    return tuple(runs)


def _detail(s: State, here: Highlighted) -> tuple[str, ...]:
    """The selected token: how it came to be, and the way to it from the prompt."""
    if s.info is None:
        return ()
    node = s.trace[here.node]
    if here.node <= ROOT:
        n = len(s.trace.given)
        upto = f"the first {count(n + here.node)} of " if here.node < ROOT else ""
        return (f"the prompt, {upto}{counted(n, 'token')}",)
    n = len(s.trace.ancestors(here.node))
    name = f"“{display(s.trace[here.head].name, max_cells=40)}”: " if s.trace[here.head].name else ""
    return (
        f"{name}{spoken(s.info.vocabulary, node.token)} {_origin(s, here.node)}",
        f"p {percent(2.0**-node.surprisal_bits)} at T 1",
        f"{count(n)} from the prompt on: ln p {natural_log(-node.path_bits * LN2)}",
        f"{bits(node.path_bits / n)} a token",
        f"id {node.token}",
    )


def _origin(s: State, node: int) -> str:
    drawn = s.trace[node].drawn
    if drawn is None:
        return UNKNOWN
    t = temperature_label(drawn.temperature)
    return f"taken by hand at T {t}" if drawn.coin is None else f"drawn at T {t}, coin {drawn.coin:.3f}"
