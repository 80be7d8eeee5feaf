"""The dialog of the lab: for the logit of a token, or for a new one."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from ...models.lab import Lab, LabError, logit_of
from ..display import display
from ..widgets.safe_input import SafeInput
from .dialogs import Dialog, Reason


class LabDialog(Dialog):
    """Dismissed with the lab as it shall be. What cannot be is said, and the dialog stays."""

    def __init__(self, lab: Lab, token: int | None = None) -> None:
        """For the logit of a token of this lab, or for a new token."""
        super().__init__()
        self._lab, self._token = lab, token

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            if self._token is None:
                box.border_title = Content("A new token")
                yield Static(Content("Its name"), classes="hint")
                yield SafeInput(id="name")
                yield Static(Content("Its logit: any number, or -inf for a masked token"), classes="hint")
                yield SafeInput("0", id="logit")
            else:
                name, logit = self._lab.names[self._token], self._lab.logits[self._token]
                box.border_title = Content(f"The logit of {display(name, max_cells=40)}")
                yield Static(Content("Any number, or -inf for a masked token"), classes="hint")
                yield SafeInput(f"{logit:.12g}", id="logit")
            yield Reason()
            yield self.hint("enter accepts · [dialog.leave] leaves it unchanged")

    def on_mount(self) -> None:
        self.query(Input).first().focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the lab over with the number in it, if it is one; from the name go on to the number."""
        if event.input.id == "name":
            self.query_one("#logit", Input).focus()
            return
        try:
            logit = logit_of(event.value.strip())
            if self._token is None:
                lab = self._lab.with_token(self.query_one("#name", Input).value, logit)
            else:
                lab = self._lab.with_logit(self._token, logit)
        except LabError as error:
            self.query_one(Reason).say(str(error))
            return
        self.dismiss(lab)
