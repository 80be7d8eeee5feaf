"""The candidates as rows: rank, name, probability, the bar over its ghost, what the coin and the person did.

Every column keeps its width while the numbers change; marks stand in columns of their own, so nothing is said by
colour alone.
"""

from __future__ import annotations

from functools import lru_cache

from ..display import cell_len, fit
from ..viewdata import CandidateRow, CandidatesView, RestRow
from .bars import bar_over_ghost, log_fraction
from .formats import count, percent_cells, percent_column
from .lines import keep_whole

Run = tuple[str, str]

LOG_DECADES = 9
"""The logarithmic bars begin at 10^-9."""

_LEAST_AHEAD, _LEAST_BAR, _GAP = 10, 4, 2
"""Cells: fewer say nothing of what would follow; a shorter bar tells no more than its number; between the two."""

_POINTER, _COIN, _TAKEN, _WALKED = "▸", "●", "◆", "◇"


def candidate_lines(view: CandidatesView, width: int) -> list[list[Run]]:
    """The window's rows, each exactly `width` cells, with a row for what is above and one for what is below."""
    columns = Columns(width, view.n_vocab, view.looks_ahead > 0)
    lines = [_rest_line(view.above, "above", view, columns)] if view.above else []
    lines += [_line(row, view, columns) for row in view.rows]
    if view.below:
        word = "cut" if view.below.cut else "below" if view.above else "others"
        lines.append(_rest_line(view.below, word, view, columns))
    return lines


def candidates_titles(view: CandidatesView, width: int) -> tuple[str, str]:
    """What stands in the frame above and below the rows, in the longest words that a panel so wide has room for."""
    room = max(0, width - 2)
    titles = [
        f"{who}{view.temperature}"
        + (f", {chain}{view.chain}" if view.chain else "")
        + (f"   {bars} {view.ghost}" if view.ghost else "")
        for who, chain, bars in (("Candidates at T ", "chain ", "░ and │"), ("T ", "chain ", "░ │"), ("T ", "", "░"))
    ]
    log = "log" if view.looks_ahead else "logarithmic"
    scale = f"10⁻⁷ to 100 %, {log}" if view.scale == "logarithmic" else "0 to 100 %"
    parts = [f"bars {scale}", "● coin ◆ taken ◇ other branch"]
    if view.chain and view.cut_hidden:
        parts.insert(0, "cut hidden")
    if view.looks_ahead:
        parts.insert(0, _ahead_said(view.looks_ahead, len(view.rows), Columns(width, view.n_vocab, True).joint > 0))
    return next((title for title in titles if cell_len(title) <= room), titles[-1]), keep_whole(parts, room)


def _ahead_said(followed: int, rows: int, joint: bool) -> str:
    who = f"the first {followed} go" if followed < rows else "each goes"
    return f"how {who} on at T 0" + (", p with that at T 1" if joint else "")


class Columns:
    """Where the columns of the candidates stand in a width."""

    def __init__(self, width: int, n_vocab: int, looks_ahead: bool = False) -> None:
        self.rank = len(count(n_vocab))
        self.prob = percent_cells(2)
        fixed = 2 + self.rank + 1 + 1 + self.prob + 2 + 3
        self.name = min(24, max(12, (width - fixed) // 4))
        self.room = max(0, width - fixed - self.name)
        self.bar, self.ahead, self.joint = _shared(self.room) if looks_ahead else (self.room, 0, 0)
        self.gap = self.room - self.bar - self.ahead - self.joint


def _shared(room: int) -> tuple[int, int, int]:
    """Cells for the bar, for what would follow and for the joint probability, which is there whole or not at all."""
    for joint in (1 + percent_cells(2), 0):
        bar = min(max(6, room // 5), room - _GAP - _LEAST_AHEAD - joint)
        if bar >= _LEAST_BAR:
            return bar, room - bar - _GAP - joint, joint
        if room - joint >= _LEAST_AHEAD:
            return 0, room - joint, joint
    return 0, room, 0


@lru_cache(maxsize=4096)
def _bar(prob: float, ghost: float, scale: str, cells: int) -> tuple[Run, ...]:
    if scale == "logarithmic":
        floor = 10.0**-LOG_DECADES
        prob, ghost = log_fraction(prob, floor), log_fraction(ghost, floor)
    return tuple(bar_over_ghost(prob, ghost, cells))


def _line(row: CandidateRow, view: CandidatesView, columns: Columns) -> list[Run]:
    role = "highlight" if row.highlighted else "cut" if row.cut_by else "eog" if row.eog else "name"
    mark = _TAKEN if row.taken else _WALKED if row.walked else " "
    bar, ahead = _bar(row.prob, row.ghost, view.scale, columns.bar), _ahead(row, columns)
    if row.cut_by:
        bar, ahead = _cut_bar(row, bar, columns, ahead)
    if row.highlighted:
        bar = tuple((text, f"{kind}-highlight" if kind in ("bar", "mark") else kind) for text, kind in bar)
    return [
        (_POINTER if row.highlighted else " ", "highlight"),
        (count(row.rank).rjust(columns.rank + 1) + " ", "highlight" if row.highlighted else "rank"),
        (fit(row.name, columns.name), role),
        (" " + percent_column(row.prob) + "  ", "highlight" if row.highlighted else "cut" if row.cut_by else "prob"),
        *bar,
        *ahead,
        (" ", "empty"),
        (mark, "taken"),
        (_COIN if row.coin else " ", "coin"),
    ]


def _ahead(row: CandidateRow, columns: Columns) -> list[Run]:
    """What would follow the candidate and the joint probability, in columns of their own."""
    if not columns.ahead:
        return []
    prob = "" if row.ahead_prob is None else percent_column(row.ahead_prob)
    return [
        (" " * columns.gap, "empty"),
        (fit(row.ahead, columns.ahead), "ahead"),
        (prob.rjust(columns.joint) if columns.joint else "", "rank"),
    ]


def _cut_bar(
    row: CandidateRow, bar: tuple[Run, ...], columns: Columns, ahead: list[Run]
) -> tuple[tuple[Run, ...], list[Run]]:
    """The ghost of a token that was cut, and the name of the stage that cut it after it.

    A name too long for the bar has the room of what would follow, since a cut token is not drawn.
    """
    label, cells = f"cut by {row.cut_by}", columns.bar
    if len(label) > cells:
        cells, ahead = columns.room, []
    shade = sum(len(text) for text, kind in bar if kind == "ghost")
    ghost = "░" * min(shade, max(0, cells - len(label) - 1))
    rest = cells - len(ghost)
    return ((ghost, "ghost"), (fit(f" {label}" if ghost else label, rest), "cut")), ahead


def _rest_line(rest: RestRow, word: str, view: CandidatesView, columns: Columns) -> list[Run]:
    name = f"{count(rest.tokens)} {word}"
    bar = [
        (text, {"bar": "rest", "mark": "mark-rest"}.get(kind, kind))
        for text, kind in _bar(rest.prob, rest.ghost, view.scale, columns.bar)
    ]
    return [
        (" " * (columns.rank + 3 - max(0, len(name) - columns.name)), "rank"),
        (fit(name, max(columns.name, len(name))), "rank"),
        (" " + percent_column(rest.prob) + "  ", "rank"),
        *bar,
        (" " * (columns.room - columns.bar), "empty"),
        *([("  ", "empty"), (_COIN, "coin")] if rest.coin else [("   ", "empty")]),
    ]
