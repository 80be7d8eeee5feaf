"""Memory of the app and its child together, as their share of what is physically used (PSS)."""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from .decoder import Decoder
from .report import Row, threads
from .subjects import MODELS, PROMPT, TempvizTerminal, tempviz

TEXT = "One of the many rivers of the country is longer than all the others, and it flows to the north. " * 3
LOGITS_MB = 40
ALLOWANCE_MB = 200


def memory() -> Iterator[Row]:
    """100 tokens after a prompt of several chunks, against the budget (model file, KV cache, kept logits, 200 MB); the
    growth up to 2,000 tokens."""
    for label, model in MODELS.items():
        path = model()
        with Decoder("bare", path, PROMPT, threads()) as bare:
            cache = bare.about["kv_bytes"] / 1e6
        budget = path.stat().st_size / 1e6 + cache + LOGITS_MB + ALLOWANCE_MB
        with tempviz(path, "--ctx", "2048", prompt=TEXT) as ours:
            ours.ready()
            _auto_to(ours, ours.tokens + 100)
            early = megabytes(ours)
            for kind, used in early.items():
                bound = "<= 1" if kind == "pss" else ""
                yield Row(f"memory, {label}, {kind}", used, budget, "MB", "file + KV + logits + 200", bound)
            if label != "demo":
                _auto_to(ours, 2000)
                late = megabytes(ours)
                yield Row(
                    f"memory, {label}, pss at 2,000 tokens",
                    late["pss"],
                    early["pss"],
                    "MB",
                    "after 100 tokens",
                    "<= 1.05",
                )


def megabytes(terminal: TempvizTerminal) -> dict[str, float]:
    """PSS, USS and RSS of the app and all its children, summed."""
    processes = [psutil.Process(terminal.pid), *terminal.children()]
    infos = [process.memory_full_info() for process in processes]
    return {kind: sum(getattr(info, kind) for info in infos) / 1e6 for kind in ("pss", "uss", "rss")}


def _auto_to(terminal: TempvizTerminal, tokens: int) -> None:
    """Let it step by itself until the context holds so many tokens; a text that ends is continued by hand."""
    while terminal.tokens < tokens:
        terminal.press("a")
        terminal.wait_for(lambda t: terminal.tokens >= tokens or "Auto stopped" in t.text, timeout=300)
        terminal.press("a" if terminal.tokens >= tokens else "enter")
        terminal.settle(0.5)
