"""What this process needs before it can draw on a terminal well."""

from __future__ import annotations

import gc
import io
import sys


def prepare_terminal() -> None:
    """To be called before Textual is imported."""
    # A collection in the middle of a frame can be felt, and at the start there is nothing to collect. Textual keeps
    # most of what it makes until the next frame replaces it, so the default of 700 objects is passed with every key.
    gc.set_threshold(50_000, 20, 100)
    # With PYTHONUNBUFFERED, as in most containers, Textual's file is a raw one, which loses the rest of a frame that a
    # signal interrupts: a new size of the window garbles it.
    if isinstance(getattr(sys.__stderr__, "buffer", None), io.RawIOBase):
        sys.stderr = sys.__stderr__ = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
