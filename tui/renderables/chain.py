"""The chain panel: one row per stage in order, what it did, and what keys change."""

from __future__ import annotations

from ..display import fit
from ..picture_data import ChainView, StageRow
from .formats import count, percent_cells, percent_column
from .lines import pad

Run = tuple[str, str]

_NAME, _ENTROPY = 12, 11


def chain(view: ChainView, width: int, height: int) -> list[list[Run]]:
    """A heading, the stages, and what to press; without a chain only how to get one."""
    knob = next((row.knob for row in view.stages if row.selected), "")
    turned = ("   setting " if knob else "   in order, first to last", "label")
    heading: list[Run] = [(f" chain: {view.preset}", "tab-shown"), turned, (knob, "highlight")]
    if not view.stages:
        said = ("The temperature alone: no token is cut.", view.hint)
        return [pad(heading[:1], width), *(pad([(f" {line}", "label")], width) for line in said)][:height]
    columns = _Columns(width, view.n_vocab)
    room = max(1, height - 3)
    selected = next((i for i, row in enumerate(view.stages) if row.selected), 0)
    first = max(0, min(selected - room // 2, len(view.stages) - room))
    lines = [pad(heading, width), columns.titles(width)]
    lines += [columns.line(row, width) for row in view.stages[first : first + room]]
    below = len(view.stages) - first - room
    if below > 0:
        last = view.stages[-1]
        left = f"{count(last.n_out)} token{'s' if last.n_out != 1 else ''}"
        said = f"  {below} more below; in the end {left}, {last.entropy}"
        lines.append(pad([(said, "label")], width))
    return [*lines, *_moved(view, width, height - len(lines))][:height]


def _moved(view: ChainView, width: int, room: int) -> list[list[Run]]:
    """The tokens whose logits were moved, as many as have room."""
    apart = room >= 6
    shown = view.moved[: max(0, room - 1 - apart)]
    if not shown:
        return []
    some = "" if len(shown) == view.n_moved else f", {count(len(shown))} of them"
    lines = [pad([(f" {count(view.n_moved)} logits moved{some}", "tab-shown")], width)]
    if apart:
        lines.insert(0, pad([], width))
    name = max(8, min(24, width // 4))
    for row in shown:
        role = "highlight" if row.highlighted else "name"
        lines.append(
            pad(
                [
                    ("▸ " if row.highlighted else "  ", "highlight"),
                    (f"{fit(row.name, name)} {row.by:>+8.2f}  {row.stage:<{_NAME}} ", role),
                    (row.why, "label"),
                ],
                width,
            )
        )
    return lines


class _Columns:
    """Where the columns stand; the widths do not depend on the numbers. A narrow panel shows what is left alone."""

    def __init__(self, width: int, n_vocab: int) -> None:
        self.count = len(count(n_vocab))
        self.both = width >= 66
        self.tokens = 2 * self.count + 3 if self.both else self.count
        self.mass = percent_cells(2)
        self.setting = max(6, width - (2 + _NAME + 1 + self.tokens + 1 + self.mass + 1 + _ENTROPY))

    def titles(self, width: int) -> list[Run]:
        left = f"  {'stage':<{_NAME}} {'setting':<{self.setting}}"
        tokens = f"{'in → out' if self.both else 'left':>{self.tokens}}"
        return pad([(f"{left}{tokens} {'removed':>{self.mass}} {'entropy':>{_ENTROPY}}", "label")], width)

    def line(self, row: StageRow, width: int) -> list[Run]:
        role = "highlight" if row.selected else "name" if row.active else "cut"
        tokens = f"{count(row.n_out):>{self.count}}"
        if self.both:
            tokens = f"{count(row.n_in):>{self.count}} → {tokens}"
        removed = percent_column(row.mass_removed) if row.n_out < row.n_in else "–".rjust(self.mass)
        return pad(
            [
                ("▸ " if row.selected else "  ", "highlight"),
                (f"{row.name:<{_NAME}} {fit(row.setting, self.setting - 1)} ", role),
                (f"{tokens} {removed} {row.entropy:>{_ENTROPY}}", role),
            ],
            width,
        )
