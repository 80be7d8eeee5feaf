"""The one table of keys is sound: no key twice, no action without words, and the screen, help and palette follow it."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from tempviz.models.actions import Cancel
from tempviz.tui.app import TempvizApp
from tempviz.tui.dialog_keys import DIALOG_KEYS
from tempviz.tui.help import PANELS
from tempviz.tui.keymap import BY_ID, KEYS, Key, footer_keys, groups
from tempviz.tui.lab_keys import LAB_KEYS
from tempviz.tui.renderables.pictures import DRAWN
from tempviz.tui.screens.dialogs import NameDialog
from tempviz.tui.screens.main import MainScreen
from tempviz.tui.screens.tree import TreeScreen
from tempviz.tui.widgets.pictures import PicturePanel
from textual.binding import Binding
from textual.keys import Keys, _character_to_key

from .driving import driven, help_said

IDS = [key.id for key in KEYS]


def test_no_name_and_no_key_stands_twice() -> None:
    assert len(BY_ID) == len(KEYS)
    for panel in {row.panel for row in KEYS}:
        keys = Counter(key for row in KEYS if row.panel == panel for key in row.keys)
        assert [key for key, times in keys.items() if times > 1] == []


def test_panels_are_pictures_or_a_screen() -> None:
    assert {row.panel for row in KEYS} <= {"", "Tree", *DRAWN}


@pytest.mark.parametrize("row", KEYS, ids=IDS)
def test_a_row_does_one_thing_and_says_what(row: Key) -> None:
    assert (row.action is None) != (row.ui is None)
    if row.ui:
        assert callable(getattr(TempvizApp, f"ui_{row.ui}"))
    assert row.keys and row.shown and row.group
    assert row.label == row.label.strip() and len(row.label.split()) <= 3
    assert row.tooltip[0].isupper() and not row.tooltip.endswith(".") and len(row.tooltip) > 10


@pytest.mark.parametrize("row", KEYS, ids=IDS)
def test_keys_are_in_the_spelling_of_textual(row: Key) -> None:
    """A key that no terminal can send would be a row that never does anything."""
    printable = {_character_to_key(chr(code)) for code in range(32, 127)}
    assert set(row.keys) <= printable | {key.value for key in Keys}


@pytest.mark.parametrize("row", KEYS, ids=IDS)
def test_every_row_is_bound_where_it_works(row: Key) -> None:
    """On the main screen, or on the panel that must have the focus: whose keys come first."""
    places = {"": MainScreen, "Tree": TreeScreen}
    bindings = places.get(row.panel, PicturePanel).BINDINGS
    (binding,) = [binding for binding in bindings if isinstance(binding, Binding) and binding.id == row.id]
    assert (binding.key, binding.action) == (",".join(row.keys), f"app.perform('{row.id}')")
    assert (binding.description, binding.tooltip) == (row.label, row.tooltip)


async def test_the_palette_offers_every_row_where_it_works() -> None:
    async with driven() as run:

        def offered() -> set[str | None]:
            return {command.help for command in run.app.get_system_commands(run.app.screen)}

        def rows(*panels: str) -> set[str | None]:
            return {row.tooltip for row in KEYS if row.panel in panels and row.id != "palette"}

        def of_others(*panels: str) -> set[str | None]:
            return {row.tooltip for row in KEYS} & offered() - rows(*panels)

        assert rows("") <= offered() and not of_others("")
        await run.press("P", "s")
        assert rows("", "Chain") <= offered() and not of_others("", "Chain")
        await run.press("escape", "t")
        assert rows("Tree") <= offered()
        assert of_others("Tree") == {BY_ID["help"].tooltip, BY_ID["quit"].tooltip}
        await run.pilot.press("n")
        assert isinstance(run.app.screen, NameDialog) and not of_others()


async def test_what_is_chosen_in_the_palette_is_done_there() -> None:
    async with driven() as run:
        await run.press("space", "t", "right", "ctrl+p")
        await run.send("delete")
        await run.until(lambda: "delete the branch" in run.screen and "name the branch" not in run.screen)
        await run.pilot.press("enter")
        await run.until(lambda: isinstance(run.app.screen, TreeScreen) and len(run.state.trace.nodes) == 1)


def test_the_help_tells_of_every_row() -> None:
    said = help_said()
    for row in KEYS:
        assert row.shown in said and row.tooltip in said
    for group in groups():
        assert f"{group}\n" in said


def test_the_help_tells_of_every_picture() -> None:
    assert set(DRAWN) <= set(PANELS)


def test_a_sentence_that_names_keys_names_rows_of_the_tables() -> None:
    """In the program's own words `[step]` stands for a key, so every such name has to be one of a row."""
    ids = {row.id for table in (KEYS, LAB_KEYS, DIALOG_KEYS) for row in table}
    folder = Path(__file__).parents[2]
    named = set()
    for file in (*folder.glob("models/*.py"), *folder.glob("tui/**/*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in documented]
        named |= {
            name for text in texts if isinstance(text, str) for name in re.findall(r"\[([a-z_]+[.a-z_]*)\]", text)
        }
    assert {"step", "cancel", "prompt", "tree_undo", "ghost", "dialog.leave"} <= named
    assert named - {"demo"} <= ids  # tempviz[demo] is an extra for pip


def test_groups_hold_every_row_once() -> None:
    assert sorted(row.id for rows in groups().values() for row in rows) == sorted(IDS)


def test_the_footer_ranks_what_matters() -> None:
    entries = footer_keys()
    weights = [weight for weight, _, _ in entries]
    assert len(set(weights)) == len(weights), "entries of one weight would come and go together"
    heaviest = [keys for _, keys, _ in sorted(entries, reverse=True)]
    assert heaviest[:2] == ["?", "q"]
    assert {"space", "enter", "↑↓"} <= set(heaviest[:6])
    assert [keys for _, keys, _ in entries[-2:]] == ["?", "q"]


def test_escape_stops_and_is_never_anything_else() -> None:
    assert [row.id for row in KEYS if "escape" in row.keys and not row.panel] == ["cancel"]
    assert BY_ID["cancel"].action == Cancel()
