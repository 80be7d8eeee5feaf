"""A line of input that holds exactly what was typed and shows it safely."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.events import Key
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import Input

from ..display import one_for_one


async def do_at_once(widget: Widget, event: Key) -> None:
    """Do what the widget has a key bound to, so that its keys are done in the order in which they were typed.

    Textual has letters typed at once, but a backspace or an arrow only when the key has passed all widgets up to the
    app, behind letters that were typed after it: who is fast loses the wrong ones.
    """
    for binding in widget._bindings.key_to_bindings.get(event.key, ()):
        if await widget.app.run_action(binding.action, widget):  # what it skips is for those around it
            event.stop()
            event.prevent_default()
            return


class SafeInput(Input):
    """What must not reach the terminal is drawn as a stand-in, one for each character."""

    # Not as Textual's, which has the whole screen laid out with every letter, though no input grows with its text.
    virtual_size = Reactive(Size(0, 0))

    @property
    def _value(self) -> Text:
        return Text(one_for_one(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(one_for_one(self.value[:position]))

    async def on_key(self, event: Key) -> None:
        await do_at_once(self, event)
