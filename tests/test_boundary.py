"""The boundaries that hold the design together, proved by imports in a fresh process and by reading the sources."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import tempviz.models

ROOT = Path(__file__).parents[1]
MODELS, TUI, TESTS, BENCHMARKS = (ROOT / name for name in ("models", "tui", "tests", "benchmarks"))
SOURCES = sorted(path for folder in (MODELS, TUI, TESTS, BENCHMARKS) for path in folder.rglob("*.py"))

CHILD_ONLY = {"llama", "llama_native"}
"""Modules that only the child process imports: they load llama.cpp."""

SCREEN = {"textual", "rich"}
NUMERIC = {
    "numpy",
    "softmax",
    "ranking",
    "distribution",
    "sampling",
    "transforms",
    "chain",
    "row",
    "generate",
    "update",
}
"""What computes; a widget only draws what it is given."""

MAX_LINES = 400


def loaded_by(*modules: str) -> set[str]:
    """The top-level packages in `sys.modules` of a fresh process that imported these modules."""
    script = f"import {', '.join(modules)}, sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def names_of(path: Path) -> Iterator[tuple[str, int]]:
    """(every module or member that a file imports, by the parts of its dotted name; its line)."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                yield f"{base}.{alias.name}" if node.module else base + alias.name, node.lineno


def imports(folder: Path, *parts: str) -> list[str]:
    """Where files of a folder import something with one of these parts in its dotted name, as "file:line"."""
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(folder.rglob("*.py"))
        for name, line in names_of(path)
        if set(parts) & set(name.split("."))
    ]


# ---- what an import loads ------------------------------------------------------------------------------------------


def test_the_core_loads_neither_screen_nor_llama_cpp():
    found = {module.name for module in pkgutil.iter_modules(tempviz.models.__path__)}
    assert found >= CHILD_ONLY
    core = sorted(found - CHILD_ONLY)
    assert len(core) > 20
    loaded = loaded_by(*(f"tempviz.models.{name}" for name in core))
    assert "numpy" in loaded  # the process did import them
    assert not loaded & (SCREEN | {"llama_cpp"})


def test_the_modules_of_the_child_are_those_that_load_llama_cpp():
    for name in CHILD_ONLY:
        assert "llama_cpp" in loaded_by(f"tempviz.models.{name}")


def test_the_screen_never_loads_llama_cpp():
    loaded = loaded_by("tempviz.tui.app", "tempviz.tui.run", "tempviz.tui.probs", "tempviz.tui.view")
    assert "textual" in loaded
    assert "llama_cpp" not in loaded


def test_the_command_line_loads_nothing_heavy():
    assert not loaded_by("tempviz.tui.cli") & {"numpy", "textual", "rich", "llama_cpp", "jinja2"}


# ---- what the sources say ------------------------------------------------------------------------------------------


def importing(*packages: str) -> dict[Path, list[int]]:
    """The files that import one of these top-level packages, and the lines where they do."""
    found: dict[Path, list[int]] = {}
    for path in SOURCES:
        for name, line in names_of(path):
            if name.partition(".")[0] in packages:
                found.setdefault(path.relative_to(ROOT), []).append(line)
    return found


def test_no_second_copy_of_a_package():
    assert not importing("models", "tui"), "import tempviz.models or tempviz.tui, or relatively"


def test_no_screen_in_the_core():
    assert not imports(MODELS, "textual", "rich", "tui")


def test_llama_cpp_only_in_the_child():
    # One file imports it, by name and not by a statement.
    assert not [path for path in importing("llama_cpp") if path.parts[0] in ("models", "tui")]
    program = {path for path in SOURCES if path.is_relative_to(ROOT / "models") or path.is_relative_to(ROOT / "tui")}
    by_name = {path for path in program if "find_spec(name)" in path.read_text("utf-8")}
    assert by_name == {ROOT / "models" / "llama_native.py"}


def test_widgets_compute_nothing():
    assert not imports(TUI / "widgets", *NUMERIC), "numbers come down in the view"


def markup_sinks(tree: ast.AST) -> Iterator[int]:
    """The lines where text would be read as markup."""
    sinks = {"from_markup", "render_markup"}
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "markup":
            if not (isinstance(node.value, ast.Constant) and node.value.value is False):
                yield node.value.lineno
        elif (isinstance(node, ast.Attribute) and node.attr in sinks) or (
            isinstance(node, ast.alias) and node.name in sinks
        ):
            yield node.lineno


def test_no_text_reaches_markup():
    """Model text in markup would crash the app or run an action."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(TUI.rglob("*.py"))
        for line in markup_sinks(ast.parse(path.read_text("utf-8")))
    ]
    assert not wrong


def test_files_stay_small():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert len(lengths) > 60
    assert not {path: n for path, n in lengths.items() if n > MAX_LINES}


# ---- that these tests can fail -------------------------------------------------------------------------------------


def test_a_breach_is_seen(tmp_path: Path):
    source = tmp_path / "breach.py"
    source.write_text("import models.row\nfrom tui import view\nfrom ...models import softmax\nfrom ..row import Row\n")
    assert [name for name, _ in names_of(source)] == ["models.row", "tui.view", "...models.softmax", "..row.Row"]
    assert "textual" in loaded_by("tempviz.models.row", "textual")
    sinks = "Static(x, markup=True)\nStatic(x, markup=False)\nText.from_markup(x)\nnotify(x, markup=y)"
    assert list(markup_sinks(ast.parse(sinks))) == [1, 3, 4]
