"""The screen as plain data: its numbers against brute force, its text against a hostile vocabulary."""

import math
import unicodedata
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.state import State, Tokenizing
from tempviz.models.update import update
from tempviz.tui.renderables.formats import bits, choices
from tempviz.tui.text_out import repeat_command
from tempviz.tui.view import drawn_with, view
from tempviz.tui.viewdata import CandidatesView, StepView

from .driving import EOG, HOSTILE, NAMES, PIECES, PROMPT, play, token, toy_model

N = len(NAMES)
TEMPERATURES = st.one_of(st.just(0.0), st.sampled_from([0.05, 0.3, 1.0, 1.2, 5.0]), st.floats(0.01, 10))
MOVES = st.lists(
    st.one_of(
        st.just(act.Step()),
        st.just(act.TakeHighlighted()),
        st.just(act.Back()),
        st.just(act.Toss()),
        st.builds(act.Walk, st.sampled_from([-1, 1])),
        st.builds(act.MoveHighlight, st.integers(-20, 20)),
        st.builds(act.PageHighlight, st.sampled_from([-1, 1])),
        st.builds(act.Highlight, st.integers(1, N)),
        st.builds(act.SetTemperature, TEMPERATURES),
        st.builds(act.Resized, st.integers(1, N + 5)),
    ),
    max_size=12,
)


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Brute force, from the definition, in extended precision."""
    wide = logits.astype(np.longdouble)
    if temperature == 0:
        return (np.arange(len(wide)) == wide.argmax()).astype(np.longdouble)
    powers = np.exp((wide - wide.max()) / np.longdouble(temperature))
    return powers / powers.sum()


def candidates(state: State) -> CandidatesView:
    shown = view(state).candidates
    assert shown is not None
    return shown


# ---- numbers -------------------------------------------------------------------------------------------------------


@given(MOVES)
@example([act.SetTemperature(0.0)])
@example([act.Resized(10), act.Highlight(N)])
def test_every_number_is_that_of_brute_force(moves: list[Any]) -> None:
    toy = toy_model()
    state = play(toy, *moves)
    step, t = view(state), state.settings.temperature
    assert state.row is not None and step.candidates and step.strip
    logits = np.asarray(state.row.ranking.logits)
    assert np.array_equal(logits, toy.logits_after(state.path))
    p, ghost = softmax(logits, t), softmax(logits, 1.0)
    order = sorted(range(N), key=lambda i: (-logits[i], i))
    for row in step.candidates.rows:
        assert math.isclose(row.prob, p[order[row.rank - 1]], rel_tol=1e-12, abs_tol=1e-300)
        assert math.isclose(row.ghost, ghost[order[row.rank - 1]], rel_tol=1e-12)
    assert np.allclose(step.strip.shares[:-1], [float(p[i]) for i in order[:64]], rtol=1e-12, atol=0)
    assert math.isclose(step.strip.shares[-1], p[order[64:]].sum(), rel_tol=1e-9, abs_tol=1e-300)
    logs = np.log2(p, where=p > 0, out=np.zeros_like(p))
    entropy = float(-(p * logs).sum())
    assert step.status.entropy in {f"entropy {bits(max(0.0, entropy + d))}" for d in (-1e-9, 0, 1e-9)}
    assert step.status.choices in {choices(2 ** max(0.0, entropy + d)) for d in (-1e-9, 0, 1e-9)}


@given(MOVES)
def test_the_coin_lies_in_the_share_of_its_token(moves: list[Any]) -> None:
    state = play(toy_model(), *moves, act.HighlightCoin())
    step = view(state)
    assert state.row is not None and step.candidates and step.strip
    p = softmax(np.asarray(state.row.ranking.logits), state.settings.temperature)
    order = sorted(range(N), key=lambda i: (-state.row.ranking.logits[i], i))
    landed = next(row for row in step.candidates.rows if row.coin)
    assert landed.highlighted
    below = float(p[order[: landed.rank - 1]].sum())
    assert below - 1e-9 <= step.strip.coin < below + landed.prob + 1e-9
    assert step.strip.coin_label.startswith(f"coin {step.strip.coin:.3f} → ")
    assert step.status.coin in (f"coin → {landed.name}", f"coin → “{landed.name}”")
    assert step.status.coin.removeprefix("coin ") in step.strip.coin_label


# ---- the window of candidates --------------------------------------------------------------------------------------


@given(MOVES)
def test_the_rows_and_what_is_left_out_are_everything(moves: list[Any]) -> None:
    shown = candidates(play(toy_model(), *moves))
    rest = [part for part in (shown.above, shown.below) if part]
    assert sum(part.tokens for part in rest) + len(shown.rows) == N == shown.n_vocab
    assert math.isclose(sum(x.prob for x in (*shown.rows, *rest)), 1, abs_tol=1e-12)
    assert math.isclose(sum(x.ghost for x in (*shown.rows, *rest)), 1, abs_tol=1e-12)
    ranks = [row.rank for row in shown.rows]
    assert ranks == list(range(ranks[0], ranks[-1] + 1))
    assert (shown.above.tokens if shown.above else 0) == ranks[0] - 1
    assert sum(x.coin for x in (*shown.rows, *rest)) == 1


@given(MOVES)
@example([act.Resized(10), act.MoveHighlight(10)])
@example([act.Resized(10), act.Highlight(-1)])
@example([act.Resized(10), act.Highlight(-1), act.Resized(N)])
@example([act.Resized(1), act.Highlight(7)])
def test_the_highlighted_candidate_is_in_sight_and_all_rows_fit(moves: list[Any]) -> None:
    state = play(toy_model(), *moves)
    shown = candidates(state)
    assert [row.rank for row in shown.rows if row.highlighted] == [state.highlight]
    # A panel has one line more than its window; of one candidate alone, what is above and below may not fit.
    if state.window > 1:
        assert len(shown.rows) + bool(shown.above) + bool(shown.below) <= state.window + 1


def test_going_down_scrolls_one_candidate_at_a_time() -> None:
    state, seen = play(toy_model(), act.Resized(10)), []
    for _ in range(N + 3):
        seen.append([row.rank for row in candidates(state).rows])
        state = play(toy_model(), act.MoveHighlight(1), state=state)
    assert state.highlight == N
    assert seen[0] == seen[9] == list(range(1, 11))
    assert seen[10] == list(range(3, 12))
    assert seen[-1] == list(range(N - 8, N + 1))
    for before, after in pairwise(seen[10:]):
        assert after[0] - before[0] in (0, 1)


# ---- labels --------------------------------------------------------------------------------------------------------


def at_temperature(t: float) -> StepView:
    return view(play(toy_model(), act.SetTemperature(t)))


@pytest.mark.parametrize(
    ("t", "label", "mode"),
    [
        (0.0, "T 0.00", "greedy"),
        (0.3, "T 0.30", ""),
        (0.123, "T 0.123", ""),
        (1.0, "T 1.00", ""),
        (5.0, "T 5.00", ""),
        (1e-9, "T 1e-09", ""),
        (250.0, "T 250.00", ""),
    ],
)
def test_labels_of_temperatures(t: float, label: str, mode: str) -> None:
    step = at_temperature(t)
    assert (step.status.label, step.status.mode, step.status.temperature) == (label, mode, t)
    assert step.candidates and f"T {step.candidates.temperature}" == label


def test_at_zero_everything_is_on_one_token() -> None:
    step = at_temperature(0.0)
    assert step.candidates and step.strip
    assert [row.prob for row in step.candidates.rows] == [1.0] + [0.0] * 9
    assert step.candidates.rows[0].coin
    assert 0 < step.candidates.rows[0].ghost < 1
    assert (step.status.entropy, step.status.choices) == ("entropy 0 bits", "1 choice")
    assert "p 100 %" in step.detail
    assert step.strip.shares[0] == 1.0 and sum(step.strip.shares[1:]) == 0


def test_a_tie_at_zero_is_said() -> None:
    state = play(toy_model(lambda _: [1.0] * N), act.SetTemperature(0.0))
    assert f"a tie of {N}, lowest id taken" in view(state).detail
    state = play(toy_model(), act.MoveHighlight(1), state=state)
    assert not any("tie" in part for part in view(state).detail)


def test_the_detail_of_a_token() -> None:
    def rule(_: Any) -> list[float]:
        return [math.log(0.75) if i == token(" Paris") else math.log(0.25 / (N - 1)) for i in range(N)]

    step = view(play(toy_model(rule), act.SetTemperature(2.0)))
    p = math.sqrt(0.75) / (math.sqrt(0.75) + math.sqrt(0.25 * (N - 1)))
    assert step.detail == (
        "␣Paris",
        f"p {100 * p:.2f} %",
        "T=1 75.00 %",
        "surprisal at T=1 0.42 bits",
        "logit -0.288",
        f"id {token(' Paris')}",
        "bytes 20 50 61 72 69 73",
        f"rank 1 of {N}",
    )


def test_what_ends_a_text_and_masked_tokens_are_said() -> None:
    def rule(_: Any) -> list[float]:
        return [3.0, *([0.0] * (N - 2)), -math.inf]

    state = play(toy_model(rule))
    step = view(state)
    assert step.detail[:2] == ("</s>", "ends the text")
    assert step.candidates and step.candidates.rows[0].eog and not step.candidates.rows[1].eog
    last = view(play(toy_model(rule), act.Highlight(-1), state=state))
    assert {"p 0 %", "T=1 0 %", "surprisal at T=1 ∞ bits", "logit -inf"} <= set(last.detail)
    ended = view(play(toy_model(rule), act.Take(EOG), act.Step(), state=state))
    assert ended.strip and ended.strip.coin_label.endswith(", but the text has ended")
    assert ended.notice.startswith("The model ended its text here.")
    assert ended.text.shades[-1] == "eog"


def test_long_pieces_say_how_many_bytes_are_not_shown() -> None:
    state = play(toy_model(lambda _: [float(i == token("<emoji>")) for i in range(N)]))
    piece = PIECES[token("<emoji>")]
    assert f"bytes {piece[:8].hex(' ')} …(+{len(piece) - 8})" in view(state).detail


# ---- walking -------------------------------------------------------------------------------------------------------


def test_walked_back_the_position_and_what_was_drawn_are_said() -> None:
    toy = toy_model()
    state = play(toy, act.SetTemperature(0.7), act.Step(), act.MoveHighlight(3), act.TakeHighlighted(), act.Step())
    end = view(state)
    (about,) = end.text.about
    assert about.startswith("prompt: ") and drawn_with(state) == ""
    assert end.text.caret == len(end.text.shades) == len(toy.tokenize(PROMPT)) + 3
    state = play(toy, act.SetTemperature(2.0), act.Walk(-1), act.Walk(-1), state=state)
    walked = view(state)
    assert walked.text.about == ("position 1 of 3", about)
    assert walked.text.caret == end.text.caret - 2
    name = next(row.name for row in walked.candidates.rows if row.taken) if walked.candidates else ""
    assert drawn_with(state) == f"{name} was taken by hand at T 0.70 · R: back"
    state = play(toy, act.Walk(-1), state=state)
    node = state.trace[state.trace.line[1]]
    assert node.drawn and node.drawn.coin is not None
    assert drawn_with(state).endswith(f" was drawn at T 0.70, coin {node.drawn.coin:.3f} · R: back")
    assert view(state).text.about == ("position 0 of 3", about)


def test_another_branch_is_marked_as_such() -> None:
    toy = toy_model()
    state = play(toy, act.TakeHighlighted(), act.Back(), act.MoveHighlight(2), act.TakeHighlighted(), act.Back())
    marks = [(row.taken, row.walked) for row in candidates(state).rows]
    assert marks[:3] == [(False, True), (False, False), (True, True)]


def test_the_shade_is_the_surprisal_at_one() -> None:
    """Whatever the temperature was: 64 tokens share 2^-6 each, so a taken one has 6 bits."""

    def rule(_: Any) -> list[float]:
        return [-math.inf] + [0.0] * 64 + [-math.inf] * (N - 65)

    state = play(toy_model(rule), act.SetTemperature(0.1), act.Step())
    step = view(state)
    assert step.text.shades == ("prompt", "prompt-s3", "prompt-s3", "prompt-s3", "prompt-s3", "s3")
    assert step.text.nodes == (-4, -3, -2, -1, 0, 1)


# ---- untrusted text ------------------------------------------------------------------------------------------------


def strings(value: Any) -> list[str]:
    """Every text anywhere in a view."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return [text for field in fields(value) for text in strings(getattr(value, field.name))]
    if isinstance(value, dict):
        return [text for item in value.items() for text in strings(item)]
    if isinstance(value, tuple | list):
        return [text for item in value for text in strings(item)]
    return []


