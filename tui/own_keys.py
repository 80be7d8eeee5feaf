"""The person's own keys: `keys.toml` in the platform's configuration folder, action = "key,key".

    step = "space,j"
    hotter = "plus"

The names are the ids of the keymap (and of dialogs), the keys are in Textual's spelling.
"""

from __future__ import annotations

from pathlib import Path

from .display import display
from .keymap import BY_ID


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
    keys = {name: value for name, value in table.items() if isinstance(value, str) and name in BY_ID and value.strip()}
    unknown = sorted(set(table) - set(keys))
    if unknown:
        return keys, f"{display(str(file))}: no such action, or no keys: {display(', '.join(unknown), max_cells=120)}"
    return keys, ""
