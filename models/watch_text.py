"""Watches as a person writes them: whole tokens by name or id, several on a line as one."""

from __future__ import annotations

from .find import matches
from .vocabulary import Vocabulary
from .watches import Watch


def parse_watch(text: str, vocabulary: Vocabulary) -> Watch:
    """The tokens that a person means: whole tokens, ␣ for a space, or #id, with commas between them.

    Raises ValueError, a sentence, for what is no token.
    """
    tokens: set[int] = set()
    for part in text.split(","):
        name = part.strip()
        if not name:
            continue
        by_id = name[0] == "#" and name[1:].isdecimal()
        found = matches(vocabulary, name).tolist() if by_id else _by_name(name, vocabulary)
        if not found:
            raise ValueError(f"No token is {name!r} as a whole. Find shows the tokens there are; #id takes any.")
        tokens.update(found)
    return tuple(sorted(tokens))


def _by_name(name: str, vocabulary: Vocabulary) -> list[int]:
    piece = name.replace("␣", " ").encode("utf-8", "surrogateescape")
    return [token for token in matches(vocabulary, name).tolist() if vocabulary.piece(token) == piece]


def watch_text(watch: Watch, vocabulary: Vocabulary) -> str:
    """A watch as `parse_watch` reads it back: by name where that is plain text, else by id."""
    return ", ".join(_written(token, vocabulary) for token in watch)


def _written(token: int, vocabulary: Vocabulary) -> str:
    text = vocabulary.piece(token).decode("utf-8", "replace")
    name = text.replace(" ", "␣")
    plain = text.isprintable() and text and not set(text) & set(",#␣\ufffd") and name == name.strip()
    return name if plain and _by_name(name, vocabulary) == [token] else f"#{token}"
