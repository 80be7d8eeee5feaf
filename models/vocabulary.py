"""Token ids and their bytes.

Tokens are kept as bytes: a token may hold half a character, a control character or nothing at all, and only the bytes
are exact. What a person sees of them is made by `tui/display.py`.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The pieces of a model's vocabulary: `blob[offsets[i]:offsets[i + 1]]` are the bytes of token i."""

    blob: bytes
    offsets: Sequence[int]  # n_vocab + 1 of them
    eog: frozenset[int] = field(default_factory=frozenset)  # end-of-generation tokens
    control: frozenset[int] = field(default_factory=frozenset)  # control tokens, their names as bytes

    @classmethod
    def of(cls, pieces: Iterable[bytes], eog: Iterable[int] = (), control: Iterable[int] = ()) -> Vocabulary:
        """A vocabulary from its pieces in order of id."""
        blob, offsets = bytearray(), [0]
        for piece in pieces:
            blob += piece
            offsets.append(len(blob))
        return cls(bytes(blob), offsets, frozenset(eog), frozenset(control))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def piece(self, token: int) -> bytes:
        """The exact bytes of a token (its name, for a control token). Raises IndexError for an id outside."""
        if not 0 <= token < len(self):
            raise IndexError(f"token {token} is outside the vocabulary of {len(self)} tokens")
        return self.blob[self.offsets[token] : self.offsets[token + 1]]

    def text(self, tokens: Iterable[int]) -> str:
        """The decoded text of a run of tokens, control tokens by name, broken UTF-8 as U+FFFD."""
        return b"".join(map(self.piece, tokens)).decode("utf-8", "replace")


def decode_runs(pieces: Iterable[bytes], pending: bytes = b"") -> Iterator[tuple[str, bytes]]:
    """Decode pieces as one stream of UTF-8, and say what each contributes.

    Yields for every piece (text, pending): the characters that became complete with it, and the bytes at its end
    that still wait for the rest of their character. A byte that cannot be UTF-8 comes as a lone surrogate
    (U+DC80 + byte - 0x80), so nothing is lost. `pending` are bytes of the stream that still wait before the first.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    decoder.setstate((pending, 0))
    for piece in pieces:
        text = decoder.decode(piece)
        yield text, decoder.getstate()[0]
