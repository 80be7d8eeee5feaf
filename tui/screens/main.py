"""The main screen: it composes the panels, shares out the room, hands views down and intentions up.

It decides nothing.
"""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from ..keymap import KEYS, footer_keys
from ..layout import LEAST_HEIGHT, LEAST_WIDTH, layout
from ..viewdata import HeaderView, StepView
from ..widgets.panels import Candidates, DetailLine, FooterLine, HeaderLine, Histogram, StatusLine
from ..widgets.strip import MassStrip
from ..widgets.text_pane import TextPane


class MainScreen(Screen):
    """Header, text, strip, candidates and pictures, status, detail, footer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(key.keys), f"app.perform('{key.id}')", key.label, tooltip=key.tooltip, id=key.id)
        for key in KEYS
    ]

    class Ready(Message):
        """The first frame is on the terminal."""

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield TextPane()
        yield MassStrip()
        with Container(id="middle"):
            yield Candidates()
            yield Histogram()
        yield StatusLine()
        yield DetailLine()
        yield FooterLine()
        yield Static(
            Content(f"This terminal is too small.\ntempviz needs {LEAST_WIDTH}×{LEAST_HEIGHT}."), id="too-small"
        )

    def on_mount(self) -> None:
        self.query_one(TextPane).border_title = Content("Text")
        self.query_one(MassStrip).border_title = Content("Probability mass: the coin falls on one token")
        self.query_one(Histogram).border_title = Content("The whole vocabulary, by probability")
        self.query_one(FooterLine).data = footer_keys()
        self.query_one(Candidates).focus()

    @on(Resize)
    def share_out(self, event: Resize) -> None:
        """Give every panel its room."""
        room = layout(event.size.width, event.size.height)
        self.set_class(not room.fits, "-small")
        self.set_class(not room.beside, "-narrow")
        self.query_one(TextPane).styles.height = room.text_height
        self.query_one(MassStrip).set_class(not room.framed_strip, "-bare")

    def next_view(self) -> None:
        """On a narrow screen, candidates and pictures in turn."""
        self.toggle_class("-picture")

    def show_opening(self, name: str) -> None:
        """The first frame, before numpy, llama.cpp or the model is touched."""
        self.query_one(HeaderLine).data = HeaderView(name, "", "", "", "", "opening", "busy")

    def show(self, view: StepView, legend: Content, drawn: str) -> None:
        """Hand the view down to the panels; one without numbers keeps what it showed last."""
        self.query_one(HeaderLine).data = view.header
        text = self.query_one(TextPane)
        text.data = view.text
        text.border_title = Content(f"Text · {view.text.position}" if view.text.position else "Text")
        text.border_subtitle = legend
        self.query_one(StatusLine).data = view.status
        said = ((view.notice,), "trouble" if view.trouble else "fact") if view.notice else (view.detail, "dim")
        self.query_one(DetailLine).data = said
        self._show_distribution(view, drawn)

    def _show_distribution(self, view: StepView, drawn: str) -> None:
        strip, candidates, histogram = self.query_one(MassStrip), self.query_one(Candidates), self.query_one(Histogram)
        strip.data, candidates.data, histogram.data = view.strip, view.candidates, view.decades
        strip.border_subtitle = Content(drawn)
        if view.candidates is None:
            return
        at = view.candidates.temperature
        candidates.border_title = Content(f"Candidates at T {at}   ░ at T 1.00")
        full = "10⁻⁹ to 1, logarithmic" if view.candidates.scale == "logarithmic" else "0 to 100 %"
        candidates.border_subtitle = Content(f"bars {full} · ● coin  ◆ taken here")
