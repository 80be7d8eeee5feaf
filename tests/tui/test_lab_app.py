"""The lab as an app: the same screen on logits that are typed, every key of its own, and no model anywhere."""

import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from tempviz.models.lab import GREETINGS, Lab
from tempviz.models.row import Row
from tempviz.models.softmax import softmax
from tempviz.tui.display import cell_len
from tempviz.tui.keymap import KEYS, Key, footer_keys
from tempviz.tui.lab_app import LabApp
from tempviz.tui.lab_keys import LAB_KEYS, LAB_TABLE, NEEDS_MODEL
from tempviz.tui.renderables.lines import footer_line
from tempviz.tui.screens.compare import CompareScreen
from tempviz.tui.screens.dialogs import Reason
from tempviz.tui.screens.lab import LabScreen
from tempviz.tui.screens.lab_dialog import LabDialog
from tempviz.tui.widgets.panels import Candidates, DetailLine, HeaderLine
from tempviz.tui.widgets.pictures import PicturePanel
from tempviz.tui.widgets.text_pane import TextPane
from textual.widgets import Input

from .driving import Driven, help_said

HELLO = 4


class DrivenLab(Driven):
    """The lab, and what can be done to it."""

    app: LabApp

    async def type(self, text: str) -> None:
        """Type over what stands in the input."""
        await self.pilot.press("home", "ctrl+k", *text)

    async def settle(self) -> None:
        await self.until(lambda: self.app._awaited is None)
        await super().settle()

    @property
    def lab(self) -> Lab:
        """The lab on view, as the model on view spells it."""
        assert self.state.info is not None and self.state.info.path == self.app.lab.path
        return Lab.at(self.state.info.path)

    @property
    def row(self) -> Row:
        assert self.state.row is not None
        return self.state.row

    @property
    def highlighted(self) -> int:
        """The token under the highlight."""
        return int(self.row.ranking.ids(self.state.highlight - 1, self.state.highlight)[0])

    @property
    def names(self) -> list[str]:
        """The candidates from the first rank down."""
        return [self.lab.names[i] for i in self.row.ranking.head(self.row.ranking.n).tolist()]


