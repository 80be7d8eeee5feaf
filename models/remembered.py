"""What the app remembers from one start to the next: one small JSON file each, in the platform's folder for state."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def remembered(name: str) -> Any:
    """What was remembered under a name; None for nothing, and for what is no JSON any more."""
    try:
        with open(state_file(name), "rb") as file:
            return json.loads(file.read(1 << 20))
    except (OSError, ValueError, RecursionError):
        return None


def remember(name: str, value: Any) -> None:
    """Remember a value under a name, whole or not at all. What cannot be written is not worth an error."""
    file = state_file(name)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as out:
                json.dump(value, out)
            os.replace(draft, file)
        except OSError:
            os.unlink(draft)
    except OSError:
        return


def state_file(name: str) -> Path:
    """Where it is kept."""
    import platformdirs

    return platformdirs.user_state_path("tempviz", appauthor=False) / f"{name}.json"
