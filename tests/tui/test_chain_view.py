"""What the chain panel and the line of detail say of the stages."""

from tempviz.models import actions as act
from tempviz.models.penalties import Penalties
from tempviz.models.transforms import TopK, TopP
from tempviz.tui.view import drawn_with, view

from .driving import play, token, toy_model


def test_the_chain_says_which_earlier_tokens_moved_a_logit() -> None:
    state = play(toy_model(), act.SetSamplers((Penalties(last_n=3, presence=1.5),)))
    names = ("␣of", "␣France", "␣is")
    (shown,) = view(state, ("Chain",)).pictures.values()
    assert {(row.name, row.by, row.why) for row in shown.moved} == {
        (name, -1.5, f"seen 1× in the last 3: {3 - i} back") for i, name in enumerate(names)
    }
    rank = state.row.ranking.rank_of(token(" is"))
    state = play(toy_model(), act.Highlight(rank), state=state)
    assert view(state, ("Chain",)).pictures["Chain"].moved[0].name == "␣is"
    assert "penalties logit -1.50, seen 1× in the last 3: 1 back" in view(state).detail


def test_the_detail_of_a_cut_token_says_why() -> None:
    state = play(toy_model(), act.SetSamplers((TopK(5), TopP(0.3))), act.Highlight(5))
    head = state.row.at(1.0).probs[state.row.ranking.head(5)]
    share = head[4] / head.sum()
    assert f"cut by top_p (p 0.3), {share:.2%} before it".replace("%", " %") in view(state).detail
    state = play(toy_model(), act.Highlight(6), state=state)
    assert any(part.startswith("cut by top_k (k 5), ") for part in view(state).detail)
    state = play(toy_model(), act.Highlight(1), state=state)
    assert not any("cut by" in part for part in view(state).detail)


def test_a_token_taken_by_hand_remembers_the_stage_that_cut_it() -> None:
    state = play(toy_model(), act.SetSamplers((TopK(1),)), act.Highlight(3), act.TakeHighlighted())
    assert view(state).notice == "Taken by hand, though top_k cuts it."
    assert state.trace.here.drawn.cut_by == "top_k"
    state = play(toy_model(), act.Back(), state=state)
    assert drawn_with(state).endswith(" was taken by hand at T 1.00, though top_k cut it")
    state = play(toy_model(), act.SetSamplers(()), state=state)
    assert drawn_with(state).endswith(" cut it · R: back")


def test_a_token_that_the_chain_left_tells_the_chain() -> None:
    state = play(toy_model(), act.NextPreset(), act.Step(), act.Back(), act.SetSamplers(()))
    assert ", chain llama.cpp, coin 0." in drawn_with(state)
    state = play(toy_model(), act.RestoreDrawn(), state=state)
    assert state.settings.samplers and not drawn_with(state).endswith("R: back")
    state = play(toy_model(), act.Highlight(1), act.Toss(), act.TakeHighlighted(), act.Back(), state=state)
    assert view(state).notice == ""
