"""The command line: `tempviz MODEL`, and sub-commands that print and need no terminal.

Textual, numpy and the engine are imported inside the command that needs them, so that each starts as fast as it can.
"""

from __future__ import annotations

import errno
import math
import os
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .sampler_options import sampler_options, taken_samplers

if TYPE_CHECKING:
    from ..models.chain_edits import Samplers

EXIT_USAGE, EXIT_MODEL = 2, 3

MAX_PROMPT = 8 << 20
"""Bytes of a prompt; more may have no end (a device), and no model would read it."""

OPTIONS_FIRST = "options first"
"""Marks a command line on which the app's options stand before its model."""


class Temperature(click.ParamType):
    """A finite number of at least 0."""

    name = "T"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            temperature = float(value)
        except ValueError:
            self.fail(f"{value!r} is not a number.", param, ctx)
        if not math.isfinite(temperature) or temperature < 0:
            self.fail(f"the temperature must be a finite number of at least 0, not {value}.", param, ctx)
        return temperature


class Commands(click.Group):
    """Sub-commands by name; any other first argument is the path of a model for the app."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if ctx.obj == OPTIONS_FIRST:
            return "run", _run, args[1:]
        if name in self.commands:
            return super().resolve_command(ctx, args)
        typo = get_close_matches(name, [*self.commands, "demo"], 1, 0.75)
        if typo and name != "demo" and os.sep not in name and not Path(name).exists():
            raise click.UsageError(f"No such command or model file: {name!r}. Did you mean {typo[0]!r}?", ctx)
        return "run", _run, args

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options of the app may stand before the model: `tempviz -t 0.8 model.gguf`."""
        own = {"--help", "-h", "--version"}
        if args and args[0].startswith("-") and args[0] not in own:
            args = ["run", *args]
            ctx.obj = OPTIONS_FIRST
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """A model is no sub-command, and click would not name it."""
        formatter.write_usage("tempviz", "[MODEL | COMMAND] [OPTIONS]")


