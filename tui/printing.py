"""Distributions on stdout, as a table, as JSON or as CSV: for `tempviz probs` and `tempviz lab`."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..models.chain import ChainResult
from ..models.distribution import Distribution
from ..models.percentages import temperature_label
from ..models.vocabulary import Vocabulary
from .display import cell_len, display, fit, token_label
from .renderables.formats import bits, choices, count, percent
from .text_out import guarded


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """Where the logits come from. Without a model, `model`, `n_threads` and `llama_cpp` are None."""

    heading: str  # of the table, safe to show
    vocabulary: Vocabulary
    model: str | None = None
    prompt_tokens: tuple[int, ...] = ()
    n_threads: int | None = None
    llama_cpp: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """One distribution to print: what a chain left of a row, beside the row at T = 1 without a chain."""

    temperature: float
    chain: ChainResult
    plain: Distribution

    @property
    def now(self) -> Distribution:
        """What a token is drawn from."""
        return self.chain.distribution


def print_distributions(drawn: Sequence[Drawn], source: Source, style: str, n_top: int | None = None) -> None:
    """Print the best `n_top` tokens (all without a number) of one row at one or more temperatures.

    `style` is "table", "json" or "csv".
    """
    _PRINTERS[style](drawn, n_top or drawn[0].now.ranking.n, source)


def _json(drawn: Sequence[Drawn], n_top: int, source: Source) -> None:
    """One object per temperature and line, written token by token: all of a vocabulary is a lot of text."""
    for one in drawn:
        head = json.dumps(_summary(one, n_top, source), allow_nan=False)
        sys.stdout.write(head[:-1] + ', "top": [')
        for i, token in enumerate(_token_objects(one, n_top, source)):
            sys.stdout.write((", " if i else "") + json.dumps(token, allow_nan=False))
        sys.stdout.write("]}\n")


def _summary(one: Drawn, n_top: int, source: Source) -> dict[str, Any]:
    """The object of one temperature, without its tokens."""
    now = one.now
    return {
        "model": source.model,
        "prompt_tokens": list(source.prompt_tokens),
        "n_vocab": now.ranking.n,
        "temperature": one.temperature,
        "entropy_bits": now.entropy_bits,
        "effective_choices": now.effective_choices,
        "tail_prob": now.tail_mass(0, n_top),
        "n_threads": source.n_threads,
        "llama_cpp": source.llama_cpp,
        "stages": [
            {
                "name": stage.name,
                "n_in": stage.n_in,
                "n_out": stage.n_out,
                "mass_removed": stage.mass_removed,
                "entropy_bits": stage.entropy_bits,
            }
            for stage in one.chain.stages
        ],
    }


def _token_objects(one: Drawn, n_top: int, source: Source) -> Iterator[dict[str, Any]]:
    """The best tokens in rank order. `text` is a lossy decode, `bytes` is exact; `prob` is what the chain leaves."""
    now = one.now
    for rank, token in enumerate(now.ranking.head(n_top).tolist(), 1):
        piece = source.vocabulary.piece(token)
        yield {
            "rank": rank,
            "id": token,
            "text": piece.decode("utf-8", "replace"),
            "bytes": piece.hex(),
            "logit": _finite_or_none(float(now.ranking.logits[token])),
            "logprob": _finite_or_none(now.logprob(token)),
            "prob": now.prob(token),
            "prob_1": one.plain.prob(token),
            "cut_by": stage.name if (stage := one.chain.stage_of(token)) else None,
        }


def _finite_or_none(value: float) -> float | None:
    """JSON has no infinity: a masked logit and the log of 0 are null."""
    return value if math.isfinite(value) else None


def _csv(drawn: Sequence[Drawn], n_top: int, source: Source) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("temperature", "rank", "id", "text", "bytes", "logit", "logprob", "prob", "prob_1", "cut_by"))
    for one in drawn:
        for token in _token_objects(one, n_top, source):
            row = {**token, "text": guarded(display(token["text"], max_cells=None))}
            writer.writerow((one.temperature, *("" if value is None else value for value in row.values())))


def _table(drawn: Sequence[Drawn], n_top: int, source: Source) -> None:
    print(source.heading)
    for one in drawn:
        now = one.now
        print()
        doubt = f"entropy {bits(now.entropy_bits)} · {choices(now.effective_choices)}"
        print(f"T {temperature_label(one.temperature)} · {doubt}")
        if len(one.chain.stages) > 1:
            _print_stages(one.chain)
        tokens = now.ranking.head(n_top).tolist()
        names = [token_label(source.vocabulary.piece(token), max_cells=40) for token in tokens]
        rest = f"{count(now.ranking.n - n_top)} others" if n_top < now.ranking.n else ""
        wide = max(len(rest), 5, *(cell_len(name) for name in names))
        print(f"{'rank':>7}  {'token':<{wide}}  {'prob':>10}  {'logit':>9}  {'id':>7}")
        for rank, (token, name) in enumerate(zip(tokens, names, strict=True), 1):
            logit = f"{now.ranking.logits[token]:.4f}"
            cut = f"  cut by {stage.name}" if (stage := one.chain.stage_of(token)) else ""
            print(f"{rank:>7}  {fit(name, wide)}  {percent(now.prob(token)):>10}  {logit:>9}  {token:>7}{cut}")
        if rest:
            print(f"{'':>7}  {fit(rest, wide)}  {percent(now.tail_mass(0, n_top)):>10}")


def _print_stages(chain: ChainResult) -> None:
    for stage in chain.stages:
        left = f"{count(stage.n_in)} → {count(stage.n_out)}"
        removed = f"removed {percent(stage.mass_removed)}" if stage.n_out < stage.n_in else ""
        print(f"  {stage.name:<12} {stage.setting:<18} {left:>17}  {removed:<18} {bits(stage.entropy_bits)}".rstrip())


_PRINTERS = {"json": _json, "csv": _csv, "table": _table}
