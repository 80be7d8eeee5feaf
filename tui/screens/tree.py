"""The tree: every branch that was taken, to move among them, name, fold, delete and mark them."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from ...models import actions as act
from ...models.state import State
from ...models.tree_actions import highlighted
from ..keymap import BY_ID, KEYS, footer_keys, panel_bindings
from ..remapping import in_force, key_names, said_by
from ..renderables.tree import marks_said, text_cells
from ..tree_view import tree_view
from ..view import header_view
from ..widgets.direct import LinesScreen
from ..widgets.panels import DetailLine, FooterLine, HeaderLine
from ..widgets.tree import TreeRows
from .following import Following


class TreeScreen(LinesScreen, ModalScreen, Following):
    """Dismissed with the action that goes to a node, or with None. What is highlighted is a part of the state."""

    CSS_PATH = "../dialogs.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        *panel_bindings("Tree"),
        *(BY_ID[name].binding for name in ("help", "quit")),
    ]

    panels: ClassVar[tuple[str, ...]] = ("Tree",)
    """Whose keys work."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._first = 0
        self.shown: State | None = None  # what is on the screen

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield TreeRows()
        yield DetailLine()
        yield FooterLine()

    def on_mount(self) -> None:
        self.query_one(FooterLine).data = footer_keys(in_force(KEYS, self.app), "Tree")
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def follow(self, state: State) -> None:
        """Show the tree as it is now."""
        self._state = state
        self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        panel, state = self.query_one(TreeRows), self._state
        here, height = highlighted(state), max(1, panel.size.height - 1)
        last = max(0, len(here.rows.rows) - height)
        self._first = min(max(self._first, here.place - height + 1), here.place, last)
        view = tree_view(state, self._first, height, text_cells(panel.size.width))
        panel.data = view
        panel.title(f"{view.title} · {view.order}", marks_said(panel.size.width))
        header = self.query_one(HeaderLine)
        if header.data != (now := header_view(state)):
            header.data = now
        said = said_by(state.notice, self._names) if state.notice else ""
        self.shown = state
        self.query_one(DetailLine).data = ((said,), "fact") if said else (view.detail, "dim")

    @property
    def _names(self) -> dict[str, str]:
        """The keys of every row; an edit is taken back and made again by those of the tree."""
        names = key_names(KEYS, self.app)
        return names | {name: names[f"tree_{name}"] for name in ("undo", "redo")}

    @on(TreeRows.Chosen)
    def chosen(self, message: TreeRows.Chosen) -> None:
        """A second click goes to the end of a branch."""
        branch = self._state.trace.branches.get(message.head)
        if branch is not None:
            self.dismiss(act.GoTo(branch.end))
