"""How fast the lab is there: its first frame beside an empty Textual app, its numbers beside `import numpy`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from .report import Row, percentiles
from .screen_times import paired_first_frames
from .subjects import EMPTY_APP, INSTALLED

PRINTED = [*INSTALLED, "lab", "1", "2", "-t", "2", "--format", "json"]
IMPORT_NUMPY = [sys.executable, "-c", "import numpy"]


def first_frame() -> Iterator[Row]:
    """From the command to the first text on the screen."""
    ours, reference = paired_first_frames([*INSTALLED, "lab"], EMPTY_APP, 9)
    (a, _), (b, _) = percentiles(ours), percentiles(reference)
    yield Row("lab, first frame", a, b, "ms", "empty app", "<= 1.5")


def printing() -> Iterator[Row]:
    """The whole process, in turns; the first run of each only warms the disk."""
    pairs = [(_run(PRINTED), _run(IMPORT_NUMPY)) for _ in range(16)][1:]
    (a, _), (b, _) = (percentiles(times) for times in zip(*pairs, strict=True))
    yield Row("lab, two logits as JSON", a, b, "ms", "import numpy", "<= 4")


def _run(command: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began
