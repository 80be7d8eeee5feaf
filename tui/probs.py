"""`tempviz probs`: the next token's probabilities on stdout, one temperature after the other."""

from __future__ import annotations

from collections.abc import Sequence

from ..models.chain_edits import Samplers
from ..models.drawing import Place, through_chain
from ..models.engine import ModelInfo, path_of
from ..models.presets import off
from ..models.row import Row, path_key
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
    place = Place(path, 0)
    drawn = [_drawn(row, place, info, Settings(temperature, samplers=samplers)) for temperature in temperatures]
    print_distributions(drawn, _source(tokens, info), style, n_top)


def _drawn(row: Row, place: Place, info: ModelInfo, settings: Settings) -> Drawn:
    if settings.samplers:
        result = through_chain(settings, row, place, info.vocabulary)
    else:
        result = off(settings.temperature).run(row, (), lambda purpose: 0.0)
    return Drawn(settings.temperature, result, row.at(1.0))


def _source(tokens: tuple[int, ...], info: ModelInfo) -> Source:
    heading = display(model_name(info.path)), counted(len(tokens), "prompt token"), counted(info.n_threads, "thread")
    return Source(" · ".join(heading), info.vocabulary, info.path, tokens, info.n_threads, info.llama_cpp)