@asynccontextmanager
async def lab_app(
    lab: Lab = GREETINGS, temperature: float = 1.0, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[DrivenLab]:
    """The lab, ready for keys, in a home of its own."""
    with TemporaryDirectory() as home, patch.dict(os.environ, {"HOME": home, "XDG_STATE_HOME": home}):
        app = LabApp(lab, temperature)
        async with app.run_test(size=size) as pilot:
            run = DrivenLab(pilot, [])
            await run.settle()
            yield run
            run.leave()
            assert not os.path.exists(os.path.join(home, "tempviz")), "a lab is no model to come back to"


# ---- what is seen --------------------------------------------------------------------------------------------------


async def test_the_screen_is_the_apps() -> None:
    async with lab_app() as run:
        assert isinstance(run.app.screen, LabScreen)
        assert "lab" in run.text(HeaderLine) and "no model" in run.text(HeaderLine) and "ready" in run.text(HeaderLine)
        assert run.text(TextPane).strip(" │▌\n") == ""
        first, *_, last = [row for row in run.rows(Candidates) if "%" in row]
        assert first.split()[:5] == ["▸", "1", "Hello", "86.81", "%"]
        assert last.split()[:4] == ["6", "Konnichiwa", "1.59", "%"]
        assert "logit 4.000" in run.text(DetailLine)


async def test_the_temperature_turns_as_in_the_app() -> None:
    async with lab_app() as run:
        await run.press("5")
        assert "28.90 %" in run.text(Candidates)
        await run.press("0")
        assert "100 %" in run.text(Candidates)
        await run.press("u", "u")
        assert run.state.settings.temperature == 1


async def test_every_position_has_the_same_distribution() -> None:
    async with lab_app(temperature=3.0) as run:
        for _ in range(5):
            await run.press("space")
            assert run.row.at(1.0).probs == pytest.approx(softmax(GREETINGS.logits))
        text = run.text(TextPane)
        taken = [GREETINGS.names[run.state.trace[node].token] for node in run.state.trace.line[1:]]
        assert len(taken) == 5
        # With a border between them, since names that follow each other would read as one.
        assert "│".join(name for name in taken) in text
        await run.press("left", "backspace")
        assert run.state.trace.here.depth == 3


async def test_all_pictures_of_the_app() -> None:
    async with lab_app(temperature=2.0, size=(140, 44)) as run:
        seen = set()
        for _ in range(12):
            seen.add(run.app.screen.query(PicturePanel).first().data[0])
            await run.press("v")
        assert {"Histogram", "Curve", "Rank", "Sweep", "Timeline", "Steps"} <= seen


async def test_the_steps_follow_the_highlight_and_the_temperature() -> None:
    async with lab_app(temperature=2.0) as run:
        while "[Steps]" not in run.screen:
            await run.press("v")
        shown = run.text(PicturePanel)
        assert "÷ Z     53.84 %  12.01 %   9.84 %   9.36 %  14.95 %  now they add up to 1" in shown
        await run.press("1")
        assert "÷ Z     86.81 %" in run.text(PicturePanel)


# ---- the keys of its own -------------------------------------------------------------------------------------------


async def test_a_logit_is_typed_over() -> None:
    async with lab_app() as run:
        await run.press("2", "down", "i")
        assert isinstance(run.app.screen, LabDialog) and "The logit of Namaste" in run.screen
        assert run.app.screen.query_one(Input).value == "1"
        await run.type("-2.5")
        await run.press("enter")
        assert run.lab == GREETINGS.with_logit(3, -2.5)
        assert run.row.at(2.0).probs == pytest.approx(softmax(run.lab.logits, 2.0))
        # It is the last now, and still the one that is highlighted; the temperature is as it was.
        assert run.names[-1] == "Namaste" and run.highlighted == 3
        assert run.state.settings.temperature == 2
        assert run.rows(Candidates)[5].split()[:3] == ["▸", "6", "Namaste"]


async def test_a_token_can_be_masked() -> None:
    async with lab_app() as run:
        await run.press("i")
        await run.type("-inf")
        await run.press("enter")
        assert run.lab.logits[HELLO] == -math.inf and run.highlighted == HELLO
        assert "p 0 %" in run.text(DetailLine)


@pytest.mark.parametrize("typed", ["", "x", "nan", "inf", "1e40"])
async def test_what_is_no_logit_keeps_the_dialog(typed: str) -> None:
    async with lab_app() as run:
        await run.press("i")
        await run.type(typed)
        await run.press("enter")
        assert isinstance(run.app.screen, LabDialog)
        assert "A logit is a number" in str(run.app.screen.query_one(Reason).render())
        await run.press("escape")
        assert run.lab == GREETINGS and isinstance(run.app.screen, LabScreen)


async def test_the_last_number_cannot_be_masked() -> None:
    async with lab_app(Lab.of([1, -math.inf])) as run:
        await run.press("i")
        await run.type("-inf")
        await run.press("enter")
        assert "every token is masked" in " ".join(run.screen.split())


async def test_a_token_is_added() -> None:
    async with lab_app() as run:
        await run.press("n")
        await run.type("[/b] x")
        await run.press("enter")
        await run.type("9")
        await run.press("enter")
        assert run.lab.logits[-1] == 9 and run.lab.names[-1] == "[/b] x"
        assert run.highlighted == 6 and run.state.highlight == 1
        assert "[/b]␣x" in run.text(Candidates)


async def test_a_token_is_removed() -> None:
    async with lab_app() as run:
        await run.press("delete")
        assert run.lab == GREETINGS.without(HELLO)
        assert run.names == ["Namaste", "Ciao", "Hola", "Ni Hao", "Konnichiwa"]
        assert run.lab.names[run.highlighted] == "Ciao"  # it has the removed one's place now
        await run.press("delete", "delete", "delete", "delete")
        assert len(run.lab.names) == 1
        await run.press("delete")
        assert len(run.lab.names) == 1 and "at least one token" in run.text(DetailLine)


async def test_a_logit_is_raised_and_lowered() -> None:
    async with lab_app() as run:
        await run.press("down", *["greater_than_sign"] * 31)
        assert run.lab == GREETINGS.with_logit(3, 4.1)
        assert run.names[0] == "Namaste" and run.state.highlight == 1
        await run.press("less_than_sign")
        assert run.lab == GREETINGS.with_logit(3, 4.0)
        await run.press("u")
        assert run.lab == GREETINGS.with_logit(3, 4.1)
        await run.press("ctrl+y")
        assert run.lab == GREETINGS.with_logit(3, 4.0) and run.highlighted == 3


async def test_edits_are_taken_back_and_made_again() -> None:
    async with lab_app() as run:
        await run.press("delete", "3", "delete")
        edited = run.lab
        assert len(edited.names) == 4
        await run.press("u")
        assert len(run.lab.names) == 5 and run.state.settings.temperature == 3
        await run.press("u")
        assert run.lab == GREETINGS
        await run.press("u")
        assert run.lab == GREETINGS and "Nothing to undo" in run.text(DetailLine)
        await run.press("ctrl+y", "ctrl+y")
        assert run.lab == edited
        await run.press("ctrl+y")
        assert run.lab == edited and "Nothing to redo" in run.text(DetailLine)


async def test_the_text_is_taken_back_before_the_logits() -> None:
    async with lab_app() as run:
        await run.press("delete", "space", "4", "u")
        assert run.state.settings.temperature == 1 and run.state.trace.length == 2
        await run.press("u")
        assert run.state.trace.length == 1 and len(run.lab.names) == 5
        await run.press("u")
        assert run.lab == GREETINGS


async def test_what_needs_a_model_says_so() -> None:
    async with lab_app() as run:
        for key, row in (("p", "prompt"), ("o", "model")):
            assert row in NEEDS_MODEL
            await run.press(key)
            assert isinstance(run.app.screen, LabScreen)
            assert "The lab has no model" in run.text(DetailLine)


async def test_auto_goes_on_as_in_the_app() -> None:
    async with lab_app() as run:
        await run.burst("a")
        await run.until(lambda: run.state.trace.length > 40)
        await run.burst("a")
        await run.settle()
        assert run.state.auto is None and run.state.trace.length < run.state.info.n_ctx


async def test_columns_are_compared_as_in_the_app() -> None:
    async with lab_app(size=(120, 40)) as run:
        await run.press("c", "enter")
        await run.until(lambda: "T 0.50" in run.screen and "T 2.00" in run.screen)
        assert isinstance(run.app.screen, CompareScreen)


# ---- its table of keys ---------------------------------------------------------------------------------------------


def test_no_key_stands_twice() -> None:
    beside = [row for row in KEYS if row.panel != "Tree"]  # the tree is a screen of its own
    used = Counter(key for row in (*LAB_KEYS, *beside) for key in row.keys)
    assert [key for row in LAB_KEYS for key in row.keys if used[key] > 1] == []
    ids = [row.id for row in (*LAB_KEYS, *KEYS)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("row", LAB_KEYS, ids=[row.id for row in LAB_KEYS])
def test_a_row_does_something_and_says_what(row: Key) -> None:
    assert callable(getattr(LabApp, f"ui_{row.ui}"))
    assert row.tooltip in help_said(LAB_TABLE) and row.tooltip not in help_said()


def test_the_footer_has_what_the_lab_is_for() -> None:
    entries = footer_keys(LAB_TABLE)
    assert len({weight for weight, _, _ in entries}) == len(entries)
    line = "".join(text for text, _ in footer_line(entries, 80))
    assert cell_len(line) == 80
    for shown in ("i edit", "n add", "space step", "- = temp", "? help", "q quit"):
        assert shown in line
    assert not {"prompt", "model"} & {label for _, _, label in entries}


async def test_the_palette_offers_what_the_footer_does() -> None:
    async with lab_app() as run:
        offered = {command.title for command in run.app.get_system_commands(run.app.screen)}
        assert "edit (i)" in offered and "prompt (p)" not in offered


# ---- nothing of a model --------------------------------------------------------------------------------------------


def test_it_runs_where_llama_cpp_cannot_be_imported() -> None:
    code = """
import asyncio, sys
from importlib.abc import MetaPathFinder

class NoLlama(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "llama_cpp":
            raise ImportError("llama-cpp-python is not installed")

sys.meta_path.insert(0, NoLlama())
import psutil
from tempviz.models.lab import GREETINGS
from tempviz.tui.lab_app import LabApp

async def main():
    app = LabApp(GREETINGS)
    async with app.run_test(size=(80, 24)) as pilot:
        while app.state.row is None:
            await pilot.pause()
        await pilot.press("delete")
        while app.state.row is None or app.state.row.ranking.n != 5:
            await pilot.pause()
        print(psutil.Process().children(), [m for m in sys.modules if "llama" in m], app.lab.names)

asyncio.run(main())
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""
    assert ran.stdout == "[] [] ('Ni Hao', 'Konnichiwa', 'Hola', 'Namaste', 'Ciao')\n"
