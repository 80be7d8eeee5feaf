"""The tree as rows: guides, marks and text of each branch, its figures in columns that stand still."""

from __future__ import annotations

from ..display import cell_len, fit
from ..tree_data import TreeLine, TreeView
from .formats import percent_cells
from .lines import keep_whole, pad

Run = tuple[str, str]

_COLUMNS = (("first p", percent_cells(2) + 1), ("tokens", 8), ("joint ln p", 12), ("bits/token", 12))
"""Heading and cells of each column of figures, a space included; the first is about a branch's first token alone."""

_MARKS = ("▌ cursor  ◆ on view  ▪ marked", "first token: ● by the coin  ✎ by hand")


def marks_said(width: int) -> str:
    """What the marks mean, below rows so wide."""
    return keep_whole(_MARKS, max(0, width - 2), "  ")


_FIGURES = sum(cells for _, cells in _COLUMNS)
_BEFORE = 3  # the pointer, where the cursor and the text on view are, a space


def text_cells(width: int) -> int:
    """The cells that guides, marks and text have."""
    return max(8, width - _BEFORE - _FIGURES)


def tree_lines(view: TreeView, width: int) -> list[list[Run]]:
    """The heading and a row per branch, each exactly `width` cells."""
    return [_heading(width), *(_row(line, width) for line in view.lines)]


def _heading(width: int) -> list[Run]:
    columns = "".join(fit(name, cells, align="right") for name, cells in _COLUMNS)
    return pad([(fit("   branch", width - _FIGURES), "label"), (columns, "label")], width)


def before_text(line: TreeLine, room: int) -> list[Run]:
    """What stands before the text of a branch: guides, marks, its name."""
    runs: list[Run] = [(_guides(line, room), "track")]
    if line.folded:
        runs.append((f"{line.folded} ", "coin"))
    if line.marked:
        runs.append(("▪ ", "coin"))
    if line.origin:
        runs.append(("● ", "coin") if line.origin == "coin" else ("✎ ", "taken"))
    if line.name:
        runs.append((f"“{line.name}” ", "highlight"))
    return runs


def _row(line: TreeLine, width: int) -> list[Run]:
    room = text_cells(width)
    way = ("▌", "caret-end") if line.here else ("◆", "taken") if line.on_view else (" ", "plain")
    figures = (line.prob, line.tokens, line.logprob, line.surprisal)
    role = "highlight" if line.highlighted else "number"
    return [
        ("▸" if line.highlighted else " ", "highlight"),
        way,
        (" ", "plain"),
        *_cut([*before_text(line, room), *line.text], room),
        *((fit(figure, cells, align="right"), role) for figure, (_, cells) in zip(figures, _COLUMNS, strict=True)),
    ]


def _guides(line: TreeLine, room: int) -> str:
    """The lines that lead to a branch; far down only those of the last levels, after a ⋯."""
    if not line.guides:
        return ""
    levels, most = line.guides[:-1], max(1, room // 4 - 2)
    above = levels[-most:]
    cut = "⋯ " if len(above) < len(levels) else ""
    return cut + "".join("│ " if more else "  " for more in above) + ("├╴" if line.guides[-1] else "└╴")


def _cut(runs: list[Run], room: int) -> list[Run]:
    """The runs in exactly `room` cells; what is missing is an ellipsis."""
    if sum(cell_len(text) for text, _ in runs) <= room:
        return pad(runs, room)
    kept, left = [], room
    for text, role in runs:
        if cell_len(text) >= left:
            return [*kept, (fit(text + " ", left), role)]
        kept.append((text, role))
        left -= cell_len(text)
    return kept
