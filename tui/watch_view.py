"""The watches as plain data: what every one was over the text, and what it is now."""

from __future__ import annotations

import math
from functools import lru_cache

from ..models.drawing import distribution_here
from ..models.path_keys import line_keys
from ..models.row import Row
from ..models.state import State
from ..models.trace import Trace
from ..models.vocabulary import Vocabulary
from ..models.watches import Followed, Watch
from .labels import name_of
from .picture_data import SweepLine, WatchLine
from .renderables.formats import watch_mark

Numbers = tuple[float, ...]


def watch_lines(s: State) -> tuple[WatchLine, ...]:
    """Every watch along the text on view, and at the cursor if its row is there."""
    if not s.watches or s.info is None:
        return ()
    along = _along(s.trace, s.followed, s.watches)
    now = distribution_here(s) if s.row else None
    return tuple(
        WatchLine(
            mark=watch_mark(i),
            name=watch_name(watch, s.info.vocabulary),
            probs=probs,
            ranks=ranks,
            plain=s.followed.prob(s.key, watch),
            rank=s.followed.rank(s.key, watch),
            now=math.nan if now is None else min(1.0, math.fsum(now.prob(token) for token in watch)),
        )
        for i, (watch, (probs, ranks)) in enumerate(zip(s.watches, along, strict=True))
    )


@lru_cache(maxsize=4)
def _along(trace: Trace, followed: Followed, watches: tuple[Watch, ...]) -> tuple[tuple[Numbers, Numbers], ...]:
    """Per watch its probabilities and ranks before every token of the text and after the last.

    Kept while nothing of it changes, so that a turn of the temperature costs nothing here.
    """
    keys = line_keys(trace)
    return tuple(
        (tuple(followed.prob(key, watch) for key in keys), tuple(followed.rank(key, watch) for key in keys))
        for watch in watches
    )


def watch_name(watch: Watch, vocabulary: Vocabulary) -> str:
    """The tokens whose probabilities are added up."""
    return "+".join(name_of(vocabulary, token) for token in watch)


def watch_sweeps(s: State, row: Row) -> tuple[SweepLine, ...]:
    """Every watch against the temperature."""
    assert s.info is not None
    lines = []
    now, sweep = row.at(s.settings.temperature), row.sweep
    for i, watch in enumerate(s.watches):
        share = sum((sweep.probs(token) for token in watch[1:]), sweep.probs(watch[0]))
        points = tuple(zip(sweep.temperatures.tolist(), share.tolist(), strict=True))
        prob = min(1.0, math.fsum(now.prob(token) for token in watch))
        lines.append(SweepLine(0, watch_name(watch, s.info.vocabulary), points, prob, watch_mark(i)))
    return tuple(lines)
