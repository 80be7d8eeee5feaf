"""DRY ("don't repeat yourself", p-e-w 2024): the longer a repetition a token would continue, the less likely it gets.

Where the last tokens of the text stand elsewhere in it, n tokens long, the token that followed there loses
multiplier * base ^ (n - allowed_length). Breakers end what counts as one repetition.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .candidates import Candidates
from .transform import Context, Transform, knob
from .vocabulary import Vocabulary

BREAKERS = ("\n", ":", '"', "*")
"""llama.cpp's."""

_LONGEST_BREAKER = 40  # bytes; llama.cpp cuts longer ones off
_LN_GREATEST_FLOAT32 = 88.7228391


@dataclass(frozen=True)
class Dry(Transform):
    """Moves the logits of tokens that would continue a repetition. With a multiplier of 0 it is off."""

    name: ClassVar[str] = "dry"
    off: ClassVar[dict[str, float]] = {"multiplier": 0.0}

    multiplier: float = knob(0.0, "dry-multiplier", 0, 1e6, step=0.1)
    base: float = knob(1.75, "dry-base", 1, 1e6, step=0.05)
    allowed_length: int = knob(2, "dry-allowed-length", 0, step=1, whole=True)
    last_n: int = knob(64, "dry-penalty-last-n", -1, step=8, whole=True)  # -1: all of the history
    breakers: tuple[str, ...] = BREAKERS

    def __post_init__(self) -> None:
        """Raises ValueError for a setting outside its range."""
        super().__post_init__()
        for breaker in self.breakers:
            if not 0 < len(_bytes(breaker)) <= _LONGEST_BREAKER:
                raise ValueError(f"dry-sequence-breaker must be of 1 to {_LONGEST_BREAKER} bytes, not {breaker!r}")

    @property
    def active(self) -> bool:
        return self.multiplier > 0 and self.last_n != 0

    @property
    def setting(self) -> str:
        extent = f"last {self.last_n:,}" if self.last_n >= 0 else "all of the text"
        return f"multiplier {self.multiplier:g}, base {self.base:g}, beyond {self.allowed_length:,} tokens, {extent}"

    def apply(self, candidates: Candidates, context: Context) -> Candidates:
        repeats = self.repeats(context)
        positions = candidates.find(np.array(sorted(repeats), np.intp))
        if not len(positions):
            return candidates
        losses = np.array([self.penalty(repeats[token]) for token in candidates.tokens(positions).tolist()])
        return candidates.moved(positions, candidates.current(positions) - losses)

    def penalty(self, repeat: int) -> float:
        """What a token loses that would continue a repetition of so many tokens."""
        exponent = repeat - self.allowed_length
        if self.base > 1.000001:
            exponent = min(exponent, int(_LN_GREATEST_FLOAT32 / math.log(self.base)))
        return self.multiplier * self.base**exponent

    def repeats(self, context: Context) -> dict[int, int]:
        """Per token that would continue a repetition, the length of the longest one, in tokens.

        Raises ValueError where breakers are given and no vocabulary to find them in.
        """
        window = context.history[-self.last_n :] if self.last_n > 0 else context.history
        backwards = list(window)[::-1]
        breakers = tuple(map(_bytes, self.breakers))
        if breakers and context.vocabulary is None:
            raise ValueError("dry has sequence breakers, and there is no vocabulary to find them in")
        limit = len(backwards)
        if context.vocabulary is not None:
            limit = since_breaker(backwards, breakers, context.vocabulary)
        if len(backwards) <= self.allowed_length or limit < self.allowed_length:
            return {}
        longest: dict[int, int] = {}
        for i, length in enumerate(matches(backwards)):
            length = min(length, limit)
            if i and length >= self.allowed_length:
                token = backwards[i - 1]
                longest[token] = max(longest.get(token, 0), length)
        if context.vocabulary is None:
            return longest
        piece = context.vocabulary.piece
        return {token: n for token, n in longest.items() if not any(breaker in piece(token) for breaker in breakers)}


def _bytes(breaker: str) -> bytes:
    """A breaker as it stands in tokens; bytes that were no text in a command line are themselves again."""
    try:
        return breaker.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise ValueError(f"dry-sequence-breaker must be a text, not {breaker!r}") from error


def matches(tokens: Sequence[int]) -> list[int]:
    """Per position, how many tokens from there on are those of the start (the Z-function; O(n), Gusfield 1997)."""
    n = len(tokens)
    z = [n] * min(n, 1) + [0] * (n - 1)
    left = right = 0  # tokens[left:right] is the stretch reaching furthest that equals a start
    for i in range(1, n):
        length = min(right - i, z[i - left]) if i < right else 0
        while i + length < n and tokens[length] == tokens[i + length]:
            length += 1
        z[i] = length
        if i + length > right:
            left, right = i, i + length
    return z


def since_breaker(backwards: Sequence[int], breakers: Sequence[bytes], vocabulary: Vocabulary) -> int:
    """How many of the last tokens come after the last breaker; all of them if there is none.

    A breaker is within a token, or begins in one and ends exactly where a later one ends.
    """
    pieces = [vocabulary.piece(token) for token in backwards]
    for i, piece in enumerate(pieces):
        ends = [end for breaker in breakers if (end := _end_of(breaker, piece, pieces[:i])) is not None]
        if ends:
            return min(ends)
    return len(backwards)


def _end_of(breaker: bytes, piece: bytes, later: Sequence[bytes]) -> int | None:
    """How many tokens follow a breaker that begins in this piece; None if none does. `later` goes backwards."""
    if breaker in piece:
        return len(later)
    for k in range(min(len(breaker) - 1, len(piece)), 0, -1):
        if piece.endswith(breaker[:k]):
            rest = breaker[k:]
            for n in range(len(later) - 1, -1, -1):
                if not later[n] or not rest.startswith(later[n]):
                    break
                rest = rest[len(later[n]) :]
                if not rest:
                    return n
    return None
