"""The columns of a comparison side by side: heading, shaded text, figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ..display import cell_len, fit
from ..picture_data import ColumnView, CompareView
from .lines import pad
from .text import Line, wrap

Run = tuple[str, str]

PARTING = "┃"
"""Stands before the token at which the columns part."""

MEASURED = "at T=1"
"""How the figures of all columns are measured, whatever their text was drawn with."""

_BETWEEN: Run = (" │ ", "track")
_CROSSING: Run = ("─┼─", "track")
_NUMBERS = (10, 7, 4)
"""Cells for a number in each form, so that it does not move as it grows."""


def compare_lines(view: CompareView, width: int, height: int | None = None, first: int = 0) -> list[list[Run]]:
    """All columns in rows of `width` cells: their text from the line `first` on, the figures at the bottom.

    Without a height as many rows as the longest text takes.
    """
    wide = _column_cells(view, width)
    texts = [_wrapped(column, wide) for column in view.columns]
    figures = _figures(view.columns, wide)
    room = max(map(len, texts)) if height is None else text_room(view, height)
    bodies = [_window(text, column, first, room, wide) for text, column in zip(texts, view.columns, strict=True)]
    headings = [_heading(column, view.chosen, i, wide) for i, column in enumerate(view.columns)]
    above, below = [headings, *zip(*bodies, strict=True)], figures
    rule = [_rule(wide) for _ in view.columns]
    return [
        *(pad(_beside(row, _BETWEEN), width) for row in above),
        pad(_beside(rule, _CROSSING), width),
        *(pad(_beside(row, _BETWEEN), width) for row in below),
    ]


def text_room(view: CompareView, height: int) -> int:
    """How many lines of text fit into a picture of this height, beside the heading, the rule and the figures."""
    return max(1, height - 2 - len(view.columns[0].figures))


def text_lines(view: CompareView, width: int) -> int:
    """How many lines the longest text takes."""
    return max(len(_wrapped(column, _column_cells(view, width))) for column in view.columns)


def column_at(x: int, view: CompareView, width: int) -> int:
    """The index of the column that is drawn at a cell."""
    return min(max(0, x) // (_column_cells(view, width) + cell_len(_BETWEEN[0])), len(view.columns) - 1)


def _column_cells(view: CompareView, width: int) -> int:
    """The cells of a column's text."""
    n = len(view.columns)
    return max(1, (width - cell_len(_BETWEEN[0]) * (n - 1)) // n)


def _heading(column: ColumnView, chosen: int | None, index: int, wide: int) -> list[Run]:
    if chosen is None:
        return [(fit(column.label, wide), "name")]
    mark = "▸ " if chosen == index else "  "
    return [(fit(mark + column.label, wide), "highlight" if chosen == index else "name")]


@lru_cache(maxsize=16)
def _wrapped(column: ColumnView, wide: int) -> list[Line]:
    return wrap(column.runs, wide)


def _window(text: list[Line], column: ColumnView, first: int, room: int, wide: int) -> list[list[Run]]:
    """The lines of a text that are in sight; the last of them says what is not."""
    lines = [_line(line, column, wide) for line in text[first : first + room]]
    below = len(text) - first - room
    if below > 0:
        said = f"↓ {below + 1} more lines"
        lines[-1] = [(fit(said if cell_len(said) <= wide else said.removesuffix(" lines"), wide), "dim")]
    return lines + [[(" " * wide, "plain")]] * (room - len(lines))


def _line(line: Line, column: ColumnView, wide: int) -> list[Run]:
    runs: list[Run] = []
    for piece in line:
        if piece.stand_in:
            role = "coin" if piece.text == PARTING else "stand-in"
        else:
            role = column.shades[piece.token]
        if piece.text:
            runs.append((piece.text, role))
    return pad(runs, wide)


def _rule(wide: int) -> list[Run]:
    """What divides text and figures, and says at which temperature these are measured."""
    if wide < len(MEASURED) + 4:
        return [("─" * wide, "track")]
    return [("── ", "track"), (MEASURED, "label"), (" " + "─" * (wide - len(MEASURED) - 4), "track")]


def _figures(columns: Sequence[ColumnView], wide: int) -> list[list[list[Run]]]:
    """Per figure a row of cells, all in the longest form that fits."""
    form = next((i for i in range(len(_NUMBERS)) if _cells(columns, i) <= wide), len(_NUMBERS) - 1)
    cells = min(_cells(columns, form), wide)
    rows = range(len(columns[0].figures))
    return [[_figure(column.figures[i][form], cells, wide) for column in columns] for i in rows]


def _cells(columns: Sequence[ColumnView], form: int) -> int:
    """The cells that the widest figure takes in a form."""
    figures = [figure[form] for column in columns for figure in column.figures]
    names = max(cell_len(name) for name, value in figures if value)
    return max(names + 1 + _NUMBERS[form], *(cell_len(name) + 1 + cell_len(value) for name, value in figures))


def _figure(figure: tuple[str, str], cells: int, wide: int) -> list[Run]:
    name, value = figure
    return pad([(name, "label"), (fit(value, max(0, cells - cell_len(name)), align="right"), "number")], wide)


def _beside(cells: Sequence[list[Run]], between: Run) -> list[Run]:
    row: list[Run] = []
    for cell in cells:
        row += [between, *cell] if row else cell
    return row
