"""`tempviz probs`: the next token's probabilities on stdout, one temperature after the other."""

from __future__ import annotations

from collections.abc import Sequence

from ..models.engine import ModelInfo, path_of
from ..models.row import Row, path_key
from .display import display
from .opening import model_name, opened
from .printing import Source, print_distributions
from .renderables.formats import count


def print_probs(
    model: str,
    prompt: tuple[str, bool],
    temperatures: Sequence[float],
    n_top: int | None,
    style: str,
    n_ctx: int | None,
    n_threads: int | None,
) -> None:
    """Evaluate the prompt (its text, and whether as chat) once and print one distribution per temperature.

    `n_top` None prints every token.
    """
    with opened(model, prompt, n_ctx, n_threads) as (language_model, tokens):
        path = path_of(tokens)
        row = Row(path_key(path), language_model.logits_after(path))
        info = language_model.info
    distributions = [row.at(temperature) for temperature in temperatures]
    print_distributions(distributions, _source(tokens, info), style, n_top)


def _source(tokens: tuple[int, ...], info: ModelInfo) -> Source:
    heading = f"{display(model_name(info.path))} · {count(len(tokens))} prompt tokens · {info.n_threads} threads"
    return Source(heading, info.vocabulary, info.path, tokens, info.n_threads, info.llama_cpp)
