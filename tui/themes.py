"""The two themes of tempviz. Every theme of Textual works; these are what its pictures are made for.

Colours are told apart by blue, amber and lightness, never by red against green.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="tempviz-dark",
    primary="#88c0d0",
    secondary="#5e81ac",
    accent="#d8a6e0",
    warning="#ebcb8b",
    success="#a3be8c",
    error="#d08770",
    foreground="#d8dee9",
    background="#10151d",
    surface="#10151d",
    panel="#1d2530",
    dark=True,
)

LIGHT = Theme(
    name="tempviz-light",
    primary="#1f6f8b",
    secondary="#3b5f8f",
    accent="#8a3fa0",
    warning="#9a6700",
    success="#4d7a34",
    error="#b34a1e",
    foreground="#20262e",
    background="#fbfaf7",
    surface="#fbfaf7",
    panel="#ebe8e0",
    dark=False,
)

THEMES = (DARK, LIGHT)
