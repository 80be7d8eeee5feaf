"""The mass strip: every candidate its share of one line, its name where there is room, and the coin below.

Borders are laid out in eighths of a cell. Each border is rounded by itself (widths rounded one by one would add up
their errors), so it stays within a sixteenth of a cell of the truth and the fixed coin below keeps pointing at its
token; only a small share that would vanish pushes its neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ..display import cell_len, fit
from .bars import EIGHTHS
from .formats import percent_short

StripRun = tuple[str, int, int]
"""(text, index of the segment in the foreground, of the one in the background).

Where both are the same the text is a name (or blank) on that segment's colour; else it is a left block between two.
"""

COIN = "▲"


class Segments(NamedTuple):
    """Shares in drawing order, the tail last; segment i ends at `ends[i]` eighths and begins where i - 1 ends."""

    shares: tuple[float, ...]
    ends: tuple[int, ...]

    def span(self, index: int) -> tuple[int, int]:
        """Begin and end of a segment, in eighths of a cell."""
        return (self.ends[index - 1] if index else 0), self.ends[index]


def layout_strip(probs: Sequence[float], cells: int) -> Segments:
    """Share out 8 * `cells` eighths, in the given order; the last of `probs` is the tail.

    The total is exact whatever the probabilities sum to. A share of half an eighth or more keeps an eighth, unless
    there are more of those than eighths. NaN and what is below 0 count as nothing; the last one takes what is left.
    """
    shares = tuple(min(p, 1.0) if p > 0 else 0.0 for p in probs)
    total, size, whole = 8 * max(cells, 0), len(shares), math.fsum(shares) or 1.0
    if not size:
        return Segments((), ())
    least = [1 if share / whole * total >= 0.5 else 0 for share in shares]
    if sum(least) > total:
        least = [0] * size
    ends, end, mass = [], 0, 0.0
    for share, need in zip(shares, least, strict=True):
        mass += share
        end = max(end + need, min(int(mass / whole * total + 0.5), total))
        ends.append(end)
    ends[-1] = total
    for index in range(size - 2, -1, -1):
        ends[index] = min(ends[index], ends[index + 1] - least[index + 1])
    return Segments(shares, tuple(ends))


def render_strip(segments: Segments, labels: Sequence[str], cells: int) -> list[StripRun]:
    """Runs that fill exactly `cells`: " ␣to 76%" where that fits, " ␣to" where only that does, else blank.

    `labels` are safe names, one per segment. A cell shared by two segments is a left block of the left one on the
    right one; of more than two, the two that cover most of it are drawn. Raises ValueError for a width other than
    the one laid out.
    """
    if cells <= 0 or not segments.ends:
        return []
    if segments.ends[-1] != 8 * cells:
        raise ValueError(f"the strip is laid out for {segments.ends[-1] // 8} cells, not for {cells}")
    whole, shared = _cells(segments)
    runs: list[StripRun] = []
    cell = 0
    while cell < cells:
        if cell in whole:
            index, end = whole[cell]
            runs.append((_name(segments, index, labels[index], end - cell), index, index))
            cell = end
            continue
        widest = sorted(shared[cell], key=lambda part: -part[1])[:2]
        (left, a), (right, b) = sorted(widest)
        runs.append((EIGHTHS[min(max(round(8 * a / (a + b)), 1), 7)], left, right))
        cell += 1
    return runs


def segment_at(segments: Segments, column: int) -> int | None:
    """The segment in the middle of a cell."""
    return next((i for i, end in enumerate(segments.ends) if end > 8 * column + 4), None)


def coin_marker(u: float, label: str, cells: int) -> str:
    """A line of exactly `cells` with ▲ under the cell where `u` of the strip lies, and the label beside it.

    The label stands right of it, else left of it, else on the wider side, shortened with ….
    """
    if cells <= 0:
        return ""
    at = min(max(math.floor(u * cells), 0), cells - 1)
    left, right, width = at, cells - at - 1, cell_len(label) + 1
    if width <= right or (width > left and right >= left):
        return " " * left + COIN + (" " + fit(label, right - 1) if right > 1 else " " * right)
    text = fit(label, min(width, left) - 1) + " " if left > 1 else " " * left
    return " " * (left - cell_len(text)) + text + COIN + " " * right


def _cells(segments: Segments) -> tuple[dict[int, tuple[int, int]], dict[int, list[tuple[int, int]]]]:
    """Who covers which cells: whole ones as {first cell: (segment, end)}, others as {cell: [(segment, eighths), …]}."""
    whole: dict[int, tuple[int, int]] = {}
    shared: dict[int, list[tuple[int, int]]] = {}
    start = 0
    for index, end in enumerate(segments.ends):
        first, last = -(-start // 8), end // 8
        if last > first:
            whole[first] = index, last
        if start % 8 and end > start:
            shared.setdefault(start // 8, []).append((index, min(end, 8 * first) - start))
        if end % 8 and end > max(start, 8 * last) and first <= last:
            shared.setdefault(last, []).append((index, end - 8 * last))
        start = end
    return whole, shared


def _name(segments: Segments, index: int, label: str, cells: int) -> str:
    """The longest text that fits, after a space that keeps neighbouring names apart."""
    for text in (f" {label} {percent_short(segments.shares[index])}", f" {label}"):
        if label and cell_len(text) <= cells:
            return text + " " * (cells - cell_len(text))
    return " " * cells
