"""What can go wrong around the app: its child dies, signals come, the terminal is none, or is of any size."""

from __future__ import annotations

import random
import re
import shlex
import signal
import time
from pathlib import Path

import psutil
import pytest
from e2e.tempviz_terminal import PROGRAM, PROMPT, TempvizTerminal
from e2e.terminal import FRAME_END, Terminal


def shell(line: str) -> list[str]:
    """A shell command in which $TEMPVIZ is the app."""
    return ["sh", "-c", line.replace("$TEMPVIZ", shlex.join(PROGRAM))]


def child_of(app: TempvizTerminal) -> psutil.Process:
    (child,) = app.children()
    return child


# ---- the child --------------------------------------------------------------------------------------------------


def test_a_killed_child_is_said_replaced_and_forgotten(demo_model: Path) -> None:
    with TempvizTerminal(demo_model, "-t", "0") as app:
        app.ready().step(2)
        n, candidates, before = app.tokens, app.candidates, child_of(app)
        before.kill()
        app.press("space")
        app.wait_for("SIGKILL")
        app.wait_for(lambda t: app.tokens == n + 1 and "● ready" in app.lines[0])
        assert child_of(app).pid != before.pid
        app.go_to(n, "left").settle()
        assert [_numbers(row) for row in app.candidates] == [_numbers(row) for row in candidates]
        app.go_to(n + 1, "right").step()
        assert app.quit() == 0
        app.assert_restored()
        survived = app.epilogue
    with TempvizTerminal(demo_model, "-t", "0") as app:
        app.ready().step(4)
        app.quit()
        assert app.epilogue == survived


def _numbers(row: str) -> str:
    """A candidate without its marks, which tell of what was taken since."""
    return re.sub("[▸◆◇●]", " ", row)


def test_a_child_killed_in_mid_step_loses_nothing(demo_model: Path) -> None:
    with TempvizTerminal(demo_model, "-t", "0") as app:
        app.ready().step()
        app.press("space")
        child_of(app).kill()
        app.wait_for("SIGKILL")
        app.ready()
        n = app.tokens
        assert n in (6, 7)  # the signal came before the key, or after it
        app.step(8 - n)
        app.quit()
        survived = app.epilogue
    with TempvizTerminal(demo_model, "-t", "0") as app:
        app.ready().step(3)
        app.quit()
        assert app.epilogue == survived


