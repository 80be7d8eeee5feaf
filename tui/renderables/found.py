"""The list of the tokens that were found."""

from __future__ import annotations

from ..display import fit
from ..picture_data import FoundRow, FoundView
from .formats import count, percent_cells, percent_column
from .lines import pad

Run = tuple[str, str]

_RANK, _ID = 9, 9


def found_lines(view: FoundView, width: int) -> list[list[Run]]:
    """A heading and the rows: rank, id, name, probability at T and at T = 1."""
    prob = percent_cells(2)
    name = max(8, width - 5 - _RANK - _ID - 2 * (prob + 2))
    found = f"{count(view.total)} found"
    heading = f"  {'rank':>{_RANK}} {'id':>{_ID}}  {fit(found, name)}{'now':>{prob + 2}}{'at T 1':>{prob + 2}}"
    return [pad([(heading, "label")], width), *(_line(row, name, width) for row in view.rows)]


def _line(row: FoundRow, name: int, width: int) -> list[Run]:
    role = "highlight" if row.highlighted else "name"
    dim = "highlight" if row.highlighted else "rank"
    rank = count(row.rank) if row.rank else "–"
    probs = f"  {percent_column(row.prob)}  {percent_column(row.plain)}" if row.rank else ""
    return pad(
        [
            ("▸ " if row.highlighted else "  ", "highlight"),
            (f"{rank:>{_RANK}} {row.token:>{_ID}}  ", dim),
            (fit(row.name, name), role),
            (probs, role),
        ],
        width,
    )
