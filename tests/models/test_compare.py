"""The comparison: its columns are what stepping at each temperature gives, and no token of them is decoded twice."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path as FilePath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tempviz.models import actions as act
from tempviz.models.actions import Action, Effect
from tempviz.models.compare import Column, Comparison, check_temperatures, decoded
from tempviz.models.engine import EngineDied, LanguageModel, Path, PromptTooLong, path_of, path_tokens
from tempviz.models.presets import PRESETS
from tempviz.models.sampling import coin
from tempviz.models.state import Settings, State
from tempviz.models.toy import ToyModel
from tempviz.models.trace import Drawn
from tempviz.models.transform import Transform
from tempviz.models.update import update
from tempviz.models.worker import RemoteModel
from toy_states import EOG, N_CTX, NAMES, logits_of, play, ready, settled, text_of, tokens_of, toy_info, unanswered

PROMPT = tokens_of("abc")
TEMPERATURES = (0.0, 0.5, 1.0, 2.0)


def toy(rule=logits_of, n_ctx: int = N_CTX) -> ToyModel:
    model = ToyModel(rule, NAMES, n_ctx=n_ctx)
    model.info = toy_info(n_ctx=n_ctx)
    return model


def compared(
    model: LanguageModel,
    temperatures: Sequence[float] = TEMPERATURES,
    limit: int = 6,
    seed: int = 7,
    prompt=PROMPT,
    samplers: tuple[Transform, ...] = (),
) -> Comparison:
    """The comparison at its end."""
    settings = Settings(seed=seed, samplers=samplers)
    return list(decoded(Comparison.of(model.info, prompt, temperatures, limit, settings), model))[-1]


def stepped(model: LanguageModel, prompt: str, settings: Settings, n: int) -> State:
    """The app's state after n steps on a model that answers at once."""
    state = State(settings=settings, asked_prompt=(prompt, False))
    queue: list[Action] = [act.ModelLoaded(model.info), *[act.Step()] * n]
    while queue:
        state, effects = update(state, queue.pop(0))
        queue[:0] = [answer for effect in effects if (answer := answered(model, effect))]
    return state


def answered(model: LanguageModel, effect: Effect) -> Action | None:
    match effect:
        case act.TokenizePrompt(text, chat):
            return act.PromptTokenized(text, chat, model.tokenize(text))
        case act.Evaluate(key, path):
            return act.RowReady(key, model.logits_after(path))
    return None


def column_of(state: State) -> Column:
    """The text of a state as a column."""
    nodes = [state.trace[node] for node in state.trace.line[1:]]
    return Column(
        state.settings.temperature,
        tuple(node.token for node in nodes),
        tuple(node.surprisal_bits for node in nodes),
        tuple(node.entropy_bits for node in nodes),
    )


def assert_same_numbers(one: Column, other: Column) -> None:
    assert one.temperature == other.temperature
    assert one.tokens == other.tokens
    assert one.surprisal_bits == other.surprisal_bits
    assert one.entropy_bits == other.entropy_bits


# ---- the columns ---------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    temperatures=st.lists(st.floats(0, 5), min_size=2, max_size=6),
    seed=st.integers(0, 2**64 - 1),
    limit=st.integers(1, 12),
)
def test_columns_are_what_stepping_gives(temperatures: list[float], seed: int, limit: int):
    comparison = compared(toy(), temperatures, limit, seed)
    for column in comparison.columns:
        state = stepped(toy(), "abc", Settings(column.temperature, seed), limit)
        assert_same_numbers(column, column_of(state))


def test_columns_of_a_real_model_are_what_stepping_gives(demo_model: FilePath):
    model = RemoteModel.open(str(demo_model), n_ctx=256)
    prompt = "The capital of France is"
    try:
        comparison = compared(model, (0.5, 1.0, 2.0), 6, 102, model.tokenize(prompt))
        for column in comparison.columns:
            state = stepped(model, prompt, Settings(column.temperature, 102), 6)
            assert_same_numbers(column, column_of(state))
    finally:
        model.close()
    assert comparison.parting is not None and comparison.parting > 0


@pytest.mark.parametrize("name", ["llama.cpp", "transformers"])
def test_columns_are_drawn_through_the_chain(name: str):
    samplers = PRESETS[name](1.0).transforms
    for column in compared(toy(), (0.0, 1.0, 4.0), 8, 3, samplers=samplers).columns:
        state = stepped(toy(), "abc", Settings(column.temperature, 3, samplers), 8)
        assert_same_numbers(column, column_of(state))


def decodes(calls: list[Path]) -> int:
    """Tokens that a model decodes for these calls if it keeps one path."""
    count, before = 0, ()
    for path in calls:
        tokens = path_tokens(path)
        shared = next((i for i, (a, b) in enumerate(zip(tokens, before, strict=False)) if a != b), len(before))
        count += len(tokens) - min(shared, len(tokens) - 1)
        before = tokens
    return count


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]), min_size=2, max_size=6), st.integers(0, 1000))
def test_no_token_is_decoded_twice(temperatures: list[float], seed: int):
    model = toy(n_ctx=40)
    compared(model, temperatures, 12, seed)
    assert len(set(model.calls)) == len(model.calls)
    assert model.calls[0] == path_of(PROMPT)
    assert decodes(model.calls) == len(PROMPT) + len(model.calls) - 1


