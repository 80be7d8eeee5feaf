"""The softmax step by step: logits, minus the maximum, divided by T, e^, summed up, divided by the sum.

Each step is a row and each token a column; a word beside the row, or a sentence below it where there is room, says
what the step is for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..display import cell_len, fit
from ..picture_data import StepsToken, StepsView
from .axis import number
from .formats import count, percent, power_of_ten
from .lines import keep_whole, pad

Run = tuple[str, str]

_LABEL, _COLUMN, _BESIDE = 6, 9, 25
_CELLS = _COLUMN - 1
_WEIGHT = "÷ Z", "x", "÷ T", "e^", "Σ = Z", "− max"
"""The steps by what one would miss most, where not all of them have a row."""

_LEAST = _LABEL + 2 * _COLUMN + _BESIDE
"""Where not even two columns fit beside them, the reasons are left out."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row: its name, the number of every token and of the others together, and what it is for."""

    label: str
    cells: Sequence[str]
    others: str
    short: str
    reasons: Sequence[str]  # in order of weight


def steps(view: StepsView, width: int, height: int) -> list[list[Run]]:
    """A line of names and six steps, at most `height` rows of exactly `width` cells; of fewer, the weightiest."""
    beside = height < 1 + 2 * 6 and width >= _LEAST
    shown, others = _columns(view, width - _LABEL - (_BESIDE if beside else 0))
    left = view.n_vocab - len(shown)
    rows = [_names(shown, left if others else 0)]
    told = [step for step in _steps(view, shown) if _WEIGHT.index(step.label) < max(height - 1, 1)]
    if len(told) < len(_WEIGHT):
        rows[0][0] = (fit(f"{len(told)} of {len(_WEIGHT)}", _LABEL), "dim")
    for step in told:
        row = [(fit(step.label, _LABEL), "step"), *_numbers(step, shown, others)]
        if beside:
            row.append(("  " + keep_whole(_widest(step, width - _cells(row) - 2), width), "dim"))
        rows.append(row)
        if height >= 1 + 2 * 6:
            rows.append([(" " * _LABEL + keep_whole(step.reasons, width - _LABEL), "dim")])
        if height >= 3 * 6:
            rows.append([])
    return [pad(row, width) for row in rows[: max(height, 0)]]


def _columns(view: StepsView, cells: int) -> tuple[Sequence[StepsToken], bool]:
    """The best tokens that fit, and whether a column for the others is needed."""
    room = max(2, cells // _COLUMN)
    if view.n_vocab <= min(room, len(view.tokens)):
        return view.tokens, False
    return view.tokens[: room - 1], True


def _names(shown: Sequence[StepsToken], left: int) -> list[Run]:
    runs = [(" " * _LABEL, "step")]
    runs += [_cell(fit(token.name, min(_CELLS, cell_len(token.name))), _role(token, "name")) for token in shown]
    if left:
        text = f"{count(left)} others"
        runs.append(_cell(text if len(text) <= _CELLS else "others", "rest"))
    return runs


def _numbers(step: Step, shown: Sequence[StepsToken], others: bool) -> list[Run]:
    runs = [_cell(text, _role(token, "number")) for text, token in zip(step.cells, shown, strict=True)]
    return [*runs, _cell(step.others, "rest")] if others else runs


def _cell(text: str, role: str) -> Run:
    return fit(text, _COLUMN, align="right"), role


def _role(token: StepsToken, role: str) -> str:
    return "highlight" if token.highlighted else role


def _cells(runs: Sequence[Run]) -> int:
    return sum(cell_len(text) for text, _ in runs)


def _widest(step: Step, cells: int) -> Sequence[str]:
    """The sentence where it fits beside the numbers, else the few words."""
    return step.reasons if cell_len(step.reasons[0]) <= cells else (step.short,)


def _steps(view: StepsView, shown: Sequence[StepsToken]) -> list[Step]:
    sums = list(accumulate(token.power for token in shown))
    beyond = math.fsum(token.prob for token in view.tokens[len(shown) :]) + view.rest
    left = view.n_vocab - len(shown)
    if not left:
        sums[-1] = view.z

    def each(value: Callable[[StepsToken], float]) -> list[str]:
        return [figure(value(token)) for token in shown]

    share = [f"{count(left)} others make {percent(beyond)} of Z"] if left else []
    turned, turned_reasons = _turn(view)
    return [
        Step("x", each(lambda token: token.logit), "", "the logits",
            ("logits: any numbers, the greater the likelier", "only their distances will count")),
        Step("− max", each(lambda token: token.below), "", "no overflow, same ratio",
            ("the greatest is 0 now: nothing overflows", "the ratio of any two e^x stays")),
        Step("÷ T", each(lambda token: token.scaled), "", turned, turned_reasons),
        Step("e^", each(lambda token: token.power), figure(view.z * beyond), "positive and increasing",
            ("e^x is positive, increasing and differentiable", "no share is below 0, and the order stays")),
        Step("Σ = Z", [figure(s) for s in sums], figure(view.z), "sums so far, at last Z",
            ("the sum so far, at last Z: of the whole vocabulary", *share)),
        Step("÷ Z", [percent(token.prob) for token in shown], percent(beyond), *_end(view.chained)),
    ]  # fmt: skip


def _end(chained: bool) -> tuple[str, Sequence[str]]:
    """What the last step gives: the probabilities, unless samplers go on from there."""
    whole = "divided by their sum they add up to 1"
    if chained:
        return "without samplers, sum 1", ("the probabilities without samplers", whole)
    return "now they add up to 1", (whole, "these are the probabilities")


def _turn(view: StepsView) -> tuple[str, Sequence[str]]:
    """What this temperature does to the distances."""
    t = view.label
    if view.temperature == 0:
        return "T 0: only the max stays", (
            "T = 0 is a limit: all but the maximum fall to −∞",
            "of equal ones the lowest id stays",
        )
    if view.temperature == 1:
        return "T 1.00: as they were", ("T = 1 leaves every distance as it was", "above 1 they shrink, below they grow")
    if view.temperature > 1:
        return f"T {t}: closer together", (f"T {t}: every distance shrinks", "so the probabilities get more alike")
    return f"T {t}: further apart", (f"T {t}: every distance grows", "so the greatest gets more of the probability")


def figure(x: float) -> str:
    """A number in at most 8 cells: "−3.4000", "26,123.5", "5.0·10⁻⁶"; "0" only for what is 0."""
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    if x == 0:
        return "0"
    if abs(x) >= 5e-5:
        for decimals in (4, 3, 2, 1, 0):
            text = number(x, decimals)
            if len(text) <= _CELLS:
                return text
    text = ""
    for digits in (1, 0):
        mantissa, exponent = f"{x:.{digits}e}".split("e")
        text = f"{mantissa.replace('-', '−')}·{power_of_ten(int(exponent))}"
        if len(text) <= _CELLS:
            break
    return text
