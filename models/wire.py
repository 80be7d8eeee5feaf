"""What the app and the model's process say to each other: JSON messages, and rows of logits in a file without a name.

Nothing is pickled, so a child that a bad model file has taken over can send nothing that runs in the app. Rows are
written and read with pwrite and pread and not mapped: a mapping of a file that the child cut short would end the app
with SIGBUS.
"""

from __future__ import annotations

import json
import os
import tempfile
from array import array
from dataclasses import fields
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from .engine import EngineError, Logits, ModelInfo, Path, Segment
from .vocabulary import Vocabulary

if TYPE_CHECKING:
    from .ahead import Ahead, Foreseen

Message = dict[str, Any]

_MOST_BYTES = 3 << 20


def slots(n_vocab: int) -> int:
    """Rows that have room in the file: those of so many calls in a row can be on the way. 16, as far as that is no more
    than 3 MB, but two at least."""
    return 2 * max(1, min(8, _MOST_BYTES // 2 // (4 * n_vocab)))


_MAX_MESSAGE, _MAX_BLOB = 64 << 20, 1 << 30


def send(connection: Connection, message: Message, blob: bytes | None = None) -> None:
    """Send a message, and bytes with it. Raises OSError when the other side is gone."""
    connection.send_bytes(json.dumps(message | {"blob": blob is not None}).encode())
    if blob is not None:
        connection.send_bytes(blob)


def receive(connection: Connection) -> tuple[Message, bytes]:
    """The next message and its bytes (b"" if none). Raises EOFError or OSError when the other side is gone."""
    try:
        message = json.loads(connection.recv_bytes(_MAX_MESSAGE))
    except ValueError as error:
        raise OSError("what came is no message") from error
    return message, connection.recv_bytes(_MAX_BLOB) if message["blob"] else b""


def pack_path(path: Path) -> list[list[Any]]:
    """A path as JSON."""
    return [[segment.kind, segment.tokens] for segment in path]


def unpack_path(packed: list[list[Any]]) -> Path:
    """The path of `pack_path`."""
    return tuple(Segment(kind, tuple(tokens)) for kind, tokens in packed)


def pack_ahead(ahead: Ahead) -> Message:
    """How an auto run goes on, as JSON."""
    from .chain import Chain
    from .plain_chain import to_plain

    settings = ahead.settings
    place = {"position": ahead.position, "toss": ahead.toss, "room": ahead.room}
    return place | {"t": settings.temperature, "seed": settings.seed, "samplers": to_plain(Chain(settings.samplers))}


def unpack_ahead(packed: Message) -> Ahead:
    """The `Ahead` of `pack_ahead`."""
    from .ahead import Ahead
    from .plain_chain import from_plain
    from .state import Settings

    settings = Settings(packed["t"], packed["seed"], from_plain(packed["samplers"]).transforms)
    return Ahead(settings, packed["position"], packed["toss"], packed["room"])


def pack_foreseen(foreseen: Foreseen | None) -> list[Any] | None:
    """The token that an auto run takes, as JSON; the other side knows what it was drawn with."""
    return foreseen and [foreseen.token, foreseen.surprisal_bits, foreseen.entropy_bits, foreseen.ends]


def unpack_foreseen(packed: list[Any] | None, ahead: Ahead, n_vocab: int) -> Foreseen | None:
    """The `Foreseen` of `pack_foreseen`, drawn with this. Raises `EngineError` for what is none."""
    from .ahead import Foreseen

    match packed:
        case None:
            return None
        case [int(token), float(surprisal), float(entropy), bool(ends)] if 0 <= token < n_vocab:
            return Foreseen(ahead, token, surprisal, entropy, ends)
    raise EngineError("The model's process drew what is no token. Start it again.")


def pack_info(info: ModelInfo) -> tuple[Message, bytes]:
    """What is known of a model: its fields as JSON, the offsets (uint32) and bytes of its vocabulary as a blob."""
    words = info.vocabulary
    rest = {field.name: getattr(info, field.name) for field in fields(info) if field.name != "vocabulary"}
    ends = {"eog": sorted(words.eog), "control": sorted(words.control)}
    return {"info": rest, **ends}, array("I", words.offsets).tobytes() + words.blob


def unpack_info(message: Message, blob: bytes) -> ModelInfo:
    """The `ModelInfo` of `pack_info`."""
    offsets = array("I")
    size = (message["info"]["n_vocab"] + 1) * offsets.itemsize
    offsets.frombytes(blob[:size])
    vocabulary = Vocabulary(blob[size:], offsets, frozenset(message["eog"]), frozenset(message["control"]))
    return ModelInfo(**message["info"], vocabulary=vocabulary)


def pack_error(error: EngineError) -> list[str]:
    """An error as its class's name and its sentence."""
    return [type(error).__name__, str(error)]


def unpack_error(packed: list[str]) -> EngineError:
    """The error of `pack_error`, of the same class; its sentence may quote the model file, so it is made printable."""
    name, sentence = packed
    kinds = {kind.__name__: kind for kind in EngineError.__subclasses__()}
    return kinds.get(name, EngineError)(printable(sentence))


def printable(text: str, limit: int = 400) -> str:
    """One line without control characters, cut at `limit` characters."""
    line = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


class RowFile:
    """Some rows of logits, each behind the number of the call it answers, in a file both processes hold open."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    @classmethod
    def create(cls) -> RowFile:
        """In memory where the system has that, else a temporary file that has lost its name."""
        if hasattr(os, "memfd_create"):
            return cls(os.memfd_create("tempviz-logits"))
        with tempfile.TemporaryFile() as file:
            return cls(os.dup(file.fileno()))

    def close(self) -> None:
        os.close(self.fd)

    def write(self, call: int, row: Logits) -> None:
        """Put the row of a call into its slot."""
        os.pwritev(self.fd, [call.to_bytes(8, "little"), row.data], self._offset(call, row.nbytes))

    def read(self, call: int, n_vocab: int) -> Logits:
        """The row [n_vocab] of a call, read-only. Raises `EngineError` if another one stands there."""
        import numpy as np  # here: the app imports this module before its first frame

        size = n_vocab * 4
        slot = os.pread(self.fd, 8 + size, self._offset(call, size))
        if len(slot) != 8 + size or int.from_bytes(slot[:8], "little") != call:
            raise EngineError("The model's process answered with the logits of another call. Start it again.")
        return np.frombuffer(slot, np.float32, offset=8)

    @staticmethod
    def _offset(call: int, size: int) -> int:
        return call % slots(size // 4) * (8 + size)
