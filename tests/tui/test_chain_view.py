"""What the chain panel and the line of detail say of the stages."""

from tempviz.models import actions as act
from tempviz.models.penalties import Penalties
from tempviz.tui.view import view

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