def is_safe(text: str) -> bool:
    return not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for char in text)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tokens_are_safe_in_every_field(name: str) -> None:
    toy = toy_model(lambda _: [float(5 * (i == token(name))) for i in range(N)])
    state = play(toy, act.SetTemperature(0.0), act.Step(), act.Step(), act.Walk(-1))
    step = view(state)
    assert step.candidates and step.candidates.rows[0].taken
    assert all(map(is_safe, [*strings(step), drawn_with(state)]))


def test_hostile_prompts_paths_and_reasons_are_safe() -> None:
    toy = toy_model()
    bad = "\x1b[2J\u202e\x9b\ud800"
    prompt = "".join(name for name in HOSTILE if name.isascii())
    assert all(map(is_safe, strings(view(play(toy, prompt=prompt)))))
    for state in (
        State(model=bad),
        play(toy, act.ModelFailed(bad)),
        play(toy, act.EngineDied(bad)),
        play(toy, act.PromptFailed(bad, False, bad)),
        play(toy, act.EvaluationFailed(play(toy).key, bad, bad=True)),
    ):
        assert all(map(is_safe, strings(view(state))))


# ---- the header ----------------------------------------------------------------------------------------------------


def test_what_the_engine_does_is_said() -> None:
    ready = view(play(toy_model())).header
    assert (ready.model, ready.context, ready.status, ready.mood) == ("toy", "5/4,096 tokens", "ready", "ready")
    assert (ready.speed, ready.seed) == ("", "seed 0")
    loading = State(model="dir/x.gguf", phase="loading", loaded=0.25)
    header = view(loading).header
    assert (header.model, header.status, header.mood, header.fraction) == ("x", "loading 25%", "busy", 0.25)
    failed = view(update(loading, act.ModelFailed("It is empty."))[0])
    assert (failed.header.status, failed.header.mood, failed.detail) == ("no model", "trouble", ("It is empty.",))


