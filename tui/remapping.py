"""The person's own keys laid over the tables, so that footer, help, palette and dialogs name the keys that work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.keys import _character_to_key

from .display import display
from .keymap import KEYS, Key

if TYPE_CHECKING:
    from ..models.state import Notice

_NAMES = {_character_to_key(char): char for char in map(chr, range(33, 127))} | {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "page up",
    "pagedown": "page down",
    "escape": "esc",
    "delete": "del",
}


def spelled(keys: tuple[str, ...]) -> str:
    """Keys as the screen shows them; — for none."""
    return " or ".join(_NAMES.get(key, key) for key in keys) or "—"


def remapped(table: tuple[Key, ...], own: Mapping[str, str]) -> tuple[Key, ...]:
    """The table with a person's own keys (id → keys with commas); a key that they took from a row, it has no more."""
    if not own:
        return table
    taken = {(row.panel, key) for row in table if row.id in own for key in own[row.id].split(",")}
    rows = []
    for row in table:
        mine = own[row.id].split(",") if row.id in own else [key for key in row.keys if (row.panel, key) not in taken]
        keys = tuple(mine)
        rows.append(row if keys == row.keys else row._replace(keys=keys, shown=spelled(keys)))
    return tuple(rows)


def in_force(table: tuple[Key, ...], app: object) -> tuple[Key, ...]:
    """The table with the own keys that this app goes by."""
    return remapped(table, getattr(app, "own_keys", {}))


def key_names(table: tuple[Key, ...], app: object = None) -> dict[str, str]:
    """The keys of every row as the screen shows them, by the row's id."""
    return {row.id: row.shown for row in in_force(table, app)}


KEY_NAMES = key_names(KEYS)
"""Those of the table as it is."""


def filled(sentence: str, names: Mapping[str, str]) -> str:
    """A sentence in which `[id]` stands for the keys of that row. It must hold nothing of a model or a person."""
    return _ROW.sub(lambda match: names[match[1]], sentence)


_ROW = re.compile(r"\[([\w.]+)\]")


def named(sentence: str, table: tuple[Key, ...], app: object) -> str:
    """`filled` by a table with the own keys that this app goes by."""
    return filled(sentence, key_names(table, app))


def said_by(notice: Notice, names: Mapping[str, str]) -> str:
    """A notice, safe to be drawn."""
    text = display(notice.text, max_cells=None)
    return f"{text} {filled(notice.hint, names)}" if notice.hint else text
