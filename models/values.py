"""Frozen values that cost nothing to declare.

`dataclasses` writes every class as source text and compiles it, 0.4 ms each: for all the actions of the app that was a
tenth of the time to its first frame. These look their fields up when a value is made, which takes 2 µs.
"""

from __future__ import annotations

from inspect import get_annotations
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(cls: type[T]) -> type[T]:
    """A decorator as `dataclass(frozen=True)` is, for a class without a base and with plain defaults."""
    names = tuple(get_annotations(cls))
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}

    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        fields = self.__dict__
        fields.update(dict.fromkeys(names, _MISSING), **defaults)
        fields.update(zip(names, args, strict=False), **kwargs)
        if len(args) > len(names) or len(fields) > len(names) or _MISSING in fields.values():
            raise TypeError(f"{cls.__name__} takes ({', '.join(names)}), not {args} {kwargs}")

    methods = {"__init__": make, "__eq__": _equal, "__hash__": _hash, "__repr__": _repr}
    for name, method in {**methods, "__setattr__": _refuse, "__delattr__": _refuse, "__match_args__": names}.items():
        setattr(cls, name, method)
    return cls


_MISSING = object()


def _equal(self: Any, other: object) -> bool:
    return type(self) is type(other) and self.__dict__ == other.__dict__


def _hash(self: Any) -> int:
    return hash((type(self), *self.__dict__.values()))


def _repr(self: Any) -> str:
    return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


def _refuse(self: Any, name: str, *_: object) -> None:
    raise AttributeError(f"{type(self).__name__} is frozen: its {name} cannot be changed")