@pytest.mark.parametrize("then", [act.ModelLoading(0.5, True), act.ModelFailed("It is empty.")])
def test_a_model_that_is_not_open_lends_its_name_to_the_header_and_not_to_the_command(then: Action) -> None:
    opened = replace(play(toy_model(), act.Step()), tokens_per_second=110.0)
    state = update(update(opened, act.OpenModel("/models/other.gguf"))[0], then)[0]
    header = view(state).header
    assert (header.model, header.description, header.context, header.speed) == ("other", "", "", "")
    assert repeat_command(opened, None, None) == repeat_command(state, None, None)
    assert "/models/toy.gguf" in repeat_command(state, None, None)


@pytest.mark.parametrize(
    ("speed", "said"), [(110.2, "110"), (12.34, "12"), (9.96, "10"), (3.14, "3.1"), (0.996, "1.0"), (0.314, "0.31")]
)
def test_a_slow_model_has_a_speed_too(speed: float, said: str) -> None:
    assert view(replace(play(toy_model()), tokens_per_second=speed)).header.speed == f"{said} tok/s"


def test_a_prompt_that_cannot_be_used_leaves_none() -> None:
    reads = Tokenizing(PROMPT, False)
    asked = State(asked_prompt=(PROMPT, False), phase="ready", info=toy_model().info, tokenizing=reads)
    assert view(asked).header.status == "reading the prompt"
    step = view(update(asked, act.PromptFailed(PROMPT, False, "It is no text."))[0])
    assert (step.header.status, step.detail) == ("no prompt", ("There is no prompt yet: p writes one.",))


