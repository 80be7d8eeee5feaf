"""Values do what frozen dataclasses do."""

from dataclasses import dataclass

import pytest
from tempviz.models.values import value


@value
class Nothing:
    """No fields."""


@value
class Other:
    """No fields either."""


@value
class Pair:
    """Two fields, one with a default."""

    a: int
    b: str = "x"


@dataclass(frozen=True)
class AsDataclass:
    a: int
    b: str = "x"


def test_equality_and_hash() -> None:
    assert Nothing() == Nothing() and Nothing() != Other() and Nothing() != ()
    assert Pair(1) == Pair(1, "x") == Pair(a=1, b="x")
    assert Pair(1) != Pair(2) and Pair(1) != AsDataclass(1)
    assert {Pair(1), Pair(1, b="x"), Pair(2)} == {Pair(1), Pair(2)}
    assert len({Nothing(), Other()}) == 2


def test_it_reads_and_matches_as_a_dataclass() -> None:
    assert repr(Pair(1, "y")) == repr(AsDataclass(1, "y")).replace("AsDataclass", "Pair")
    match Pair(1, "y"):
        case Pair(a, b):
            assert (a, b) == (1, "y")


@pytest.mark.parametrize(("args", "kwargs"), [((), {}), ((1, "x", 2), {}), ((1,), {"c": 2}), ((), {"b": "x"})])
def test_wrong_fields_are_refused(args: tuple, kwargs: dict) -> None:
    with pytest.raises(TypeError, match="Pair"):
        Pair(*args, **kwargs)
    with pytest.raises(TypeError):
        AsDataclass(*args, **kwargs)


def test_a_value_is_frozen() -> None:
    pair = Pair(1)
    with pytest.raises(AttributeError, match="frozen"):
        pair.a = 2  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError, match="frozen"):
        del pair.a
    assert pair == Pair(1)
