"""Two branches side by side: the marked one and the one that was highlighted."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.events import MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.widgets import Static

from ...models.state import State
from ..dialog_keys import dialog_bindings
from ..pair_view import pair_view, parting
from ..renderables.pair import MOST_BITS, pair_lines, pair_rows
from ..tree_data import PairView
from ..view import header_view
from ..widgets.panels import FooterLine, HeaderLine
from ..widgets.picture import Picture
from .dialogs import Dialog
from .following import Following


class PairRows(Picture):
    """The rows of two branches that are in sight."""

    class Scrolled(Message):
        """The wheel was turned by so many rows."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def rows(self, data: PairView, width: int, height: int):
        return pair_lines(data, width, height)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.post_message(self.Scrolled(-3))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.post_message(self.Scrolled(3))


class PairScreen(Dialog, Following):
    """Shows the ways to two nodes from where they part."""

    BINDINGS: ClassVar[list[BindingType]] = dialog_bindings("pair")

    def __init__(self, state: State, left: int, right: int) -> None:
        super().__init__()
        self._state = state
        self._ends = left, right
        self._first = 0

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield PairRows()
        yield Static(id="said", markup=False)
        yield FooterLine()

    def on_mount(self) -> None:
        self.query_one(PairRows).title(
            "Two branches", f"bars: surprisal, 0 to {MOST_BITS:g} bits · totals: bits a token"
        )
        self.query_one(FooterLine).data = [
            (50, self.named("[pair.up][pair.down]"), "scroll"),
            (90, self.named("[dialog.leave]"), "back to the tree"),
        ]
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def follow(self, state: State) -> None:
        """Show the branches as they are now; without one of them there is nothing to stay for."""
        self._state = state
        if all(node in state.trace.nodes for node in self._ends):
            self._show()
        elif self.is_current:
            self.dismiss(None)

    def _show(self) -> None:
        if not self.is_mounted:
            return
        panel, state = self.query_one(PairRows), self._state
        room = pair_rows(panel.size.height)
        view = pair_view(state, *self._ends, self._first, room)
        panel.data = view
        self.query_one("#said", Static).update(Content(parting(state, *self._ends)))
        self.query_one(HeaderLine).data = header_view(state)

    def action_scroll(self, by: int) -> None:
        """Scroll by rows, as far as there are any."""
        data: Any = self.query_one(PairRows).data
        if data is not None:
            self._first = max(0, self._first + min(by, data.below))
            self._show()

    def action_page(self, by: int) -> None:
        """Scroll by what is in sight."""
        self.action_scroll(by * max(1, pair_rows(self.query_one(PairRows).size.height) - 1))

    @on(PairRows.Scrolled)
    def scrolled(self, message: PairRows.Scrolled) -> None:
        """The wheel scrolls."""
        self.action_scroll(message.by)
