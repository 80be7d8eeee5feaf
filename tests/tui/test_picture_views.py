"""What the pictures are drawn from, against brute force; and every picture fills exactly its size."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tempviz.models.softmax import softmax
from tempviz.models.transforms import TopK
from tempviz.tui.display import cell_len
from tempviz.tui.picture_data import MASS_SHARES
from tempviz.tui.picture_views import PICTURES
from tempviz.tui.renderables.pictures import DRAWN
from tempviz.tui.roles import ROLES
from tempviz.tui.temperature_views import curve_view, rank_view, sweep_view

from .greetings import LOGITS, drawn, greetings, state_of

rows = arrays(
    np.float32,
    st.integers(1, 90),
    elements=st.one_of(st.floats(-60, 40, width=32), st.integers(-1, 1).map(float), st.sampled_from([-np.inf, -1e30])),
).filter(lambda row: np.isfinite(row).any())
temperatures = st.one_of(st.sampled_from([0.0, 0.01, 1.0, 5.0, 40.0]), st.floats(0.01, 6))
NORMAL = np.random.default_rng(1).normal(0, 3, 5000).astype(np.float32)


def test_every_picture_has_its_data_and_its_drawing() -> None:
    assert list(PICTURES) == list(DRAWN)
    assert [name for name in PICTURES if name in ("Histogram", "Curve", "Rank", "Sweep", "Timeline")] == [
        "Histogram",
        "Curve",
        "Rank",
        "Sweep",
        "Timeline",
    ]


@settings(deadline=None)
@given(
    rows,
    temperatures,
    st.data(),
    st.sampled_from(["Curve", "Rank", "Sweep"]),
    st.integers(0, 130),
    st.integers(0, 42),
    st.sampled_from(["linear", "logarithmic"]),
)
def test_a_picture_fills_exactly_its_size(logits, temperature, data, name, width, height, scale) -> None:
    names = ["日本", "", "\x1b[31m", "a very long name of a token, longer than most", "é", " ", "\n"]
    labels = [names[i % len(names)] + str(i) for i in range(len(logits))]
    state = state_of(logits, temperature, data.draw(st.integers(1, len(logits))), labels, scale)
    picture = DRAWN[name](PICTURES[name](state), width, height)
    assert len(picture) <= height
    assert height < 7 or len(picture) == height
    for row in picture:
        assert sum(cell_len(text) for text, _ in row) == width
        assert all(role in ROLES for _, role in row)


@pytest.mark.parametrize("name", ["Curve", "Rank", "Sweep"])
@pytest.mark.parametrize("height", [7, 20])
def test_a_picture_of_the_temperature_alone_says_so_beside_a_chain(name: str, height: int) -> None:
    state = greetings(1.5)
    chained = replace(state, settings=replace(state.settings, samplers=(TopK(2),)))
    assert drawn(name, chained, 76, height)[0].startswith(" without samplers   ")
    assert "without" not in "".join(drawn(name, state, 76, height))


# ---- the curve -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_the_curve_is_e_to_the_x_over_t(temperature: float) -> None:
    view = curve_view(greetings(temperature, 2))
    assert view.left == -4.0
    for x, y in (*view.curve, *view.candidates, view.highlighted):
        assert y == pytest.approx(math.exp(x / temperature), rel=1e-12)
    assert all(y == pytest.approx(math.exp(x), rel=1e-12) for x, y in view.ghost)
    assert (view.highlighted[0], view.name, view.beyond) == (-3.0, "Namaste", 0)
    assert sorted(x for x, _ in view.candidates) == pytest.approx([-4, -3.9, -3.5, -3.4, 0], abs=1e-6)


def test_the_curve_reaches_twenty_logits_down_and_counts_the_others() -> None:
    logits = np.array([0, -3, -19, -21, -400, -np.inf], np.float32)
    view = curve_view(state_of(logits, 1.0))
    assert (view.left, view.beyond) == (-20.0, 2)
    assert curve_view(state_of(logits, 1.0, 6)).highlighted == (-math.inf, 0.0)
    assert curve_view(state_of(np.zeros(3, np.float32), 1.0)).left == -1.0


# ---- ranks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.0, 4.0])
def test_ranks_and_counts(temperature: float) -> None:
    view = rank_view(state_of(NORMAL, temperature, 17))
    p = np.sort(softmax(NORMAL, temperature))[::-1]
    edges = p.cumsum()
    assert view.counts == tuple(int(np.searchsorted(edges, share * (1 - 1e-12))) + 1 for share in MASS_SHARES)
    ghost = np.sort(softmax(NORMAL))[::-1].cumsum()
    assert view.plain_counts == tuple(int(np.searchsorted(ghost, share)) + 1 for share in MASS_SHARES)
    for (x, y), (_, mass) in zip(view.curve, view.cumulative, strict=True):
        rank = round(10**x)
        assert y == pytest.approx(math.log10(p[rank - 1]), abs=2e-5) if p[rank - 1] > 1e-300 else y < -299
        assert mass == pytest.approx(edges[rank - 1], abs=2e-3)
    assert all(mass == pytest.approx(edges[n - 1], abs=0.02) for n, mass in zip(view.counts, view.reached, strict=True))
    assert view.rank == 17 and view.highlighted[0] == math.log10(17)
    assert bool(view.ghost) == (temperature != 1)


def test_the_scale_of_the_ranks_does_not_depend_on_the_temperature() -> None:
    assert len({rank_view(greetings(t)).decades for t in (0.0, 0.3, 1.0, 5.0)}) == 1
    assert rank_view(state_of(np.array([0, -1e4], np.float32))).decades == 12


# ---- the sweep -----------------------------------------------------------------------------------------------------


def test_the_lines_of_the_sweep_are_softmaxes() -> None:
    view = sweep_view(greetings(2.0, 6))
    logits, order = np.array(LOGITS), [4, 3, 5, 2, 0]
    for line, token in zip((*view.lines, view.highlighted), (*order, 1), strict=True):
        for t, p in line.points:
            assert p == pytest.approx(softmax(logits.astype(np.float32), t)[token], rel=1e-6)
        assert line.now == pytest.approx(softmax(logits, 2.0)[token], rel=1e-6)
    assert [line.rank for line in view.lines] == [1, 2, 3, 4, 5] and view.highlighted.rank == 6
    assert view.most_bits == math.log2(6)
    last = softmax(logits, 5.0)
    assert view.entropy[0] == (0.0, 0.0)
    assert view.entropy[-1] == (5.0, pytest.approx(float(-(last * np.log2(last)).sum()), rel=1e-6))
    assert view.peak is not None and view.peak[0] == 5.0 and view.peak_at_end
    assert view.ranges[0] is not None and view.ranges[0][1] == 5.0
