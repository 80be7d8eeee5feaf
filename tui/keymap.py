"""The one table of keys: bindings, footer, help, command palette and README come from it.

A row names what is done either by an `Action` for `models.update` or, for what only the screen can do, by `ui`.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding

from ..models import actions as act
from ..models.actions import Action


class Key(NamedTuple):
    """One action and the keys that ask for it. `id` is its name for remapping; keys are in Textual's spelling."""

    id: str
    keys: tuple[str, ...]
    shown: str  # the keys as the footer and the help show them
    label: str  # one or two words, for the footer
    tooltip: str  # a sentence, for the help and the palette
    group: str
    action: Action | None = None
    ui: str | None = None
    weight: int = 0  # the footer shows the heaviest first; 0 only on the help screen
    panel: str = ""  # the picture that must have the focus, or the screen; else the key works on the main screen
    does: str = ""  # the action of a dialog's own; else `App.action_perform`
    first: bool = False  # goes before what has the focus

    @property
    def binding(self) -> Binding:
        """The row as Textual's binding."""
        does = self.does or f"app.perform('{self.id}')"
        keys = ",".join(self.keys)
        return Binding(keys, does, self.label, tooltip=self.tooltip, id=self.id, show=False, priority=self.first)


STEP, CHOOSE, WALK, HEAT, VIEW, APP = "Take tokens", "Choose", "Walk", "Temperature and luck", "See", "App"
SAMPLERS = "Chain of samplers"
TREE = "The tree"

