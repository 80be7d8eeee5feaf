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


_HELP = {
    "top-k": "Keep the k best tokens.",
    "repeat-last-n": "Tokens before this one that the penalties look at.",
    "dry-allowed-length": "Repetitions up to this length go unpunished by dry.",
    "dry-penalty-last-n": "Tokens before this one that dry looks at.",
    "top-p": "Keep the fewest of the best that have p of the probability.",
    "min-p": "Keep tokens at least p times as probable as the best.",
    "typical": "Keep the tokens whose surprisal is nearest to the entropy.",
    "top-n-sigma": "Keep logits within n standard deviations of the best.",
    "repeat-penalty": "Divide the logits of tokens that came before.",
    "frequency-penalty": "Lower a logit for every time that its token came before.",
    "presence-penalty": "Lower the logit of a token that came before.",
    "dry-multiplier": "Punish tokens that would go on with a repetition.",
    "dry-base": "How fast dry's penalty grows with the length of a repetition.",
    "xtc-probability": "How often xtc removes the top choices.",
    "xtc-threshold": "What xtc removes is at least so probable.",
    "dynatemp-range": "Vary T with the entropy, by so much.",
    "dynatemp-exp": "The exponent of that.",
}


def sampler_options(command: Any) -> Any:
    """The options of the chain. Those given make it; without any the temperature is alone."""
    command = click.option(
        "--samplers", metavar="A;B;C", help="The chain's order, as llama.cpp names it; what is not listed is left out."
    )(command)
    for name in reversed((*WHOLE, *NUMBERS)):
        kind = click.INT if name in WHOLE else click.FLOAT
        command = click.option(f"--{name}", type=kind, metavar="N", help=_HELP[name])(command)
    return command


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
