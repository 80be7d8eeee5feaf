"""Find any token of the vocabulary: a query, a live list, and the token taken by enter."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click, ScreenResume
from textual.message import Message
from textual.widgets import Input

from ...models import actions as act
from ...models.find import Found
from ...models.state import State
from ...models.vocabulary import Vocabulary
from ..dialog_keys import dialog_bindings
from ..picture_data import FoundView
from ..picture_views import found_view
from ..renderables.found import found_lines
from ..widgets.picture import Picture
from ..widgets.safe_input import SafeInput
from .dialogs import Dialog


class FindResults(Picture):
    """The window of what was found."""

    class Clicked(Message):
        """A row was clicked, once or twice."""

        def __init__(self, row: int, times: int) -> None:
            super().__init__()
            self.row = row
            self.times = times

    def rows(self, data: FoundView, width: int, height: int):
        return found_lines(data, width)

    def on_click(self, event: Click) -> None:
        # The first row is the heading.
        if event.y >= 1:
            self.post_message(self.Clicked(event.y - 1, event.chain))


class FindScreen(Dialog):
    """Dismissed with what is to be done with the token that was found, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = dialog_bindings("find")

    def __init__(self) -> None:
        super().__init__()
        self._state = State()
        self._found = Found(Vocabulary.of(()), "", None)
        self._highlight = self._first = 0

    def look_in(self, state: State) -> None:
        """Begin anew in this state, before the screen opens; neither model nor position changes while it is open.

        Its row may still be on the way: then the tokens are listed without rank.
        """
        self._state = state
        query = next(iter(self.query(Input)), None)
        if query is not None and query.value:
            query.value = ""  # which searches anew
        else:
            self.search("")

    def go_on(self, state: State) -> None:
        """Take the row that has come, if this is the position where one was waited for."""
        if self._state.row is None and state.row is not None and state.key == self._state.key:
            self._state = state
            self.search(self.query_one(Input).value)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content("Find a token")
            yield SafeInput(placeholder="part of a token; ␣ or a space for a space; #id for an id", id="query")
            yield FindResults()
            yield self.hint(
                "[find.up][find.down] choose · enter takes exactly this token · [find.watch] watches it · "
                "[dialog.leave] leaves"
            )

    def _search(self, query: str) -> Found:
        row, info = self._state.row, self._state.info
        return Found(info.vocabulary if info else Vocabulary.of(()), query, row.ranking if row else None)

    def on_mount(self) -> None:
        if not self.query(Input):  # the app is ending, so nothing was mounted
            return
        query = self.query_one(Input)
        self._blink(query, False)  # nobody sees it yet
        query.focus()
        # Not by the message, which comes after the letter has been painted: what it finds would be a frame late.
        self.watch(query, "value", self.search, init=False)
        self.call_after_refresh(self._show)

    def on_screen_resume(self, event: ScreenResume) -> None:
        # To look all styles up anew takes a third of the time that opening takes, and only a theme changes them.
        event.refresh_styles, self._theme = self._theme != self.app.theme, self.app.theme
        self._blink(self.query_one(Input), True)

    def on_screen_suspend(self) -> None:
        for query in self.query(Input):
            self._blink(query, False)

    @staticmethod
    def _blink(query: Input, on: bool) -> None:
        """Have the cursor blink from now on, or not: without the frame that Textual would paint for it."""
        query.set_reactive(Input.cursor_blink, on)
        if on:
            query._restart_blink()
        else:
            query._pause_blink(visible=True)

    _theme = ""

    def mount_ahead(self, app: App[Any]) -> None:
        super().mount_ahead(app)
        self._theme = app.theme

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    @property
    def _window(self) -> int:
        return max(1, self.query_one(FindResults).size.height - 1)

    def _show(self) -> None:
        if self._state.info is None or not self.is_mounted:  # it is made before there is a model
            return
        last = max(0, len(self._found) - 1)
        self._highlight = min(max(0, self._highlight), last)
        first = min(self._first, self._highlight)
        self._first = max(first, self._highlight - self._window + 1)
        stop = self._first + self._window
        self.query_one(FindResults).data = found_view(self._state, self._found, self._highlight, self._first, stop)

    def search(self, query: str) -> None:
        """Search anew with every letter."""
        self._found = self._search(query)
        self._highlight = self._first = 0
        self._show()

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        self._highlight += by
        self._show()

    def action_page(self, by: int) -> None:
        """Move the highlight by a window."""
        self._highlight += by * self._window
        self._show()

    @on(Input.Submitted)
    def take(self) -> None:
        """Hand the highlighted token over. No binding, which would come before the letters that still wait."""
        best = self._found.best(self._highlight, self._highlight + 1)
        if best and self._state.row is not None:  # before it is there, no token can be taken
            self.dismiss(act.Take(best[0]))

    def action_watch(self) -> None:
        """Watch the highlighted token, behind the letters that still wait."""
        self.query_one(Input).call_later(self._watch)

    def _watch(self) -> None:
        best = self._found.best(self._highlight, self._highlight + 1)
        if best:
            self.dismiss(act.ToggleWatch(best[0]))

    @on(FindResults.Clicked)
    def clicked(self, message: FindResults.Clicked) -> None:
        """A click highlights, a second one takes."""
        if self._first + message.row < len(self._found):
            self._highlight = self._first + message.row
            self._show()
            if message.times == 2:
                self.take()
