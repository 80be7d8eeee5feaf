"""Header, status and footer as exact text; whole parts or none, whatever the width."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models.state import State
from tempviz.tui.display import cell_len
from tempviz.tui.keymap import footer_keys
from tempviz.tui.renderables.lines import (
    Run,
    footer_line,
    header_line,
    keep_whole,
    pad,
    slider_span,
    status_line,
)
from tempviz.tui.renderables.slider import slider_value
from tempviz.tui.view import view
from tempviz.tui.viewdata import HeaderView, StatusView

from .driving import play, toy_model

HEADER = HeaderView(
    model="SmolLM2-135M-Instruct.Q4_1",
    description="llama 135M Q4_1",
    context="1,234/4,096 tokens",
    speed="47 tok/s",
    seed="seed 42",
    status="ready",
    mood="ready",
)
LOADING = HEADER._replace(context="", speed="", description="", status="loading 40%", mood="busy", fraction=0.4)
STATUS = StatusView(1.2, "T 1.20", "", "entropy 3.32 bits", "10 choices", "coin → ␣Paris", 5.0)
WIDTHS = st.integers(60, 260)


def text(runs: list[Run]) -> str:
    return "".join(part for part, _ in runs)


def roles(runs: list[Run]) -> list[str]:
    return [role for _, role in runs if role != "plain"]


# ---- header --------------------------------------------------------------------------------------------------------

HEADERS = [
    (HEADER, 60, " tempviz  SmolLM2-135M-Instruct.Q4_1                ● ready "),
    (
        HEADER,
        80,
        " tempviz  SmolLM2-135M-Instruct.Q4_1  1,234/4,096 tokens · 47 tok/s     ● ready ",
    ),
    (
        HEADER,
        120,
        " tempviz  SmolLM2-135M-Instruct.Q4_1  1,234/4,096 tokens · 47 tok/s · seed 42 · llama 135M Q4_1"
        "                 ● ready ",
    ),
    (LOADING, 60, " tempviz  SmolLM2-135M-Instruct… ████▊        ◐ loading 40% "),
    (
        LOADING,
        80,
        " tempviz  SmolLM2-135M-Instruct.Q4_1  seed 42        ████▊        ◐ loading 40% ",
    ),
]


@pytest.mark.parametrize(("header", "width", "shown"), HEADERS)
def test_the_header_at_common_widths(header: HeaderView, width: int, shown: str) -> None:
    assert text(header_line(header, width)) == shown


def test_the_header_is_all_there_at_200_cells() -> None:
    shown = text(header_line(HEADER, 200))
    assert cell_len(shown) == 200
    assert shown.split("  ", 2)[0:2] == [" tempviz", "SmolLM2-135M-Instruct.Q4_1"]
    assert "1,234/4,096 tokens · 47 tok/s · seed 42 · llama 135M Q4_1" in shown
    assert shown.endswith("  ● ready ")


@given(
    WIDTHS,
    st.text("abc 字", max_size=60),
    st.sampled_from(["ready", "engine died", "restarting 100%", "reading 123,456/123,456"]),
    st.sampled_from(["ready", "busy", "trouble"]),
    st.one_of(st.none(), st.floats(0, 1)),
)
def test_the_state_is_always_whole(width: int, model: str, status: str, mood: str, fraction: float | None) -> None:
    header = HEADER._replace(model=model, status=status, mood=mood, fraction=fraction)
    runs = header_line(header, width)
    assert cell_len(text(runs)) == width
    assert text(runs).endswith(f" {status} ")
    assert runs[0] == (" tempviz ", "title") and runs[-1][1] == mood
    # Parts are there whole or not at all.
    detail = next((part.strip() for part, role in runs if role == "dim"), "")
    whole = [HEADER.context, HEADER.speed, HEADER.seed, HEADER.description]
    assert [part for part in detail.split(" · ") if part] == whole[: len(detail.split(" · ")) if detail else 0]


# ---- status --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "width", "shown"),
    [
        (STATUS, 60, " T 1.20  0 ━━━━━●─────────────── 5  entropy 3.32 bits       "),
        (STATUS, 80, " T 1.20  0 ━━━━━●─────────────── 5  entropy 3.32 bits · 10 choices              "),
        (
            STATUS,
            82,
            " T 1.20  0 ━━━━━●─────────────── 5  entropy 3.32 bits · 10 choices · coin → ␣Paris",
        ),
        (
            STATUS._replace(temperature=0.0, label="T 0.00", mode="greedy"),
            60,
            " T 0.00  0 ●──────────────────── 5  greedy                  ",
        ),
        (
            STATUS._replace(temperature=7.5, label="T 7.50"),
            60,
            " T 7.50  0 ━━━━━━━━━━━━━━━━━━━━▸ 5  entropy 3.32 bits       ",
        ),
    ],
)
def test_the_status_line(status: StatusView, width: int, shown: str) -> None:
    assert text(status_line(status, width)) == shown


@given(WIDTHS, st.floats(0, 1e6))
def test_the_slider_stands_where_the_mouse_looks_for_it(width: int, temperature: float) -> None:
    label = f"T {temperature:.2f}"
    status = STATUS._replace(temperature=temperature, label=label)
    shown = text(status_line(status, width))
    assert cell_len(shown) == width
    begin, end = slider_span(status)
    assert shown[begin - 3 : begin] == " 0 " and shown[end : end + 3] == " 5 "
    assert set(shown[begin:end]) <= set("━●▸─")
    if temperature <= 5:
        knob = shown.index("●")
        assert abs(slider_value(knob - begin, 0.0, 5.0, end - begin) - temperature) <= 0.125 + 1e-9


# ---- footer --------------------------------------------------------------------------------------------------------


def test_footer_entries_are_whole_at_every_width() -> None:
    entries = [f"{keys} {label}" for _, keys, label in footer_keys()]
    for width in range(20, 300):
        shown = text(footer_line(footer_keys(), width))
        assert cell_len(shown) == width
        parts = [part for part in re.split(r"\s{2,}", shown.strip()) if part]
        assert parts == [entry for entry in entries if entry in parts], width


@pytest.mark.parametrize("width", [60, 61, 72, 80, 100, 200])
def test_help_and_quit_are_always_there(width: int) -> None:
    shown = text(footer_line(footer_keys(), width))
    assert " ? help " in shown and " q quit" in shown
    assert " space step " in shown and " enter take " in shown


def test_a_wide_footer_has_everything() -> None:
    shown = text(footer_line(footer_keys(), 400))
    assert all(f" {keys} {label} " in shown for _, keys, label in footer_keys())


# ---- parts ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.text("ab 字", max_size=8), max_size=5), st.integers(0, 40))
def test_padded_runs_fill_exactly(parts: list[str], width: int) -> None:
    runs = pad([(part, f"role{i}") for i, part in enumerate(parts)], width)
    assert cell_len(text(runs)) == width
    assert all(part for part, _ in runs)
    if cell_len("".join(parts)) <= width:
        assert text(runs) == "".join(parts) + " " * (width - cell_len("".join(parts)))
        assert set(roles(runs)) <= {f"role{i}" for i in range(len(parts))}


@pytest.mark.parametrize(
    ("width", "shown"),
    [(3, "al…"), (5, "alpha"), (11, "alpha"), (12, "alpha · beta"), (40, "alpha · beta · gamma")],
)
def test_parts_are_kept_whole(width: int, shown: str) -> None:
    assert keep_whole(["alpha", "beta", "gamma"], width) == shown


def test_no_part_is_no_text() -> None:
    assert keep_whole([], 10) == ""


@pytest.mark.parametrize("t", [0.0, 0.3, 1.2, 5.0])
def test_the_status_line_of_a_real_state(t: float) -> None:
    status = view(play(toy_model(), act.SetTemperature(t))).status
    shown = text(status_line(status, 120))
    for part in (status.label, status.entropy, status.choices, status.coin):
        assert part in shown


def test_the_first_header_has_room_for_nothing_yet() -> None:
    header = view(State(model="/models/toy.gguf")).header
    assert text(header_line(header, 60)) == " tempviz  toy  seed 0" + " " * 18 + "◐ starting llama.cpp "
