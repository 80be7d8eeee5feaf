"""Text of strangers (tokens, prompts, names, paths) may hold anything; no byte of it reaches the terminal raw."""

from __future__ import annotations

from pathlib import Path

import pytest
from e2e.tempviz_terminal import TempvizTerminal
from tiny_models import tiny_llama

HOSTILE = [
    b"\x1b[31m",
    b"\x1b]52;c;aGVsbG8=\x07",
    b"\x1b]8;;http://x\x1b\\",
    b"\x1bP1$r\x1b\\",
    b"\x1b",
    b"\x07\x08\x0c\x7f",
    b"\r\n\t\x00",
    b"[/INST]",
    b"[/b]",
    b"[@click=app.quit]x[/]",
    b"[red on blue]",
    "\u009b31m".encode(),
    "\u009d52;c;x\u009c".encode(),
    "\u202eabc".encode(),
    "\u2066x\u2069\u200f\u061c".encode(),
    "\u200b\u200d\u2060\ufeff".encode(),
    "\u2028\u2029".encode(),
    "\u0301\u0301\u0301".encode(),
    "👩‍👩‍👧❤️👍🏽1️⃣🇫🇷".encode(),
    "日本語".encode(),
    "\U000e0041\U000e007f\ufff9".encode(),
    b"\xe2\x96",
    b"\xff\xfe",
    b"x" * 5000,
    b"  ",
]  # fmt: skip
"""Token texts as files of strangers may hold them."""


@pytest.fixture(scope="module")
def hostile_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    overrides = {"general.name": "evil \x1b]52;c;aGk=\x07[/b]\u202e\nname"}
    file = tmp_path_factory.mktemp("hostile") / "m\x1b[31m[b]\u202e.gguf"
    return tiny_llama(file, pieces=HOSTILE, overrides=overrides)


def test_no_byte_of_hostile_text_reaches_the_terminal(hostile_model: Path) -> None:
    prompt = "a\x1b]52;c;aGk=\x07[/INST]\u202e[@click=app.quit]x[/]\nb\u009b31m"
    with TempvizTerminal(hostile_model, "-t", "5", prompt=prompt) as app:
        app.ready()
        for _ in range(34):  # all 308 tokens pass through the window
            app.press("pagedown")
            app.pump(0.02)
        app.settle(timeout=20).press("home")
        for _ in range(20):
            app.step()
        for key in ("v", "l", "left", "right", "p"):
            app.press(key)
            app.settle()
        app.press("escape")
        app.settle()
        assert app.quit() == 0
        app.assert_restored()


def test_hostile_tokens_are_taken_by_hand_and_walked_over(hostile_model: Path) -> None:
    with TempvizTerminal(hostile_model, "-t", "0") as app:
        app.ready()
        for rank in range(0, 75, 3):  # other ranks at every position: many different tokens
            app.go_to(app.tokens + 1, *["down"] * rank, "enter")
        app.settle()
        for _ in range(25):
            app.press("left")
            app.pump(0.02)
        assert app.quit() == 0
        app.assert_restored()


def test_a_hostile_path_and_a_hostile_reason_are_shown_safely(tmp_path: Path) -> None:
    file = tmp_path / "\x1b]52;c;aGk=\x07[@click=app.quit]\u202e[" / "b].gguf"
    file.parent.mkdir()
    file.write_bytes(b"\x1b]52;c;aGk=\x07 no model at all " * 100)
    with TempvizTerminal(file) as app:
        app.wait_for("could not be opened").settle()
        app.press("escape")
        app.settle()
        app.press("q")
        assert app.wait() == 3
        app.assert_restored()
    with TempvizTerminal(tmp_path / "missing\x1b]52;c;aGk=\x07[/b].gguf") as app:
        assert app.wait() == 3
        app.assert_restored()