class RunCommand(click.Command):
    """The app on a model: a command without a name."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("tempviz", "MODEL [OPTIONS]")


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Commands, invoke_without_command=True, context_settings=CONTEXT)
@click.version_option(package_name="tempviz", prog_name="tempviz")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """See how a language model picks its words, one token at a time.

    MODEL is the path of a GGUF file, or demo for the small packaged model.

    \b
    tempviz MODEL          step through the model's generation (its options: tempviz MODEL --help)
    tempviz                choose among the models found on this machine
    tempviz COMMAND        one of those below (its options: tempviz COMMAND --help)
    """
    if ctx.invoked_subcommand is None:
        from .run import run

        sys.exit(run(None, AppOptions()))


def engine_options(command: Any) -> Any:
    """The options that every command with a model has."""
    for option in reversed(
        (
            click.option("--ctx", "n_ctx", type=click.IntRange(1, 2**24), metavar="N", help="Context size in tokens."),
            click.option(
                "--threads", "n_threads", type=click.IntRange(1, 512), metavar="N", help="Threads to decode with."
            ),
        )
    ):
        command = option(command)
    return command


def prompt_options(command: Any) -> Any:
    """Where the prompt comes from (two sources are wrong usage), and how it is read."""
    for option in reversed(
        (
            click.option("-p", "--prompt", metavar="TEXT", help="The prompt; - reads it from standard input."),
            click.option(
                "--prompt-file", type=click.Path(dir_okay=False), metavar="FILE", help="A file with the prompt."
            ),
            click.option("--chat", is_flag=True, help="Read the prompt as a message in the model's chat template."),
        )
    ):
        command = option(command)
    return command


def read_prompt(prompt: str | None, prompt_file: str | None) -> str:
    """The prompt from where it was said to be. One trailing newline of a file is removed."""
    if prompt is not None and prompt_file is not None:
        raise click.UsageError("The prompt comes from -p or from --prompt-file, not from both.")
    if prompt_file is not None:
        try:
            with open(prompt_file, "rb") as file:
                data = file.read(MAX_PROMPT + 1)
        except OSError as error:
            raise click.UsageError(f"The prompt file {prompt_file!r} cannot be read: {error.strerror}.") from None
        return _text(data, "The prompt file").removesuffix("\n")
    if prompt == "-":
        return _text(sys.stdin.buffer.read(MAX_PROMPT + 1), "Standard input").removesuffix("\n")
    return prompt or ""


def _text(data: bytes, source: str) -> str:
    if len(data) > MAX_PROMPT:
        raise click.UsageError(f"{source} holds more than {MAX_PROMPT >> 20} MB, which no context has room for.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{source} is not UTF-8 text (byte {error.start}). Convert it first.") from None


@click.command("run", cls=RunCommand, context_settings=CONTEXT)
@click.argument("model")
@prompt_options
@click.option("-t", "--temp", "temperature", type=Temperature(), default=1.0, show_default=True, help="Temperature.")
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), default=0, show_default=True, help="Seed of the coin.")
@engine_options
@click.option(
    "--logits-mb", type=click.FloatRange(1, 1e6), default=40.0, show_default=True, help="Memory for stored logits."
)
@sampler_options
def _run(model: str, prompt: str | None, prompt_file: str | None, **options: Any) -> None:
    """Step through the generation of MODEL (the path of a GGUF file, or: demo)."""
    from .run import run

    samplers = taken_samplers(options)
    text = read_prompt(prompt, prompt_file)
    sys.exit(run(model, AppOptions(text, prompt == "-", samplers=samplers, **options)))


@dataclass(frozen=True)
class AppOptions:
    """What the app is started with."""

    prompt: str = ""
    from_stdin: bool = False
    chat: bool = False
    temperature: float = 1.0
    seed: int = 0
    n_ctx: int | None = None
    n_threads: int | None = None
    logits_mb: float = 40.0
    samplers: Samplers = ()


@cli.command()
@click.argument("model")
@prompt_options
@click.option("-t", "--temp", "temperatures", type=Temperature(), multiple=True, help="Temperature; may be repeated.")
@click.option("--top", default="20", show_default=True, metavar="N|all", help="How many tokens to print.")
@click.option("--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@engine_options
@sampler_options
def probs(
    model: str,
    prompt: str | None,
    prompt_file: str | None,
    chat: bool,
    temperatures: tuple[float, ...],
    top: str,
    style: str,
    n_ctx: int | None,
    n_threads: int | None,
    **options: Any,
) -> None:
    """Print the probabilities of the next token after a prompt."""
    from .probs import print_probs

    samplers = taken_samplers(options)
    asked = _asked(prompt, prompt_file, chat)
    n_top = None if top == "all" else _count(top)
    print_probs(model, asked, temperatures or (1.0,), n_top, style, n_ctx, n_threads, samplers)


@cli.command(short_help="The same prompt at several temperatures, side by side.")
@click.argument("model")
@prompt_options
@click.option(
    "-t", "--temp", "temperatures", type=Temperature(), multiple=True, help="Temperature of a column: 2 to 6."
)
@click.option(
    "-n",
    "limit",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    metavar="TOKENS",
    help="Tokens of a column at most.",
)
@click.option("--seed", type=click.IntRange(0, 2**64 - 1), default=0, show_default=True, help="Seed of the coins.")
@click.option("--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@engine_options
@sampler_options
def compare(
    model: str,
    prompt: str | None,
    prompt_file: str | None,
    chat: bool,
    temperatures: tuple[float, ...],
    limit: int,
    seed: int,
    style: str,
    n_ctx: int | None,
    n_threads: int | None,
    **options: Any,
) -> None:
    """Continue a prompt at several temperatures with the same coins, side by side."""
    from ..models.compare import check_temperatures
    from ..models.state import Settings
    from .compare_command import print_comparison

    samplers = taken_samplers(options)
    asked = _asked(prompt, prompt_file, chat)
    try:
        check_temperatures(temperatures)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="-t") from None
    print_comparison(model, asked, temperatures, limit, Settings(seed=seed, samplers=samplers), style, n_ctx, n_threads)


class LabCommand(click.Command):
    """A command whose arguments are numbers, negative ones too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Of what a number is spelled with, click takes but the letters of -infinity for options (-t, with a y)."""
        return super().parse_args(ctx, ["-inf" if arg.lower() == "-infinity" else arg for arg in args])


@cli.command(
    cls=LabCommand,
    short_help="Type logits, see the softmax: no model needed.",
    context_settings={"ignore_unknown_options": True},  # a negative logit looks like an option
)
@click.argument("logits", nargs=-1, metavar="[LOGIT]...")
@click.option("--tokens", "names", metavar="A,B,...", help="A name for each logit.")
@click.option("-t", "--temp", "temperatures", type=Temperature(), multiple=True, help="Temperature; may be repeated.")
@click.option("--format", "style", type=click.Choice(["table", "json", "csv"]), help="Print instead of opening it.")
def lab(logits: tuple[str, ...], names: str | None, temperatures: tuple[float, ...], style: str | None) -> None:
    """Type logits, turn the temperature, see the softmax: no model needed."""
    from .lab import run_lab

    sys.exit(run_lab(logits, names, temperatures, style))


@cli.command()
@click.option("--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def models(style: str) -> None:
    """List the models found on this machine, and where."""
    from .list_models import print_models

    print_models(style)


def _asked(prompt: str | None, prompt_file: str | None, chat: bool) -> tuple[str, bool]:
    """The prompt that a sub-command cannot do without, and whether it is chat."""
    if prompt is None and prompt_file is None:
        raise click.UsageError("Say which prompt: -p TEXT, --prompt-file FILE, or -p - for standard input.")
    return read_prompt(prompt, prompt_file), chat


def _count(top: str) -> int:
    if not top.isdecimal() or int(top) < 1:
        raise click.BadParameter(f"a whole number of at least 1, or all; not {top!r}.", param_hint="--top")
    return int(top)


def main() -> NoReturn:
    """The entry point. Every error is a sentence on stderr and a documented exit code, never a traceback."""
    # numpy's own threads would only take the cores from the model's.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    # What a terminal of another encoding cannot show is spelled out.
    sys.stdout.reconfigure(errors="backslashreplace")  # pyright: ignore[reportAttributeAccessIssue]
    try:
        sys.exit(_run_command())
    except click.ClickException as error:
        _say(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        if error.errno not in _OUTPUT_FAILED:
            say_fault(error)
            sys.exit(1)
        # Nothing more is to be written, not even at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno == errno.EPIPE:
            # The reader of our output has gone (`| head`): nothing is wrong.
            sys.exit(141)
        click.echo(f"tempviz: The output cannot be written: {error.strerror}.", err=True)
        sys.exit(1)
    except Exception as error:
        say_fault(error)
        sys.exit(1)


def say_fault(error: Exception) -> None:
    """Tell of a fault of tempviz itself in a sentence; the traceback goes into a file."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="tempviz-", suffix=".log", delete=False, encoding="utf-8") as log:
        log.write("".join(traceback.format_exception(error)))
    click.echo(f"tempviz: A fault in tempviz itself ({type(error).__name__}) ended it. Details: {log.name}", err=True)


_OUTPUT_FAILED = {errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def _run_command() -> int:
    """Run what the arguments say; not by `cli.main`, which has codes and sentences of its own for failed output."""
    if asked := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(cli, {}, "tempviz", _COMPLETE, asked)
    try:
        with cli.make_context("tempviz", sys.argv[1:]) as context:
            cli.invoke(context)
    except click.exceptions.Exit as end:  # of --help and --version
        return end.exit_code
    finally:
        sys.stdout.flush()
    return 0


_COMPLETE = "_TEMPVIZ_COMPLETE"


def _say(error: click.ClickException) -> None:
    from .display import display

    context = getattr(error, "ctx", None)
    command = context.command_path.replace(" run", " MODEL") if context else ""
    hint = f" Try '{command} --help'." if context and isinstance(error, click.UsageError) else ""
    click.echo(f"tempviz: {display(error.format_message(), max_cells=None)}{hint}", err=True)


class ModelError(click.ClickException):
    """The model cannot be used, or the engine died in a sub-command."""

    exit_code = EXIT_MODEL


if __name__ == "__main__":
    main()
