"""The base of every panel: rows of runs inside a frame, drawn line by line.

A panel gets its data by assignment, asks a pure function of `renderables/` for rows of (text, role), and maps each
role to a style of the theme. Styles are resolved once per theme, rows once per change of data or size; a line that is
as it was is neither made nor painted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import zip_longest
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

from ..display import cell_len, fit
from ..roles import ROLES

Run = tuple[str, str]
Rows = Sequence[Sequence[Run]]


class Line(Strip):
    """A strip that keeps no reference to itself.

    Textual's keeps what it was divided into, which is mostly itself: every line painted would wait for the collector of
    cycles, whose work can be felt.
    """

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        cuts = list(cuts)
        return [self] if cuts == [self.cell_length] else super().divide(cuts)


class Picture(Widget):
    """A panel that shows `data`. A subclass says how in `rows`."""

    data: reactive[Any] = reactive(None, repaint=False, always_update=True)

    def rows(self, data: Any, width: int, height: int) -> Rows:
        """The rows of runs for this data and size, each exactly `width` cells wide."""
        raise NotImplementedError

    # ---- what changes ----------------------------------------------------------------------------------------------

    _drawn: Rows | None = None
    _on_screen: list[Strip] | None = None  # whole lines, with the frame

    def watch_data(self, old: Any, new: Any) -> None:
        """Draw the new rows, and have only those painted that are not as they were."""
        if new is old:
            return
        before, self._drawn = self._drawn, None
        if before is None or self._on_screen is None:
            self._on_screen = None
            self.refresh()
            return
        now, width, top = self._current(), self.size.width, self.styles.gutter.top
        blank = [(" " * width, "plain")]
        changed = [y for y, (was, row) in enumerate(zip_longest(before, now)) if was != row]
        for y in changed:
            self._on_screen[top + y] = self._line(now[y] if y < len(now) else blank)
        self._repaint(changed)

    def _repaint(self, rows: Iterable[int]) -> None:
        """Paint these lines, counted from the first inside the frame, from edge to edge: a part would be cut out."""
        gutter = self.styles.gutter
        regions = [Region(-gutter.left, y, self.size.width + gutter.width, 1) for y in rows]
        if regions:
            self.refresh(*regions)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._on_screen = None
        self._styles.clear()

    def on_resize(self) -> None:
        self._drawn = self._on_screen = None

    def title(self, title: str, subtitle: str | Sequence[Run] = "") -> None:
        """Write on the frame; what is there already is not painted again."""
        new = (title, [(subtitle, "frame-subtitle")] if isinstance(subtitle, str) else list(subtitle))
        if new == self._title:
            return
        self._title = new
        if self._on_screen is None or not self._is_framed:
            return
        for at, y, edge in ((0, -1, self._top_edge()), (-1, self.size.height, self._bottom_edge())):
            if self._on_screen[at] != edge:
                self._on_screen[at] = edge
                self._repaint([y])

    _title: tuple[str, list[Run]] = ("", [])

    # ---- lines -----------------------------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines on the screen. Kept from one paint to the next: Textual's own cache looks up the styles of the
        frame for each panel and frame again, which costs more than all the drawing."""
        if self._on_screen is None:
            self._on_screen = self._framed()
        lines = self._on_screen[crop.y : crop.bottom]
        if crop.x or crop.width != self.outer_size.width:
            lines = [line.crop(crop.x, crop.right) for line in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        """A row inside the frame."""
        rows = self._current()
        return self._strip(rows[y], self.size.width) if y < len(rows) else Strip.blank(self.size.width, self.rich_style)

    def _current(self) -> Rows:
        """The rows of the data as it is, drawn once."""
        if self._drawn is None:
            width, height = self.size
            self._drawn = self.rows(self.data, width, height)[:height] if self.data is not None and width else []
        return self._drawn

    def _strip(self, runs: Sequence[Run], width: int) -> Strip:
        return Line([Segment(text, self.role_style(role)) for text, role in runs], width)

    def _line(self, row: Sequence[Run]) -> Strip:
        """A row between the edges of the frame."""
        gutter, side = self.styles.gutter, "│" if self._is_framed else ""
        edges = (side.ljust(gutter.left), "frame"), (side.rjust(gutter.right), "frame")
        return self._strip((edges[0], *row, edges[1]) if gutter.left else row, self.outer_size.width)

    def _framed(self) -> list[Strip]:
        width, height = self.size
        blank = [(" " * width, "plain")]
        rows = list(self._current())
        lines = [self._line(row) for row in rows + [blank] * (height - len(rows))]
        return [self._top_edge(), *lines, self._bottom_edge()] if self._is_framed else lines

    # ---- the frame -------------------------------------------------------------------------------------------------

    @property
    def _is_framed(self) -> bool:
        return bool(self.styles.border_top[0])

    def _top_edge(self) -> Strip:
        """The title at the left."""
        width = self.outer_size.width
        text = _cut(self._title[0], width - 6)
        label = [(f" {text} ", "frame-title")] if text else []
        rest = width - 3 - (cell_len(text) + 2 if text else 0)
        return self._strip([("╭─", "frame"), *label, ("─" * rest + "╮", "frame")], width)

    def _bottom_edge(self) -> Strip:
        """The subtitle at the right, where there is room for the whole of it, or for the beginning of its one run."""
        width = self.outer_size.width
        runs = self._title[1]
        if len(runs) == 1:
            runs = [(_cut(runs[0][0], width - 6), runs[0][1])]
        used = sum(cell_len(text) for text, _ in runs)
        if not 0 < used <= width - 6:
            return self._strip([("╰" + "─" * (width - 2) + "╯", "frame")], width)
        label = [(" ", "frame-subtitle"), *runs, (" ", "frame-subtitle")]
        return self._strip([("╰" + "─" * (width - 5 - used), "frame"), *label, ("─╯", "frame")], width)

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
        return (self.visual_style + VisualStyle.parse(ROLES[role])).rich_style


def _cut(text: str, cells: int) -> str:
    """The text, shortened if it is longer than so many cells."""
    return text if cell_len(text) <= cells else fit(text, max(0, cells)).rstrip()
