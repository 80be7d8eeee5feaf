"""Dialogs only speak: they are dismissed with what the person wants, or with None."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Static, TextArea

from ...models.breakpoints import Breakpoints
from ..dialog_keys import DIALOG_KEYS, dialog_bindings
from ..display import display, one_for_one
from ..keymap import KEYS
from ..remapping import named
from ..widgets.direct import LinesScreen
from ..widgets.safe_input import SafeInput, do_at_once

Number = TypeVar("Number", int, float)


class Dialog(LinesScreen, ModalScreen):
    """A box above the main screen; escape leaves everything as it was."""

    CSS_PATH = "../dialogs.tcss"  # from the folder of these screens
    BINDINGS: ClassVar[list[BindingType]] = dialog_bindings("dialog")

    def named(self, sentence: str) -> str:
        """A sentence in which `[id]` stands for the keys of a dialog's row."""
        return named(sentence, DIALOG_KEYS, self.app)

    def hint(self, sentence: str) -> Static:
        """A line that tells which keys do what, `[id]` standing for those of a dialog's row."""
        return Static(Content(self.named(sentence)), classes="hint")


class Reason(Static):
    """Why a dialog does not take what was typed; it has no room until there is something to say."""

    def __init__(self) -> None:
        super().__init__(classes="reason", markup=False)
        self.display = False

    def say(self, sentence: str) -> None:
        """Show the reason, or with "" that there is none."""
        self.update(Content(display(sentence, max_cells=None)))
        self.display = bool(sentence)


class SafeTextArea(TextArea):
    """Edits any text, shows it safely: what must not reach the terminal is drawn as a stand-in."""

    def get_line(self, line_index: int) -> Text:
        line = self.document.get_line(line_index)
        return Text(line if line.isascii() and line.isprintable() else one_for_one(line), end="", no_wrap=True)

    async def on_key(self, event: Key) -> None:
        await do_at_once(self, event)


class PromptEditor(Dialog):
    """Several lines of prompt; dismissed with (text, as chat)."""

    BINDINGS: ClassVar[list[BindingType]] = dialog_bindings("prompt")

    def __init__(self, text: str, chat: bool) -> None:
        super().__init__()
        self._text, self._chat = text, chat

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content("Prompt: typing replaces it, an arrow keeps it")
            yield SafeTextArea(self._text, soft_wrap=True, id="prompt")
            yield Static(id="chat", classes="hint", markup=False)
            yield self.hint("[prompt.accept] accepts · [prompt.newline]: new line · [dialog.leave] leaves")

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        # What is typed replaces the prompt; an arrow keeps it.
        area.select_all()
        self._tell()

    def _tell(self) -> None:
        chat, text = "as a chat message", "as it is"
        now, other = (chat, text) if self._chat else (text, chat)
        self.query_one("#chat", Static).update(Content(self.named(f"read {now} · [prompt.chat]: {other}")))

    # Both keys go before the editor's own, so they wait their turn behind the letters that it has not seen yet.

    def action_accept(self) -> None:
        """Hand the text over."""
        self.query_one(TextArea).call_later(self._accept)

    def _accept(self) -> None:
        self.dismiss((self.query_one(TextArea).text, self._chat))

    def action_newline(self) -> None:
        """Break the line."""
        area = self.query_one(TextArea)
        area.call_later(lambda: area.insert("\n"))

    def action_chat(self) -> None:
        """As a chat message, or as it is."""
        self._chat = not self._chat
        self._tell()


class HelpScreen(Dialog):
    """The keys, the panels and the words, explained; arrows scroll, a digit goes to a section."""

    BINDINGS: ClassVar[list[BindingType]] = dialog_bindings("help")

    def __init__(self, sections: Callable[[int], dict[str, Content]]) -> None:
        """`sections` for lines of so many cells."""
        super().__init__()
        self._wrapped = sections
        self._sections = sections(1000)

    def compose(self) -> ComposeResult:
        keys = (self.named(key) for key in ("[help.keys]", "[help.panels]", "[help.words]"))
        names = [f"{key} {name.lower()}" for key, name in zip(keys, self._sections, strict=True)]
        with VerticalScroll(classes="box") as box:
            box.border_title = Content(f"Help · {' · '.join(names)}")
            box.border_subtitle = Content(self.named("↑↓ scroll · [dialog.leave] closes"))
            for name, text in self._sections.items():
                yield Static(Content(name), classes="heading")
                yield Static(text, classes="section")

    def on_resize(self) -> None:
        self.call_after_refresh(self._wrap)

    def _wrap(self) -> None:
        shown = list(self.query(".section").results(Static))
        texts = self._wrapped(shown[0].content_size.width) if shown else {}
        for static, text in zip(shown, texts.values(), strict=False):
            static.update(text)

    def action_go(self, section: int) -> None:
        """Scroll to a section."""
        heading = list(self.query(".heading"))[section]
        self.query_one(VerticalScroll).scroll_to_widget(heading, top=True, animate=False)


