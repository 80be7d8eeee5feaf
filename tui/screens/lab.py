"""The screen of the lab."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from ..lab_keys import LAB_KEYS, LAB_TABLE
from .main import MainScreen


class LabScreen(MainScreen):
    """The main screen with the keys that edit logits."""

    BINDINGS: ClassVar[list[BindingType]] = [key.binding for key in LAB_KEYS]
    keys = LAB_TABLE
