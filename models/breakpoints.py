"""Where an auto run stops BEFORE a token, for a person to look: space then takes the coin's token.

A pattern is looked for by the package `regex`, which takes what `re` takes and gives up after a time: with `re`,
“(a+)+b” and a text of some dozen letters a would keep the app busy for ever.
"""

from __future__ import annotations

import codecs
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from .percentages import percent

if TYPE_CHECKING:
    from .distribution import Distribution, Landing

LOOK_BACK = 200
"""Tokens before this one in which a pattern may begin."""

PATIENCE = 0.05
"""Seconds for a pattern to be found or not, before each token."""


@dataclass(frozen=True)
class Breakpoints:
    """The conditions; None, False and the empty text are off. Raises ValueError by name for what cannot be meant."""

    entropy_above: float | None = None  # bits
    prob_below: float | None = None  # of the coin's token
    rank_beyond: int | None = None  # of the coin's token
    pattern: str = ""  # a regular expression that the text would match with the coin's token
    one_left: bool = False  # the chain leaves exactly one token

    def __post_init__(self) -> None:
        if self.entropy_above is not None and not 0 <= self.entropy_above < 1000:
            raise ValueError(f"an entropy is a number of bits of at least 0, not {self.entropy_above}")
        if self.prob_below is not None and not 0 < self.prob_below <= 1:
            raise ValueError(f"a probability lies above 0 and up to 1, not at {self.prob_below}")
        if self.rank_beyond is not None and self.rank_beyond < 1:
            raise ValueError(f"a rank is at least 1, not {self.rank_beyond}")
        if self.pattern:
            import regex  # 30 ms, for those who have a pattern

            try:
                regex.compile(self.pattern)
            except (regex.error, OverflowError, RecursionError) as error:
                raise ValueError(f"the pattern is no regular expression: {error}") from None

    @property
    def any(self) -> bool:
        """Whether any is set."""
        return any(getattr(self, field.name) != field.default for field in fields(self))

    def reason(self, now: Distribution, landing: Landing, n_left: int, before: bytes, piece: bytes) -> str | None:
        """Why to stop before the token on which the coin fell, or None. `before` is the end of the text so far."""
        if self.entropy_above is not None and now.entropy_bits > self.entropy_above:
            return f"the entropy is {now.entropy_bits:.2f} bits, above {self.entropy_above:g}"
        prob = landing.high - landing.low
        if self.prob_below is not None and prob < self.prob_below:
            digits = min(max(2, 1 + math.ceil(-math.log10(100 * self.prob_below))), 6)  # one beyond the limit's first
            return f"the coin's token has a probability of {percent(prob, digits)}, below {100 * self.prob_below:g} %"
        if self.rank_beyond is not None and landing.rank > self.rank_beyond:
            return f"the coin's token has rank {landing.rank:,}, beyond {self.rank_beyond:,}"
        try:
            if self.pattern and self._appears(before, piece):
                return f"{self.pattern!r} is about to appear"
        except TimeoutError:
            return f"it takes too long to look for {self.pattern!r} here; B writes a simpler pattern"
        if self.one_left and n_left == 1:
            return "the chain leaves one token only"
        return None

    def _appears(self, before: bytes, piece: bytes) -> bool:
        """The pattern matches somewhere that ends in the new token, or in a character that it completes.

        The bytes of one that is not complete yet are no text. Raises TimeoutError.
        """
        import regex

        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        old = decoder.decode(before)
        text = old + decoder.decode(piece)
        return any(match.end() > len(old) for match in regex.finditer(self.pattern, text, timeout=PATIENCE))
