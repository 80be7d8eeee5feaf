"""Starting the app in a terminal, and what the shell shows when it ends."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from .cli import EXIT_MODEL, EXIT_USAGE, AppOptions, ModelError, say_fault
from .display import display
from .terminal import prepare_terminal

if TYPE_CHECKING:
    from .app import TempvizApp


def run(model: str | None, options: AppOptions) -> int:
    """Run the app until it is left; the exit code. Without a model it begins with a choice of those found."""
    if model is not None:
        _refuse_missing(model)
    if options.from_stdin:
        _take_keyboard()
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(
            "The app needs a terminal for its keyboard (stdin) and its screen (stderr). "
            "Without one, `tempviz probs MODEL -p TEXT` prints the same numbers."
        )
    prepare_terminal()
    from ..models.state import Settings, State
    from .app import TempvizApp
    from .opening import opener

    state = State(
        settings=Settings(options.temperature, options.seed, options.samplers),
        asked_prompt=(options.prompt, options.chat),
        model=model or "",
    )
    app = TempvizApp(model, opener(options.n_ctx, options.n_threads), state, options.logits_mb)
    app.run()
    return _leave(app, options)


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


def _leave(app: TempvizApp, options: AppOptions) -> int:
    from .text_out import escaped_text, repeat_command

    state = app.state
    if state.info is not None and state.trace.given:
        print(escaped_text(state))
        print(f"\n{repeat_command(state, options.n_ctx, options.n_threads)}")
    code = exit_code(app)
    if code == 0 and state.phase == "failed" and state.info is None:
        code = EXIT_MODEL
        print(f"tempviz: {display(state.phase_text, max_cells=None)}", file=sys.stderr)
    elif code == 0 and state.rejected_prompt is not None and not state.trace.given:
        code = EXIT_USAGE
        why = display(state.rejection, max_cells=None)
        print(f"tempviz: {why} So there is no text; start again with another prompt or --ctx.", file=sys.stderr)
    return code


def exit_code(app: TempvizApp) -> int:
    """What an app that was left gives back; a fault of tempviz itself that ended it is told of."""
    if app.fault is not None:
        say_fault(app.fault)
    return app.return_code or 0
