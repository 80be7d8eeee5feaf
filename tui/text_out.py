"""What leaves the app as text: the command that repeats it, and the text itself, escaped or raw."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import Any

from ..models.chain_edits import Samplers
from ..models.state import State
from .display import display


def repeat_command(state: State, n_ctx: int | None, n_threads: int | None) -> str:
    """The command that opens the same model with the same settings and prompt.

    A bias has no option: a second line says that the command leaves it out.
    """
    # What is on view is of the model that was there before, as long as another one is not open.
    model = state.model if state.phase == "ready" or state.info is None else state.info.path
    parts = [shell_quoted(program()), shell_quoted(model), "-p", shell_quoted(state.prompt)]
    if state.chat:
        parts.append("--chat")
    parts += ["-t", shortest(state.settings.temperature), "--seed", str(state.settings.seed)]
    parts += sampler_arguments(state.settings.samplers)
    if n_ctx is not None:
        parts += ["--ctx", str(n_ctx)]
    if n_threads is not None:
        parts += ["--threads", str(n_threads)]
    # As a prompt, - stands for the standard input.
    command = ("echo - | " if state.prompt == "-" else "") + " ".join(parts)
    biased = any(stage.name == "logit_bias" for stage in state.settings.samplers)
    return f"{command}\n# The chain's logit bias has no option, so this draws without it." if biased else command


def sampler_arguments(samplers: Samplers) -> list[str]:
    """The options that make this chain again."""
    if not samplers:
        return []
    parts = ["--samplers", shell_quoted(";".join(stage.name for stage in samplers if stage.name != "logit_bias"))]
    for stage in samplers:
        for field, knob in stage.knobs().items():
            if knob.option not in ("temp", "min-keep") and getattr(stage, field) != getattr(type(stage)(), field):
                parts += [f"--{knob.option}", shortest(getattr(stage, field))]
    return parts


def shell_quoted(text: str) -> str:
    """A shell word for any text; what must not reach a terminal raw is spelled out as $'…' does."""
    if display(text, max_cells=None) == text:
        return shlex.quote(text)
    spelled = "".join(
        char if display(char, max_cells=None) == char and char not in "\\'" else _escape(char) for char in text
    )
    return f"$'{spelled}'"


def _escape(char: str) -> str:
    if char == "\n":
        return "\\n"
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))


def shortest(number: float) -> str:
    """The fewest digits that give the same number again."""
    return repr(number).removesuffix(".0")


def program() -> str:
    """How this program was called, so that the command can be typed again where it was typed before."""
    called = sys.argv[0]
    if os.path.basename(called) != "tempviz" or shutil.which("tempviz") == os.path.abspath(called):
        return "tempviz"
    return called


def raw_text(state: State) -> str:
    """The text on view, exactly as the tokens spell it (bytes that are no UTF-8 as U+FFFD)."""
    return _bytes(state).decode("utf-8", "replace")


def escaped_text(state: State) -> str:
    """The text on view, safe for a terminal; its line breaks are kept."""
    return "\n".join(display(line, max_cells=None) for line in _bytes(state).split(b"\n"))


def _bytes(state: State) -> bytes:
    if state.info is None:
        return b""
    return b"".join(map(state.info.vocabulary.piece, state.trace.text))


def guarded(cell: Any) -> Any:
    """A cell for CSV: a text that a spreadsheet would take for a formula gets a quote before it; numbers stay."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
