"""The text: tokens shaded by surprisal, with a cursor that walks them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from textual.events import Click, MouseScrollDown, MouseScrollUp

from ...models import actions as act
from ..renderables.text import Line, Piece, Wrapping
from ..viewdata import BORDER, TextView
from .panels import Asked
from .picture import Picture

Run = tuple[str, str]

CARET = "▌"


def _last_token(line: Line) -> float:
    """The last token with a part on a line. A line without any, after a break, is the last one."""
    return line[-1].token if line else math.inf


def _cursor(lines: Sequence[Line], token: int) -> tuple[int, Piece | None]:
    """The line of the cursor, which stands on a token: where its letters begin.

    A token without a cell of its own (no bytes, a mark that joins the one before, a space that broke the line) stands
    on a block: then the piece that is drawn so.
    """
    at = min(bisect_left(lines, token, key=_last_token), len(lines) - 1)
    # The space that a token begins with may be at the end of the line before, or be its end.
    pieces = []
    for y in range(at, len(lines)):
        pieces += [(y, piece) for piece in lines[y] if piece.token == token]
        if _last_token(lines[y]) > token:
            break
    seen = [(y, piece) for y, piece in pieces if piece.cells]
    for y, piece in seen:
        if not piece.text.isspace():
            return y, None
    return (seen[0][0], None) if seen else pieces[0] if pieces else (at, None)


class TextPane(Picture):
    """As many lines as fit, those around the cursor."""

    can_focus = True

    _wrapping = Wrapping(0)
    _first = 0

    def _lines(self, data: TextView, width: int) -> list[Line]:
        """The wrapped text; kept while neither it nor the width changes."""
        if self._wrapping.width != max(1, width - 1):
            self._wrapping = Wrapping(max(1, width - 1))
        return self._wrapping.of(data.runs)

    def rows(self, data: TextView, width: int, height: int) -> list[list[Run]]:
        lines = self._lines(data, width)
        at, block = _cursor(lines, data.caret)
        self._first = min(max(0, at - height + 1 if at >= self._first + height else min(self._first, at)), at)
        self._first = min(self._first, max(0, len(lines) - height))  # no room stays empty while there is text above
        stop = min(len(lines), self._first + height)
        return [self._row(lines[y], data, width, at == y, block) for y in range(self._first, stop)]

    def _row(self, line: Line, data: TextView, width: int, has_caret: bool, block: Piece | None) -> list[Run]:
        runs: list[Run] = []
        used = 0
        for piece in line:
            if piece is block:
                runs.append((CARET + piece.text, "caret"))
                used += 1
                continue
            role = data.shades[piece.token] if piece.token < len(data.shades) else "prompt"
            if piece.stand_in:
                role = "track" if piece.text == BORDER else "stand-in"
            runs.append((piece.text, "caret" if piece.token == data.caret else role))
            used += piece.cells
        if has_caret and data.caret >= len(data.shades):
            runs.append((CARET, "caret-end"))
            used += 1
        runs.append((" " * (width - used), "plain"))
        return [run for run in runs if run[0]]

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or self.data is None:
            return
        lines = self._lines(self.data, self.size.width)
        if self._first + offset.y >= len(lines):
            return
        _, block = _cursor(lines, self.data.caret)
        x = 0
        for piece in lines[self._first + offset.y]:
            cells = 1 if piece is block else piece.cells
            if x <= offset.x < x + cells:
                # The cursor stands before the token that was clicked: there it was taken.
                node = self.data.nodes[piece.token]
                self.post_message(Asked(act.GoToBefore(node)))
                return
            x += cells

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.post_message(Asked(act.Walk(-1)))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.post_message(Asked(act.Walk(1)))
