"""The person's own keys: `keys.toml` in the platform's configuration folder, action = "key,key".

    step = "space,j"
    hotter = "plus"

The names are the ids of the tables (`keymap.py`, `lab_keys.py`, `dialog_keys.py`), the keys are in Textual's spelling;
a character stands for its key.
"""

from __future__ import annotations

from pathlib import Path

from textual.keys import Keys, _character_to_key

from .dialog_keys import DIALOG_KEYS
from .display import display
from .keymap import KEYS
from .lab_keys import LAB_KEYS


def own_keys_file() -> Path:
    """Where the file is looked for."""
    import platformdirs

    return platformdirs.user_config_path("tempviz", appauthor=False) / "keys.toml"


def read_own_keys(file: Path | None = None) -> tuple[dict[str, str], str]:
    """(action id → keys, what is wrong with the file). What is wrong is left out; the rest counts."""
    import tomllib

    file = file or own_keys_file()
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}, ""
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return {}, f"{display(str(file))} is not used: {display(str(error), max_cells=120)}"
    ids = {row.id for row in (*KEYS, *LAB_KEYS, *DIALOG_KEYS)}
    own = {name: keys for name, value in table.items() if name in ids and (keys := _keys(value))}
    unknown = sorted(set(table) - set(own))
    if unknown:
        return (
            own,
            f"{display(str(file))}: no such action, or no such key: {display(', '.join(unknown), max_cells=120)}",
        )
    return own, ""


def _keys(value: object) -> str:
    """The keys of an entry in the spelling of bindings; "" if any is none."""
    names = value.split(",") if isinstance(value, str) else []
    keys = [_character_to_key(name) if len(name) == 1 else name for name in map(str.strip, names)]
    return ",".join(keys) if keys and all(map(_is_key, keys)) else ""


def _is_key(name: str) -> bool:
    """A terminal may send it: a key with a name, a character, or either with ctrl, alt or shift."""
    *modifiers, last = name.split("+")
    named = last in _NAMED or (len(last) == 1 and last.isprintable())
    return name in _NAMED or (named and set(modifiers) <= {"ctrl", "alt", "shift"})


_NAMED = {key.value for key in Keys} | {_character_to_key(chr(code)) for code in range(32, 127)}
