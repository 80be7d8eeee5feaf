"""The models used last, remembered in the platform's folder for state."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

RECENT = 10


def remember_model(path: str | os.PathLike[str]) -> None:
    """Put a model first in the list of `recent_models`. A list that cannot be written is not worth an error."""
    path = os.path.abspath(path)
    others = [other for other in _read_recent() if other != path]
    file = _recent_file()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as out:
                json.dump([path, *others][:RECENT], out)
            os.replace(draft, file)
        except OSError:
            os.unlink(draft)
    except OSError:
        return


def recent_models() -> list[str]:
    """Paths of the models used last that are still there, newest first, at most 10."""
    return [path for path in _read_recent() if os.path.isfile(path)][:RECENT]


def _recent_file() -> Path:
    import platformdirs

    return platformdirs.user_state_path("tempviz", appauthor=False) / "recent-models.json"


def _read_recent() -> list[str]:
    try:
        with open(_recent_file(), "rb") as file:
            paths = json.loads(file.read(1 << 20))
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(paths, list):
        return []
    return [path for path in paths if isinstance(path, str) and path and "\0" not in path]
