"""What a person does with the app, in a real terminal of 80×24 cells."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from e2e.tempviz_terminal import PROMPT, TempvizTerminal


def test_the_demo_model_opens_on_its_prompt_and_is_left_tidily(demo_model: Path) -> None:
    with TempvizTerminal("demo", "-t", "0") as app:
        app.ready()
        assert PROMPT in app.text
        assert app.tokens == 5
        app.step()
        assert f"{PROMPT} Paris" in app.text
        assert app.quit() == 0
        app.assert_restored()
        assert f"{PROMPT} Paris" in app.epilogue


def test_what_the_shell_shows_at_the_end_repeats_the_run(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model, "--seed", "7", prompt="it's \\ a\nprompt") as app:
        app.ready().press("=", "=")
        app.step(3)
        assert app.quit() == 0
        first = app.epilogue
    command = first.rstrip("\n").rsplit("\n", 1)[1]
    again = subprocess.check_output(["bash", "-c", f"printf '%s\\0' {command}"], text=True).split("\0")[:-1]
    assert again[0] == "tempviz"
    with TempvizTerminal(again[1], *again[2:], prompt=None) as app:
        app.ready().step(3)
        assert app.temperature == 1.1
        assert app.quit() == 0
        assert app.epilogue == first


@pytest.mark.parametrize("keys", [("q",), ("ctrl+q",)])
def test_quitting(tiny_model: Path, keys: tuple[str, ...]) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready().press(*keys)
        assert app.wait(3) == 0
        app.assert_restored()


def test_quitting_while_the_model_loads(demo_model: Path) -> None:
    with TempvizTerminal(demo_model) as app:
        app.wait_for(lambda t: t.children()).press("ctrl+q")
        assert app.wait(3) == 0
        app.assert_restored()


def test_a_branch_inside_the_prompt(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        n = app.tokens
        assert "a token, perplexity" in app.text
        app.step()
        app.go_to(n - 1, "left", "left")
        assert f"prompt token {n} of {n}" in app.text and "the prompt goes on with" in app.text
        inside = app.candidates
        app.go_to(n, "down", "enter").step()
        assert f"branch at prompt token {n}" in app.text and f"prompt token {n} of {n}" not in app.text
        app.go_to(n - 1, "left", "left", "home")
        (taken,) = [row for row in app.candidates if "◆" in row]
        assert taken.split()[1] == "2"
        assert [_numbers(row) for row in app.candidates] == [_numbers(row) for row in inside]
        app.quit()
        assert PROMPT not in app.epilogue.split("\n\n")[0]


def test_step_take_walk_and_back(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        start, first = app.tokens, app.candidates
        app.step(2)
        third = app.candidates[2]
        app.go_to(start + 3, "down", "down", "enter")
        last = app.body
        app.go_to(start, "left", "left", "left")
        assert "position 0 of 3" in app.text
        app.go_to(start + 2, "right", "right")
        # What was taken here by hand is marked, and still the third.
        assert "◆" in app.candidates[2]
        assert _numbers(app.candidates[2]) == _numbers(third)
        app.go_to(start + 3, "right").settle()
        assert app.body == last
        app.go_to(start, "backspace", "backspace", "backspace").settle()
        assert [_numbers(row) for row in app.candidates] == [_numbers(row) for row in first]
        assert app.quit() == 0
        app.assert_restored()


def _numbers(row: str) -> str:
    """A candidate without its marks, which tell of what was taken since."""
    return re.sub("[▸◆◇●]", " ", row)


def test_a_branch_keeps_what_was_left_behind(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model, "-t", "0") as app:
        app.ready().step(2)
        end = app.tokens
        app.go_to(end - 1, "left").go_to(end, "down", "down", "enter").go_to(end - 1, "left").settle()
        assert "◇" in app.candidates[0]
        assert "◆" in app.candidates[2]
        assert app.quit() == 0


def test_the_temperature(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        fresh = app.body
        app.press("=", "+", "-")
        app.settle()
        assert app.temperature == 1.05
        app.press("0")
        app.settle()
        assert app.temperature == 0
        assert "100 %" in app.candidates[0]
        assert "entropy 0 bits" in app.text
        app.press("5", "=")
        app.settle()
        assert app.temperature == 5
        app.press("1")
        app.settle()
        assert app.body == fresh
        assert app.quit() == 0


@pytest.mark.parametrize("temperature", ["0", "5", "1e-9", "1e9"])
def test_stepping_at_the_ends_of_the_temperature(tiny_model: Path, temperature: str) -> None:
    with TempvizTerminal(tiny_model, "-t", temperature) as app:
        app.ready()
        assert app.temperature == float(temperature)
        app.step(3)
        assert app.quit() == 0
        app.assert_restored()


def test_the_highlight_goes_to_the_end_of_the_vocabulary_and_back(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        first = app.candidates
        app.press("end")
        app.settle()
        assert re.match(r"│ ▸ +299 ", app.candidates[-1])
        app.press("pageup", "pageup", "pagedown", "home")
        app.settle()
        assert app.candidates == first
        assert app.quit() == 0


def test_the_prompt_editor(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready().press("p")
        app.wait_for("ctrl+j: new line")
        app.press(*"q 0 space", "ctrl+j", *"second line")
        app.wait_for("second line")
        app.press("enter")
        app.wait_for(lambda t: "ctrl+j" not in t.text and "second line" in t.text)
        app.ready()
        assert "q 0 space⏎" in app.text and PROMPT not in app.text
        assert app.temperature == 1
        app.press("p")
        app.wait_for("ctrl+j: new line")
        app.press(*"dropped")
        app.wait_for("dropped")
        app.press("escape")
        app.wait_for(lambda t: "ctrl+j" not in t.text)
        assert "dropped" not in app.text
        assert app.quit() == 0
        app.assert_restored()


def test_a_pasted_prompt(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready().press("p")
        app.wait_for("ctrl+j: new line")
        app.send(b"\x1b[200~ pasted\nin two lines\x1b[201~")
        app.wait_for("in two lines").press("enter")
        app.wait_for("pasted⏎")
        app.ready()
        assert app.quit() == 0
        app.assert_restored()


@pytest.mark.parametrize("key", ["slash", "p"])
def test_keys_typed_in_one_burst_are_done_in_their_order(tiny_model: Path, key: str) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready().press("/" if key == "slash" else key)
        app.wait_for("Find a token" if key == "slash" else "Prompt:").settle()
        app.press(*"abcd", *["backspace"] * 3, *"xyz", "left", "left", "u", "delete", "v")
        app.wait_for("axuvz")


def test_each_key_of_a_burst_goes_to_what_has_the_keys_by_then(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model, "--top-k", "40", columns=120, rows=40) as app:
        app.ready().press("s")
        app.wait_for("▸ top_k")
        app.press("s", "down", "s", "down", "=")
        app.wait_for("▸ temperature").wait_for("dynatemp-range 0.05")
        assert re.search(r"▸ +2 ", app.text)
        assert app.temperature == 1


def test_help_is_there_and_goes_away(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        before = app.body
        app.press("?")
        app.wait_for("Take the token on which the coin falls")
        app.press("escape")
        app.wait_for(lambda t: app.body == before)
        assert app.quit() == 0
        app.assert_restored()


def test_the_installed_command_is_the_same_program(tiny_model: Path) -> None:
    program = Path(sys.executable).with_name("tempviz")
    with TempvizTerminal(tiny_model, program=[str(program)]) as app:
        app.ready().step()
        assert app.quit() == 0
        app.assert_restored()
