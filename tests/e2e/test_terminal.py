"""The harness itself: it must see a program that behaves, and refuse one that does not."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from e2e.stream import assert_clean, modes_left_on
from e2e.terminal import FRAME_END, Terminal

EMPTY_APP = [sys.executable, str(Path(__file__).parents[2] / "benchmarks" / "empty_app.py")]


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def test_a_textual_app_is_seen_typed_to_and_left() -> None:
    with Terminal(EMPTY_APP) as terminal:
        terminal.wait_for("keys: 0").settle()
        terminal.press("space", "up", "ctrl+e")
        terminal.wait_for("keys: 3")
        assert FRAME_END in terminal.raw, "the answer to the question about frames did not arrive"
        terminal.press("q")
        assert terminal.wait() == 0
        terminal.assert_restored()


def test_a_resize_reaches_the_program() -> None:
    source = "import os, signal\nsignal.signal(28, lambda *_: print(os.get_terminal_size()))\nprint('up')\n"
    with Terminal(python(source + "while True: signal.pause()")) as terminal:
        terminal.wait_for("up")
        terminal.resize(11, 70)
        terminal.wait_for("columns=70, lines=11")


def test_what_is_printed_after_the_alternate_screen_is_told_apart() -> None:
    with Terminal(python(r"print('\x1b[?1049hinside\x1b[?1049l\x1b[1mafter\x1b[m')")) as terminal:
        assert terminal.wait() == 0
        assert terminal.epilogue == "after\n"
        terminal.assert_restored()


def test_a_controlling_terminal_an_exit_code_and_a_signal() -> None:
    with Terminal(python("open('/dev/tty', 'w').write('hello'); raise SystemExit(7)")) as terminal:
        assert terminal.wait() == 7
        assert "hello" in terminal.text
    with Terminal(python("import time; print('up'); time.sleep(60)")) as terminal:
        terminal.wait_for("up")
        terminal.kill(signal.SIGKILL)
        assert terminal.wait() == -signal.SIGKILL


def test_a_mode_left_on_is_refused() -> None:
    assert modes_left_on(b"\x1b[?25l\x1b[?1000h\x1b[>25u\x1b[?1000l") == {"25": False, "kitty": True}
    with Terminal(python(r"print('\x1b[?1049h')")) as terminal:
        terminal.wait()
        with pytest.raises(AssertionError, match="1049"):
            terminal.assert_restored()


def test_changed_line_settings_are_refused() -> None:
    with Terminal(python("import tty; tty.setraw(0)")) as terminal:
        terminal.wait()
        with pytest.raises(AssertionError, match="line settings"):
            terminal.assert_restored()


def test_a_child_that_outlives_the_program_is_found_and_ended() -> None:
    source = "import subprocess as s; s.Popen(['sleep', '60'], start_new_session=True); print('up'); input()"
    with Terminal(python(source)) as terminal:
        terminal.wait_for("up")
        (child,) = terminal.children()
        terminal.kill(signal.SIGKILL)
        terminal.wait()
        with pytest.raises(AssertionError, match="outlives"):
            terminal.assert_restored(within=0.2)
    assert not child.is_running() or child.status() == "zombie"


@pytest.mark.parametrize(
    "raw",
    [
        b"\x1b]52;c;aGk=\x07",
        b"\x1b]8;;http://x\x1b\\",
        b"\x1bPq\x1b\\",
        b"\x1b[6n",
        b"\x1b[2;2r",
        b"\x1b[?1002h",
        b"\x1bc",
        b"a\x1b",
        b"\x07",
        b"\x08",
        "\u009b31m".encode(),
        "\u202e".encode(),
        "\u200b".encode(),
        "a\ufe0f".encode(),
        "\u2028".encode(),
    ],
)
def test_bytes_that_a_terminal_would_obey_are_refused(raw: bytes) -> None:
    with pytest.raises(AssertionError):
        assert_clean(b"fine \x1b[1m" + raw)


def test_a_cut_character_is_refused_and_common_output_is_not() -> None:
    with pytest.raises(UnicodeDecodeError):
        assert_clean(b"\xe2\x96")
    assert_clean("\x1b[?2026h\x1b[2;1H\x1b[38;2;1;2;3m▉▏ é ä 日本 ⟨U+202E⟩\r\n\x1b[0m".encode() + FRAME_END)


def test_waiting_in_vain_shows_the_screen() -> None:
    with Terminal(python("print('what there is'); input()")) as terminal:
        terminal.wait_for("what there is")
        with pytest.raises(AssertionError, match="what there is"):
            terminal.wait_for("what there is not", timeout=0.2)
