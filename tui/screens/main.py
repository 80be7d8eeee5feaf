"""The main screen: it composes the panels, shares out the room, hands views down and intentions up.

It decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.message import Message
from textual.widgets import Static

from ..keymap import KEYS, Key, footer_keys
from ..layout import LEAST_HEIGHT, LEAST_WIDTH, layout
from ..remapping import in_force, named
from ..renderables.candidates import candidates_titles
from ..renderables.lines import keep_whole
from ..renderables.pictures import DRAWN
from ..viewdata import HeaderView, StepView
from ..widgets.direct import LinesScreen
from ..widgets.panels import Candidates, DetailLine, FooterLine, HeaderLine, StatusLine
from ..widgets.picture import Drawn, Picture, Run
from ..widgets.pictures import PicturePanel
from ..widgets.strip import MassStrip
from ..widgets.text_pane import TextPane

Parts = Sequence[tuple[Picture, Drawn]]
"""What the panels of the distribution have drawn and not yet shown."""


class Room(Container):
    """Holds panels and draws nothing."""

    BLANK = True


class MainScreen(LinesScreen):
    """Header, text, strip, candidates and pictures, status, detail, footer."""

    BINDINGS: ClassVar[list[BindingType]] = [key.binding for key in KEYS if not key.panel]

    keys: ClassVar[tuple[Key, ...]] = KEYS
    """The rows of the table that the footer shows."""

    def __init__(self) -> None:
        super().__init__(classes="-narrow")
        self._header, self._text, self._strip = HeaderLine(), TextPane(), MassStrip()
        self._candidates = Candidates()
        self._panels = PicturePanel(id="first"), PicturePanel(id="second")
        self._banner = Static(id="banner", markup=False)
        self._status, self._detail, self._footer = StatusLine(), DetailLine(), FooterLine()

    def compose(self) -> ComposeResult:
        yield self._header
        yield self._text
        yield self._strip
        with Room(id="middle"):
            yield self._candidates
            with Room(id="pictures"):
                yield from self._panels
        yield self._banner
        yield self._status
        yield self._detail
        yield self._footer
        yield Static(
            Content(f"This terminal is too small.\ntempviz needs {LEAST_WIDTH}×{LEAST_HEIGHT}."), id="too-small"
        )

    def _compositor_refresh(self) -> None:
        """Paint, but not below an opaque screen, which Textual would paint again as a whole for what changes here."""
        above = self.app.screen
        if above is self or above.styles.background.a < 1:
            super()._compositor_refresh()

    def on_screen_resume(self) -> None:
        # What happened while another screen was shown has not been drawn here.
        self.post_message(self.Turned())

    def on_mount(self) -> None:
        self._titles()
        self.tell_keys()
        self.set_focus(self._candidates)

    @on(Resize)
    def share_out(self, event: Resize) -> None:
        """Give every panel its room."""
        room = layout(event.size.width, event.size.height)
        if room == self._room:
            return
        self._room = room
        self.set_class(not room.fits, "-small")
        self.set_class(not room.beside, "-narrow")
        self.set_class(room.two_pictures, "-two")
        self._keep_focus()
        self._text.styles.height = room.text_height
        self._strip.set_class(not room.framed_strip, "-bare")
        self.post_message(self.Turned())

    _room = layout(80, 24)  # what app.tcss and the classes at the start stand for
    _shown = 0  # index of the first picture
    _picture = False  # on a narrow screen: a picture in the place of the candidates

    def turn_view(self, by: int) -> None:
        """The next picture or the one before; on a narrow screen the candidates are one of them."""
        if self._room.beside:
            self._shown = (self._shown + by) % len(DRAWN)
        else:
            place = (self._shown + 1 if self._picture else 0) + by
            place %= len(DRAWN) + 1
            self._picture, self._shown = place > 0, max(0, place - 1)
        self.set_class(self._picture, "-picture")
        self.set_focus(self._candidates)
        self.post_message(self.Turned())

    def _keep_focus(self) -> None:
        """Only the chain takes keys of its own; another picture in its place, or none, must not keep them."""
        focused = self.focused
        on_view = dict(zip(self._panels, self.pictures, strict=False))
        if focused is None or (isinstance(focused, PicturePanel) and on_view.get(focused) != "Chain"):
            self.set_focus(self._candidates)

    @property
    def panels(self) -> tuple[str, ...]:
        """Whose keys work: those of the main screen, and of the chain where it has the focus."""
        return ("", "Chain") if isinstance(self.focused, PicturePanel) else ("",)

    @on(DescendantFocus)
    def tell_keys(self) -> None:
        """The footer shows the keys that work now."""
        self._footer.data = footer_keys(in_force(self.keys, self.app), self.panels[-1])

    def toggle_chain(self) -> None:
        """Show the chain and give it the keys, or give them back to the candidates."""
        chain = self._panels[0]
        if self.focused is chain:
            if self._picture and not self._room.beside:  # it took their place
                self._picture = False
                self.set_class(False, "-picture")
                self.post_message(self.Turned())
            self.set_focus(self._candidates)
            return
        self._shown, self._picture = list(DRAWN).index("Chain"), not self._room.beside
        self.set_class(self._picture, "-picture")
        chain.can_focus = True
        self.set_focus(chain)
        self.post_message(self.Turned())

    @on(PicturePanel.Chosen)
    def choose(self, message: PicturePanel.Chosen) -> None:
        """A tab was clicked: its picture comes to that panel."""
        at = list(DRAWN).index(message.name)
        self._shown = at if message.panel.id == "first" else (at - 1) % len(DRAWN)
        self._keep_focus()
        self.post_message(self.Turned())

    class Turned(Message):
        """Other pictures are to be shown."""

    @property
    def pictures(self) -> tuple[str, ...]:
        """The names of the pictures on view."""
        if not self._room.beside and not self._picture:
            return ()
        names = list(DRAWN)
        shown = [names[self._shown]]
        if self._room.two_pictures:
            shown.append(names[(self._shown + 1) % len(names)])
        return tuple(shown)

    def show_opening(self, name: str) -> None:
        """The first frame, before numpy, llama.cpp or the model is touched."""
        self._header.data = HeaderView(name, "", "", "", "", "opening", "busy")

    def _titles(
        self, text: str = "Text", legend: Sequence[tuple[str, str]] = (), drawn: str = "", changes: str = ""
    ) -> None:
        self._text.title(text, legend)
        mass = f"Mass · {drawn}" if drawn else "Probability mass: the coin falls on one token"
        self._strip.title(mass, changes)

    def show(self, view: StepView, parts: Parts, legend: Sequence[Run], drawn: str) -> None:
        """Hand the view down to the panels, the distribution as `draw` has drawn it.

        What is equal to what they show is not painted again.
        """
        if self._header.data != view.header:
            self._header.data = view.header
        self._text.data = view.text
        about = keep_whole(("Text", *view.text.about), self.size.width - 6)
        self._titles(about, legend, drawn, view.strip.changes if view.strip else "")
        self._status.data = view.status
        self._say(view)
        for panel, part in parts:
            panel.show(part)
        if view.candidates is not None:
            self._candidates.title(*candidates_titles(view.candidates, self._candidates.size.width))

    def draw(self, view: StepView) -> Parts:
        """The distribution of a view, drawn but not shown."""
        pictures = zip(self._panels, self.pictures, strict=False)
        shown: list[tuple[Picture, Any]] = [(self._strip, view.strip), (self._candidates, view.candidates)]
        shown += [(panel, (name, view)) for panel, name in pictures]
        return [(panel, panel.draw(data)) for panel, data in shown]

    _said = ""

    def _say(self, view: StepView) -> None:
        """A short remark takes the line of detail; trouble is a banner that is as high as its sentence."""
        said = view.notice if view.trouble else ""
        if said != self._said:
            self._said = said
            self._banner.update(Content(f"▲ {said}   {named('[cancel] closes this', self.keys, self.app)}"))
            self._banner.set_class(bool(said), "-shown")
        remark = bool(view.notice) and not view.trouble
        self._detail.data = ((view.notice,), "fact") if remark else (view.detail, "dim")
