"""The base of every panel: rows of runs, drawn line by line.

A panel gets its data by assignment, asks a pure function of `renderables/` for rows of (text, role), and maps each
role to a style of the theme. Styles are resolved once per theme, rows once per change of data or size: a repaint is a
lookup.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

from ..roles import ROLES


class Picture(Widget):
    """A panel that shows `data`. A subclass says how in `rows`."""

    data: reactive[Any] = reactive(None, repaint=False, always_update=True)

    def rows(self, data: Any, width: int, height: int) -> Sequence[Sequence[tuple[str, str]]]:
        """The rows of runs for this data and size, each exactly `width` cells wide."""
        raise NotImplementedError

    def strips(self, data: Any, width: int, height: int) -> list[Strip]:
        """The rows as strips, each exactly `width` cells wide."""
        rows = self.rows(data, width, height)[:height]
        return [Strip([Segment(text, self.role_style(role)) for text, role in row], width) for row in rows]

    def watch_data(self, old: Any, new: Any) -> None:
        """Draw the new rows, and have only those painted that are not as they were."""
        if new is old:
            return
        width = self.size.width
        before, self._drawn = self._drawn, None
        if before is None or not width:
            self.refresh()
            return
        now = self._current()
        changed = [y for y, (was, strip) in enumerate(zip_longest(before, now)) if was != strip]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn = None
        self._styles = {}

    def on_resize(self) -> None:
        self._drawn = None

    def render_line(self, y: int) -> Strip:
        rows = self._current()
        return rows[y] if y < len(rows) else Strip.blank(self.size.width, self.rich_style)

    _drawn: list[Strip] | None = None
    _styles: dict[str, Style] = {}  # noqa: RUF012 (replaced, never changed in place, by notify_style_update)

    def _current(self) -> list[Strip]:
        """The strips of the data as it is, drawn once."""
        if self._drawn is None:
            width, height = self.size
            self._drawn = self.strips(self.data, width, height) if self.data is not None and width else []
        return self._drawn

    def title(self, title: str, subtitle: Content | str = "") -> None:
        """Write on the border; what is there already is not painted again."""
        if (title, subtitle) != self._title:
            self._title = (title, subtitle)
            self.border_title = Content(title)
            self.border_subtitle = Content(subtitle) if isinstance(subtitle, str) else subtitle

    _title: tuple[str, Content | str] = ("", "")

    def role_style(self, role: str) -> Style:
        """The theme's style of a role, on this panel's background."""
        style = self._styles.get(role)
        if style is None:
            # Not component classes: matching fifty of them for every panel doubled the time to the first frame.
            style = (self.visual_style + VisualStyle.parse(ROLES[role])).rich_style
            self._styles = {**self._styles, role: style}
        return style
