"""The mass strip: one bar across the screen, the coin below it."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.strip import Strip

from ...models import actions as act
from ..renderables.strip import coin_marker, layout_strip, render_strip, segment_at
from ..viewdata import StripView
from .panels import Asked
from .picture import Picture

_COLOURS = 6


def _role(index: int, last: int) -> str:
    return "share-rest" if index == last else f"share-{index % _COLOURS}"


@lru_cache(maxsize=256)
def _block(left: Style, right: Style) -> Style:
    return Style(color=left.bgcolor, bgcolor=right.bgcolor)


class MassStrip(Picture):
    """Every candidate its share, with its name where it fits; the coin's marker under it."""

    def strips(self, data: StripView, width: int, height: int) -> list[Strip]:
        segments = layout_strip(data.shares, width)
        last = len(data.shares) - 1
        runs = render_strip(segments, data.names, width)
        marker = coin_marker(data.coin, data.coin_label, width)
        return [
            Strip([Segment(text, self._between(left, right, last)) for text, left, right in runs], width),
            Strip([Segment(marker, self.role_style("coin"))], width),
        ]

    def _between(self, left: int, right: int, last: int) -> Style:
        """A name on its own share, or a block of the left share on the right one."""
        own = self.role_style(_role(right, last))
        if left == right:
            return own
        return _block(self.role_style(_role(left, last)), own)

    def on_click(self, event: Click) -> None:
        data: StripView | None = self.data
        offset = event.get_content_offset(self)
        if data is None or offset is None:
            return
        index = segment_at(layout_strip(data.shares, self.size.width), offset.x)
        if index is not None and index < len(data.shares) - 1:
            self.post_message(Asked(act.Highlight(index + 1)))
            if event.chain > 1:
                self.post_message(Asked(act.TakeHighlighted()))
