"""Opening a model for the app and the sub-commands: the file is checked, then loaded in a child process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable

from ..models.engine import LanguageModel


def model_name(path: str) -> str:
    """How a model is called: its file's name, which people know, not the name in its header, which they do not."""
    return os.path.basename(path).removesuffix(".gguf")


def opener(n_ctx: int | None, n_threads: int | None):
    """A way to open a model by its path, for `EngineThread`; with the context size and threads asked for."""

    def open_model(
        path: str, progress: Callable[[float], None], spawned: Callable[[LanguageModel], None]
    ) -> LanguageModel:
        from ..models.file_check import resolve_model
        from ..models.worker import RemoteModel

        model = RemoteModel(resolve_model(path), n_ctx, n_threads)
        spawned(model)
        model.load(progress)
        return model

    return open_model
