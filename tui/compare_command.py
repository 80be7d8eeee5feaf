"""`tempviz compare`: one prompt at several temperatures with the same coins, side by side on stdout."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from ..models.compare import Comparison, decoded
from ..models.engine import ModelInfo
from ..models.state import Settings
from .compare_view import compare_view
from .display import display
from .opening import model_name, opened
from .renderables.compare import compare_lines
from .renderables.formats import count, counted
from .text_out import guarded

UNKNOWN_WIDTH = 100
"""Cells of the table where there is no terminal."""


def print_comparison(
    model: str,
    prompt: tuple[str, bool],
    temperatures: Sequence[float],
    limit: int,
    settings: Settings,
    style: str,
    n_ctx: int | None,
    n_threads: int | None,
) -> None:
    """Decode a column per temperature, at most `limit` tokens each, and print them as "table", "json" or "csv".

    `settings` are the seed and the chain, whose temperature is each column's own.
    """
    with opened(model, prompt, n_ctx, n_threads) as (language_model, tokens):
        info = language_model.info
        beginning = comparison = Comparison.of(info, tokens, temperatures, limit, settings)
        tell, clear = _progress()
        try:
            for comparison in decoded(beginning, language_model):
                tell(comparison)
        finally:
            clear()
    _PRINTERS[style](comparison, info)
    if any(column.end == "context" for column in comparison.columns):
        full = f"tempviz: The context of {count(info.n_ctx)} tokens is full, so not all columns have {count(limit)}."
        click.echo(f"{full} A larger --ctx holds more.", err=True)


def _progress() -> tuple[Callable[[Comparison], None], Callable[[], None]]:
    """(tell how far it is, wipe that away) on stderr; both do nothing where nobody looks at it."""
    if not sys.stderr.isatty():
        return lambda comparison: None, lambda: None

    def tell(comparison: Comparison) -> None:
        done, total = comparison.progress
        click.echo(f"\r{count(done)} of {count(total)} tokens\x1b[K", nl=False, err=True)

    return tell, lambda: click.echo("\r\x1b[K", nl=False, err=True)


def _json(comparison: Comparison, info: ModelInfo) -> None:
    """One object."""
    columns = [
        {
            "temperature": column.temperature,
            "tokens": list(column.tokens),
            "text": info.vocabulary.text(column.tokens),
            "surprisal_bits": list(column.surprisal_bits),
            "entropy_bits": list(column.entropy_bits),
            "ended": column.end == "eog",
        }
        for column in comparison.columns
    ]
    whole: dict[str, Any] = {
        "model": info.path,
        "prompt_tokens": list(comparison.given),
        "seed": comparison.settings.seed,
        "columns": columns,
    }
    print(json.dumps(whole, allow_nan=False))


def _csv(comparison: Comparison, info: ModelInfo) -> None:
    """One row per column and position, both from 0; `text` is safe to show, `bytes` is exact."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("column", "temperature", "position", "id", "text", "bytes", "surprisal_bits", "entropy_bits"))
    for i, column in enumerate(comparison.columns):
        tokens = zip(column.tokens, column.surprisal_bits, column.entropy_bits, strict=True)
        for position, (token, surprisal, entropy) in enumerate(tokens):
            piece = info.vocabulary.piece(token)
            text = guarded(display(piece, max_cells=None))
            writer.writerow((i, column.temperature, position, token, text, piece.hex(), surprisal, entropy))


def _table(comparison: Comparison, info: ModelInfo) -> None:
    """The columns side by side, as wide as the terminal."""
    view = compare_view(comparison)
    heading = (
        display(model_name(info.path)),
        counted(len(comparison.given), "prompt token"),
        f"seed {comparison.settings.seed}",
        counted(info.n_threads, "thread"),
    )
    chain = ";".join(stage.name for stage in comparison.settings.samplers)
    print(" · ".join((*heading, f"chain {chain}") if chain else heading), end="\n\n")
    width = shutil.get_terminal_size((UNKNOWN_WIDTH, 0)).columns
    for row in compare_lines(view, width):
        print("".join(text for text, _ in row).rstrip())
    print(f"\n{view.parting}")


_PRINTERS = {"json": _json, "csv": _csv, "table": _table}
