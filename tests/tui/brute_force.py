"""Every number of the screen once more, from the definitions, in extended precision and without any shortcut."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tempviz.models.transform import Transform

Wide = npt.NDArray[np.longdouble]

CUTS = ("top_k", "top_p", "min_p")
"""The stages that are known here, besides the temperature."""


class Left(NamedTuple):
    """Token ids that a chain has left, best first, their logits, and how many each stage left."""

    ids: list[int]
    logits: Wide
    counts: list[int]


def softmax(logits: npt.ArrayLike) -> Wide:
    wide = np.asarray(logits, np.longdouble)
    powers = np.exp(wide - wide.max())
    return powers / powers.sum()


def probs(logits: npt.NDArray[np.float32], temperature: float, samplers: tuple[Transform, ...] = ()) -> Wide:
    """p of every token [n_vocab]."""
    left = through(logits, temperature, samplers)
    p = np.zeros(len(logits), np.longdouble)
    p[left.ids] = softmax(left.logits)
    return p


def through(logits: npt.NDArray[np.float32], temperature: float, samplers: tuple[Transform, ...] = ()) -> Left:
    """The tokens after every stage in turn."""
    ids = sorted(range(len(logits)), key=lambda i: (-logits[i], i))
    left = Left(ids, logits[ids].astype(np.longdouble), [])
    if not samplers:
        return _cooled(left, temperature)
    for stage in samplers:
        if stage.name == "temperature":
            left = _cooled(left, temperature)
        elif stage.active:
            left = _cut(left, stage)
        left.counts.append(len(left.ids))
    return left


def _cooled(left: Left, temperature: float) -> Left:
    if temperature == 0:
        return Left(left.ids[:1], left.logits[:1], left.counts)
    return Left(left.ids, (left.logits - left.logits.max()) / np.longdouble(temperature), left.counts)


def _cut(left: Left, stage: Transform) -> Left:
    p, knobs = softmax(left.logits), vars(stage)
    match stage.name:
        case "top_k":
            n = knobs["k"]
        case "top_p":
            n = int((np.cumsum(p) < knobs["p"]).sum()) + 1
        case "min_p":
            n = int((p >= p[0] * np.longdouble(knobs["p"])).sum())
        case other:
            raise AssertionError(f"{other} is not known here")
    n = max(n, 1, knobs.get("min_keep", 0))
    return Left(left.ids[:n], left.logits[:n], left.counts)


def entropy_bits(p: Wide) -> float:
    return float(-sum(float(q) * math.log2(q) for q in p if float(q) > 0))


def surprisal_bits(logits: npt.NDArray[np.float32], token: int) -> float:
    """At T = 1 without a chain."""
    return -math.log2(softmax(logits)[token])


def landing(p: Wide, order: list[int], u: float) -> int:
    """The token under the coin: the shares side by side in this order."""
    total = np.longdouble(0)
    for token in order:
        total += p[token]
        if u < total:
            return token
    return next(token for token in reversed(order) if p[token] > 0)
