"""Where an auto run will go from a row, so that the model need not wait until the screen's thread has said so.

Drawing a token takes nothing but the row, the settings and the place. The engine's thread can therefore begin the next
evaluation as soon as a row is there; the screen's thread takes the same token a moment later and asks for what runs
already. A guess that turns out wrong (the run was stopped, a breakpoint was met) costs one decode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import effects as act
from .drawing import Place, drawn_from
from .engine import Path, extend
from .row import Row, path_key
from .sampling import coin
from .values import value

if TYPE_CHECKING:
    from .state import Settings
    from .vocabulary import Vocabulary


@value
class Ahead:
    """What the token after a row is drawn with: the settings, its position, the coin's toss; how many may follow."""

    settings: Settings
    vocabulary: Vocabulary
    position: int
    toss: int
    room: int

    def after(self, path: Path, row: Row) -> act.Evaluate | None:
        """The evaluation that an auto run asks for after this row; None where the text ends."""
        if self.room <= 0:
            return None
        place = Place(path, self.position, self.toss)
        now = drawn_from(self.settings, row, place, self.vocabulary)
        token = now.land(coin(self.settings.seed, self.position, self.toss)).token
        if token in self.vocabulary.eog:
            return None
        path = extend(path, token)
        following = Ahead(self.settings, self.vocabulary, self.position + 1, 0, self.room - 1)
        return act.Evaluate(path_key(path), path, following)