KEYS: tuple[Key, ...] = (
    Key("step", ("space",), "space", "step", "Take the token on which the coin falls", STEP, act.Step(), weight=100),
    Key("take", ("enter",), "enter", "take", "Take the highlighted candidate", STEP, act.TakeHighlighted(), weight=95),
    Key("back", ("backspace",), "backspace", "back", "Go back one token; what was there stays in the tree", STEP,
        act.Back(), weight=55),
    Key("up", ("up",), "↑", "up", "Highlight the candidate above", CHOOSE, act.MoveHighlight(-1)),
    Key("down", ("down",), "↓", "down", "Highlight the candidate below", CHOOSE, act.MoveHighlight(1)),
    Key("page_up", ("pageup",), "page up", "page up", "A window of candidates up", CHOOSE, act.PageHighlight(-1)),
    Key("page_down", ("pagedown",), "page down", "page down", "A window of candidates down", CHOOSE,
        act.PageHighlight(1)),
    Key("first", ("home",), "home", "first", "Highlight the first candidate", CHOOSE, act.Highlight(1)),
    Key("last", ("end",), "end", "last", "Highlight the last token of the vocabulary", CHOOSE, act.Highlight(-1)),
    Key("coin_token", ("full_stop",), ".", "coin's", "Highlight the token on which the coin falls", CHOOSE,
        act.HighlightCoin()),
    Key("left", ("left",), "←", "walk left", "Walk back along the text, and into the prompt", WALK, act.Walk(-1)),
    Key("right", ("right",), "→", "walk right", "Walk forward along the text", WALK, act.Walk(1)),
    Key("text_end", ("e",), "e", "end of text", "Go to the end of the text", WALK, act.GoToEnd()),
    Key("find", ("slash",), "/", "find", "Find any token of the vocabulary and take it", STEP, ui="find", weight=70),
    Key("auto", ("a",), "a", "auto", "Step until the text ends or the key is pressed again", STEP, act.ToggleAuto(),
        weight=87),
    Key("auto_ask", ("ctrl+a",), "ctrl+a", "auto …", "Step so many tokens, at most so many a second", STEP,
        ui="ask_auto"),
    Key("breakpoints", ("B",), "B", "breakpoints", "Say where auto is to stop before a token", STEP,
        ui="breakpoints"),
    Key("compare", ("c",), "c", "compare", "Continue the prompt at several temperatures, side by side", STEP,
        ui="compare", weight=44),
    Key("undo", ("u",), "u", "undo", "Take the last edit back", STEP, act.Undo(), weight=48),
    Key("redo", ("ctrl+y",), "ctrl+y", "redo", "Make the edit again", STEP, act.Redo()),
    Key("cooler", ("minus",), "-", "cooler", "Turn the temperature down by 0.05", HEAT, act.TurnTemperature(-5)),
    Key("hotter", ("equals_sign", "plus"), "= or +", "hotter", "Turn the temperature up by 0.05", HEAT,
        act.TurnTemperature(5)),
    *(
        Key(f"temperature_{t}", (str(t),), str(t), f"T {t}",
            "Set the temperature to 0: greedy" if t == 0 else f"Set the temperature to {t}", HEAT,
            act.SetTemperature(float(t)))
        for t in range(6)
    ),
    Key("greedy", ("g",), "g", "greedy", "To temperature 0 and back", HEAT, act.ToggleGreedy(), weight=60),
    Key("toss", ("r",), "r", "toss", "Toss the coin at this position again", HEAT, act.Toss(), weight=65),
    Key("restore", ("R",), "R", "restore", "Set temperature and chain to what the token taken here was drawn with",
        HEAT, act.RestoreDrawn()),
    Key("scale", ("l",), "l", "log bars", "Candidate bars on a linear or a logarithmic scale", VIEW, act.ToggleScale(),
        weight=50),
    Key("view", ("v",), "v", "view", "Show the next picture of the distribution", VIEW, ui="next_view", weight=88),
    Key("view_back", ("V",), "V", "view back", "Show the picture before", VIEW, ui="previous_view"),
    Key("borders", ("b",), "b", "borders", "Show where tokens begin and end in the text", VIEW, act.ToggleBorders(),
        weight=40),
    Key("preset", ("P",), "P", "preset", "The next preset of the chain: off, llama.cpp, transformers", SAMPLERS,
        act.NextPreset(), weight=38),
    Key("cut", ("h",), "h", "cut tokens", "Hide the candidates that the chain cut, or show them in their places",
        SAMPLERS, act.ToggleCut(), weight=36),
    Key("ghost", ("G",), "G", "ghost", "Compare the bars with T = 1, or with the same T before any stage cut",
        SAMPLERS, act.ToggleGhost(), weight=34),
    Key("chain", ("s",), "s", "samplers", "Show the chain and give it the keys, or give them back", SAMPLERS,
        ui="chain", weight=46),
    Key("chain_leave", ("escape",), "esc", "back", "In the chain: give the keys back to the candidates", SAMPLERS,
        ui="chain", panel="Chain", weight=94),
    Key("save_preset", ("S",), "S", "save", "In the chain: save it as a preset of your own", SAMPLERS,
        ui="save_preset", panel="Chain"),
    Key("forget_preset", ("D",), "D", "forget", "In the chain: forget the preset of your own that it is", SAMPLERS,
        ui="forget_preset", panel="Chain"),
    Key("stage_up", ("up",), "↑", "stage up", "In the chain: select the stage above", SAMPLERS, act.SelectStage(-1),
        panel="Chain"),
    Key("stage_down", ("down",), "↓", "stage down", "In the chain: select the stage below", SAMPLERS,
        act.SelectStage(1), panel="Chain"),
    Key("knob_left", ("left",), "←", "setting", "In the chain: select the setting before", SAMPLERS,
        act.SelectKnob(-1), panel="Chain"),
    Key("knob_right", ("right",), "→", "setting", "In the chain: select the next setting", SAMPLERS,
        act.SelectKnob(1), panel="Chain"),
    Key("knob_down", ("minus",), "-", "less", "In the chain: turn the setting down", SAMPLERS, act.TurnKnob(-1),
        panel="Chain"),
    Key("knob_up", ("equals_sign", "plus"), "= or +", "more", "In the chain: turn the setting up", SAMPLERS,
        act.TurnKnob(1), panel="Chain"),
    Key("stage_toggle", ("x",), "x", "on/off", "In the chain: switch the stage off, or on", SAMPLERS,
        act.ToggleStage(), panel="Chain", weight=97),
    Key("stage_earlier", ("K", "shift+up"), "K", "earlier", "In the chain: move the stage up", SAMPLERS,
        act.MoveStage(-1), panel="Chain"),
    Key("stage_later", ("J", "shift+down"), "J", "later", "In the chain: move the stage down", SAMPLERS,
        act.MoveStage(1), panel="Chain"),
    Key("lookahead", ("k",), "k", "look ahead", "Show beside the candidates how the model would go on, greedily", VIEW,
        act.ToggleLookahead(), weight=73),
    Key("branch_lookahead", ("K",), "K", "keep ahead", "Add what was looked ahead to the tree, a branch each", TREE,
        act.BranchLookahead()),
    Key("tree", ("t",), "t", "tree", "Show every branch that was taken; move among them, compare them", TREE,
        ui="tree", weight=72),
    Key("tree_go", ("enter",), "enter", "go", "In the tree: go to the selected token", TREE, ui="tree_go",
        panel="Tree", weight=99),
    Key("tree_up", ("up",), "↑", "branch above", "In the tree: highlight the branch above", TREE, act.TreeMove(-1),
        panel="Tree"),
    Key("tree_down", ("down",), "↓", "branch below", "In the tree: highlight the branch below", TREE, act.TreeMove(1),
        panel="Tree"),
    Key("tree_page_up", ("pageup",), "page up", "ten up", "In the tree: ten branches up", TREE, act.TreeMove(-10),
        panel="Tree"),
    Key("tree_page_down", ("pagedown",), "page down", "ten down", "In the tree: ten branches down", TREE,
        act.TreeMove(10), panel="Tree"),
    Key("tree_first", ("home",), "home", "first branch", "In the tree: highlight the prompt", TREE,
        act.TreeMove(-999_999), panel="Tree"),
    Key("tree_last", ("end",), "end", "last branch", "In the tree: highlight the last branch", TREE,
        act.TreeMove(999_999), panel="Tree"),
    Key("tree_left", ("left",), "←", "token before", "In the tree: select the token before, in the branch", TREE,
        act.TreeWalk(-1), panel="Tree"),
    Key("tree_right", ("right",), "→", "token after", "In the tree: select the next token of the branch", TREE,
        act.TreeWalk(1), panel="Tree"),
    Key("tree_name", ("n",), "n", "name", "In the tree: name the branch", TREE, ui="tree_name", panel="Tree",
        weight=90),
    Key("tree_fold", ("f",), "f", "fold", "In the tree: hide what follows the branch, or show it again", TREE,
        act.Fold(), panel="Tree", weight=88),
    Key("tree_delete", ("d", "delete"), "d", "delete", "In the tree: delete the branch and what follows it", TREE,
        act.DeleteBranch(), panel="Tree", weight=86),
    Key("tree_sort", ("s",), "s", "sort", "In the tree: the most probable branch first, or the one taken first", TREE,
        act.SortTree(), panel="Tree", weight=81),
    Key("tree_mark", ("m",), "m", "mark", "In the tree: mark the selected token, to set another one beside it", TREE,
        act.MarkBranch(), panel="Tree", weight=82),
    Key("tree_pair", ("c",), "c", "side by side", "In the tree: the marked branch beside the highlighted one",
        TREE, ui="tree_pair", panel="Tree", weight=83),
    Key("tree_undo", ("u",), "u", "take back", "In the tree: take the last edit back", TREE, act.Undo(), panel="Tree",
        weight=80),
    Key("tree_redo", ("ctrl+y",), "ctrl+y", "make again", "In the tree: make the edit again", TREE, act.Redo(),
        panel="Tree"),
    Key("tree_leave", ("escape", "t"), "esc", "leave", "In the tree: go back to the main screen", TREE,
        ui="tree_leave", panel="Tree", weight=98),
    Key("watch", ("w",), "w", "watch", "Watch the highlighted token over the text, or no more", VIEW,
        act.ToggleWatch(), weight=32),
    Key("watches", ("W",), "W", "watches", "Say which tokens, or groups of tokens, are watched", VIEW, ui="watches"),
    Key("prompt", ("p",), "p", "prompt", "Write another prompt", APP, ui="edit_prompt", weight=75),
    Key("model", ("o",), "o", "model", "Open another model", APP, ui="open_model", weight=42),
    Key("copy", ("y",), "y", "copy", "Copy the text", APP, ui="copy", weight=30),
    Key("palette", ("ctrl+p",), "ctrl+p", "palette", "Search all actions and themes", APP, ui="palette"),
    Key("cancel", ("escape",), "esc", "stop", "Stop what the engine is doing; close what is open", APP, act.Cancel()),
    Key("help", ("question_mark", "f1"), "?", "help", "Explain the keys and the panels", APP, ui="help", weight=110),
    Key("quit", ("q", "ctrl+q"), "q", "quit", "Leave; the shell shows how to come back to this", APP, ui="quit",
        weight=105),
)  # fmt: skip

