"""tempviz in a terminal, read as a person reads it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from .terminal import Terminal

PROMPT = "The capital of France is"
PROGRAM = [sys.executable, "-m", "tempviz.tui"]


class TempvizTerminal(Terminal):
    """The app on a model; `options` are those of its command line.

    One thread unless more are asked for: two that wait for each other crawl where other programs use the cores.
    """

    def __init__(
        self,
        model: Path | str,
        *options: str,
        prompt: str | None = PROMPT,
        threads: int = 1,
        program: Sequence[str] = PROGRAM,
        rows: int = 24,
        columns: int = 80,
    ) -> None:
        source = [] if prompt is None else ["-p", prompt]
        command = [*program, str(model), *source, "--threads", str(threads), *options]
        super().__init__(command, rows, columns)

    def __enter__(self) -> TempvizTerminal:
        return self

    @property
    def tokens(self) -> int:
        """Tokens in the context, the prompt's included, as the first line says; -1 while it does not."""
        said = re.search(r"([\d,]+)/[\d,]+ tokens", self.lines[0])
        return int(said[1].replace(",", "")) if said else -1

    @property
    def temperature(self) -> float:
        """The temperature of the status line; NaN while there is none."""
        said = re.search(r"^ T ([\d.e+-]+)", self.text, re.MULTILINE)
        return float(said[1]) if said else float("nan")

    @property
    def candidates(self) -> list[str]:
        """The rows of the candidates' panel that show a token, as they stand."""
        return re.findall(r"^│[ ▸]+\d[\d,]* .*%.*│$", self.text, re.MULTILINE)

    @property
    def body(self) -> str:
        """The screen without its first line, whose tokens per second are never the same twice."""
        return "\n".join(self.lines[1:])

    def ready(self, timeout: float = 30) -> TempvizTerminal:
        """Wait until the position on view is evaluated and painted."""
        self.wait_for(lambda t: "● ready" in t.lines[0], timeout)
        self.settle()
        return self

    def go_to(self, tokens: int, *keys: str, timeout: float = 10) -> TempvizTerminal:
        """Press keys, and wait until so many tokens lie before the cursor and the next one can be chosen."""
        self.press(*keys)
        self.wait_for(lambda t: self.tokens == tokens and "● ready" in t.lines[0], timeout)
        return self

    def step(self, times: int = 1) -> TempvizTerminal:
        """Step by the space key."""
        for _ in range(times):
            self.go_to(self.tokens + 1, "space")
        return self

    def quit(self) -> int:
        """Leave by `q`; the exit status."""
        self.press("q")
        return self.wait()
