"""A person's own keys: which are taken from the file, and that everything that names a key names those."""

from __future__ import annotations

from pathlib import Path

import pytest
from tempviz.models import actions as act
from tempviz.tui import own_keys
from tempviz.tui.dialog_keys import DIALOG_KEYS
from tempviz.tui.keymap import KEYS, footer_keys
from tempviz.tui.lab_keys import LAB_KEYS
from tempviz.tui.own_keys import read_own_keys
from tempviz.tui.remapping import named, remapped, spelled
from tempviz.tui.screens.dialogs import Dialog, PromptEditor
from tempviz.tui.widgets.panels import DetailLine, FooterLine
from textual.widgets import Static

from .driving import driven, friendly_toy, help_said

ALL = (*KEYS, *LAB_KEYS, *DIALOG_KEYS)


def read(tmp_path: Path, text: str) -> tuple[dict[str, str], str]:
    file = tmp_path / "keys.toml"
    file.write_text(text, "utf-8")
    return read_own_keys(file)


def test_no_file_is_no_fault(tmp_path: Path) -> None:
    assert read_own_keys(tmp_path / "keys.toml") == ({}, "")


def test_every_row_of_every_table_can_have_other_keys(tmp_path: Path) -> None:
    assert len({row.id for row in ALL}) == len(ALL)
    own, problem = read(tmp_path, "".join(f'"{row.id}" = "ctrl+b, j"\n' for row in ALL))
    assert problem == "" and own == {row.id: "ctrl+b,j" for row in ALL}


def test_a_character_stands_for_its_key(tmp_path: Path) -> None:
    assert read(tmp_path, 'step = ">,é,alt+x"')[0] == {"step": "greater_than_sign,é,alt+x"}


@pytest.mark.parametrize("line", ['nothing = "j"', 'step = "spaec"', 'step = ""', "step = 5", 'step = "j,"'])
def test_what_is_wrong_is_named_and_left_out(tmp_path: Path, line: str) -> None:
    own, problem = read(tmp_path, f'find = "f"\n{line}')
    assert own == {"find": "f"} and line.split()[0] in problem


@pytest.mark.parametrize("text", ["step = ", "\0", "[[["])
def test_a_file_that_is_none_is_not_used(tmp_path: Path, text: str) -> None:
    own, problem = read(tmp_path, text)
    assert own == {} and "is not used" in problem


def test_rows_show_their_own_keys_and_lose_what_others_took() -> None:
    rows = {row.id: row for row in remapped(KEYS, {"step": "r,f5", "up": "k"})}
    assert (rows["step"].keys, rows["step"].shown) == (("r", "f5"), "r or f5")
    assert (rows["toss"].keys, rows["toss"].shown) == ((), "—")
    assert rows["help"] in KEYS
    entries = {label: keys for _, keys, label in footer_keys(remapped(KEYS, {"up": "k", "hotter": "f8"}))}
    assert entries["choose"] == "k ↓" and entries["temp"] == "- f8"


def test_keys_are_spelled_as_on_the_keyboard() -> None:
    assert (
        spelled(("pageup", "slash", "ctrl+a", "space", "escape", "x")) == "page up or / or ctrl+a or space or esc or x"
    )


def test_a_sentence_names_the_keys_of_rows() -> None:
    assert named("[prompt.accept] or [dialog.leave]", DIALOG_KEYS, None) == "enter or esc"


OWN = """
step = "n"
hotter = "f8"
"prompt.newline" = "f9"
"dialog.leave" = "f10"
cancel = "f6"
preset = "f7"
scale = "f3"
"""


async def test_all_that_names_a_key_names_the_persons_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(OWN)
    monkeypatch.setattr(own_keys, "own_keys_file", lambda: file)
    async with driven() as run:
        footer = {label: keys for _, keys, label in run.app.screen.query_one(FooterLine).data}
        assert footer["step"] == "n" and footer["temp"] == "- f8"
        assert "step (n)" in {command.title for command in run.app.get_system_commands(run.app.screen)}
        before = run.state.trace.length
        await run.press("n")
        assert run.state.trace.length == before + 1
        await run.press("space")
        assert run.state.trace.length == before + 1
        await run.press("p")
        screen = run.app.screen
        assert isinstance(screen, PromptEditor)
        hints = " ".join(str(hint.content) for hint in screen.query(Static))
        assert "f9: new line" in hints and "f10 leaves" in hints
        await run.press("escape")
        assert run.app.screen is screen
        await run.press("f10")
        assert not isinstance(run.app.screen, Dialog)
        await run.press("question_mark")
        said = str(run.app.screen.query(".section").first(Static).content)
        assert "  n           Take the token" in said and "  f6          Stop what" in said


async def test_a_sentence_names_the_persons_own_keys_and_what_a_model_says_names_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(OWN)
    monkeypatch.setattr(own_keys, "own_keys_file", lambda: file)
    async with driven(friendly_toy) as run:
        await run.pilot.press("G")
        await run.until(lambda: "without a chain nothing is cut. f7 takes one." in run.text(DetailLine))
        await run.pilot.press("V")
        await run.until(lambda: "f7 takes llama.cpp's chain" in run.screen)
        run.app.perform_action(act.Say("[step] [/INST] [nothing]"))
        await run.until(lambda: "[step] [/INST] [nothing]" in run.text(DetailLine))
        await run.pilot.press("question_mark")
        assert "f3 makes the scale logarithmic" in str(run.app.screen.query(".section")[1].content)


async def test_in_the_tree_the_trees_own_keys_make_an_edit_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys.toml"
    file.write_text('tree_undo = "f5"\ntree_redo = "f6"\n', "utf-8")
    monkeypatch.setattr(own_keys, "own_keys_file", lambda: file)
    async with driven(friendly_toy) as run:
        await run.press("space", "t", "f5")
        assert "Undone: 1 token added. f6 repeats it." in run.screen
        await run.press("f6")
        assert "Redone: 1 token added. f5 takes it back." in run.screen


def test_help_without_own_keys_is_that_of_the_table() -> None:
    assert help_said() == help_said(remapped(KEYS, {}))
