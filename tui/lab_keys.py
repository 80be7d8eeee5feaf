"""The keys of the lab: those of its own, and of the app's all but what needs a model."""

from __future__ import annotations

from .keymap import KEYS, Key

LAB = "The logits"

LAB_KEYS: tuple[Key, ...] = (
    Key("edit_logit", ("i",), "i", "edit", "Type another logit for the highlighted token", LAB, ui="edit_logit",
        weight=99),
    Key("raise_logit", ("greater_than_sign",), ">", "raise", "Raise the highlighted logit by 0.1", LAB,
        ui="raise_logit", weight=67),
    Key("lower_logit", ("less_than_sign",), "<", "lower", "Lower the highlighted logit by 0.1", LAB, ui="lower_logit",
        weight=68),
    Key("add_token", ("n",), "n", "add", "Add a token and its logit", LAB, ui="add_token", weight=98),
    Key("remove_token", ("delete",), "del", "remove", "Remove the highlighted token", LAB, ui="remove_token",
        weight=79),
)  # fmt: skip

NEEDS_MODEL = {"prompt", "model"}
"""Rows of the app that the lab only has a word for."""

_TAKE = 66
"""Taking a token matters less here than the temperature does: on a narrow footer it makes room."""

LAB_TABLE: tuple[Key, ...] = (
    *LAB_KEYS,
    *(key._replace(weight=_TAKE) if key.id == "take" else key for key in KEYS if key.id not in NEEDS_MODEL),
)
"""What the lab's footer, help and palette show."""

LAB_BY_ID = {key.id: key for key in LAB_KEYS}
