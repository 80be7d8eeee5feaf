"""`tempviz lab` in a real terminal, where llama-cpp-python cannot be imported."""

from __future__ import annotations

import sys

from .terminal import Terminal

WITHOUT_LLAMA = "import sys; sys.modules['llama_cpp'] = None; from tempviz.tui.cli import main; main()"


FAULTY = "from tempviz.tui.lab_app import LabApp; LabApp.ui_raise_logit = lambda self: 1 / 0; "


def lab(*arguments: str, program: str = WITHOUT_LLAMA) -> Terminal:
    return Terminal([sys.executable, "-c", program, "lab", *arguments])


def test_from_the_command_to_the_command_that_repeats_it() -> None:
    with lab("-1", "2", "-0.5", "--tokens", "a b,c,d", "-t", "2") as terminal:
        terminal.wait_for("66.24 %").wait_for("● ready")
        terminal.press("=")
        terminal.wait_for("T 2.05")
        terminal.press("delete")
        terminal.wait_for(lambda t: " c " not in t.text and "● ready" in t.text)
        terminal.settle()
        assert terminal.children() == []
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.epilogue.strip() == "tempviz lab -1 -0.5 --tokens 'a b,d' -t 2.05"
        terminal.assert_restored()


def test_a_fault_is_told_of_after_the_command_that_repeats_it() -> None:
    with lab("1", "2", program=FAULTY + WITHOUT_LLAMA) as terminal:
        terminal.wait_for("● ready")
        terminal.press(">")
        assert terminal.wait() == 1
        before, _, after = terminal.epilogue.partition("A fault in tempviz itself (ZeroDivisionError)")
        assert "tempviz lab 1 2" in before and after
        terminal.assert_restored()


def test_several_temperatures_are_for_printing() -> None:
    with lab("1", "2", "-t", "1", "-t", "2") as terminal:
        assert terminal.wait() == 2
        assert "Give one -t, or --format table to print several." in " ".join(terminal.text.split())


def test_a_format_prints_in_a_terminal_too() -> None:
    with lab("1", "2", "--format", "csv") as terminal:
        assert terminal.wait() == 0
        assert "0.731058578630004" in terminal.text
