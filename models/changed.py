"""A copy of a frozen value with some fields changed."""

from __future__ import annotations

from typing import Any, TypeVar

Value = TypeVar("Value")


def changed(value: Value, /, **changes: Any) -> Value:
    """What `dataclasses.replace` does, in a tenth of its time: a step makes a dozen states of thirty fields.

    For dataclasses without slots, and without fields that check or compute anything.
    """
    new = object.__new__(type(value))
    new.__dict__.update(value.__dict__, **changes)
    return new
