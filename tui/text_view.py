"""The text on view as plain data: its tokens shaded by surprisal, the prompt's by how the model read it."""

from __future__ import annotations

from functools import lru_cache

from ..models.reading import Reading
from ..models.state import State
from ..models.trace import ROOT, LineColumns, Trace
from ..models.vocabulary import Vocabulary
from .display import Run
from .renderables.formats import bits
from .text_runs import GrownTuple, TextRuns, kept_while_the_same
from .viewdata import SURPRISAL_STEPS, TextView


def text_view(s: State) -> TextView:
    """The prompt and the tokens taken, along the line through the cursor."""
    vocabulary = s.info.vocabulary if s.info else _NO_VOCABULARY
    return _text_view(s.trace, s.readings.get(s.trace.given), vocabulary, s.borders)


_NO_VOCABULARY = Vocabulary.of(())


@lru_cache(maxsize=4)
def _text_view(trace: Trace, reading: Reading | None, vocabulary: Vocabulary, borders: bool) -> TextView:
    """Kept while the trace is the same object, so that a turn of the temperature does not touch the text."""
    if not len(vocabulary):
        return TextView((), (), (), trace.length)
    runs, shades, nodes = _tokens(trace.given, trace.line, trace.columns, reading, vocabulary, borders)
    about = tuple(part for part in (_position(trace), _stem(trace), _prompt(reading)) if part)
    return TextView(runs, shades, nodes, trace.length, about)


@kept_while_the_same
def _tokens(
    given: tuple[int, ...],
    line: tuple[int, ...],
    taken: LineColumns,
    reading: Reading | None,
    vocabulary: Vocabulary,
    borders: bool,
) -> tuple[tuple[Run, ...], tuple[str, ...], tuple[int, ...]]:
    """The text's runs, and per token its shade and its node. A walk changes none of them."""
    shown = given[: len(given) + line[0]]
    runs = _RUNS((*shown, *taken.tokens), vocabulary, borders)
    shades = _SHADES(taken.surprisals)
    if not vocabulary.eog.isdisjoint(taken.tokens):
        shades = tuple("eog" if t in vocabulary.eog else s for t, s in zip(taken.tokens, shades, strict=True))
    prompt = ("prompt",) * len(shown) if reading is None else _prompt_shades(reading)[: len(shown)]
    first = min(ROOT, 1 - len(given))
    return runs, prompt + shades, (*range(first, first + len(shown)), *line[1:])


@lru_cache(maxsize=4)
def _prompt_shades(reading: Reading) -> tuple[str, ...]:
    """Kept with the reading: the prompt stays while the text grows. Nothing stands before its first token."""
    shades = [shade(surprisal) for surprisal in reading.surprisal_bits]
    return ("prompt", *("prompt" if each == "s0" else f"prompt-{each}" for each in shades))


def _position(trace: Trace) -> str:
    """Where the cursor is; "" at the end of the text."""
    stem, depth = trace.line[0], trace.here.depth
    if trace.cursor < ROOT:
        return f"prompt token {trace.length + 1:,} of {len(trace.given):,}"
    last = len(trace.line) - 1
    return f"position {depth - stem:,} of {last:,}" if depth - stem < last else ""


def _stem(trace: Trace) -> str:
    """Where the text leaves the prompt before its end."""
    n = len(trace.shown)
    return f"branch at prompt token {n + 1:,}" if n < len(trace.given) else ""


def _prompt(reading: Reading | None) -> str:
    """How expected the prompt was as a whole, from its second token on."""
    if reading is None or not reading.surprisal_bits:
        return ""
    return f"prompt: {bits(reading.mean_surprisal)} a token, perplexity {reading.perplexity:,.1f}"


def shade(bits_of_surprisal: float) -> str:
    """The shade of a token in the text: s0 for what was expected to s4 for what was least."""
    return f"s{sum(bits_of_surprisal >= step for step in SURPRISAL_STEPS)}"


_RUNS, _SHADES = TextRuns(), GrownTuple(shade)
"""What was made for the last text: the next one mostly differs at its end."""
