"""Short names of paths, for caches: of one path, of all along a text."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence

from .engine import Path
from .trace import Trace


def path_key(path: Path, rest: tuple[int, ...] = ()) -> bytes:
    """A short name of a path for caches: equal for equal segments, and only for them.

    `rest` are the tokens of a given text that follow, where the path is only its beginning: the row there is decoded
    with its chunk, so it has other last digits than that of the same path by itself.
    """
    digest = hashlib.blake2b(digest_size=16)
    for segment in path:
        digest.update(array("q", segment.tokens).tobytes())
    digest.update(array("q", rest).tobytes())
    shape = [(segment.kind, len(segment.tokens)) for segment in path]
    return _sealed(digest, [*shape, ("rest", len(rest))] if rest else shape)


def _sealed(digest: hashlib.blake2b, shape: Sequence[tuple[str, int]]) -> bytes:
    """The name, from all tokens and then the kinds and lengths: so that a longer path goes on where a shorter ends."""
    for kind, length in shape:
        digest.update(b"%8s%16d" % (kind.encode(), length))
    digest.update(b"%8d" % len(shape))
    return digest.digest()


class GrowingKey:
    """`path_key` of a prompt and the tokens taken after it, without looking at those before the last again."""

    def __init__(self, given: tuple[int, ...]) -> None:
        self._digest = hashlib.blake2b(array("q", given).tobytes(), digest_size=16)
        self._given, self._taken = len(given), 0

    @property
    def key(self) -> bytes:
        """The name of the path so far."""
        taken = (("taken", self._taken),) if self._taken else ()
        return _sealed(self._digest.copy(), (("given", self._given), *taken))

    def grown(self, token: int) -> GrowingKey:
        """With one more taken token."""
        longer = object.__new__(GrowingKey)
        longer._digest = self._digest.copy()
        longer._digest.update(array("q", (token,)).tobytes())
        longer._given, longer._taken = self._given, self._taken + 1
        return longer


def line_keys(trace: Trace) -> list[bytes]:
    """The keys of the rows along the text on view: where it leaves the prompt, and after each token taken."""
    at = GrowingKey(trace.shown)
    keys = [path_key(trace.path(trace.line[0]), trace.rest(trace.line[0]))]
    for token in trace.columns.tokens:
        at = at.grown(token)
        keys.append(at.key)
    return keys