BY_ID = {key.id: key for key in KEYS}

_TOGETHER = {
    "up": ("down", "choose", 90),
    "left": ("right", "walk", 85),
    "cooler": ("hotter", "temp", 89),
    "stage_up": ("stage_down", "stage", 99),
    "knob_left": ("knob_right", "setting", 96),
    "knob_down": ("knob_up", "turn", 98),
    "stage_earlier": ("stage_later", "move", 95),
    "tree_up": ("tree_down", "move", 97),
    "tree_left": ("tree_right", "token", 78),
}
"""Two rows that belong together are one entry of the footer: the other row, what the entry says, its weight."""


_BESIDE = {"Chain": ("preset", "help", "quit"), "Tree": ("help", "quit")}
"""Keys of the main screen that work beside a panel's own."""


def footer_keys(table: tuple[Key, ...] = KEYS, panel: str = "") -> list[tuple[int, str, str]]:
    """What the footer may show, in the table's order: (weight, keys, label); help and quit at its end.

    For a panel that has keys of its own, those, since they are the ones that work.
    """
    entries = []
    for key in panel_keys(table, panel):
        if key.id in _TOGETHER:
            other, label, weight = _TOGETHER[key.id]
            entries.append((weight, _both(key, next(row for row in table if row.id == other)), label))
        elif key.weight:
            entries.append((key.weight, key.shown, key.label))
    return entries


def panel_keys(table: tuple[Key, ...], panel: str) -> list[Key]:
    """The rows that work on a panel, or on the main screen (""), and are not shadowed there."""
    beside = _BESIDE.get(panel, ())
    return [key for key in table if key.panel == panel or key.id in beside]


def _both(one: Key, other: Key) -> str:
    """ "↑↓", "- =": the first key of two rows."""
    keys = [row.shown.split(" or ")[0] for row in (one, other)]
    return ("" if set(keys) <= set("↑↓←→") else " ").join(keys)


def panel_bindings(panel: str) -> list[Binding]:
    """The bindings of a screen or picture that has keys of its own."""
    return [key.binding for key in KEYS if key.panel == panel]


def groups(keys: tuple[Key, ...] = KEYS) -> dict[str, list[Key]]:
    """The rows by group, in the table's order."""
    grouped: dict[str, list[Key]] = {}
    for key in keys:
        grouped.setdefault(key.group, []).append(key)
    return grouped
