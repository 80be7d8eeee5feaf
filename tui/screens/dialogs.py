"""Dialogs only speak: they are dismissed with what the person wants, or with None."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea


class Dialog(ModalScreen):
    """A box above the main screen; escape leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave", id="dialog.leave")]


class PromptEditor(Dialog):
    """Several lines of prompt; dismissed with the text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "accept", priority=True, id="prompt.accept"),
        Binding("ctrl+j", "newline", "new line", priority=True, id="prompt.newline"),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content("Prompt")
            yield TextArea(self._text, soft_wrap=True, id="prompt")
            yield Static(Content("enter accepts · ctrl+j breaks the line · esc leaves it unchanged"), classes="hint")

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)

    def action_accept(self) -> None:
        """Hand the text over."""
        self.dismiss(self.query_one(TextArea).text)

    def action_newline(self) -> None:
        """Break the line."""
        self.query_one(TextArea).insert("\n")


class PathDialog(Dialog):
    """Why a model could not be opened, and a place to type another path; dismissed with the path."""

    def __init__(self, reason: str, path: str) -> None:
        super().__init__()
        self._reason, self._path = reason, path

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content("The model could not be opened" if self._reason else "Open a model")
            if self._reason:
                yield Static(Content(self._reason), classes="reason")
            yield Input(self._path, placeholder="path of a GGUF file, or: demo", id="path")
            yield Static(Content("enter opens it · esc closes this · q quits from the main screen"), classes="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the path over."""
        if event.value.strip():
            self.dismiss(event.value.strip())


class HelpScreen(Dialog):
    """The keys and the panels, explained; arrows scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q,f1", "dismiss(None)", "close", id="help.close")]

    def __init__(self, text: Content) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="box") as box:
            box.border_title = Content("Help")
            box.border_subtitle = Content("↑↓ scroll · esc closes")
            yield Static(self._text, id="help")
