"""What leaves the app as text: the command in the shell."""

from dataclasses import replace

from tempviz.models.penalties import LogitBias
from tempviz.models.transforms import TopK
from tempviz.tui.text_out import repeat_command

from .driving import play, toy_model


def test_the_command_says_what_it_cannot_repeat() -> None:
    state = replace(play(toy_model()), prompt="-")
    assert repeat_command(state, None, None).startswith("echo - | tempviz ")
    biased = replace(state, settings=replace(state.settings, samplers=(LogitBias.of({1: 2.0}), TopK(3))))
    command, remark = repeat_command(biased, None, None).split("\n")
    assert command.endswith("--top-k 3") and remark.startswith("# ") and "bias" in remark
