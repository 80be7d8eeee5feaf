"""The panels of the main screen. Each says which rows it shows, and what a click on them means."""

from __future__ import annotations

from textual.events import Click, MouseMove, MouseScrollDown, MouseScrollUp
from textual.message import Message

from ...models import actions as act
from ...models.actions import Action
from ..renderables.candidates import candidate_lines
from ..renderables.lines import footer_line, header_line, keep_whole, pad, slider_span, status_line
from ..renderables.slider import slider_value
from ..viewdata import CandidatesView, HeaderView, StatusView
from .picture import Picture


class Asked(Message):
    """The person asked for something with the mouse."""

    def __init__(self, action: Action) -> None:
        super().__init__()
        self.action = action


class HeaderLine(Picture):
    """Model, context, speed, seed, and what the engine is doing."""

    def rows(self, data: HeaderView, width: int, height: int):
        return [header_line(data, width)]


class StatusLine(Picture):
    """The temperature with its slider, entropy, effective choices, the coin."""

    def rows(self, data: StatusView, width: int, height: int):
        return [status_line(data, width)]

    def _slide(self, x: int) -> None:
        if self.data is None:
            return
        begin, end = slider_span(self.data)
        if begin <= x < end:
            value = slider_value(x - begin, 0.0, self.data.greatest, end - begin)
            self.post_message(Asked(act.SetTemperature(round(value, 2))))

    def on_click(self, event: Click) -> None:
        self._slide(event.x)

    def on_mouse_move(self, event: MouseMove) -> None:
        if event.button == 1:
            self._slide(event.x)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.post_message(Asked(act.TurnTemperature(5)))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.post_message(Asked(act.TurnTemperature(-5)))


class DetailLine(Picture):
    """The highlighted token in full, or what there is to say: (parts, role)."""

    def rows(self, data: tuple[tuple[str, ...], str], width: int, height: int):
        parts, role = data
        return [pad([(" " + keep_whole(parts, width - 2) if parts else "", role)], width)]


class FooterLine(Picture):
    """The keys that work now."""

    def rows(self, data: list[tuple[int, str, str]], width: int, height: int):
        return [footer_line(data, width)]


class Candidates(Picture):
    """The ranked vocabulary, a window of it."""

    can_focus = True

    class Window(Message):
        """So many candidates fit, apart from the row of what is below."""

        def __init__(self, window: int) -> None:
            super().__init__()
            self.window = window

    def rows(self, data: CandidatesView, width: int, height: int):
        return candidate_lines(data, width)

    def on_resize(self) -> None:
        super().on_resize()
        self.post_message(self.Window(max(1, self.size.height - 1)))

    def on_click(self, event: Click) -> None:
        data: CandidatesView | None = self.data
        if data is None:
            return
        row = self.get_content_offset(event)
        i = -1 if row is None else row.y - (1 if data.above else 0)
        if 0 <= i < len(data.rows):
            self.post_message(Asked(act.Highlight(data.rows[i].rank)))
            if event.chain == 2:
                self.post_message(Asked(act.TakeHighlighted()))

    def get_content_offset(self, event: Click):
        """Where in the rows the click fell; None on the border."""
        return event.get_content_offset(self)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.post_message(Asked(act.MoveHighlight(-3)))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self.post_message(Asked(act.MoveHighlight(3)))
