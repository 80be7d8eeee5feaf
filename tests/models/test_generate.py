"""How the text grows: by the coin's token, by exactly the one picked, and by itself."""

from dataclasses import replace

import numpy as np
import pytest
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.engine import extend
from tempviz.models.generate import coin_here, has_ended, is_full
from tempviz.models.sampling import coin
from tempviz.models.softmax import softmax
from tempviz.models.state import Settings, State
from tempviz.models.trace import ROOT, Drawn
from toy_states import EOG, N_CTX, logits_of, play, ready, settled, text_of, toy_info, unanswered

READY = ready()


def played(state: State, *actions: Action) -> State:
    """The state after the actions and all that the engine says to them."""
    return settled(*play(state, *actions))


def brute_force_draw(state: State, u: float) -> int:
    """The token that a coin draws here, by a full sort and a plain sum."""
    p = softmax(logits_of(state.path), state.settings.temperature)
    so_far = 0.0
    order = sorted(range(p.size), key=lambda token: (-p[token], token))
    for token in order:
        so_far += p[token]
        if u < so_far:
            return token
    return next(token for token in reversed(order) if p[token] > 0)


# ---- one token -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.0, 4.0])
@pytest.mark.parametrize("seed", [0, 42, 2**64 - 1])
def test_steps_follow_the_coin(temperature: float, seed: int):
    state = replace(READY, settings=Settings(temperature, seed))
    for position in range(6):
        u = coin(seed, position)
        expected = brute_force_draw(state, u)
        state = played(state, act.Step())
        assert state.trace.here.token == expected
        assert state.trace.here.drawn == Drawn(temperature, u)
        if temperature == 0:
            parent = state.trace.path(state.trace.here.parent)
            assert expected == int(np.argmax(logits_of(parent)))


def test_a_pick_is_that_token():
    for token in range(len(softmax(logits_of(READY.path)))):
        state = played(READY, act.Take(token))
        assert state.trace.here.token == token
        assert state.trace.here.drawn == Drawn(1.0, None)
        assert state.path == extend(READY.path, token)


def test_the_highlighted_candidate_is_taken():
    order = np.lexsort((np.arange(26), -logits_of(READY.path)))
    for rank in (1, 2, 26):
        state = played(READY, act.Highlight(rank), act.TakeHighlighted())
        assert state.trace.here.token == order[rank - 1]


def test_surprisal_and_entropy_are_those_at_temperature_1():
    state = played(READY, act.SetTemperature(0.2), act.Step())
    p = softmax(logits_of(READY.path))
    assert state.trace.here.surprisal_bits == pytest.approx(-np.log2(p[state.trace.here.token]))
    assert state.trace.here.entropy_bits == pytest.approx(-(p * np.log2(p)).sum())


def test_a_step_back_and_again_enters_the_child_that_is_there():
    once = played(READY, act.Step(), act.Step())
    again = played(once, act.Back(), act.Back(), act.Step(), act.Step())
    assert again.trace.next_id == once.trace.next_id and again.trace.cursor == once.trace.cursor


def test_what_is_taken_at_another_temperature_keeps_how_it_was_drawn():
    state = played(READY, act.Take(3), act.Back(), act.SetTemperature(2.0), act.Take(3))
    assert state.trace.here.drawn == Drawn(1.0, None)


def test_another_toss_is_another_coin_at_this_position_alone():
    tossed = played(READY, act.Toss())
    assert coin_here(READY) == coin(0, 0, 0) and coin_here(tossed) == coin(0, 0, 1)
    assert coin_here(played(tossed, act.Take(3))) == coin(0, 1, 0)
    assert coin_here(played(tossed, act.Take(3), act.Back())) == coin(0, 0, 1)


def test_two_branches_share_their_luck():
    one, other = played(READY, act.Take(3)), played(READY, act.Take(4))
    assert coin_here(one) == coin_here(other)


