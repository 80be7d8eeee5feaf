"""Where an auto run stops before a token."""

import numpy as np
import pytest
from tempviz.models import actions as act
from tempviz.models.breakpoints import Breakpoints
from tempviz.models.distribution import Distribution, Landing
from tempviz.models.ranking import Ranking
from toy_states import play, ready, settled

EVEN = Distribution(Ranking(np.zeros(8, np.float32)), 1.0)  # 3 bits
SECOND = Landing(1, 2, 0.125, 0.25)


@pytest.mark.parametrize(
    ("breakpoints", "said"),
    [
        (Breakpoints(), None),
        (Breakpoints(entropy_above=2.9), "entropy is 3.00 bits"),
        (Breakpoints(entropy_above=3.0), None),
        (Breakpoints(prob_below=0.2), "probability of 12.50 %, below 20 %"),
        (Breakpoints(prob_below=0.1), None),
        (Breakpoints(rank_beyond=1), "rank 2"),
        (Breakpoints(rank_beyond=2), None),
        (Breakpoints(pattern="lo w"), "about to appear"),
        (Breakpoints(pattern="hel"), None),  # it was there before this token
        (Breakpoints(one_left=True), None),
    ],
)
def test_a_condition_and_its_reason(breakpoints: Breakpoints, said: str | None) -> None:
    reason = breakpoints.reason(EVEN, SECOND, 8, b"hello", b" world")
    assert reason is None if said is None else said in (reason or "")


@pytest.mark.parametrize(
    ("share", "below", "said"),
    [
        (1e-6, 0.0001, "of <0.001 %, below 0.01 %"),
        (3e-7, 1e-6, "of 0.00003 %, below 0.0001 %"),
        (1e-12, 1e-10, "of <0.000001 %, below 1e-08 %"),
        (3e-5, 2.5e-4, "of 0.003 %, below 0.025 %"),
        (0.0, 1e-3, "of 0 %, below 0.1 %"),
        (0.99999, 1.0, "of >99.99 %, below 100 %"),
    ],
)
def test_a_small_probability_is_told_from_its_limit(share: float, below: float, said: str) -> None:
    reason = Breakpoints(prob_below=below).reason(EVEN, Landing(1, 2, 0.0, share), 8, b"", b"x")
    assert said in (reason or "")


def test_a_pattern_may_end_in_a_character_that_the_token_completes() -> None:
    """As vocabularies that fall back to bytes write it: one byte a token."""
    text = "歩".encode()
    stops = [Breakpoints(pattern="歩").reason(EVEN, SECOND, 8, b"a" + text[:n], text[n : n + 1]) for n in range(3)]
    assert stops[:2] == [None, None] and "about to appear" in (stops[2] or "")
    assert Breakpoints(pattern="歩").reason(EVEN, SECOND, 8, b"a" + text, b"b") is None


@pytest.mark.parametrize("pattern", ["(a+)+b", "(x+x+)+y|(a|aa)+$b"])
def test_a_pattern_that_would_take_for_ever_is_given_up(pattern: str) -> None:
    reason = Breakpoints(pattern=pattern).reason(EVEN, SECOND, 8, b"a" * 500 + b"x" * 100, b"!")
    assert "too long" in (reason or "")


def test_one_token_left() -> None:
    assert Breakpoints(one_left=True).reason(EVEN, SECOND, 1, b"", b"")


@pytest.mark.parametrize(
    "wrong", [{"entropy_above": -1.0}, {"entropy_above": float("nan")}, {"prob_below": 0.0}, {"rank_beyond": 0},
              {"pattern": "("}]
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"entropy|probability|rank|pattern"):
        Breakpoints(**wrong)


def test_auto_stops_before_the_token_and_goes_on_when_asked() -> None:
    stopped = ready(act.SetBreakpoints(Breakpoints(rank_beyond=1)), act.SetTemperature(5.0), act.StartAuto(20))
    assert stopped.auto is None
    assert stopped.notice is not None and "rank" in stopped.notice.text
    here = stopped.trace.here.depth
    assert here < 20
    again = settled(*play(stopped, act.StartAuto(1)))
    assert again.trace.here.depth == here + 1
