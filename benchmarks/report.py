"""What a benchmark says: each figure beside its reference from the same run, their ratio, and the bound promised."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil


@dataclass(frozen=True)
class Row:
    """One line of the table; `bound` is what the ratio must keep to ("<= 2", ">= 0.9"), nothing if only stated."""

    name: str
    measured: float
    reference: float
    unit: str
    against: str  # what the reference is
    bound: str = ""

    @property
    def ratio(self) -> float:
        """measured / reference."""
        return self.measured / self.reference if self.reference else float("nan")

    @property
    def kept(self) -> bool | None:
        """Whether the bound holds; None where there is none."""
        if not self.bound:
            return None
        sign, limit = self.bound.split()
        return self.ratio <= float(limit) if sign == "<=" else self.ratio >= float(limit)


def print_table(rows: Iterable[Row], before: float) -> bool:
    """Print the rows under the machine they were measured on; whether every bound was kept.

    `before` is the load of the machine when the measuring began.
    """
    rows = list(rows)
    header = ("benchmark", "measured", "reference", "ratio", "bound", "")
    lines = [header, *(cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    print(machine())
    print(load(before))
    for line in lines:
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())
    return all(row.kept is not False for row in rows)


def machine() -> str:
    """One line: processor, cores that may be used, system, and the versions that matter."""
    names = ("tempviz", "textual", "llama_cpp_python", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory().total / 1e9
    system = f"{platform.system()} {platform.release()}"
    return f"{_processor()}, {cores} cores, {memory:.0f} GB, {system}, Python {platform.python_version()}, {versions}"


def load(before: float) -> str:
    """What other programs took of the processor; two decoding threads suffer far more from it than one."""
    warning = ": other programs were running, do not trust the times" if before > 0.5 else ""
    return f"load average {before:.1f} before the first benchmark{warning}"


def threads() -> int:
    """Physical cores that this process may use; both sides of every comparison get this number."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile, in milliseconds."""
    p50, p95 = np.percentile(np.asarray(seconds) * 1e3, (50, 95))
    return float(p50), float(p95)


def cells(row: Row) -> tuple[str, ...]:
    """What stands in the columns of a row."""
    kept = {None: "", True: "ok", False: "MISSED"}[row.kept]
    reference = f"{row.reference:.4g} {row.unit} ({row.against})"
    return row.name, f"{row.measured:.4g} {row.unit}", reference, f"{row.ratio:.3g}", row.bound, kept


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or sys.platform
