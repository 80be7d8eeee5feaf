"""`tempviz probs`: the next token's probabilities on stdout, one temperature after the other."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click

from ..models.distribution import Distribution
from ..models.engine import EngineError, LanguageModel, ModelInfo, PromptTooLong, path_of
from ..models.row import Row, path_key
from .cli import ModelError
from .display import cell_len, display, fit, token_label
from .opening import model_name, opener
from .renderables.formats import bits, choices, count, percent
from .text_out import guarded


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
    loaded: list[LanguageModel] = []
    try:
        language_model = opener(n_ctx, n_threads)(model, lambda fraction: None, loaded.append)
        text, chat = prompt
        tokens = language_model.chat_tokens(text) if chat else language_model.tokenize(text)
        path = path_of(tokens)
        row = Row(path_key(path), language_model.logits_after(path))
        info = language_model.info
    except PromptTooLong as error:
        raise click.UsageError(str(error)) from None
    except EngineError as error:
        raise ModelError(str(error)) from None
    finally:
        for opened in loaded:
            opened.close()
    distributions = [row.at(temperature) for temperature in temperatures]
    PRINTERS[style](distributions, n_top or row.ranking.n, tokens, info)


def _json(distributions: Sequence[Distribution], n_top: int, tokens: tuple[int, ...], info: ModelInfo) -> None:
    """One object per temperature and line, written token by token: all of a vocabulary is a lot of text."""
    for now in distributions:
        head = json.dumps(summary(now, n_top, tokens, info), allow_nan=False)
        sys.stdout.write(head[:-1] + ', "top": [')
        for i, token in enumerate(token_objects(now, n_top, info)):
            sys.stdout.write((", " if i else "") + json.dumps(token, allow_nan=False))
        sys.stdout.write("]}\n")


def summary(now: Distribution, n_top: int, tokens: tuple[int, ...], info: ModelInfo) -> dict[str, Any]:
    """The object of one temperature, without its tokens."""
    return {
        "model": info.path,
        "prompt_tokens": list(tokens),
        "n_vocab": now.ranking.n,
        "temperature": now.temperature,
        "entropy_bits": now.entropy_bits,
        "effective_choices": now.effective_choices,
        "tail_prob": now.tail_mass(0, n_top),
        "n_threads": info.n_threads,
        "llama_cpp": info.llama_cpp,
    }


def token_objects(now: Distribution, n_top: int, info: ModelInfo) -> Iterator[dict[str, Any]]:
    """The best tokens in rank order. `text` is a lossy decode, `bytes` is exact."""
    for rank, token in enumerate(now.ranking.head(n_top).tolist(), 1):
        piece = info.vocabulary.piece(token)
        yield {
            "rank": rank,
            "id": token,
            "text": piece.decode("utf-8", "replace"),
            "bytes": piece.hex(),
            "logit": finite_or_none(float(now.ranking.logits[token])),
            "logprob": finite_or_none(now.logprob(token)),
            "prob": now.prob(token),
        }


def finite_or_none(value: float) -> float | None:
    """JSON has no infinity: a masked logit and the log of 0 are null."""
    return value if math.isfinite(value) else None


def _csv(distributions: Sequence[Distribution], n_top: int, tokens: tuple[int, ...], info: ModelInfo) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("temperature", "rank", "id", "text", "bytes", "logit", "logprob", "prob"))
    for now in distributions:
        for token in token_objects(now, n_top, info):
            row = {**token, "text": guarded(display(token["text"], max_cells=None))}
            writer.writerow((now.temperature, *("" if value is None else value for value in row.values())))


def _table(distributions: Sequence[Distribution], n_top: int, tokens: tuple[int, ...], info: ModelInfo) -> None:
    print(f"{display(model_name(info.path))} · {count(len(tokens))} prompt tokens · {info.n_threads} threads")
    for now in distributions:
        print()
        doubt = f"entropy {bits(now.entropy_bits)} · {choices(now.effective_choices)}"
        print(f"T {now.temperature:g} · {doubt}")
        names = [token_label(info.vocabulary.piece(token), max_cells=40) for token in now.ranking.head(n_top).tolist()]
        rest = f"{count(now.ranking.n - n_top)} others" if n_top < now.ranking.n else ""
        wide = max(len(rest), 5, *(cell_len(name) for name in names))
        print(f"{'rank':>7}  {'token':<{wide}}  {'prob':>10}  {'logit':>9}  {'id':>7}")
        for rank, (token, name) in enumerate(zip(now.ranking.head(n_top).tolist(), names, strict=True), 1):
            logit = f"{now.ranking.logits[token]:.4f}"
            print(f"{rank:>7}  {fit(name, wide)}  {percent(now.prob(token)):>10}  {logit:>9}  {token:>7}")
        if rest:
            print(f"{'':>7}  {fit(rest, wide)}  {percent(now.tail_mass(0, n_top)):>10}")


PRINTERS = {"json": _json, "csv": _csv, "table": _table}
