"""What the same action once more would lead to, made before it is asked for."""

import pytest
from slow_engine import Desk
from tempviz.models import actions as act
from tempviz.models.actions import Action


@pytest.fixture
def desk() -> Desk:
    """The toy opened on "abc", quiet."""
    desk = Desk()
    desk.settle()
    return desk


@pytest.mark.parametrize(
    ("turn", "back"),
    [
        (act.TurnTemperature(5), act.TurnTemperature(-5)),
        (act.MoveHighlight(1), act.MoveHighlight(-1)),
        (act.TurnKnob(2), act.TurnKnob(-2)),
    ],
)
def test_what_was_foreseen_is_what_comes(desk: Desk, turn: Action, back: Action):
    desk.do(act.NextPreset(), turn)
    before = desk.state
    again, returned = desk.session.foresee(False), desk.session.foresee(True)
    assert desk.state is before and again is not None and returned is not None
    desk.do(turn)
    assert desk.state is again
    plain = Desk()
    plain.settle()
    plain.do(act.NextPreset(), turn, turn)
    assert (plain.state.settings, plain.state.highlight) == (again.settings, again.highlight)
    desk.session.foresee(True)
    desk.do(back)
    assert (desk.state.settings, desk.state.highlight) == (before.settings, before.highlight)


def test_what_is_foreseen_twice_is_the_same_state(desk: Desk):
    desk.do(act.TurnTemperature(5))
    again, back = desk.session.foresee(False), desk.session.foresee(True)
    assert desk.session.foresee(False) is again and desk.session.foresee(True) is back


def test_what_was_foreseen_is_forgotten_by_anything_else(desk: Desk):
    desk.do(act.TurnTemperature(5))
    again = desk.session.foresee(False)
    desk.do(act.Toss(), act.TurnTemperature(5))
    assert desk.state is not again and desk.state.trace.here.toss == 1
    assert desk.state.settings.temperature == 1.1
    assert again is not None and again.trace.here.toss == 0
    desk.do(act.Toss())
    assert desk.session.foresee(False) is None  # nobody tosses by the dozen
