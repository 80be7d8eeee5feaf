"""The table of the dialogs' keys: their bindings and the hints in them come from it, and they can be remapped too."""

from __future__ import annotations

from textual.binding import BindingType

from .keymap import Key

DIALOGS = "In dialogs"


def _row(name: str, keys: str, shown: str, does: str, tooltip: str, first: bool = False) -> Key:
    """`does` is the dialog's own action; `first`: before the field that has the focus sees the key."""
    return Key(name, tuple(keys.split(",")), shown, "", tooltip, DIALOGS, does=does, first=first,
               panel=name.split(".")[0])  # fmt: skip


DIALOG_KEYS = (
    _row("dialog.leave", "escape", "esc", "dismiss(None)", "Leave, and change nothing"),
    _row("prompt.accept", "enter", "enter", "accept", "Take the prompt", first=True),
    _row("prompt.newline", "ctrl+j", "ctrl+j", "newline", "Break the line", first=True),
    _row("prompt.chat", "ctrl+t", "ctrl+t", "chat", "Read the prompt as a chat message, or as it is", first=True),
    _row("help.close", "question_mark,q,f1", "?", "dismiss(None)", "Close the help"),
    _row("help.keys", "1", "1", "go(0)", "Go to the keys"),
    _row("help.panels", "2", "2", "go(1)", "Go to what you see"),
    _row("help.words", "3", "3", "go(2)", "Go to the words"),
    _row("copy.escaped", "e", "e", "dismiss('escaped')", "Copy the text as the screen shows it"),
    _row("copy.raw", "r", "r", "dismiss('raw')", "Copy the model's own characters"),
    _row("picker.list", "down", "↓", "list", "Go from the line to the list"),
    _row("find.up", "up", "↑", "move(-1)", "Highlight the token above", first=True),
    _row("find.down", "down", "↓", "move(1)", "Highlight the token below", first=True),
    _row("find.page_up", "pageup", "page up", "page(-1)", "A window up", first=True),
    _row("find.page_down", "pagedown", "page down", "page(1)", "A window down", first=True),
    _row("find.watch", "ctrl+t", "ctrl+t", "watch", "Watch the token over the text, or no more", first=True),
    _row("compare.left", "left", "←", "choose(-1)", "Choose the column to the left"),
    _row("compare.right", "right", "→", "choose(1)", "Choose the column to the right"),
    _row("compare.up", "up", "↑", "scroll(-1)", "Scroll up"),
    _row("compare.down", "down", "↓", "scroll(1)", "Scroll down"),
    _row("compare.page_up", "pageup", "page up", "page(-1)", "A page up"),
    _row("compare.page_down", "pagedown", "page down", "page(1)", "A page down"),
    _row("compare.adopt", "enter", "enter", "adopt", "Continue this text on the main screen"),
    _row("compare.go_on", "space", "space", "go_on", "Go on with the columns"),
    _row("compare.leave", "escape", "esc", "stop_or_leave", "Stop, then leave"),
    _row("pair.up", "up", "↑", "scroll(-1)", "Scroll up"),
    _row("pair.down", "down", "↓", "scroll(1)", "Scroll down"),
    _row("pair.page_up", "pageup", "page up", "page(-1)", "A page up"),
    _row("pair.page_down", "pagedown", "page down", "page(1)", "A page down"),
    _row("pair.first", "home", "home", "scroll(-999999)", "Scroll to the start"),
    _row("pair.last", "end", "end", "scroll(999999)", "Scroll to the end"),
)


def dialog_bindings(dialog: str) -> list[BindingType]:
    """The bindings of one dialog, by the first part of its rows' ids."""
    return [row.binding for row in DIALOG_KEYS if row.panel == dialog]
