"""Where an auto run will go from a row, so that the model need not wait until the app has said so.

Drawing a token takes nothing but the row, the settings and the place. The model's process can therefore draw it itself,
say with the row which one it is, and begin the next evaluation at once; the app takes the same token a moment later. A
guess that turns out wrong (the run was stopped, a breakpoint was met) costs the decodes that were ahead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .drawing import Place, drawn_from
from .sampling import coin
from .values import value

if TYPE_CHECKING:
    from .engine import Logits, Path
    from .row import Row
    from .state import Settings
    from .vocabulary import Vocabulary


class RowAhead(NamedTuple):
    """A row of an auto run, the token that the run takes after it, and how long the model took for both."""

    logits: Logits
    foreseen: Foreseen | None
    seconds: float


@value
class Ahead:
    """What the token after a row is drawn with: the settings, its position, the coin's toss; how many may follow."""

    settings: Settings
    position: int
    toss: int
    room: int

    def draw(self, path: Path, row: Row, vocabulary: Vocabulary) -> Foreseen | None:
        """The token that an auto run takes after this row, which is the one after `path`; None if it takes none."""
        if self.room <= 0:
            return None
        now = drawn_from(self.settings, row, Place(path, self.position, self.toss), vocabulary)
        token = now.land(coin(self.settings.seed, self.position, self.toss)).token
        return Foreseen(self, token, *row.plain_figures(token), token in vocabulary.eog)

    def after(self) -> Ahead:
        """What the token after the next row is drawn with."""
        return Ahead(self.settings, self.position + 1, 0, self.room - 1)


@value
class Foreseen:
    """The token that an auto run takes after a row, and what is kept with a token, worked out beside the model."""

    ahead: Ahead
    token: int
    surprisal_bits: float  # at T = 1 without a chain, as the entropy
    entropy_bits: float
    ends: bool  # the text

    def fits(self, settings: Settings, position: int, toss: int) -> bool:
        """This is the token that these settings draw there."""
        ahead = self.ahead
        return (ahead.settings, ahead.position, ahead.toss) == (settings, position, toss)
