"""`tempviz lab`: a softmax without a model, printed or in the app."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from ..models.lab import Lab, LabError, logit_of

OPTIONS = ("--tokens", "--temp", "--format", "--help")


def run_lab(logits: Sequence[str], names: str | None, temperatures: Sequence[float], style: str | None) -> int:
    """Print the lab where a style is asked for or there is no terminal, else open it; the exit code."""
    try:
        lab = Lab.of([_logit(text) for text in logits], None if names is None else read_names(names))
    except LabError as error:
        raise click.UsageError(str(error)) from None
    if style is not None or not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        _print(lab, temperatures or (1.0,), style or "table")
        return 0
    if len(temperatures) > 1:
        raise click.UsageError(
            "The lab shows one temperature at a time. Give one -t, or --format table to print several."
        )
    return _open(lab, temperatures[0] if temperatures else 1.0)


def _logit(text: str) -> float:
    """A negative number is an argument, so what begins with a dash and is none is an option that does not exist."""
    try:
        return logit_of(text)
    except LabError:
        from difflib import get_close_matches

        if text.startswith("--"):
            close = get_close_matches(text.partition("=")[0], OPTIONS)
            raise click.NoSuchOption(text, possibilities=close, ctx=click.get_current_context()) from None
        raise


def read_names(text: str) -> list[str]:
    """Names between commas; one that holds a comma stands between double quotes, as in CSV. Raises LabError."""
    import csv

    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        raise LabError(
            'The names of --tokens stand between commas; one with a comma in it between quotes: a,"b,c".'
        ) from None


def _print(lab: Lab, temperatures: Sequence[float], style: str) -> None:
    import numpy as np

    from ..models.presets import off
    from ..models.row import Row
    from ..models.vocabulary import Vocabulary
    from .printing import Drawn, Source, print_distributions
    from .renderables.formats import counted

    row = Row(b"lab", np.array(lab.logits))
    source = Source(f"lab · {counted(len(lab.names), 'token')}", Vocabulary.of(lab.pieces))
    drawn = [Drawn(t, off(t).run(row, (), lambda purpose: 0.0), row.at(1.0)) for t in temperatures]
    print_distributions(drawn, source, style)


def _open(lab: Lab, temperature: float) -> int:
    from .terminal import prepare_terminal

    prepare_terminal()
    from .lab_app import LabApp
    from .run import exit_code

    app = LabApp(lab, temperature)
    app.run()
    print(lab_command(app.lab, app.state.settings.temperature))
    return exit_code(app)


def lab_command(lab: Lab, temperature: float) -> str:
    """The command that opens the same lab at the same temperature."""
    import csv
    import io

    from .text_out import program, shell_quoted, shortest

    names = io.StringIO()
    csv.writer(names, lineterminator="").writerow(lab.names)
    logits = " ".join(map(shortest, lab.logits))
    tokens = shell_quoted(names.getvalue())
    return f"{shell_quoted(program())} lab {logits} --tokens {tokens} -t {shortest(temperature)}"
