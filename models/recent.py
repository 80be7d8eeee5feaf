"""The models used last."""

from __future__ import annotations

import os

from .remembered import remember, remembered

RECENT = 10

_NAME = "recent-models"


def remember_model(path: str | os.PathLike[str]) -> None:
    """Put a model first in the list of `recent_models`."""
    path = os.path.abspath(path)
    remember(_NAME, [path, *(other for other in _read_recent() if other != path)][:RECENT])


def recent_models() -> list[str]:
    """Paths of the models used last that are still there, newest first, at most 10."""
    return [path for path in _read_recent() if os.path.isfile(path)][:RECENT]


def _read_recent() -> list[str]:
    paths = remembered(_NAME)
    if not isinstance(paths, list):
        return []
    return [path for path in paths if isinstance(path, str) and path and "\0" not in path]