def test_a_child_is_killed_again_and_again(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        for _ in range(3):
            n = app.tokens
            child_of(app).kill()
            app.press("space")
            app.wait_for("SIGKILL").wait_for(lambda t, n=n: app.tokens == n + 1 and app.children())
            app.step()
        assert app.quit() == 0
        app.assert_restored()


def test_a_child_killed_while_it_loads_again_ends_in_words(demo_model: Path) -> None:
    with TempvizTerminal(demo_model, "-t", "0") as app:
        app.ready().step()
        first = child_of(app)
        first.kill()
        app.press("space")
        app.wait_for(lambda t: any(child.pid != first.pid for child in app.children()))
        for child in app.children():
            child.kill()
        app.wait_for("SIGKILL").settle(0.5)
        app.press("ctrl+q")
        assert app.wait() in (0, 3)
        assert "Paris" in app.epilogue
        app.assert_restored()


def test_a_stopped_child_does_not_stop_the_app(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        child_of(app).suspend()
        app.press("space", "=")
        app.wait_for(lambda t: app.temperature == 1.05)
        app.press("q")
        assert app.wait(3) == 0
        app.assert_restored()


# ---- signals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_restores_the_terminal_and_is_told_in_the_status(tiny_model: Path, number: signal.Signals) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready().step()
        app.kill(number)
        assert app.wait(3) == 128 + number
        app.assert_restored()


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_signal_right_at_the_start(tiny_model: Path, frames: int) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.wait_for(lambda t: t.raw.count(FRAME_END) >= frames)
        app.kill(signal.SIGTERM)
        assert app.wait(3) == 128 + signal.SIGTERM
        app.assert_restored()


def test_a_signal_while_a_dialog_is_open(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready().press("p")
        app.wait_for("ctrl+j")
        app.kill(signal.SIGTERM)
        assert app.wait(3) == 128 + signal.SIGTERM
        app.assert_restored()


def test_a_killed_app_leaves_no_child(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        child = child_of(app)
        app.kill(signal.SIGKILL)
        assert app.wait() == -signal.SIGKILL
        _, alive = psutil.wait_procs([child], timeout=2)
        assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
        assert app.survivors() == []


def test_stop_and_continue(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        app.kill(signal.SIGTSTP)
        app.wait_for(lambda t: psutil.Process(app.pid).status() == psutil.STATUS_STOPPED)
        app.kill(signal.SIGCONT)
        app.settle()
        app.step()
        assert app.quit() == 0
        app.assert_restored()


# ---- no terminal ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("redirection", ["</dev/null", "2>errors", "</dev/null 2>errors"])
def test_without_a_terminal_one_sentence(tiny_model: Path, tmp_path: Path, redirection: str) -> None:
    line = shell(f"$TEMPVIZ {shlex.quote(str(tiny_model))} -p x {redirection}")
    with Terminal(line, cwd=str(tmp_path)) as terminal:
        assert terminal.wait() == 2
        errors = tmp_path / "errors"
        said = errors.read_text() if errors.exists() else terminal.text
        assert "terminal" in said
        assert "Traceback" not in said
        assert b"\x1b" not in terminal.raw
        assert said.isprintable() or len(said.strip().splitlines()) <= 4
        terminal.assert_restored()


def test_without_a_controlling_terminal_nothing_starts(tiny_model: Path) -> None:
    line = shell(f"printf hello | setsid -w $TEMPVIZ {shlex.quote(str(tiny_model))} -p - 2>&1 | cat")
    with Terminal(line) as terminal:
        terminal.wait()
        assert "controlling terminal" in terminal.text


def test_a_piped_prompt_takes_its_keys_from_the_controlling_terminal(tiny_model: Path) -> None:
    line = shell(f"printf 'one two\\n' | $TEMPVIZ {shlex.quote(str(tiny_model))} -p -")
    with TempvizTerminal(tiny_model, program=line, prompt=None) as app:
        app.ready()
        assert "one two" in app.text
        assert "⏎" not in app.text
        app.step()
        assert app.quit() == 0
        app.assert_restored()


def test_a_dumb_terminal_is_no_crash(tiny_model: Path) -> None:
    line = shell(f"TERM=dumb NO_COLOR=1 $TEMPVIZ {shlex.quote(str(tiny_model))} -p x")
    with TempvizTerminal(tiny_model, program=line, prompt=None) as app:
        app.ready().step()
        assert app.quit() == 0
        app.assert_restored()


# ---- sizes, keys and bytes ----------------------------------------------------------------------------------------


def test_a_storm_of_sizes(tiny_model: Path) -> None:
    luck = random.Random(1)
    sizes = [(1, 1), (5, 20), (100, 300), (1, 300), (100, 1), (16, 60), (15, 60), (16, 59)]
    sizes += [(luck.randint(1, 60), luck.randint(1, 200)) for _ in range(32)]
    with TempvizTerminal(tiny_model) as app:
        app.ready().step(2)
        for rows, columns in sizes:
            app.resize(rows, columns)
            app.press("space" if rows % 3 else "end")
            app.pump(0.03)
        app.resize(5, 20)
        app.wait_for("tempviz needs")
        app.resize(24, 80)
        app.ready()
        assert app.candidates
        assert all(len(line) <= 80 for line in app.lines)
        app.step()
        assert app.quit() == 0
        app.assert_restored()


def test_a_new_size_is_drawn_as_if_it_had_been_so_from_the_start(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as changed, TempvizTerminal(tiny_model, rows=40, columns=120) as fresh:
        changed.ready().resize(40, 120)
        changed.settle()
        assert changed.text == fresh.ready().text
        changed.resize(24, 80)
        changed.settle()
        fresh.resize(24, 80)
        fresh.settle()
        assert changed.text == fresh.text


def test_mashed_keys_do_not_pile_up(demo_model: Path) -> None:
    with TempvizTerminal(demo_model) as app:
        app.ready()
        app.press(*["space"] * 500)
        began = time.perf_counter()
        app.press("q")
        assert app.wait(5) == 0
        assert time.perf_counter() - began < 1
        app.assert_restored()


def test_every_key_at_once(tiny_model: Path) -> None:
    luck = random.Random(2)
    keys = ["space", "enter", "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "backspace"]
    keys += [*"-=+012345grRlve.?", "escape", "tab", "shift+tab"]
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        for _ in range(15):
            # An escape right before another key would be one sequence with it.
            app.press(*(k for k in luck.choices(keys, k=20) if k != "escape"))
            app.pump(0.02)
            app.press("escape")
            app.settle(0.12)
        app.press("escape")
        app.settle(0.12)
        app.ready().press("q")
        assert app.wait() == 0
        app.assert_restored()


@pytest.mark.parametrize(
    "noise",
    [b"\x00\x01\x02\x1f\x7f", b"\x1b[200~unfinished paste", b"\x1b[<0;999;999M\x1b[<64;1;1M", "é日🙂".encode()],
    ids=["control", "unfinished-paste", "mouse", "unicode"],
)
def test_strange_input_is_survived(tiny_model: Path, noise: bytes) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        app.send(noise)
        app.settle()
        app.kill(signal.SIGTERM)
        assert app.wait(3) == 128 + signal.SIGTERM
        app.assert_restored()


def test_bytes_that_are_no_utf8_are_survived_or_end_as_an_error(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model) as app:
        app.ready()
        app.send(b"\xff\xfe\xc3(")
        app.settle()
        if app.status is None:
            app.press("q")
        # Survived (q then quits) or ended as an error: never with the code of a normal end and a traceback.
        if app.wait(3) != 0:
            assert "A fault in tempviz itself" in app.epilogue
        assert b"Traceback" not in app.raw
        app.assert_restored()


def test_a_failed_load_offers_another_path(tmp_path: Path, tiny_model: Path) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"<html>not found</html>" * 50)
    with TempvizTerminal(wrong) as app:
        app.wait_for("could not be opened").settle()
        app.press(*["backspace"] * len(str(wrong)))
        app.wait_for("path of a GGUF file")
        app.press(str(tiny_model), "enter")
        app.ready()
        assert PROMPT in app.text
        app.step()
        assert app.quit() == 0
        app.assert_restored()


def test_a_prompt_longer_than_the_context_is_told_of_in_the_shell_too(tiny_model: Path) -> None:
    with TempvizTerminal(tiny_model, "--ctx", "256", prompt="a" * 400) as app:
        app.wait_for("the context holds 256").settle()
        assert app.quit() == 2
        assert "tokens and the context holds 256. So there is no text;" in " ".join(app.epilogue.split())
        app.assert_restored()
