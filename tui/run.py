"""Starting the app in a terminal, and what the shell shows when it ends."""

from __future__ import annotations

import os
import shlex
import sys

import click

from .cli import EXIT_MODEL, EXIT_USAGE, ModelError


def run(
    model: str,
    prompt: str,
    from_stdin: bool,
    temperature: float,
    seed: int,
    n_ctx: int | None,
    n_threads: int | None,
    logits_mb: float,
) -> int:
    """Run the app until it is left; the exit code."""
    _refuse_missing(model)
    if from_stdin:
        _take_keyboard()
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(
            "The app needs a terminal for its keyboard (stdin) and its screen (stderr). "
            "Without one, `tempviz probs MODEL -p TEXT` prints the same numbers."
        )
    from ..models.state import Settings, State
    from .app import TempvizApp
    from .opening import opener

    state = State(settings=Settings(temperature, seed), asked_prompt=(prompt, False), model=model)
    app = TempvizApp(model, opener(n_ctx, n_threads), state, logits_mb)
    app.run()
    return _leave(app, n_ctx, n_threads)


def _refuse_missing(model: str) -> None:
    """A path that is not there is a matter for the shell; everything else is said in the app, with another try."""
    from ..models.engine import ModelRefused

    if model != "demo" and not os.path.exists(os.path.expanduser(model)):
        from ..models.file_check import check_model

        try:
            check_model(os.path.expanduser(model))
        except ModelRefused as error:
            raise ModelError(str(error)) from None


def _take_keyboard() -> None:
    """After a prompt that came through stdin, keys come from the controlling terminal."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        raise click.UsageError(
            "With -p - the app takes its keys from the controlling terminal; there is none."
        ) from None
    os.dup2(terminal, 0)
    os.close(terminal)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115


def _leave(app, n_ctx: int | None, n_threads: int | None) -> int:
    state = app.state
    if state.info is not None and state.trace.given:
        print(repeat_command(state, n_ctx, n_threads))
        print(printable_text(state))
    code = app.return_code or 0
    if code == 0 and state.phase == "failed" and state.info is None:
        code = EXIT_MODEL
        print(f"tempviz: {state.phase_text}", file=sys.stderr)
    elif code == 0 and state.rejected_prompt is not None and not state.trace.given:
        code = EXIT_USAGE
    return code


def repeat_command(state, n_ctx: int | None, n_threads: int | None) -> str:
    """The command that opens the same model with the same settings and prompt."""
    parts = ["tempviz", shell_quoted(state.model), "-p", shell_quoted(state.prompt)]
    parts += ["-t", f"{state.settings.temperature:g}", "--seed", str(state.settings.seed)]
    if n_ctx is not None:
        parts += ["--ctx", str(n_ctx)]
    if n_threads is not None:
        parts += ["--threads", str(n_threads)]
    return " ".join(parts)


def shell_quoted(text: str) -> str:
    """A shell word for any text; what must not reach a terminal raw is spelled out as $'…' does."""
    from .display import display

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


def printable_text(state) -> str:
    """The text on view, safe for a terminal; its line breaks are kept."""
    from .display import display

    tokens = (*state.trace.given, *(state.trace[node].token for node in state.trace.line[1:]))
    data = b"".join(state.info.vocabulary.piece(token) for token in tokens)
    return "\n".join(display(line, max_cells=None) for line in data.split(b"\n"))