class AutoDialog(Dialog):
    """How far and how fast to step; dismissed with (count or None, tokens a second or None)."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content("Step by itself")
            yield Static(Content("How many tokens? Empty: until the text ends."), classes="hint")
            yield SafeInput("20", type="integer", id="count")
            yield Static(Content("At most how many a second? Empty: as fast as the model."), classes="hint")
            yield SafeInput("2", type="number", id="rate")
            yield Reason()
            stops = named("[auto] or [cancel] stops it", KEYS, self.app)
            yield self.hint(f"enter starts · tab moves · [dialog.leave] leaves; {stops}")

    def on_mount(self) -> None:
        self.query_one("#count", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand both numbers over, or say what is wrong with them."""
        try:
            self.dismiss((self._asked("count", int, "Tokens"), self._asked("rate", float, "Tokens a second")))
        except ValueError as error:
            self.query_one(Reason).say(str(error))

    def _asked(self, field: str, kind: type[Number], what: str) -> Number | None:
        text = self.query_one(f"#{field}", Input).value.strip()
        with suppress(ValueError):
            number = kind(text) if text else None
            if number is None or 0 < number < 1e6:
                return number
        raise ValueError(f"{what}: {'a whole number' if kind is int else 'a number'} above 0, or nothing.")


class CopyDialog(Dialog):
    """Which form of the text to copy; dismissed with "escaped" or "raw"."""

    BINDINGS: ClassVar[list[BindingType]] = dialog_bindings("copy")

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content("Copy the text to the clipboard")
            yield Static(
                Content(
                    f"{self.named('[copy.escaped]')}  escaped: what is not printable is spelled out, as on the screen"
                )
            )
            yield Static(
                Content(f"{self.named('[copy.raw]')}  raw: exactly the model's characters; careful where you paste it")
            )
            yield self.hint("The terminal must allow it (OSC 52). [dialog.leave] leaves.")


class Tick(Checkbox):
    """Textual's draws its X always, and off in another colour only."""

    def render(self) -> Content:
        self.BUTTON_INNER = "X" if self.value else " "
        return super().render()


class BreakpointDialog(Dialog):
    """Where an auto run is to stop; dismissed with the breakpoints."""

    FIELDS = (
        ("entropy", "entropy above, in bits", "number"),
        ("prob", "the coin's token less probable than, in %", "number"),
        ("rank", "the coin's token beyond rank", "integer"),
        ("pattern", "a token or regular expression about to appear", "text"),
    )

    def __init__(self, now: Breakpoints) -> None:
        super().__init__()
        percent = None if now.prob_below is None else now.prob_below * 100
        values = (now.entropy_above, percent, now.rank_beyond, now.pattern or None)
        self._values = [
            "" if value is None else f"{value:g}" if isinstance(value, float) else str(value) for value in values
        ]
        self._one_left = now.one_left

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="box", can_focus=False) as box:
            box.border_title = Content("Stop auto before a token where …")
            for (name, label, kind), value in zip(self.FIELDS, self._values, strict=True):
                yield Static(Content(label), classes="hint")
                yield SafeInput(value, placeholder="off", type=kind, id=name, compact=True)  # type: ignore[arg-type]
            yield Tick("the chain leaves one token only", self._one_left, id="one", compact=True)
            yield Reason()
            yield self.hint("enter sets them · empty is off · tab moves · [dialog.leave] leaves")

    def on_mount(self) -> None:
        self.query_one("#entropy", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the breakpoints over, or say what is wrong with them."""
        entropy, prob, rank, pattern = (self.query_one(f"#{name}", Input).value for name, _, _ in self.FIELDS)
        try:
            wanted = Breakpoints(
                float(entropy) if entropy.strip() else None,
                float(prob) / 100 if prob.strip() else None,
                int(rank) if rank.strip() else None,
                pattern,
                self.query_one(Checkbox).value,
            )
        except ValueError as error:
            self.query_one(Reason).say(f"Not set: {error}.")
            return
        self.dismiss(wanted)


class NameDialog(Dialog):
    """One line of text; dismissed with it."""

    def __init__(self, title: str, name: str = "", may_be_empty: bool = False) -> None:
        super().__init__()
        self._title, self._name, self._may_be_empty = title, name, may_be_empty

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = Content(self._title)
            yield SafeInput(self._name, placeholder="a name", id="name", compact=True)
            yield self.hint("enter saves · [dialog.leave] leaves")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the name over."""
        if event.value.strip() or self._may_be_empty:
            self.dismiss(event.value.strip())
