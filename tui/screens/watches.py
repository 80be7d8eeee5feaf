"""Which tokens are watched, a line each; several on a line are followed as one."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from ...models.vocabulary import Vocabulary
from ...models.watch_text import parse_watch, watch_text
from ...models.watches import MOST, Watch
from ..widgets.safe_input import SafeInput
from .dialogs import Dialog, Reason

_HINT = (
    "One token a line, such as ␣the or #260 (␣ is a space); with commas between them several as one: ␣yes, ␣Yes, yes"
)


class WatchDialog(Dialog):
    """Dismissed with the watches."""

    def __init__(self, watches: tuple[Watch, ...], vocabulary: Vocabulary) -> None:
        super().__init__()
        texts = [watch_text(watch, vocabulary) for watch in watches]
        self._texts = [*texts, *[""] * (MOST - len(texts))]
        self._vocabulary = vocabulary

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="box", can_focus=False) as box:
            box.border_title = Content("Watch over the text …")
            yield Static(Content(_HINT), classes="hint")
            for i, text in enumerate(self._texts):
                yield SafeInput(text, placeholder="nothing", id=f"watch-{i}", compact=True)
            yield Reason()
            yield self.hint("enter sets them · empty is none · tab moves · [dialog.leave] leaves")

    def on_mount(self) -> None:
        self.query(Input).first().focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the watches over, or say what is wrong with them."""
        try:
            self.dismiss(tuple(parse_watch(each.value, self._vocabulary) for each in self.query(Input)))
        except ValueError as error:
            self.query_one(Reason).say(str(error))