def test_shared_beginnings_are_evaluated_once():
    model = toy()
    assert compared(model, (0.0, 0.0, 0.0), 5).parting is None
    assert len(model.calls) == 5


def test_the_coins_are_those_of_the_seed():
    comparison = Comparison.of(toy_info(), PROMPT, (1, 2), 3, Settings(seed=11))
    assert [comparison.coin(i) for i in range(3)] == [coin(11, i) for i in range(3)]


# ---- ends ----------------------------------------------------------------------------------------------------------


def always(token: int):
    row = np.zeros(len(NAMES), np.float32)
    row[token] = 50
    return lambda path: row


def test_an_end_token_is_the_last():
    comparison = compared(toy(lambda path: always(EOG if len(path_tokens(path)) > 4 else 3)(path)), (0.5, 1.0))
    for column in comparison.columns:
        assert (column.tokens, column.end) == ((3, 3, EOG), "eog")
        assert len(column.surprisal_bits) == len(column.entropy_bits) == 3


def test_a_full_context_ends_a_column():
    model = toy(always(3))
    assert [(len(c.tokens), c.end) for c in compared(model, limit=50).columns] == [(N_CTX - 3, "context")] * 4
    assert max(len(path_tokens(path)) for path in model.calls) < N_CTX


def test_the_number_of_tokens_asked_for_ends_a_column():
    comparison = compared(toy(always(3)), limit=2)
    assert [(len(c.tokens), c.end) for c in comparison.columns] == [(2, "limit")] * 4
    assert comparison.path is None and not comparison.runs and comparison.key == b""
    assert comparison.progress == (8, 8)


def test_without_a_row_the_columns_that_wait_for_it_end():
    start = Comparison.of(toy_info(), PROMPT, (0.0, 0.0, 5.0), 6, Settings(seed=3))
    steps = decoded(start, toy())
    parted = next(c for c in steps if c.parting is not None)
    ended = parted.failed()
    assert [column.end for column in ended.columns] == ["failed", "failed", None]
    assert ended.path == path_of(PROMPT, ended.columns[2].tokens)


@pytest.mark.parametrize(
    ("temperatures", "said"),
    [
        ((), "2 to 6 temperatures, not 0"),
        ((1.0,), "2 to 6 temperatures, not 1"),
        ((1.0,) * 7, "2 to 6 temperatures, not 7"),
        ((1.0, -1.0), "at least 0, not -1"),
        ((1.0, math.nan), "not nan"),
        ((math.inf, 1.0), "not inf"),
    ],
)
def test_temperatures_that_are_refused(temperatures: tuple[float, ...], said: str):
    with pytest.raises(ValueError, match=said):
        check_temperatures(temperatures)
    with pytest.raises(ValueError, match=said):
        Comparison.of(toy_info(), PROMPT, temperatures, 3, Settings())


def test_what_else_is_refused():
    with pytest.raises(ValueError, match="at least 1 token, not 0"):
        Comparison.of(toy_info(), PROMPT, (1, 2), 0, Settings())
    for n in (N_CTX, N_CTX + 1):
        with pytest.raises(PromptTooLong, match=f"prompt is {n} tokens and the context holds {N_CTX}"):
            Comparison.of(toy_info(), (0,) * n, (1, 2), 3, Settings())
    assert compared(toy(), (1, 2), 3, prompt=(0,) * (N_CTX - 1)).columns[0].end == "context"


def test_an_error_of_the_model_comes_through():
    model = toy()
    model.then(np.zeros(len(NAMES)), EngineDied("It died."))
    with pytest.raises(EngineDied):
        compared(model)


# ---- figures -------------------------------------------------------------------------------------------------------


def test_figures_of_a_text():
    column = Column(1.0, (4, 4, 7, 4), (1.0, 2.0, 3.0, 2.0), (0.5, 1.5, 0.0, 1.0))
    assert (column.mean_surprisal, column.mean_entropy, column.perplexity) == (2.0, 0.75, 4.0)
    assert column.distinct_share == 0.5


def test_a_text_without_tokens_has_no_figures():
    column = Column(1.0)
    figures = (column.mean_surprisal, column.mean_entropy, column.perplexity, column.distinct_share)
    assert all(map(math.isnan, figures))


def test_where_columns_part():
    start = Comparison.of(toy_info(), PROMPT, (1, 2, 3), 5, Settings())

    def parting(*texts: tuple[int, ...]) -> int | None:
        columns = tuple(Column(1.0, text) for text in texts)
        return replace(start, columns=columns).parting

    assert parting((), (), ()) is None
    assert parting((1, 2), (1,), ()) is None
    assert parting((1, 2), (1, 2), (1, 3)) == 1
    assert parting((1, 2), (1,), (5,)) == 0


