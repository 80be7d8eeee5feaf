"""What the engine's answers do: prompts and their refusal, rows good and bad, deaths, speed."""

from dataclasses import replace

import pytest
from tempviz.models import actions as act
from tempviz.models.engine import path_of
from tempviz.models.state import State
from tempviz.models.update import update
from toy_states import N_CTX, logits_of, play, ready, settled, text_of, tokens_of, toy_info, unanswered

READING, _ = update(State(asked_prompt=("abc", False)), act.ModelLoaded(toy_info()))  # the prompt is being tokenized
THINKING, _ = update(READING, act.PromptTokenized("abc", False, tokens_of("abc")))  # its row is being evaluated
READY = ready()
STEPPED, _ = update(READY, act.Step())  # the row after a step is being evaluated


def test_a_prompt_that_does_not_fit_is_kept_for_the_editor():
    long = "a" * (N_CTX + 1)
    state = ready(act.Take(3), act.SetPrompt(long))
    assert text_of(state) == "abcd" and state.prompt == "abc"
    assert state.rejected_prompt == long
    assert state.notice is not None and state.notice.trouble
    assert "13 tokens" in state.notice.text and "holds 12" in state.notice.text
    accepted = settled(*play(state, act.SetPrompt("a" * N_CTX)))
    assert accepted.rejected_prompt is None and accepted.row is not None


def test_a_prompt_starts_a_tree_of_its_own():
    state = ready(act.Take(3), act.SetPrompt("xy"))
    assert text_of(state) == "xy" and state.trace.next_id == 1
    assert state.path == path_of(tokens_of("xy")) and state.row is not None


def test_the_newest_prompt_wins():
    """Also while an older one is being tokenized, whatever comes of that."""
    for answer in (
        act.PromptTokenized("xy", False, tokens_of("xy")),
        act.PromptFailed("xy", False, "No."),
        act.PromptFailed("xy", False, "Stopped.", cancelled=True),
    ):
        state, effects = unanswered(READY, act.SetPrompt("xy"), act.SetPrompt("uvw"))
        assert effects == (act.CancelWork(),)  # one at a time
        state, effects = update(state, act.SetPrompt("uvw"))
        assert effects == ()  # and it is told so once
        state, effects = update(state, answer)
        assert effects == (act.TokenizePrompt("uvw", False),)
        state = settled(state, effects)
        assert text_of(state) == state.prompt == "uvw" and state.notice is None


def test_a_prompt_that_was_stopped_and_is_still_wanted_is_asked_for_again():
    """As when its model was closed for another one: nothing is wrong with the prompt, nor with the chat template."""
    state, _ = update(READY, act.SetPrompt("xy", chat=True))
    state, effects = update(state, act.PromptFailed("xy", True, "Stopped.", cancelled=True))
    assert effects == (act.TokenizePrompt("xy", True),)
    assert state.notice is None and state.rejected_prompt is None


def test_esc_gives_up_a_prompt_whose_tokens_are_not_there_yet():
    state, effects = unanswered(READY, act.SetPrompt("xy"), act.Cancel())
    assert effects == (act.CancelWork(),)
    for late in (act.PromptTokenized("xy", False, tokens_of("xy")), act.PromptFailed("xy", False, "", cancelled=True)):
        after, effects = update(state, late)
        assert effects == () and after.tokenizing is None and after.asked_prompt is None
        assert (text_of(after), after.rejected_prompt) == ("abc", "xy") and after.row is not None


def test_nothing_of_the_old_prompt_is_evaluated_once_there_is_another():
    state, effects = update(STEPPED, act.SetPrompt("xy"))
    assert effects == (act.CancelWork(), act.TokenizePrompt("xy", False))
    state, effects = update(state, act.EvaluationFailed(state.key, "Stopped.", cancelled=True))
    assert effects == ()
    state, effects = update(state, act.Walk(-1))
    assert effects == ()
    refused = update(state, act.PromptFailed("xy", False, "No."))
    assert [type(effect) for effect in refused[1]] == [act.Evaluate]
    state, effects = update(state, act.PromptTokenized("xy", False, tokens_of("xy")))
    assert effects == (act.Evaluate(state.key, path_of(tokens_of("xy"))),)


def test_a_chat_prompt_without_a_template_goes_in_raw():
    state, effects = update(READY, act.SetPrompt("xy", chat=True))
    assert effects == (act.TokenizePrompt("xy", True),)
    state, effects = update(state, act.PromptFailed("xy", True, "No template."))
    assert effects == (act.TokenizePrompt("xy", False),)
    state = settled(state, effects)
    assert text_of(state) == "xy" and not state.chat
    assert state.notice is not None and state.notice.text == "No template."


def test_another_model_reads_the_same_prompt_again():
    state = ready(act.Take(3), act.OpenModel("other.gguf"))
    assert state.info is not None and state.info.path == "other.gguf"
    assert text_of(state) == "abc" and state.row is not None


