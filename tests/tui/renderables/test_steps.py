"""The softmax step by step: the exact text, the numbers against the definition, every size."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models.lab import GREETINGS, Lab
from tempviz.models.lab_model import LabModel
from tempviz.models.state import Settings, State
from tempviz.models.toy import ToyModel
from tempviz.tui.display import cell_len
from tempviz.tui.renderables.steps import figure, steps
from tempviz.tui.steps_view import TOKENS, steps_view

from ..driving import play, toy_model


def lab_state(lab: Lab, temperature: float = 1.0) -> State:
    begun = State(settings=Settings(temperature), asked_prompt=("", False))
    return play(LabModel(lab), act.OpenModel(lab.path), state=begun)


def drawn(lab: Lab, temperature: float, width: int, height: int) -> list[str]:
    rows = steps(steps_view(lab_state(lab, temperature)), width, height)
    return ["".join(text for text, _ in row) for row in rows]


@pytest.mark.parametrize(("height", "labels"), [(2, "÷ Z"), (4, "x ÷ T ÷ Z"), (6, "x ÷ T e^ Σ = Z ÷ Z")])
def test_of_too_many_steps_the_weightiest_are_told(height: int, labels: str) -> None:
    names, *told = drawn(GREETINGS, 2.0, 58, height)
    assert names.startswith(f"{height - 1} of 6")
    assert " ".join(row[:6].strip() for row in told) == labels


def test_beside_each_step_stands_what_it_is_for() -> None:
    assert drawn(GREETINGS, 2.0, 76, 9) == [
        "          Hello  Namaste     Ciao     Hola 2 others                         ",
        "x        4.0000   1.0000   0.6000   0.5000           the logits             ",
        "− max         0  −3.0000  −3.4000  −3.5000           no overflow, same ratio",
        "÷ T           0  −1.5000  −1.7000  −1.7500           T 2.00: closer together",
        "e^       1.0000   0.2231   0.1827   0.1738   0.2776  positive and increasing",
        "Σ = Z    1.0000   1.2231   1.4058   1.5796   1.8572  sums so far, at last Z ",
        "÷ Z     53.84 %  12.01 %   9.84 %   9.36 %  14.95 %  now they add up to 1   ",
    ]


def test_below_where_there_is_room() -> None:
    assert drawn(GREETINGS, 1.0, 66, 13) == [
        "          Hello  Namaste     Ciao     Hola   Ni␣Hao Konnich…      ",
        "x        4.0000   1.0000   0.6000   0.5000   0.1000        0      ",
        "      logits: any numbers, the greater the likelier               ",
        "− max         0  −3.0000  −3.4000  −3.5000  −3.9000  −4.0000      ",
        "      the greatest is 0 now: nothing overflows                    ",
        "÷ T           0  −3.0000  −3.4000  −3.5000  −3.9000  −4.0000      ",
        "      T = 1 leaves every distance as it was                       ",
        "e^       1.0000   0.0498   0.0334   0.0302   0.0202   0.0183      ",
        "      e^x is positive, increasing and differentiable              ",
        "Σ = Z    1.0000   1.0498   1.0832   1.1134   1.1336   1.1519      ",
        "      the sum so far, at last Z: of the whole vocabulary          ",
        "÷ Z     86.81 %   4.32 %   2.90 %   2.62 %   1.76 %   1.59 %      ",
        "      divided by their sum they add up to 1                       ",
    ]


def test_a_temperature_of_zero_is_a_limit() -> None:
    assert drawn(Lab.of([1, 3, 3, -math.inf]), 0.0, 76, 7) == [
        "             x1       x2       x0       x3                                  ",
        "x        3.0000   3.0000   1.0000       −∞  the logits                      ",
        "− max         0        0  −2.0000       −∞  no overflow, same ratio         ",
        "÷ T           0       −∞       −∞       −∞  T 0: only the max stays         ",
        "e^       1.0000        0        0        0  positive and increasing         ",
        "Σ = Z    1.0000   1.0000   1.0000   1.0000  sums so far, at last Z          ",
        "÷ Z       100 %      0 %      0 %      0 %  now they add up to 1            ",
    ]
    said = "\n".join(drawn(GREETINGS, 0.0, 100, 13))
    assert "T = 0 is a limit: all but the maximum fall to −∞ · of equal ones the lowest id stays" in said


@pytest.mark.parametrize(("width", "height"), [(51, 7), (76, 9), (76, 13), (140, 20)])
def test_with_a_chain_it_says_that_it_leaves_the_samplers_out(width: int, height: int) -> None:
    for moves in ([], [act.NextPreset()]):
        rows = steps(steps_view(play(toy_model(), *moves)), width, height)
        said = "\n".join("".join(text for text, _ in row) for row in rows)
        assert ("without samplers" in said) == bool(moves)
        assert not (moves and "these are the probabilities" in said)


@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.0, 5.0])
def test_every_number_follows_from_the_one_before(temperature: float) -> None:
    """On a vocabulary with more tokens than columns, so that the others have their share of Z."""
    state = play(toy_model(), act.SetTemperature(temperature))
    assert state.row is not None and state.row.ranking.n > TOKENS
    view = steps_view(state)
    logits = sorted(state.row.ranking.logits.tolist(), reverse=True)
    powers = [math.exp((x - logits[0]) / temperature) if temperature else float(i == 0) for i, x in enumerate(logits)]
    assert view.z == pytest.approx(math.fsum(powers))
    assert view.rest == pytest.approx(math.fsum(powers[TOKENS:]) / view.z, abs=1e-15)
    for token, x, power in zip(view.tokens, logits, powers, strict=False):
        assert (token.logit, token.below) == (x, x - logits[0])
        assert token.power == pytest.approx(power)
        assert token.prob == pytest.approx(power / view.z)
    assert [token.highlighted for token in view.tokens[:2]] == [True, False]


def test_the_others_make_up_what_is_missing() -> None:
    """At 262,144 tokens whose numbers are wide."""
    names = [f"t{i}" for i in range(262_144)]
    toy = ToyModel([0.0] * len(names), names)
    view = steps_view(play(toy, act.SetTemperature(5.0), prompt="t0"))
    rows = ["".join(text for text, _ in row) for row in steps(view, 58, 7)]
    assert rows[0].split() == ["t0", "t1", "others"]
    assert rows[4].split()[:4] == ["e^", "1.0000", "1.0000", "262,142"]
    assert rows[5].split()[2:5] == ["Z", "1.0000", "2.0000"] and "262,144" in rows[5]
    assert rows[6].split()[2:7] == ["<0.01", "%", "<0.01", "%", ">99.99"]
    assert "262,135 others make >99.99 % of Z" in "".join(text for row in steps(view, 100, 40) for text, _ in row)


logits = st.one_of(st.floats(-50, 50), st.sampled_from([-math.inf, 3e38, -3e38, 1e-30, -1e-7]))


@given(
    st.lists(logits, min_size=1, max_size=60).filter(lambda row: max(row) > -math.inf),
    st.sampled_from([0.0, 1e-300, 0.01, 1.0, 5.0, 1e200]),
    st.integers(58, 100),
    st.integers(7, 40),
)
@example([1.0], 1.0, 58, 7)
@example([0.0, 1.0], 1.0, 8, 2)
@example([0.0, 1.0], 1.0, 1, 0)
def test_every_row_is_exactly_as_wide(row: list[float], temperature: float, width: int, height: int) -> None:
    rows = steps(steps_view(lab_state(Lab.of(row), temperature)), width, height)
    assert len(rows) == (min(height, 7) if height < 13 else 13 if height < 18 else min(height, 19))
    assert all(sum(cell_len(text) for text, _ in drawn_row) == width for drawn_row in rows)


@given(st.floats(allow_nan=False))
@example(4.0)
def test_a_figure_fits_and_is_nothing_only_for_nothing(x: float) -> None:
    shown = figure(x)
    assert cell_len(shown) <= (9 if 0 < abs(x) < 1e-99 or abs(x) > 1e99 else 8)
    assert (shown == "0") == (x == 0)
    assert shown.startswith("−") == (x < 0)
    assert shown not in ("0.0000", "−0.0000")


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        (4.0, "4.0000"),
        (-3.4, "−3.4000"),
        (-123.4567, "−123.457"),
        (26_123.4567, "26,123.5"),
        (3e30, "3.0·10³⁰"),
        (0.0498, "0.0498"),
        (5e-6, "5.0·10⁻⁶"),
        (-2e-174, "−2·10⁻¹⁷⁴"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (-0.0, "0"),
    ],
)
def test_figures(x: float, shown: str) -> None:
    assert figure(x) == shown
