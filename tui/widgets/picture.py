"""The base of every panel: rows of runs inside a frame, drawn line by line.

A panel gets its data by assignment, asks a pure function of `renderables/` for rows of (text, role), and maps each
role to a style of the theme. Styles are resolved once per theme, rows once per change of data or size; a line that is
as it was is neither made nor painted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import zip_longest
from typing import Any, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.style import Style as VisualStyle

from ..renderables.frame import Frame
from ..roles import spelled
from .direct import Line, LinesWidget

Run = tuple[str, str]
Rows = Sequence[Sequence[Run]]


class Drawn(NamedTuple):
    """Data and its rows in a panel of some size."""

    data: Any
    size: Size
    rows: Rows


class Picture(LinesWidget):
    """A panel that shows `data`. A subclass says how in `rows`."""

    @property
    def data(self) -> Any:
        """What is shown. Not a reactive of Textual's, whose bookkeeping costs more than most panels' drawing."""
        return self._data

    @data.setter
    def data(self, new: Any) -> None:
        old, self._data = self._data, new
        if new is not old:
            self.changed(new)

    _data: Any = None

    def rows(self, data: Any, width: int, height: int) -> Rows:
        """The rows of runs for this data and size, each exactly `width` cells wide."""
        raise NotImplementedError

    # ---- what changes ----------------------------------------------------------------------------------------------

    _drawn: Rows | None = None
    _strips: list[Strip] | None = None  # as they stand on the screen, with the frame
    _frame: Frame | None = None

    def changed(self, new: Any) -> None:
        """Draw the new rows, and have only those painted that are not as they were."""
        self._fit()
        before, self._drawn = self._drawn, None
        if before is None or self._strips is None:
            self._strips = None
            self.refresh()
            return
        now, frame = self._current(), self._room
        changed = [y for y, (was, row) in enumerate(zip_longest(before, now)) if was != row]
        for y in changed:
            self._strips[y + frame.drawn] = self._line(now[y] if y < len(now) else [(" " * frame.width, "plain")])
        self.repaint_lines([y + frame.drawn for y in changed])

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips = self._frame = None
        self._styles.clear()

    def on_resize(self) -> None:
        self._forget()

    def _fit(self) -> None:
        """Forget what was made for another size: a layout tells of itself by an event, which may come later."""
        if self._frame is not None and self._frame[:2] != self.size:
            self._forget()

    def _forget(self) -> None:
        self._drawn = self._strips = self._frame = None

    def title(self, title: str, subtitle: str | Sequence[Run] = "") -> None:
        """Write on the frame; what is there already is not painted again."""
        new = (title, [(subtitle, "frame-subtitle")] if isinstance(subtitle, str) else list(subtitle))
        if new == self._title:
            return
        self._title = new
        frame = self._room
        if self._strips is None or not frame.drawn:
            return
        for at, y, edge in ((0, -1, frame.top(title)), (-1, frame.height, frame.bottom(new[1]))):
            strip = self._strip(edge, frame.cells)
            if self._strips[at] != strip:
                self._strips[at] = strip
                self.repaint_lines([y + frame.drawn])

    _title: tuple[str, list[Run]] = ("", [])

    # ---- lines -----------------------------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines on the screen. Kept from one paint to the next: Textual's own cache looks up the styles of the
        frame for each panel and frame again, which costs more than all the drawing."""
        self._fit()
        if self._strips is None:
            self._strips = self._framed()
        lines = self._strips[crop.y : crop.bottom]
        if crop.x or crop.width != self._room.cells:
            lines = [line.crop(crop.x, crop.right) for line in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        """A row inside the frame."""
        rows = self._current()
        return self._strip(rows[y], self.size.width) if y < len(rows) else Strip.blank(self.size.width, self.rich_style)

    @property
    def _room(self) -> Frame:
        """Looked up once for a size and a style."""
        if self._frame is None:
            gutter, drawn = self.styles.gutter, bool(self.styles.border_top[0])
            self._frame = Frame(*self.size, gutter.left, gutter.right, drawn)
            self._sides = self._frame.sides()
        return self._frame

    _sides: tuple[list[Run], list[Run]] = ([], [])

    def draw(self, data: Any) -> Drawn:
        """The rows of data as they would be shown now."""
        width, height = self.size
        return Drawn(data, self.size, self.rows(data, width, height)[:height] if data is not None and width else [])

    def show(self, drawn: Drawn) -> None:
        """Show data of which the rows have been drawn before."""
        self._ahead = drawn
        self.data = drawn.data
        self._ahead = None

    _ahead: Drawn | None = None

    def _current(self) -> Rows:
        """The rows of the data as it is, drawn once."""
        if self._drawn is None:
            ahead = self._ahead
            self._drawn = (ahead if ahead is not None and ahead.size == self.size else self.draw(self._data)).rows
        return self._drawn

    def _strip(self, runs: Sequence[Run], width: int) -> Strip:
        return Line(runs, self, width)

    def line(self, y: int) -> Strip | None:
        return self._strips[y] if self._strips is not None and y < len(self._strips) else None

    def _line(self, row: Sequence[Run]) -> Strip:
        """A row between the edges of the frame."""
        frame, (left, right) = self._room, self._sides
        return self._strip([*left, *row, *right], frame.cells)

    def _framed(self) -> list[Strip]:
        frame, rows = self._room, list(self._current())
        rows += [[(" " * frame.width, "plain")]] * (frame.height - len(rows))
        lines = [self._line(row) for row in rows]
        if not frame.drawn:
            return lines
        title, subtitle = self._title
        top, bottom = frame.top(title), frame.bottom(subtitle)
        return [self._strip(top, frame.cells), *lines, self._strip(bottom, frame.cells)]

    # ---- styles ----------------------------------------------------------------------------------------------------

    @cached_property
    def _styles(self) -> dict[str, Style]:
        """By role; emptied when the theme or the focus changes."""
        return {}

    @property
    def _background(self) -> Color:
        return self.background_colors[1]

    def role_style(self, role: str) -> Style:
        """The theme's style of a role, on this panel's background."""
        style = self._styles.get(role)
        if style is None:
            segments = [Segment(" ", self._resolve(role))]
            for line_filter in self.get_line_filters():  # as for NO_COLOR: once for each style, not for every line
                segments = line_filter.apply(segments, self._background)
            style = self._styles[role] = segments[0].style or Style.null()
        return style

    def _resolve(self, role: str) -> Style:
        if role == "frame":
            colour = self._background + self.styles.border_top[1]
            return (self.visual_style + VisualStyle(foreground=colour)).rich_style
        # Not component classes: matching fifty of them for every panel doubled the time to the first frame.
        theme = self.app.current_theme
        return (self.visual_style + VisualStyle.parse(spelled(role, theme.ansi))).rich_style
