"""Chains by name: the presets, and llama.cpp's spelling of an order.

A preset is a function of the temperature. `off` is the temperature alone; `llama.cpp` is the order and the values of
its command line; `transformers` is Hugging Face's order, where the temperature comes first, with its defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .chain import Chain
from .dry import Dry
from .penalties import LogitBias, Penalties
from .transform import Transform
from .transforms import MinP, Temperature, TopK, TopNSigma, TopP, TypP, Xtc

KINDS: dict[str, type[Transform]] = {
    kind.name: kind for kind in (LogitBias, Penalties, Dry, TopNSigma, TopK, TypP, TopP, MinP, Xtc, Temperature)
}
"""Every transform by llama.cpp's name, in the order of its default chain. The bias has no place in --samplers: it is
always first."""

NAMES = tuple(name for name in KINDS if name != "logit_bias")
"""What --samplers may name."""

_LETTERS = dict(zip("edskypmxt", NAMES, strict=True))

_OTHER_NAMES = {"nucleus": "top_p", "typical": "typ_p", "typical_p": "typ_p", "typ": "typ_p", "temp": "temperature"}

MOST_STAGES = 100
"""A chain of more is refused: `cut_by` counts them in 8 bits, and nobody can follow it."""


def off(temperature: float) -> Chain:
    """The temperature alone."""
    return Chain((Temperature(temperature),))


def llama_cpp(temperature: float = 0.8) -> Chain:
    """llama.cpp's default order and values."""
    return chain_of(NAMES, [Temperature(temperature)])


def transformers(temperature: float = 1.0) -> Chain:
    """Hugging Face's order and defaults: the temperature first, then top_k, top_p, min_p, typ_p."""
    return Chain((Temperature(temperature), TopK(50), TopP(1.0), MinP(0.0), TypP(1.0)))


PRESETS: dict[str, Callable[[float], Chain]] = {"off": off, "llama.cpp": llama_cpp, "transformers": transformers}


def chain_of(names: Iterable[str], transforms: Iterable[Transform] = ()) -> Chain:
    """A chain in an order of names, of the given transforms and llama.cpp's defaults for the others.

    A bias among them comes first, whatever the order says, as in llama.cpp.
    """
    given = {transform.name: transform for transform in transforms}
    bias = given.get("logit_bias")
    ordered = tuple(given.get(name) or KINDS[name]() for name in names if name != "logit_bias")
    return Chain((bias, *ordered) if bias else ordered)


def parse_samplers(text: str) -> tuple[str, ...]:
    """The names in an order as llama.cpp takes it: --samplers "top_k;top_p;temperature", or one letter each: "kpt".

    Other names that llama.cpp knows are taken, and hyphens for underscores. Raises ValueError for a name there is not.
    """
    parts = [part.strip().lower().replace("-", "_") for part in text.split(";") if part.strip()]
    names = [_OTHER_NAMES.get(part, part) for part in parts]
    if len(parts) == 1 and names[0] not in NAMES and set(parts[0]) <= set(_LETTERS):
        names = [_LETTERS[letter] for letter in parts[0]]
    for name in names:
        if name not in NAMES:
            raise ValueError(f"there is no sampler {name!r} for a chain; there are {', '.join(NAMES)}")
    if len(names) > MOST_STAGES:
        raise ValueError(f"a chain has at most {MOST_STAGES} samplers, not {len(names)}")
    return tuple(names)
