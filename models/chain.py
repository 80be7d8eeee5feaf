"""The sampling chain: transforms in an order that matters, and a result that keeps every stage.

The semantics of each are llama.cpp's, in float64; where llama.cpp counts on in float32, or answers NaN, the sums here
are right. Mirostat is left out: its state folds over all earlier rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from .candidates import Candidates, Ids
from .distribution import Distribution
from .ranking import Ranking
from .remaining import Remaining
from .softmax import Array
from .transform import Context, Transform
from .transforms import Temperature
from .views import Views
from .vocabulary import Vocabulary
from .whole import View, all_of

if TYPE_CHECKING:
    from .causes import Moved


class RankedRow(Protocol):
    """A row that keeps the distributions asked of it, so that stages without effect cost nothing."""

    @property
    def ranking(self) -> Ranking: ...

    @property
    def views(self) -> Views: ...


class Stage:
    """What one transform did. The tokens of a stage are those left before and after it, masked ones never among them.

    Its numbers are made when they are looked at: most tokens are drawn without.
    """

    def __init__(self, transform: Transform, before: Candidates, left: Candidates) -> None:
        self.transform = transform
        self.before = before
        self.left = left

    @property
    def n_in(self) -> int:
        """Tokens that came in."""
        return self.before.n

    @property
    def n_out(self) -> int:
        """Tokens that are left."""
        return self.left.n

    @property
    def changed(self) -> bool:
        """It cut or moved something."""
        return self.left is not self.before

    @cached_property
    def mass_removed(self) -> float:
        """The probability of the tokens it cut, on the distribution that came in."""
        return self.before.removed(self.left)

    @cached_property
    def entropy_bits(self) -> float:
        """H of what is left after it."""
        return self.left.entropy_bits

    @property
    def name(self) -> str:
        """llama.cpp's name."""
        return self.transform.name

    @property
    def setting(self) -> str:
        """The settings as text."""
        return self.transform.setting

    @property
    def moves(self) -> dict[int, float]:
        """By how much it moved the logits of single tokens (bias, penalties, dry)."""
        if not self.changed or self.left.moves is None:
            return {}
        tokens, by = self.left.moves
        return dict(zip(tokens.tolist(), by.tolist(), strict=True))


@dataclass(frozen=True)
class Chain:
    """An ordered tuple of transforms. Equal chains are equal, and keys of a cache."""

    transforms: tuple[Transform, ...]

    def run(
        self,
        row: Ranking | RankedRow,
        history: Sequence[int],
        coin: Callable[[str], float],
        vocabulary: Vocabulary | None = None,
    ) -> ChainResult:
        """Send a row through all stages.

        `history` are the tokens before it, the prompt's first; `coin` gives luck in [0, 1) for a purpose ("xtc"); the
        `vocabulary` is where dry finds its breakers, and is needed for nothing else. Raises ValueError without it for a
        dry that has breakers.
        """
        views = Views(row) if isinstance(row, Ranking) else row.views
        ranking, view = views.ranking, views.at
        context = Context(history, coin, vocabulary, ranking.n)
        left = before = start = all_of(ranking, view)
        stages: list[Stage] = []
        for transform, active in zip(self.transforms, self._active, strict=True):
            if active:
                left = transform.apply(before, context)
                context.n_listed = transform.listed(context.n_listed, before.n, left.n)
            stages.append(Stage(transform, before, left))
            before = left
        return ChainResult(ranking, tuple(stages), start, view, context)

    @cached_property
    def _active(self) -> tuple[bool, ...]:
        return tuple(transform.active for transform in self.transforms)

    @property
    def temperature(self) -> float:
        """The temperature that the chain was given; 1 without one, the product of several."""
        return math.prod(t.t for t in self.transforms if isinstance(t, Temperature))


class ChainResult:
    """A row after a chain: every stage, what is left, and the probabilities of it."""

    def __init__(
        self, ranking: Ranking, stages: tuple[Stage, ...], start: Candidates, view: View, context: Context
    ) -> None:
        self.ranking = ranking
        self.stages = stages
        self.context = context
        """What the stages could look at besides the logits."""
        self.left = stages[-1].left if stages else start
        """The tokens that are left, their logits and their probabilities, in a list of their own."""
        self._n_before = start.n
        self._view = view

    @property
    def n_left(self) -> int:
        """The support: tokens that can be drawn."""
        return self.left.n

    @property
    def n_cut(self) -> int:
        """Tokens that the stages cut; masked ones never were there to be cut."""
        return self._n_before - self.left.n

    @cached_property
    def distribution(self) -> Distribution:
        """The final probabilities over the whole vocabulary, 0 where cut; ranks are those of the raw logits."""
        touched = any(stage.changed for stage in self.stages if not isinstance(stage.transform, Temperature))
        if touched or self.n_cut:
            return Remaining(self.ranking, self.left)
        return self._view(self.left.temperature)

    @cached_property
    def cut_by(self) -> npt.NDArray[np.int8]:
        """Per token the index of the stage that cut it, or -1, int8 [n_vocab]. Masked tokens were never in: -1."""
        cut = np.full(self.ranking.n, -1, np.int8)
        for i, stage in enumerate(self.stages):
            if stage.n_out < stage.n_in:
                cut[stage.before.where] = i
                cut[stage.left.where] = -1
        return cut

    @cached_property
    def kept(self) -> Ids:
        """The ids that are left, ascending."""
        return np.sort(self.left.ids)

    @cached_property
    def ranks_left(self) -> Ids:
        """The ranks, of the raw logits, of the tokens that are left; ascending, from 1, intp [n_left]."""
        left = np.zeros(self.ranking.n, bool)
        left[self.left.where] = True
        # Most chains keep a head, or nearly one; a whole order is made only where something far down is left.
        reach = self.n_left
        while True:
            ranks = np.flatnonzero(left[self.ranking.head(reach)]) + 1
            if len(ranks) == self.n_left:
                return ranks
            reach = min(4 * reach, self.ranking.n)

    @cached_property
    def logits(self) -> Array:
        """The final logits, after the temperature and all moves; -inf where cut, float64 [n_vocab]."""
        logits = np.full(self.ranking.n, -np.inf)
        logits[self.left.where] = self.left.current(np.arange(self.left.n))
        return logits

    @cached_property
    def moved(self) -> tuple[Moved, ...]:
        """The tokens whose logits it moved, with the cause, the greatest move first."""
        from .causes import moved

        return moved(self)

    def prob_before(self, stage: int, token: int) -> float:
        """The probability with which a token came to a stage, by its index; 0 if it did not."""
        before = self.stages[stage].before
        position = before.find(np.array([token]))
        return float(before.probs[position[0]]) if len(position) else 0.0

    def stage_of(self, token: int) -> Stage | None:
        """The stage that cut a token; None if it is left."""
        return self.stages[index] if (index := int(self.cut_by[token])) >= 0 else None
