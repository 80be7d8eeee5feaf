"""`tempviz probs`: the next token's probabilities on stdout, one temperature after the other."""

from __future__ import annotations

from collections.abc import Sequence

from ..models.chain_edits import Samplers
from ..models.drawing import chain_of
from ..models.engine import ModelInfo, path_of
from ..models.presets import off
from ..models.row import Row, path_key
from ..models.sampling import coin
from ..models.state import Settings
from .display import display
from .opening import model_name, opened
from .printing import Drawn, Source, print_distributions
from .renderables.formats import counted


def print_probs(
    model: str,
    prompt: tuple[str, bool],
    temperatures: Sequence[float],
    n_top: int | None,
    style: str,
    n_ctx: int | None,
    n_threads: int | None,
    samplers: Samplers = (),
) -> None:
    """Evaluate the prompt (its text, and whether as chat) once and print one distribution per temperature.

    `n_top` None prints every token; the tokens go through the chain `samplers`, if there is one.
    """
    with opened(model, prompt, n_ctx, n_threads) as (language_model, tokens):
        path = path_of(tokens)
        row = Row(path_key(path), language_model.logits_after(path))
        info = language_model.info
    drawn = [_drawn(row, tokens, info, Settings(temperature, samplers=samplers)) for temperature in temperatures]
    print_distributions(drawn, _source(tokens, info), style, n_top)


def _drawn(row: Row, tokens: tuple[int, ...], info: ModelInfo, settings: Settings) -> Drawn:
    chain = chain_of(settings) if settings.samplers else off(settings.temperature)
    result = chain.run(row, tokens, lambda purpose: coin(settings.seed, 0, 0, "xtc"), info.vocabulary)
    return Drawn(settings.temperature, result, row.at(1.0))


def _source(tokens: tuple[int, ...], info: ModelInfo) -> Source:
    heading = f"{display(model_name(info.path))} · {counted(len(tokens), 'prompt token')} · {info.n_threads} threads"
    return Source(heading, info.vocabulary, info.path, tokens, info.n_threads, info.llama_cpp)
