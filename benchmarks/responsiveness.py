"""How fast the screen answers, beside an empty Textual app."""

from __future__ import annotations

from collections.abc import Iterator

from tempviz.tui.renderables.pictures import DRAWN

from .report import Row, percentiles
from .screen_times import QUIET, held, key_to_screen, paired_first_frames, paired_keys
from .subjects import EMPTY_APP, MODELS, empty_app, has_key, tempviz, tempviz_command

EMPTY = "empty app"
UP_AND_DOWN = ["="] * 15 + ["-"] * 15


JUMPS = ["3", "5", "2", "4", "1"]


def temperature_key() -> Iterator[Row]:
    """A turn of the temperature: from the key to the changed screen, small and with all views open.

    The frame after one more turn the same way, or back, is ready before the key; that after a jump (to 3, 5, 2, 4, 1)
    is not.
    """
    for label, model in MODELS.items():
        for rows, columns in ((24, 80), (60, 200)):
            with tempviz(model(), rows=rows, columns=columns) as ours, empty_app(rows, columns) as empty:
                ours.ready()
                empty.wait_for("keys: 0").settle()
                turns = paired_keys(ours, empty, UP_AND_DOWN, 90)
                jumps = paired_keys(ours, empty, JUMPS, 40)
            name = f"temperature key, {label}, {columns}×{rows}"
            (p50, p95), (empty_p50, empty_p95) = map(percentiles, turns)
            yield Row(f"{name}, p50", p50, empty_p50, "ms", EMPTY)
            yield Row(f"{name}, p95", p95, empty_p95, "ms", EMPTY, "<= 2")
            (p50, p95), (empty_p50, empty_p95) = map(percentiles, jumps)
            yield Row(f"{name}, jump, p50", p50, empty_p50, "ms", EMPTY)
            yield Row(f"{name}, jump, p95", p95, empty_p95, "ms", EMPTY)


def views_key() -> Iterator[Row]:
    """A turn of the temperature with each picture of the distribution on view, one after the other."""
    for label, model in MODELS.items():
        with tempviz(model()) as ours, empty_app() as empty:
            ours.ready()
            empty.wait_for("keys: 0").settle()
            for name in DRAWN:
                ours.press("v")
                ours.wait_for(f"[{name}]").settle()
                times, reference = paired_keys(ours, empty, UP_AND_DOWN, 60)
                (p50, p95), (empty_p50, empty_p95) = percentiles(times), percentiles(reference)
                yield Row(f"{name} key, {label}, p50", p50, empty_p50, "ms", EMPTY)
                yield Row(f"{name} key, {label}, p95", p95, empty_p95, "ms", EMPTY, "<= 2")


def held_temperature() -> Iterator[Row]:
    """30 keys a second for 10 s: what is still to be painted after the last one, and how often was painted."""
    for label, model in MODELS.items():
        with tempviz(model()) as ours, empty_app() as empty:
            ours.ready()
            empty.wait_for("keys: 0").settle()
            a, b = held(ours, UP_AND_DOWN), held(empty, ["x"])
        yield Row(f"held key, {label}, last key to last paint", 1e3 * a.backlog, 1e3 * b.backlog, "ms", EMPTY)
        yield Row(f"held key, {label}, frames", a.frames / a.seconds, b.frames / b.seconds, "/s", EMPTY)


def find() -> Iterator[Row]:
    """Opening the search of the whole vocabulary, then each letter."""
    if not has_key("find"):
        return
    for label, model in MODELS.items():
        with tempviz(model()) as ours, empty_app() as empty:
            ours.ready()
            empty.wait_for("keys: 0").settle()
            opening: list[float] = []
            letters: list[float] = []
            reference: list[float] = []
            for text in ("the", "an", "is", "t1", "ou") * 4:
                opening.append(key_to_screen(ours, "/"))
                for letter in text:
                    letters.append(key_to_screen(ours, letter))
                    reference.append(key_to_screen(empty, letter))
                ours.press("escape")
                ours.wait_for(lambda t: "● ready" in t.lines[0]).settle(2 * QUIET)
        for name, times in (("opening", opening), ("a letter", letters)):
            (_, a), (_, b) = percentiles(times), percentiles(reference)
            yield Row(f"find, {label}, {name}, p95", a, b, "ms", EMPTY, "<= 3")


def first_frame() -> Iterator[Row]:
    """From the command to the first text on the screen; the model loads after it."""
    for label, model in MODELS.items():
        ours, reference = paired_first_frames(tempviz_command(model()), EMPTY_APP, 9)
        (a, _), (b, _) = percentiles(ours), percentiles(reference)
        yield Row(f"first frame, {label}", a, b, "ms", EMPTY, "<= 1.5")