# ---- on the screen -------------------------------------------------------------------------------------------------


COMPARED = ready(act.Compare((0.0, 1.0, 2.0), 4))


def test_the_state_compares_as_the_command_line_does():
    assert COMPARED.comparison is not None and COMPARED.work is None
    expected = compared(toy(), (0.0, 1.0, 2.0), 4, COMPARED.settings.seed)
    for column, other in zip(COMPARED.comparison.columns, expected.columns, strict=True):
        assert_same_numbers(column, other)
    assert text_of(COMPARED) == "abc"


def test_a_column_is_continued_as_a_branch():
    assert COMPARED.comparison is not None
    column = COMPARED.comparison.columns[2]
    state = settled(*play(COMPARED, act.Adopt(2)))
    assert state.comparison is None and state.row is not None
    assert state.trace.cursor == state.trace.frontier and state.settings.temperature == 2.0
    assert_same_numbers(column_of(state), column)
    node = state.trace[state.trace.line[1]]
    assert node.drawn == Drawn(2.0, coin(state.settings.seed, 0))
    assert state.path == path_of(PROMPT, column.tokens)


def test_continuing_enters_what_is_there_and_is_one_edit():
    assert COMPARED.comparison is not None
    tokens = COMPARED.comparison.columns[1].tokens
    started = ready(act.Take(tokens[0]), act.Take(25), act.Compare((0.0, 1.0, 2.0), 4))
    state = settled(*play(started, act.Adopt(1)))
    trace = state.trace
    assert len(trace.nodes) == 1 + 2 + 3  # the first token was there
    assert trace[trace.line[1]].drawn == Drawn(1.0, None) and len(trace[trace.line[1]].children) == 2
    back = settled(*play(state, act.Undo()))
    assert text_of(back) == text_of(started) and back.settings == started.settings
    assert text_of(settled(*play(back, act.Redo()))) == text_of(state)


def test_the_same_column_again_changes_nothing_but_leaves():
    state = settled(*play(COMPARED, act.Adopt(1)))
    again = settled(*play(settled(*play(state, act.Compare((0.0, 1.0, 2.0), 4))), act.Adopt(1)))
    assert again.trace.nodes == state.trace.nodes and again.comparison is None
    assert again.trace.cursor == state.trace.cursor


def test_stop_go_on_and_leave():
    state, effects = unanswered(ready(act.Take(3)), act.Compare((0.0, 2.0), 4))
    assert [type(effect) for effect in effects] == [act.Evaluate]
    state, effects = update(state, act.Cancel())
    state = settled(state, [act.Evaluate(state.work.key, path_of(PROMPT))] if state.work else [])
    assert state.comparison is not None and not state.comparison.runs and state.work is None
    assert 0 < state.comparison.progress[0] < 8
    gone_on = settled(*play(state, act.Step()))
    assert gone_on.comparison is not None and gone_on.comparison.path is None
    assert text_of(gone_on) == "abcd"
    left, effects = update(gone_on, act.LeaveComparison())
    assert left.comparison is None and effects == ()


def test_a_death_in_between_loses_nothing():
    state, _ = unanswered(ready(act.Take(3)), act.Compare((0.0, 1.0, 2.0), 4))
    state, effects = update(state, act.EngineDied("It died."))
    assert state.phase == "restarting" and [type(effect) for effect in effects] == [act.StartEngine]
    state = settled(state, effects)
    assert state.comparison is not None and COMPARED.comparison is not None
    for column, other in zip(state.comparison.columns, COMPARED.comparison.columns, strict=True):
        assert_same_numbers(column, other)


def test_a_bad_row_ends_its_columns_and_says_why():
    state, _ = unanswered(ready(act.Take(3)), act.Compare((0.0, 2.0), 4))
    assert state.work is not None
    state, effects = update(state, act.EvaluationFailed(state.work.key, "It is NaN.", bad=True))
    assert state.comparison is not None and effects == ()
    assert [column.end for column in state.comparison.columns] == ["failed", "failed"]
    assert state.notice is not None and state.notice.text == "It is NaN." and state.bad_row is None


@pytest.mark.parametrize("action", [act.SetPrompt("xy"), act.OpenModel("other.gguf")], ids=["prompt", "model"])
def test_another_prompt_or_model_ends_the_comparison(action: Action):
    assert settled(*play(COMPARED, action)).comparison is None


def test_what_cannot_be_compared_is_said():
    for state, a, said in (
        (State(), act.Compare((1, 2), 3), "no prompt to compare yet"),
        (unanswered(ready(), act.SetPrompt("xy"))[0], act.Compare((1, 2), 3), "no prompt to compare yet"),
        (ready(), act.Compare((1,), 3), "2 to 6 temperatures, not 1"),
        (ready(prompt="a" * N_CTX), act.Compare((1, 2), 3), "nothing can follow it"),
    ):
        new, _ = update(state, a)
        assert new.comparison is None and new.notice is not None and said in new.notice.text
