"""A comparison as plain data: each column's text and figures, where the columns part, and how far they are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

from ..models.compare import Column, Comparison
from ..models.percentages import temperature_label
from ..models.state import State
from ..models.vocabulary import Vocabulary
from .display import Run, flow
from .labels import spoken
from .picture_data import ColumnView, CompareView, Figure
from .renderables.compare import PARTING
from .renderables.formats import UNKNOWN, bits, count, counted, percent, percent_short
from .text_view import shade
from .view import header_view
from .viewdata import HeaderView


def compare_view(comparison: Comparison, chosen: int | None = None) -> CompareView:
    """The columns as they are, with the chosen one marked."""
    vocabulary = comparison.vocabulary
    columns = tuple(_column(column, vocabulary, comparison.parting, comparison.limit) for column in comparison.columns)
    return CompareView(columns, _parting(comparison), chosen)


def compare_header(s: State) -> HeaderView:
    """The main screen's first line, with how far the columns are while the engine has nothing else to say."""
    header, comparison = header_view(s)._replace(context=""), s.comparison
    if comparison is None or s.phase != "ready" or (s.work and s.work.total > 1):
        return header
    done, total = comparison.progress
    if comparison.path is None:
        return header._replace(status=f"{count(done)} tokens", mood="ready", fraction=None)
    if comparison.stopped:
        return header._replace(status=f"stopped at {count(done)}/{count(total)}", mood="trouble", fraction=None)
    return header._replace(status=f"{count(done)}/{count(total)} tokens", mood="busy", fraction=done / total)


@lru_cache(maxsize=16)
def _column(column: Column, vocabulary: Vocabulary, parting: int | None, limit: int) -> ColumnView:
    """Kept while the column is the same, so that only the one that grows is made anew."""
    pieces = map(vocabulary.piece, column.tokens)
    shades = tuple(
        "eog" if token in vocabulary.eog else shade(surprisal)
        for token, surprisal in zip(column.tokens, column.surprisal_bits, strict=True)
    )
    runs = tuple(_marked(flow(pieces), parting))
    return ColumnView(f"T {temperature_label(column.temperature)}", runs, shades, _figures(column, limit))


def _marked(runs: Iterator[Run], parting: int | None) -> Iterator[Run]:
    """The runs of a text, with the mark before the token at which the columns part."""
    for run in runs:
        if parting is not None and run.token_index >= parting:
            yield Run(parting, PARTING, stand_in=True)
            parting = None
        yield run


def _figures(column: Column, limit: int) -> tuple[Figure, ...]:
    return (
        _bits("mean surprisal", "surprisal", "surp.", column.mean_surprisal),
        _bits("mean entropy", "entropy", "entr.", column.mean_entropy),
        _perplexity(column.perplexity),
        (
            ("distinct tokens", percent(column.distinct_share, 0)),
            ("distinct", percent_short(column.distinct_share)),
            ("dist.", percent_short(column.distinct_share)),
        ),
        _length(column, limit),
    )


def _bits(long: str, short: str, shortest: str, value: float) -> Figure:
    said = bits(value)
    return (long, said), (short, said.removesuffix(" bits")), (shortest, _in_four_cells(value))


def _perplexity(x: float) -> Figure:
    said = UNKNOWN if math.isnan(x) else f"{x:.1e}" if x >= 1e6 else f"{x:.2f}" if x < 99.5 else f"{x:,.0f}"
    return ("perplexity", said), ("perplexity", said), ("perp.", _in_four_cells(x))


def _in_four_cells(x: float) -> str:
    """A number from 0 on where room is dear: "1.57", "15.2", "949", "4e4"; "0" only where it is 0."""
    if math.isnan(x):
        return UNKNOWN
    if x < 0.01:
        return "<.01" if x else "0"
    if x < 999.5:
        return f"{x:.2f}" if x < 9.995 else f"{x:.1f}" if x < 99.95 else f"{x:.0f}"
    digits, exponent = f"{x:.0e}".split("e")
    return f"{digits}e{int(exponent)}"


_ENDS = {
    "eog": ("ended by itself", "ended"),
    "limit": ("", ""),
    "context": ("context full", "full"),
    "failed": ("failed", "failed"),
}


def _length(column: Column, limit: int) -> Figure:
    n = len(column.tokens)
    tokens = counted(n, "token")
    why, briefly = _ENDS[column.end] if column.end else (f"of {count(limit)}", f"of {count(limit)}")
    if not n and not column.end:
        why = briefly = "waiting"
    return (tokens, why), (tokens, briefly), (count(n), briefly)


def _parting(comparison: Comparison) -> str:
    """A sentence: at which token the columns part, and what each takes there with the coin that all share."""
    at = comparison.parting
    if at is None:
        return "All columns are the same." if comparison.path is None else "The columns are the same so far."
    taken: dict[int, list[str]] = {}
    for column in comparison.columns:
        if at < len(column.tokens):
            taken.setdefault(column.tokens[at], []).append(temperature_label(column.temperature))
    names = "; ".join(
        f"{spoken(comparison.vocabulary, token)} at T {', '.join(labels)}" for token, labels in taken.items()
    )
    return f"{PARTING} They part at token {at + 1}, coin {comparison.coin(at):.3f}: {names}."
