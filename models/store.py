"""A bounded store of logits rows, so that walking back and turning knobs never asks the model again."""

from __future__ import annotations

from collections import OrderedDict

from .engine import Logits

DEFAULT_MB = 40


class LogitsStore:
    """Rows by path key; the ones unused longest go first. A row that is gone is decoded again, bit for bit the same."""

    def __init__(self, megabytes: float = DEFAULT_MB) -> None:
        self.limit = int(megabytes * 1e6)
        self.held = 0
        self._rows: OrderedDict[bytes, Logits] = OrderedDict()
        self._spare: OrderedDict[bytes, None] = OrderedDict()  # keys of the rows that go before all others

    def get(self, key: bytes) -> Logits | None:
        """The row, which is thereby the one used last."""
        row = self._rows.get(key)
        if row is not None:
            self._rows.move_to_end(key)
            self._spare.pop(key, None)
        return row

    def latest(self, megabytes: float = DEFAULT_MB) -> tuple[tuple[bytes, Logits], ...]:
        """The rows used last, latest first, up to so much: to look at all of a large store would take seconds."""
        rows, held = [], 0
        for key, row in reversed(self._rows.items()):
            held += row.nbytes
            if held > megabytes * 1e6:
                break
            rows.append((key, row))
        return tuple(rows)

    def put(self, key: bytes, row: Logits, spare: bool = False) -> None:
        """Keep a row; the one just put is kept even if it alone is over the limit.

        A row that is `spare` takes the place of other spare ones, and of no other as long as there are any.
        """
        if key in self._rows:
            self.held -= self._rows.pop(key).nbytes
            self._spare.pop(key, None)
        self._rows[key] = row
        self.held += row.nbytes
        while self.held > self.limit and len(self._rows) > 1:
            first = next(iter(self._spare or self._rows))
            self._spare.pop(first, None)
            self.held -= self._rows.pop(first).nbytes
        if spare:
            self._spare[key] = None

    def clear(self) -> None:
        """Forget all rows (of a model that is not used any more)."""
        self._rows.clear()
        self._spare.clear()
        self.held = 0

    def __len__(self) -> int:
        return len(self._rows)
