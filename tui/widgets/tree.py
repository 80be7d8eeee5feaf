"""The rows of the tree that are in sight."""

from __future__ import annotations

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from ...models import actions as act
from ..renderables.tree import tree_lines
from ..tree_data import TreeView
from .panels import Asked
from .picture import Picture


class TreeRows(Picture):
    """Shows a window of the tree."""

    class Chosen(Message):
        """The branch that begins at a node was clicked twice."""

        def __init__(self, head: int) -> None:
            super().__init__()
            self.head = head

    def rows(self, data: TreeView, width: int, height: int):
        return tree_lines(data, width)

    def on_click(self, event: Click) -> None:
        """A click highlights a branch, a second one goes there."""
        offset, data = event.get_content_offset(self), self.data
        if offset is None or data is None or not 1 <= offset.y <= len(data.lines):
            return
        self.post_message(Asked(act.TreeSelect(data.lines[offset.y - 1].head)))
        if event.chain == 2:
            self.post_message(self.Chosen(data.lines[offset.y - 1].head))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.post_message(Asked(act.TreeMove(-3)))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.post_message(Asked(act.TreeMove(3)))
