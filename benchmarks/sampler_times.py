"""The chain of samplers on the screen: how fast a knob answers, and what the chain costs an auto run.

All panels are open (200×60, the chain's among them), and the chain is llama.cpp's preset.
"""

from __future__ import annotations

from collections.abc import Iterator

from .decoder import Decoder
from .engine_times import BARE, auto_rates
from .report import Row, percentiles, threads
from .responsiveness import EMPTY
from .screen_times import paired_keys
from .subjects import MODELS, PROMPT, TempvizTerminal, empty_app, has_key, tempviz

ROWS, COLUMNS = 60, 200

KNOBS = {
    "repeat penalty": (0, 1),
    "dry multiplier": (1, 0),
    "top_k": (3, 0),
    "typ_p": (4, 0),
    "top_p": (5, 0),
    "min_p": (6, 0),
    "xtc probability": (7, 0),
}
"""The stage (from the first down) and the setting (from the first to the right) that a knob is."""

KEYS = 30


def knob_key() -> Iterator[Row]:
    """A turn of a knob, up and down again: from the key to the changed screen."""
    if not has_key("knob_up"):
        return
    for label, model in MODELS.items():
        for knob, (stage, setting) in KNOBS.items():
            with tempviz(model(), rows=ROWS, columns=COLUMNS) as ours, empty_app(ROWS, COLUMNS) as empty:
                _with_chain(ours)
                # Down first: some knobs stand at their upper end.
                ours.press(*["down"] * stage, *["right"] * setting, "-")
                ours.settle()
                empty.wait_for("keys: 0").settle()
                times, reference = paired_keys(ours, empty, ["=", "-"], KEYS)
            (a50, a95), (b50, b95) = percentiles(times), percentiles(reference)
            yield Row(f"knob key, {label}, {knob}, p50", a50, b50, "ms", EMPTY)
            yield Row(f"knob key, {label}, {knob}, p95", a95, b95, "ms", EMPTY, "<= 3")


def auto_with_chain() -> Iterator[Row]:
    """Tokens a second in auto through the chain, beside the bare loop; each runs alone, in turns."""
    for label, model in MODELS.items():
        with (
            tempviz(model(), "-t", "0", rows=ROWS, columns=COLUMNS) as ours,
            Decoder("bare", model(), PROMPT, threads()) as bare,
        ):
            _with_chain(ours)
            a, b = auto_rates(ours, lambda count, bare=bare: count / sum(bare.decode(count)))
        yield Row(f"auto through the chain, {label}", a, b, "tokens/s", BARE, ">= 0.85" if label == "demo" else "")


def _with_chain(ours: TempvizTerminal) -> None:
    """Take llama.cpp's preset and show it, with the keys."""
    ours.ready()
    ours.press("P")
    ours.wait_for("chain llama.cpp")
    ours.press("s")
    ours.wait_for("[Chain]").settle()
