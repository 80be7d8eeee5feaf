"""One picture of the distribution, chosen by its tabs."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.events import Click
from textual.message import Message

from ..keymap import panel_bindings
from ..renderables.pictures import picture, tab_at
from ..viewdata import StepView
from .picture import Picture


class PicturePanel(Picture):
    """Shows the picture `name` of a view: data is (name, view). The chain may have the focus and keys of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [*panel_bindings("Chain")]

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, panel: PicturePanel, name: str) -> None:
            super().__init__()
            self.panel = panel
            self.name = name

    def rows(self, data: tuple[str, StepView], width: int, height: int):
        name, view = data
        return picture(name, view.pictures.get(name), width, height)

    def changed(self, new: tuple[str, StepView] | None) -> None:
        super().changed(new)
        self.can_focus = new is not None and new[0] == "Chain"

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if self.data is not None and offset is not None and offset.y == 0:
            name = tab_at(self.data[0], offset.x, self.size.width)
            if name is not None:
                self.post_message(self.Chosen(self, name))