def test_progress_and_speed_are_said() -> None:
    asked = State(asked_prompt=(PROMPT, False), phase="ready", info=toy_model().info)
    state, effects = update(asked, act.PromptTokenized(PROMPT, False, toy_model().tokenize(PROMPT)))
    assert view(state).header.status == "thinking"
    evaluate = next(effect for effect in effects if isinstance(effect, act.Evaluate))
    state, _ = update(state, act.Evaluating(evaluate.key, 64, 1200))
    assert (view(state).header.status, view(state).header.fraction) == ("reading 64/1,200", 64 / 1200)
    row = toy_model().logits_after(evaluate.path)
    state, _ = update(state, act.RowReady(evaluate.key, row, seconds=0.02, tokens=1))
    assert view(state).header.speed == "50 tok/s"


def test_an_engine_that_dies_is_started_again_and_then_left() -> None:
    once, effects = update(play(toy_model()), act.EngineDied("It fell."))
    assert any(isinstance(effect, act.StartEngine) for effect in effects)
    step = view(once)
    assert (step.header.status, step.header.mood, step.trouble) == ("restarting", "trouble", True)
    twice, effects = update(once, act.EngineDied("It fell."))
    assert not effects
    assert view(twice).header.status == "engine died"
    assert view(twice).notice == "It fell. It died 2 times here, so it is left. space starts it again."
    # What was there before stays on view.
    assert view(twice).candidates is not None


# ---- borders of tokens ---------------------------------------------------------------------------------------------


def test_borders_stand_after_every_token() -> None:
    state = play(toy_model(), act.ToggleBorders())
    assert "".join(run.text for run in view(state).text.runs) == "The│ capital│ of│ France│ is│"
    lines = play(toy_model(), act.ToggleBorders(), prompt="a\nb")
    assert [(run.text, run.breaks_line) for run in view(lines).text.runs] == [
        ("a", False),
        ("│", False),
        ("⏎", False),
        ("│", True),
        ("b", False),
        ("│", False),
    ]


def test_borders_of_no_text() -> None:
    """Before the model is loaded there is none."""
    assert view(replace(State(), borders=True)).text.runs == ()
