"""llama.cpp's spelling of the samplers as options: `--top-k 40 --samplers "top_k;top_p;temperature"`.

The names stand here as text, so that a command without them does not pay for numpy; a test holds them against the
knobs of the transforms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..models.chain_edits import Samplers

WHOLE = ("top-k", "repeat-last-n", "dry-allowed-length", "dry-penalty-last-n")
NUMBERS = (
    "top-p", "min-p", "typical", "top-n-sigma", "repeat-penalty", "frequency-penalty", "presence-penalty",
    "dry-multiplier", "dry-base", "xtc-probability", "xtc-threshold", "dynatemp-range", "dynatemp-exp",
)  # fmt: skip


def sampler_options(command: Any) -> Any:
    """The options of the chain. Those given make it; without any the temperature is alone."""
    command = click.option(
        "--samplers", metavar="A;B;C", help="The chain's order, as llama.cpp names it; what is not listed is left out."
    )(command)
    for name in reversed((*WHOLE, *NUMBERS)):
        kind = click.INT if name in WHOLE else click.FLOAT
        command = click.option(f"--{name}", type=kind, metavar="N", help=_HELP.get(name))(command)
    return command


_HELP = {
    "top-k": "Keep the k best tokens.",
    "top-p": "Keep the fewest of the best that have p of the probability.",
    "min-p": "Keep tokens at least p times as probable as the best.",
    "typical": "Locally typical sampling.",
    "repeat-penalty": "Divide the logits of tokens that came before.",
}


def taken_samplers(options: dict[str, Any]) -> Samplers:
    """The chain that the options ask for; takes them out of `options`. Raises UsageError by the option's name."""
    given = {name: options.pop(name.replace("-", "_")) for name in (*WHOLE, *NUMBERS)}
    order = options.pop("samplers")
    given = {name: value for name, value in given.items() if value is not None}
    if not given and order is None:
        return ()
    from ..models.chain_edits import samplers_of

    try:
        return samplers_of(order, given)
    except ValueError as error:
        raise click.UsageError(f"The chain cannot be made: {error}.") from None
