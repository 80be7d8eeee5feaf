"""The text: tokens shaded by surprisal, with a cursor that walks them."""

from __future__ import annotations

import math
from bisect import bisect_left

from textual.events import Click, MouseScrollDown, MouseScrollUp

from ...models import actions as act
from ..renderables.text import Line, Wrapping
from ..viewdata import BORDER, TextView
from .panels import Asked
from .picture import Picture

Run = tuple[str, str]

CARET = "▌"


def _last_token(line: Line) -> float:
    """The last token with a part on a line. A line without any, after a break, is the last one."""
    return line[-1].token if line else math.inf


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
        at = min(bisect_left(lines, data.caret, key=_last_token), len(lines) - 1)
        self._first = min(max(0, at - height + 1 if at >= self._first + height else min(self._first, at)), at)
        stop = min(len(lines), self._first + height)
        return [self._row(lines[y], data, width, at == y) for y in range(self._first, stop)]

    def _row(self, line: Line, data: TextView, width: int, has_caret: bool) -> list[Run]:
        runs: list[Run] = []
        used = 0
        for piece in line:
            role = data.shades[piece.token] if piece.token < len(data.shades) else "prompt"
            if piece.token == data.caret:
                # What has no cell of its own (no bytes, a mark that joins the token before) stands on a block.
                runs.append((piece.text if piece.cells else CARET + piece.text, "caret"))
                used += piece.cells or 1
                continue
            stand_in = "track" if piece.text == BORDER else "stand-in"
            runs.append((piece.text, stand_in if piece.stand_in else role))
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
        x = 0
        for piece in lines[self._first + offset.y]:
            if x <= offset.x < x + piece.cells:
                # The cursor stands before the token that was clicked: there it was taken.
                node = self.data.nodes[piece.token]
                self.post_message(Asked(act.GoToBefore(node)))
                return
            x += piece.cells

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.post_message(Asked(act.Walk(-1)))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.post_message(Asked(act.Walk(1)))
