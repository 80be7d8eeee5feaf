"""The picker: models found on this machine, those used last first, and a line to type a path."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from ...models.discovery import FoundModel
from ..dialog_keys import dialog_bindings
from ..display import fit
from ..model_list import model_line
from ..widgets.safe_input import SafeInput
from .dialogs import Dialog, Reason

LIST_EVERY = 0.1
"""Seconds between two lists while models are being found."""


def in_order(models: list[FoundModel], recent: list[str]) -> list[FoundModel]:
    """Those used last first, the others as they were found, and at the end those that cannot be used."""
    place = {path: i for i, path in enumerate(recent)}
    return sorted(models, key=lambda model: (model.problem is not None, place.get(model.path, len(place))))


class Picker(Dialog):
    """Dismissed with the path of the model to open. `reason` says what is wrong with the one asked for, if any."""

    BINDINGS: ClassVar[list[BindingType]] = dialog_bindings("picker")

    def __init__(self, reason: str, path: str, stopped: bool = False) -> None:
        """`stopped`: it is the person who did not let that one load."""
        super().__init__()
        self._reason, self._path, self._stopped = reason, path, stopped
        self._models: list[FoundModel] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Reason()
            yield SafeInput(self._path, placeholder="the path of a GGUF file, or: demo", id="path")
            yield OptionList(markup=False)
            yield Static(Content("looking for models …"), id="found", classes="hint")
            yield self.hint("enter opens · tab and [picker.list] go to the list · [dialog.leave] closes")

    def tell(self, reason: str, path: str, stopped: bool) -> None:
        """Another model could not be opened in the meantime; what was typed stays."""
        line = self.query_one(Input)
        if line.value == self._path:
            line.value = path
        self._reason, self._path, self._stopped = reason, path, stopped
        self._say()

    def _say(self) -> None:
        failed = self._reason and not self._stopped
        self.query_one(Vertical).border_title = Content("The model could not be opened" if failed else "Open a model")
        self.query_one(Reason).say(self._reason)

    def on_mount(self) -> None:
        self._say()
        self.query_one(Input if self._reason else OptionList).focus()
        self._look()

    @work(thread=True, exclusive=True)
    def _look(self) -> None:
        """Headers take a while to read: the list fills while one looks at it."""
        from ...models.discovery import iter_models
        from ...models.recent import recent_models

        worker = get_current_worker()
        recent = recent_models()
        found: list[FoundModel] = []
        listed = 0.0
        for model in iter_models():
            if worker.is_cancelled:
                return
            found.append(model)
            if time.monotonic() - listed >= LIST_EVERY:
                self.app.call_from_thread(self._tell, in_order(found, recent))
                listed = time.monotonic()
        self.app.call_from_thread(self._tell, in_order(found, recent), done=True)

    def _tell(self, models: list[FoundModel], done: bool = False) -> None:
        """Show what was found, unless a model was opened in the meantime."""
        if self.query(OptionList):
            self._list(models)
            if done:
                self._done(len(models))

    def _list(self, models: list[FoundModel]) -> None:
        """Show these models. The first is highlighted until the person highlights another, which then stays so."""
        options = self.query_one(OptionList)
        now = None if options.highlighted is None else self._models[options.highlighted].path
        moved = now is not None and now != self._first
        self._models = models
        options.clear_options()
        width = max(20, options.size.width - 2)
        options.add_options(Option(Content(fit(model_line(m, width), width)), disabled=bool(m.problem)) for m in models)
        paths = [model.path for model in models]
        self._first = paths[0] if paths else None
        options.highlighted = paths.index(now) if moved and now in paths else 0 if paths else None

    _first: str | None = None  # the path of the model on top

    def _done(self, n: int) -> None:
        said = f"{n} found; the ones used last come first" if n else "no model found on this machine: type a path"
        self.query_one("#found", Static).update(Content(said))

    def action_list(self) -> None:
        """From the line to the list."""
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def picked(self, event: OptionList.OptionSelected) -> None:
        """Hand the model's path over."""
        self.dismiss(self._models[event.option_index].path)

    @on(Input.Submitted)
    def typed(self, event: Input.Submitted) -> None:
        """Hand the typed path over."""
        if event.value.strip():
            self.dismiss(event.value.strip())