def test_the_end_of_the_text_is_stepped_over_by_hand_only():
    ended = played(READY, act.Take(EOG))
    assert has_ended(ended, ended.trace.cursor) and not has_ended(ended, ROOT)
    stepped = played(ended, act.Step())
    assert stepped.trace is ended.trace
    assert stepped.notice is not None and "ended its text" in stepped.notice.text
    assert text_of(played(ended, act.Take(0))) == "abcza"
    assert text_of(played(ended, act.TakeHighlighted()))[:4] == "abcz"
    assert played(ended, act.TakeHighlighted()).trace.here.depth == 2


@pytest.mark.parametrize("action", [act.Step(), act.TakeHighlighted(), act.Take(7)])
def test_a_full_context_takes_no_token(action: Action):
    full = ready(prompt="a" * N_CTX)
    assert full.row is not None and is_full(full, ROOT)
    state = played(full, action)
    assert state.trace is full.trace
    assert state.notice is not None and state.notice.trouble and "context is full: 12 tokens" in state.notice.text
    nearly = ready(prompt="a" * (N_CTX - 1))
    assert played(nearly, action).trace.here.depth == 1


# ---- by itself -----------------------------------------------------------------------------------------------------


def test_auto_takes_the_tokens_that_steps_would_take():
    by_hand = played(READY, *[act.Step()] * 5)
    by_itself = played(READY, act.StartAuto(count=5))
    assert text_of(by_itself) == text_of(by_hand)
    assert by_itself.auto is None and by_itself.row is not None
    assert by_itself.notice is not None and "Auto has taken" in by_itself.notice.text


def test_auto_goes_on_until_the_context_is_full():
    state = played(READY, act.StartAuto())
    assert state.auto is None and state.trace.length == N_CTX
    assert state.notice is not None and state.notice.trouble


def test_auto_goes_on_until_the_text_ends():
    roomy = replace(READY, info=toy_info(n_ctx=4096))
    state, effects = unanswered(roomy, act.StartAuto())
    for _ in range(3):
        state, effects = unanswered(state, act.RowReady(state.key, logits_of(state.path)))
    ending = np.full(26, -np.inf, np.float32)
    ending[EOG] = 1
    state, effects = unanswered(state, act.RowReady(state.key, ending))
    assert state.trace.here.token == EOG
    state = settled(state, effects)
    assert state.auto is None and state.trace.here.token == EOG
    assert state.notice is not None and "ended its text" in state.notice.text


def test_auto_takes_nothing_where_nothing_is_left_to_take():
    assert played(READY, act.StartAuto(count=0)).trace is READY.trace
    ended = played(READY, act.Take(EOG))
    assert played(ended, act.StartAuto()).trace is ended.trace


def test_auto_is_toggled():
    state, _ = unanswered(READY, act.ToggleAuto())
    assert state.auto is not None and state.trace.here.depth == 1
    state = settled(*unanswered(state, act.ToggleAuto()))
    assert state.auto is None


def test_auto_waits_for_the_clock():
    state, effects = play(READY, act.StartAuto(per_second=4))
    assert effects[0] == act.TickAfter(0.25, state.trace.cursor)
    state = settled(state, effects)
    assert state.trace.here.depth == 1 and state.auto is not None and state.row is not None
    state, effects = update_tick(state)
    assert state.trace.here.depth == 2 and effects[0] == act.TickAfter(0.25, state.trace.cursor)


def update_tick(state: State):
    """The state and effects when the clock of its auto run ticks."""
    assert state.auto is not None
    return unanswered(state, act.AutoTick(state.auto.at))


def test_a_tick_for_a_run_that_was_stopped_speeds_up_no_other():
    state, effects = play(READY, act.StartAuto(per_second=1))
    stale = act.AutoTick(effects[0].at)
    state, effects = play(settled(state, effects), act.Cancel(), act.StartAuto(per_second=1))
    state = settled(state, effects)
    assert state.trace.here.depth == 2
    assert played(state, stale).trace.here.depth == 2
    assert settled(*update_tick(state)).trace.here.depth == 3


