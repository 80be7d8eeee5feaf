"""The mass strip: one bar across the screen, the coin below it."""

from __future__ import annotations

from rich.style import Style
from textual.events import Click

from ...models import actions as act
from ..renderables.strip import coin_marker, layout_strip, render_strip, segment_at
from ..viewdata import StripView
from .panels import Asked
from .picture import Picture

_COLOURS = 6


_ON = " on "


def _role(index: int, last: int) -> str:
    return "share-rest" if index == last else f"share-{index % _COLOURS}"


def _between(left: int, right: int, last: int) -> str:
    """The role of a name on its own share, or of a block of the left share on the right one."""
    own = _role(right, last)
    return own if left == right else f"{_role(left, last)}{_ON}{own}"


class MassStrip(Picture):
    """Every candidate its share, with its name where it fits; the coin's marker under it."""

    def rows(self, data: StripView, width: int, height: int) -> list[list[tuple[str, str]]]:
        last = len(data.shares) - 1
        runs = render_strip(layout_strip(data.shares, width), data.names, width)
        return [
            [(text, _between(left, right, last)) for text, left, right in runs],
            [(coin_marker(data.coin, data.coin_label, width), "coin")],
        ]

    def _resolve(self, role: str) -> Style:
        """A block of one share on another has the colours of both."""
        left, _, right = role.partition(_ON)
        if not right:
            return super()._resolve(role)
        return Style(color=self.role_style(left).bgcolor, bgcolor=self.role_style(right).bgcolor)

    def on_click(self, event: Click) -> None:
        data: StripView | None = self.data
        offset = event.get_content_offset(self)
        if data is None or offset is None:
            return
        index = segment_at(layout_strip(data.shares, self.size.width), offset.x)
        if index is not None and index < len(data.shares) - 1:
            self.post_message(Asked(act.Highlight(index + 1)))
            if event.chain == 2:
                self.post_message(Asked(act.TakeHighlighted()))
