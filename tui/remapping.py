"""The person's own keys laid over the tables, so that footer, help, palette and dialogs name the keys that work."""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.keys import _character_to_key

from .keymap import Key

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


def named(sentence: str, table: tuple[Key, ...], app: object) -> str:
    """A sentence in which `[id]` stands for the keys of that row of the table."""
    rows = {row.id: row for row in in_force(table, app)}
    return re.sub(r"\[([\w.]+)\]", lambda match: rows[match[1]].shown, sentence)