def test_auto_goes_on_at_its_own_place_while_the_person_walks():
    state, effects = play(READY, act.StartAuto(count=6, per_second=9))
    state = settled(state, effects)
    state = played(state, act.Walk(-1))
    for _ in range(5):
        state = settled(*update_tick(state))
        assert state.trace.cursor == ROOT and state.row is not None
    expected = played(READY, *[act.Step()] * 6)
    assert text_of(state) == text_of(expected)
    assert text_of(played(state, act.GoToEnd())) == text_of(expected)


def test_auto_leaves_the_text_on_view_as_it_is():
    """A token taken by hand is a branch of one's own; auto goes on where it was."""
    state = played(settled(*play(READY, act.StartAuto(per_second=9))), act.Take(EOG), act.Take(3))
    line = state.trace.line
    for _ in range(3):
        state = settled(*update_tick(state))
    assert state.auto is not None and state.trace[state.auto.at].depth == 4
    assert state.trace.line == line
    assert played(state, act.Walk(-2)).trace.line == line


def test_the_end_of_the_text_is_where_auto_writes():
    """Also where it enters a child that was there already and was not the one entered last."""
    by_steps = played(READY, *[act.Step()] * 4)
    other = played(by_steps, act.Walk(-2), act.Take(EOG), act.Walk(-3))
    assert text_of(other) != text_of(by_steps)
    state = settled(*play(other, act.StartAuto(per_second=9)))
    state = played(state, act.Walk(-1))
    for _ in range(3):
        state = settled(*update_tick(state))
    assert text_of(state) == text_of(by_steps)


def test_the_cursor_follows_auto_again_from_its_end():
    state = settled(*play(READY, act.StartAuto(per_second=9)))
    state = played(state, act.Walk(-1), act.GoToEnd())
    state = settled(*update_tick(state))
    assert state.auto is not None and state.trace.cursor == state.auto.at


def test_auto_uses_the_settings_of_the_moment():
    state = settled(*play(READY, act.StartAuto(per_second=9)))
    state = played(state, act.SetTemperature(0.0))
    state = settled(*update_tick(state))
    drawn = state.trace.here.drawn
    assert drawn is not None and drawn.temperature == 0
    assert state.trace.here.token == int(np.argmax(logits_of(state.trace.path(state.trace.here.parent))))


def test_a_bad_row_ends_auto():
    state, _ = unanswered(READY, act.StartAuto())
    state, _ = unanswered(state, act.EvaluationFailed(state.key, "It is NaN.", bad=True))
    assert state.auto is None and state.bad_row == "It is NaN."


def test_auto_outlives_one_death_of_the_engine_and_not_two():
    state, _ = unanswered(READY, act.StartAuto(count=4))
    once = settled(*unanswered(state, act.EngineDied("It died.")))
    assert once.trace.here.depth == 4
    died = act.EngineDied("It died.")
    twice, _ = unanswered(state, died, act.ModelLoaded(toy_info()), died)
    assert twice.auto is None and twice.phase == "dead"


@pytest.mark.parametrize(("leave", "text"), [(act.SetPrompt("xy"), "xy"), (act.OpenModel("other.gguf"), "abc")])
def test_auto_ends_with_the_text_it_wrote_on(leave: act.Action, text: str):
    running = settled(*play(ready(act.Take(3), act.Take(4)), act.StartAuto(per_second=1)))
    assert running.auto is not None
    state = settled(*play(running, leave))
    assert state.auto is None and text_of(state) == text and state.row is not None


def test_auto_while_a_dead_engine_is_started_again_is_over_when_another_prompt_comes():
    state, effects = unanswered(READY, act.SetPrompt("xy"), act.EngineDied("It died."), act.StartAuto())
    assert state.auto is not None and state.phase == "restarting"
    state, effects = unanswered(state, act.ModelLoaded(toy_info()))
    assert settled(state, effects).auto is None
