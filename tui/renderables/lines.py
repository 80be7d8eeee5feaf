"""Single lines made of parts: header, status and footer. Whole parts are left out where there is no room."""

from __future__ import annotations

from collections.abc import Sequence

from ..display import cell_len, fit
from ..viewdata import HeaderView, StatusView
from .bars import bar
from .slider import slider_runs

Run = tuple[str, str]

_SPINNER = {"ready": "●", "busy": "◐", "trouble": "▲"}
_PROGRESS_CELLS = 12


def pad(runs: Sequence[Run], width: int) -> list[Run]:
    """The runs cut or padded to exactly `width` cells."""
    out, used = [], 0
    for text, role in runs:
        cells = cell_len(text)
        if used + cells > width:
            text = fit(text, width - used)
            cells = width - used
        if text:
            out.append((text, role))
        used += cells
    if used < width:
        out.append((" " * (width - used), "plain"))
    return out


def keep_whole(parts: Sequence[str], width: int, between: str = " · ") -> str:
    """As many of the leading parts as fit whole; the first is cut if it must be."""
    text = ""
    for part in parts:
        longer = f"{text}{between}{part}" if text else part
        if cell_len(longer) > width:
            break
        text = longer
    return text or fit(parts[0], width) if parts else ""


def header_line(view: HeaderView, width: int) -> list[Run]:
    """Name, model, context, speed, seed on the left; what the engine is doing on the right, always whole."""
    status = f"{_SPINNER[view.mood]} {view.status} "
    right: list[Run] = [(status, view.mood)]
    if view.fraction is not None and width >= 60:
        right.insert(0, (bar(view.fraction, _PROGRESS_CELLS) + " ", "progress"))
    title: list[Run] = [(" tempviz ", "title"), (" ", "plain")]
    room = width - 10 - sum(cell_len(text) for text, _ in right) - 1
    model = fit(view.model, min(room, cell_len(view.model))) if room > 0 else ""
    rest = [part for part in (view.context, view.speed, view.seed, view.description) if part]
    left = room - cell_len(model) - 2
    detail = keep_whole(rest, left) if left > 8 and cell_len(rest[0] if rest else "") <= left else ""
    middle: list[Run] = [(model, "model"), ("  " + detail if detail else "", "dim")]
    used = cell_len(model) + (2 + cell_len(detail) if detail else 0)
    return pad([*title, *middle, (" " * max(0, room + 1 - used), "plain"), *right], width)


SLIDER_CELLS = 21


def slider_span(view: StatusView) -> tuple[int, int]:
    """The columns [begin, end) of the slider in the status line, for the mouse."""
    begin = cell_len(view.label) + 2 + 3
    return begin, begin + SLIDER_CELLS


def status_line(view: StatusView, width: int) -> list[Run]:
    """T with its slider, entropy, effective choices, the coin, the prompt's perplexity."""
    label = f" {view.label} "
    runs: list[Run] = [(label, "temperature"), (" 0 ", "dim")]
    runs += [(text, role) for text, role in slider_runs(view.temperature, 0.0, view.greatest, SLIDER_CELLS)]
    runs.append((f" {view.greatest:g}  ", "dim"))
    room = width - sum(cell_len(text) for text, _ in runs)
    facts = [part for part in (view.mode, view.entropy, view.choices, view.coin, view.prompt) if part]
    runs.append((keep_whole(facts, room) if facts else "", "fact"))
    return pad(runs, width)


def footer_line(keys: Sequence[tuple[int, str, str]], width: int) -> list[Run]:
    """Keys and what they do: (weight, keys, label). The heaviest that fit whole, in the order given."""
    left = width
    kept = set()
    for entry in sorted(keys, key=lambda entry: -entry[0]):
        cells = 1 + cell_len(entry[1]) + 1 + cell_len(entry[2]) + 1
        if cells <= left:
            kept.add(entry)
            left -= cells
    runs: list[Run] = []
    for entry in keys:
        if entry in kept:
            runs += [(" " + entry[1], "key"), (" " + entry[2] + " ", "dim")]
    return pad(runs, width)