def test_the_same_model_opened_again_keeps_the_tree():
    state = ready(act.Take(3), act.OpenModel("toy.gguf"))
    assert text_of(state) == "abcd" and state.row is not None


@pytest.mark.parametrize("other", [{"file": "2"}, {"n_threads": 2}])
def test_the_same_name_for_another_file_keeps_nothing(other: dict):
    state, _ = update(ready(act.Take(3)), act.OpenModel("toy.gguf"))
    state, effects = update(state, act.ModelLoaded(replace(toy_info(), **other)))
    assert state.row is None and effects == (act.TokenizePrompt("abc", False),)
    assert (state.notice is not None) == ("file" in other)
    assert text_of(settled(state, effects)) == "abc"


def test_an_engine_that_dies_once_is_started_again_and_goes_on():
    state, effects = unanswered(STEPPED, act.Step(), act.EngineDied("It died."))
    assert state.phase == "restarting" and effects == (act.StartEngine("toy.gguf", state.starts),)
    assert state.notice is not None and state.notice.trouble
    state, effects = update(state, act.ModelLoaded(toy_info()))
    assert [type(effect) for effect in effects] == [act.Evaluate]
    state = settled(state, effects)
    assert state.trace.here.depth == 2 and state.row is not None and state.deaths == 0


def test_an_engine_that_dies_twice_is_left_until_asked():
    state, effects = unanswered(
        STEPPED, act.EngineDied("It died."), act.ModelLoaded(toy_info()), act.EngineDied("Again.")
    )
    assert state.phase == "dead" and effects == ()
    assert state.notice is not None and "[step]" in state.notice.hint
    state, effects = update(state, act.Step())
    assert effects == (act.StartEngine("toy.gguf", state.starts),)
    state = settled(state, effects)
    assert state.phase == "ready" and state.row is not None and text_of(state) == text_of(STEPPED)


def test_a_prompt_that_waits_survives_a_death():
    state, effects = unanswered(READY, act.SetPrompt("xy"), act.EngineDied("It died."))
    assert text_of(settled(state, effects)) == "xy"


def test_a_bad_row_is_asked_for_again_when_one_comes_back():
    state, _ = update(ready(act.Take(3), act.Walk(-1)), act.Walk(1))
    state, _ = update(state, act.EvaluationFailed(state.key, "It is NaN.", bad=True))
    assert state.bad_row
    state = settled(*play(state, act.Walk(-1), act.Walk(1)))
    assert state.bad_row is None and state.row is not None


def test_the_speed_is_that_of_single_tokens_and_smoothed():
    row = logits_of(THINKING.path)
    fast, _ = update(THINKING, act.RowReady(THINKING.key, row, 0.01, 1))
    assert fast.tokens_per_second == pytest.approx(100)
    slower, _ = update(fast, act.RowReady(b"other", row, 0.1, 1))
    assert slower.tokens_per_second == pytest.approx(0.8 * 100 + 0.2 * 10)
    for seconds, tokens in [(1.0, 30), (0.0, 1), (0.0, 0)]:
        assert update(fast, act.RowReady(b"other", row, seconds, tokens))[0].tokens_per_second == fast.tokens_per_second


def test_a_failure_where_nobody_waits_any_more_is_no_trouble():
    state, _ = unanswered(STEPPED, act.Walk(-1), act.Step())
    left = STEPPED.key
    assert state.key != left and state.wants_step
    new, effects = update(state, act.EvaluationFailed(left, "It is NaN.", bad=True))
    assert new.wants_step and new.notice is None and new.bad_row is None
    assert effects == (act.Evaluate(state.key, state.path),)


def test_a_failure_of_auto_elsewhere_ends_auto_alone():
    state, _ = unanswered(READY, act.StartAuto())
    auto = state.auto
    state, _ = unanswered(state, act.Walk(-1), act.EvaluationFailed(state.key, "Stopped.", cancelled=True), act.Step())
    assert auto is not None and state.wants_step
    state, _ = update(state, act.EvaluationFailed(auto.key, "It is NaN.", bad=True))
    assert state.auto is None and state.wants_step and state.bad_row is None
    assert state.notice is not None and state.notice.trouble


def test_a_failure_at_the_cursor_leaves_auto_elsewhere_alone():
    state, _ = unanswered(READY, act.StartAuto())
    state, _ = unanswered(state, act.Walk(-1), act.EvaluationFailed(state.key, "Stopped.", cancelled=True), act.Step())
    state, effects = update(state, act.EvaluationFailed(state.key, "It is NaN.", bad=True))
    assert state.bad_row and not state.wants_step and state.auto is not None
    assert [(effect.key, effect.path) for effect in effects] == [(state.auto.key, state.auto.path)]


def test_the_deaths_of_one_model_do_not_count_for_the_next():
    died = act.EngineDied("It died.")
    state, _ = unanswered(READY, died, act.OpenModel("other.gguf"), act.ModelLoaded(toy_info("other.gguf")))
    state, effects = update(state, died)
    assert state.phase == "restarting" and effects == (act.StartEngine("other.gguf", state.starts),)
