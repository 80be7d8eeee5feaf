"""How near a step comes to the bare model, and how few decodes it needs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tempviz.models import actions as act

from .decoder import Decoder
from .driven_session import DrivenSession
from .report import Row, percentiles, threads
from .screen_times import key_to_screen
from .subjects import MODELS, PROMPT, TempvizTerminal, has_key, tempviz

BARE = "bare decode, copy, argmax"
ROUNDS = 4


def step() -> Iterator[Row]:
    """A step by key, greedy: from the key to the screen, beside the bare decode of the same tokens."""
    for label, model in MODELS.items():
        with (
            tempviz(model(), "-t", "0") as ours,
            Decoder("bare", model(), PROMPT, threads()) as bare,
        ):
            ours.ready()
            times, reference = [], []
            for _ in range(ROUNDS):
                reference += bare.decode(20)
                times += [key_to_screen(ours, "space") for _ in range(20)]
        (a, _), (b, _) = percentiles(times), percentiles(reference)
        yield Row(f"step by key, {label}, p50", a, b, "ms", BARE)
        yield Row(f"step by key, {label}, beyond the decode", a - b, b, "ms", BARE)


def auto() -> Iterator[Row]:
    """Tokens a second in auto with the app drawing, beside the bare loop; each runs alone, in turns."""
    if not has_key("auto"):
        return
    for label, model in MODELS.items():
        with (
            tempviz(model(), "-t", "0") as ours,
            Decoder("bare", model(), PROMPT, threads()) as bare,
        ):
            ours.ready()
            a, b = auto_rates(ours, lambda count, bare=bare: count / sum(bare.decode(count)))
        yield Row(f"auto, {label}", a, b, "tokens/s", BARE, ">= 0.9" if label == "demo" else "")


def completion() -> Iterator[Row]:
    """The bare loop and a step by key against llama-cpp-python's completion with ten logprobs."""
    against = "create_completion(logprobs=10)"
    if not has_key("auto"):
        return
    for label, model in MODELS.items():
        with (
            tempviz(model(), "-t", "0") as ours,
            Decoder("completion", model(), PROMPT, threads()) as theirs,
        ):
            ours.ready()
            a, b = auto_rates(ours, lambda _, theirs=theirs: 10 / sum(theirs.decode(10)))
        yield Row(f"auto, {label}", a, b, "tokens/s", against, ">= 3.5" if label == "demo" else ">= 10")


def auto_rates(terminal: TempvizTerminal, reference: Callable[[int], float]) -> tuple[float, float]:
    """Tokens a second of auto runs and of a reference, in turns: medians. The reference gets a run's tokens."""
    rates: tuple[list[float], list[float]] = [], []
    for _ in range(ROUNDS):
        count, seconds = auto_run(terminal, 2.5)
        rates[0].append(count / seconds)
        rates[1].append(reference(count))
    return statistics.median(rates[0]), statistics.median(rates[1])


def auto_run(terminal: TempvizTerminal, seconds: float) -> tuple[int, float]:
    """Let the app step by itself: tokens taken and the seconds it took, from key to key."""
    before = terminal.tokens
    began = terminal.send(b"a")
    while (left := began + seconds - time.perf_counter()) > 0:
        terminal.pump(left)
    ended = terminal.send(b"a")
    terminal.settle(0.3)
    return terminal.tokens - before, ended - began


def decodes() -> Iterator[Row]:
    """Tokens that are decoded for what a person does; the reference is evaluating the whole text afresh."""
    for label, model in MODELS.items():
        yield from _decodes(label, model())


def _decodes(label: str, model: Path) -> Iterator[Row]:
    text = "The capital of France is Paris, and the capital of Italy is Rome. " * 10
    with DrivenSession(model, text) as session:
        session.do(*[act.TakeHighlighted()] * 8)
        whole = session.length
        counts = {
            "walking back 5": session.count(lambda: session.do(*[act.Walk(-1)] * 5)),
            "a branch": session.count(lambda: session.do(act.MoveHighlight(1), act.TakeHighlighted())),
            "the prompt's last word edited": session.count(
                lambda: session.do(act.SetPrompt(text.removesuffix("Rome. ") + "Athens. "))
            ),
        }
    for name, n in counts.items():
        yield Row(f"decoded, {label}, {name}", n, whole, "tokens", "the whole text")
