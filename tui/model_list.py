"""The models found on this machine as lines of text: for the picker and for `tempviz models`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .display import cell_len, display, fit
from .opening import model_name

if TYPE_CHECKING:
    from ..models.discovery import FoundModel

HEADINGS = ("name", "architecture", "size", "quantisation", "context", "where")


def model_cells(model: FoundModel) -> tuple[str, ...]:
    """The columns of one model, safe to show."""
    # People know a file by its name; the name inside the file is what somebody's training run was called.
    name = model_name(model.path) if model.path.endswith(".gguf") else model.name
    return (
        display(name, max_cells=60),
        display(model.architecture or "–", max_cells=20),
        size_text(model.size),
        display(model.quantisation or "–", max_cells=12),
        f"{model.context:,}" if model.context else "–",
        display(model.source, max_cells=40),
    )


def model_line(model: FoundModel, width: int) -> str:
    """One line for the picker; a file that cannot be used says why."""
    name, architecture, size, quantisation, context, source = model_cells(model)
    if model.problem:
        return fit(f"{name}  {display(model.problem, max_cells=None)}", width)
    facts = f"{size:>8}  {quantisation:<6}  {context:>9}"
    if width >= 90:
        facts = f"{architecture:<8} {facts}  {source}"
    return fit(fit(name, max(16, width - cell_len(facts) - 2)) + "  " + facts, width)


def model_object(model: FoundModel) -> dict[str, Any]:
    """One model for JSON and CSV."""
    return {
        "path": model.path,
        "source": model.source,
        "name": model.name,
        "architecture": model.architecture,
        "size": model.size,
        "quantisation": model.quantisation,
        "context": model.context,
        "problem": model.problem,
    }


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines with aligned columns."""
    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(fit(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def size_text(size: int) -> str:
    """Bytes for a person: "98 MB", "4.7 GB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
