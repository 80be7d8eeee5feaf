"""Opening a model for the app and the sub-commands: the file is checked, then loaded in a child process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ..models.engine import EngineError, LanguageModel, Loading, OwnedModel, PromptTooLong


def model_name(path: str) -> str:
    """How a model is called: its file's name, which people know, not the name in its header, which they do not."""
    return os.path.basename(path).removesuffix(".gguf")


def opener(n_ctx: int | None, n_threads: int | None):
    """A way to open a model by its path, for `EngineThread`; with the context size and threads asked for."""

    def open_model(path: str, progress: Loading, spawned: Callable[[OwnedModel], None]) -> OwnedModel:
        from ..models.file_check import resolve_model
        from ..models.worker import RemoteModel

        return RemoteModel.open(
            resolve_model(path), n_ctx=n_ctx, n_threads=n_threads, progress=progress, on_spawn=spawned
        )

    return open_model


@contextmanager
def opened(
    path: str, prompt: tuple[str, bool], n_ctx: int | None, n_threads: int | None
) -> Iterator[tuple[LanguageModel, tuple[int, ...]]]:
    """A model for a sub-command with the tokens of a prompt (its text, and whether as chat); closed at the end.

    What goes wrong with the model inside becomes an error of the command line.
    """
    from .cli import ModelError

    spawned: list[OwnedModel] = []
    try:
        model = opener(n_ctx, n_threads)(path, lambda fraction, reading: None, spawned.append)
        text, chat = prompt
        yield model, model.chat_tokens(text) if chat else model.tokenize(text)
    except PromptTooLong as error:
        raise click.UsageError(str(error)) from None
    except EngineError as error:
        raise ModelError(str(error)) from None
    finally:
        for each in spawned:
            each.close()
