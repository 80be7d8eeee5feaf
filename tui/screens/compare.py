"""The prompt at several temperatures: a form that asks for them, and the columns side by side as they grow."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.widgets import Input, Static

from ...models import actions as act
from ...models.compare import check_temperatures
from ...models.state import State
from ..compare_view import compare_header, compare_view
from ..dialog_keys import dialog_bindings
from ..display import display
from ..keymap import KEYS
from ..picture_data import CompareView
from ..remapping import key_names, said_by
from ..renderables.compare import column_at, compare_lines, text_lines, text_room
from ..widgets.panels import Asked, FooterLine, HeaderLine
from ..widgets.picture import Picture
from ..widgets.safe_input import SafeInput
from .dialogs import Dialog, Reason
from .following import Following


class CompareDialog(Dialog):
    """Which temperatures and how many tokens; dismissed with the action that compares."""

    def __init__(self, temperatures: str = "0.5 1 2", limit: str = "60") -> None:
        super().__init__()
        self._temperatures, self._limit = temperatures, limit

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content("The same prompt at several temperatures")
            yield Static(Content("Which temperatures? 2 to 6 of them, with spaces between."), classes="hint")
            yield SafeInput(self._temperatures, id="temperatures")
            yield Static(Content("How many tokens each, at most?"), classes="hint")
            yield SafeInput(self._limit, type="integer", id="limit")
            yield Reason()
            yield self.hint("enter starts · tab moves · [dialog.leave] leaves")

    def on_mount(self) -> None:
        self.query_one("#temperatures", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand both over, or say what is wrong with them."""
        try:
            self.dismiss(self._asked())
        except ValueError as error:
            self.query_one(Reason).say(str(error))

    def _asked(self) -> act.Compare:
        texts = self.query_one("#temperatures", Input).value.replace(",", " ").split()
        temperatures = check_temperatures([_number(text) for text in texts])
        limit = self.query_one("#limit", Input).value.strip()
        if not (limit.isdecimal() and int(limit) > 0):
            raise ValueError(f"A column takes at least 1 token, not “{limit}”.")
        return act.Compare(temperatures, int(limit))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"“{text}” is not a number.") from None


class CompareColumns(Picture):
    """The columns: (view, first line of the texts)."""

    class Clicked(Message):
        """A column was clicked, once or twice."""

        def __init__(self, column: int, times: int) -> None:
            super().__init__()
            self.column = column
            self.times = times

    class Scrolled(Message):
        """The wheel was turned by so many lines."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def rows(self, data: tuple[CompareView, int], width: int, height: int):
        view, first = data
        return compare_lines(view, width, height, first)

    def room(self, view: CompareView) -> tuple[int, int]:
        """(lines of text that fit, lines of the longest text)."""
        return text_room(view, self.size.height), text_lines(view, self.size.width)

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and self.data is not None:
            self.post_message(self.Clicked(column_at(offset.x, self.data[0], self.size.width), event.chain))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.post_message(self.Scrolled(-3))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.post_message(self.Scrolled(3))


class CompareScreen(Dialog, Following):
    """The columns of the state's comparison; dismissed with the action that continues one of them or leaves."""

    BINDINGS: ClassVar[list[BindingType]] = dialog_bindings("compare")

    def __init__(self, state: State, legend: list[tuple[str, str]]) -> None:
        super().__init__()
        self._state = state
        self._legend = legend
        self._chosen = 0
        self._first = 0

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield CompareColumns()
        yield Static(id="said", markup=False)
        yield FooterLine()

    def on_mount(self) -> None:
        text = self._state.prompt
        prompt = f"“{display(text, max_cells=60)}”" if text else "The empty prompt"
        chain = " through the chain of samplers" if self._state.settings.samplers else ""
        self.query_one(CompareColumns).title(prompt + chain, self._legend)
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def follow(self, state: State) -> None:
        """Show the comparison as it is now; without one (there is another prompt) there is nothing to stay for."""
        self._state = state
        if state.comparison is not None:
            self._show()
        elif self.is_current:
            self.dismiss(act.LeaveComparison())

    def _show(self) -> None:
        state, comparison = self._state, self._state.comparison
        if comparison is None or not self.is_mounted:
            return
        view = compare_view(comparison, self._chosen)
        columns = self.query_one(CompareColumns)
        room, lines = columns.room(view)
        self._first = min(max(0, self._first), max(0, lines - room))
        columns.data = (view, self._first)
        header = self.query_one(HeaderLine)
        if header.data != (now := compare_header(state)):
            header.data = now
        self._say(said_by(state.notice, key_names(KEYS, self.app)) if state.notice else view.parting)
        self.query_one(FooterLine).data = self._keys(comparison.runs, comparison.path is not None)

    def _keys(self, runs: bool, unfinished: bool) -> list[tuple[int, str, str]]:
        entries = [
            (100, "[compare.left][compare.right]", "choose"),
            (95, "[compare.adopt]", "continue this text"),
            (50, "[compare.up][compare.down]", "scroll"),
            (60, "[compare.go_on]", "go on"),
            (90, "[compare.leave]", "stop" if runs else "leave"),
        ]
        if runs or not unfinished:
            del entries[3]
        return [(weight, self.named(keys), label) for weight, keys, label in entries]

    _said = ""

    def _say(self, sentence: str) -> None:
        if sentence != self._said:
            self._said = sentence
            self.query_one("#said", Static).update(Content(sentence))

    def action_choose(self, by: int) -> None:
        """Choose the column to the left or to the right."""
        n = len(self._state.comparison.columns) if self._state.comparison else 1
        self._chosen = min(max(0, self._chosen + by), n - 1)
        self._show()

    def action_scroll(self, by: int) -> None:
        """Scroll all texts by lines."""
        self._first += by
        self._show()

    def action_page(self, by: int) -> None:
        """Scroll all texts by what is in sight."""
        data: Any = self.query_one(CompareColumns).data
        if data is not None:
            self.action_scroll(by * max(1, self.query_one(CompareColumns).room(data[0])[0] - 1))

    def action_adopt(self) -> None:
        """Continue the chosen text on the main screen."""
        self.dismiss(act.Adopt(self._chosen))

    def action_go_on(self) -> None:
        """Go on where it was stopped, or start an engine that died."""
        self.post_message(Asked(act.Step()))

    def action_stop_or_leave(self) -> None:
        """Stop the columns where they are; leave where they stand still."""
        if self._state.comparison is not None and self._state.comparison.runs:
            self.post_message(Asked(act.Cancel()))
        else:
            self.dismiss(act.LeaveComparison())

    @on(CompareColumns.Clicked)
    def clicked(self, message: CompareColumns.Clicked) -> None:
        """A click chooses a column, a second one continues it."""
        self._chosen = message.column
        self._show()
        if message.times == 2:
            self.action_adopt()

    @on(CompareColumns.Scrolled)
    def scrolled(self, message: CompareColumns.Scrolled) -> None:
        """The wheel scrolls."""
        self.action_scroll(message.by)
