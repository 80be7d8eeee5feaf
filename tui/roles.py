"""The roles of runs in pictures, and how the theme shows each: the one table of colours inside the panels.

Styles are in Textual's spelling. Nothing is said by colour alone: what matters also has a mark, a place or a text
style.
"""

from __future__ import annotations

ROLES: dict[str, str] = {
    "plain": "$foreground",
    "dim": "$foreground 60%",
    "frame-title": "bold $primary",
    "frame-subtitle": "$foreground 60%",
    "title": "bold $background on $primary",
    "model": "bold $foreground",
    "ready": "$success",
    "busy": "$primary",
    "trouble": "bold $warning",
    "progress": "$primary on $panel",
    "temperature": "bold $background on $warning",
    "fact": "$foreground",
    "key": "bold $warning",
    "filled": "$primary",
    "knob": "bold $warning",
    "track": "$foreground 30%",
    # candidates
    "rank": "$foreground 55%",
    "name": "$foreground",
    "prob": "$foreground",
    "bar": "$primary",
    "mark": "$background on $primary",
    "ghost": "$foreground 45%",
    "empty": "$foreground",
    "highlight": "bold $warning",
    "bar-highlight": "$warning",
    "mark-highlight": "$background on $warning",
    "mark-rest": "$background on $foreground 45%",
    "cut": "italic $foreground 50%",
    "eog": "italic $error",
    "coin": "bold $accent",
    "taken": "$warning",
    "ahead": "italic $foreground 80%",
    "rest": "$foreground 45%",
    # pictures
    "label": "$foreground 60%",
    "mass": "$primary",
    "count": "$accent",
    "number": "$foreground",
    "axis": "$foreground 60%",
    "curve": "$primary",
    "point": "$warning",
    "second": "$accent",
    "line-0": "$primary",  # the colours of the same tokens in the strip
    "line-1": "$secondary",
    "line-2": "$success",
    "line-3": "$error",
    "line-4": "$accent",
    "watch-0": "bold $success",  # neither the colours of what they stand beside in the timeline, nor the highlight's
    "watch-1": "bold $error",
    "watch-2": "bold $secondary",
    "watch-3": "bold $foreground",
    "watch-4": "bold $foreground 60%",
    "step": "bold $primary",
    "tab": "$foreground 60%",
    "tab-shown": "bold $primary",
    # the text by surprisal: the less expected, the warmer; the two highest also by style
    "prompt": "$foreground 65%",
    "prompt-s1": "$primary 65%",
    "prompt-s2": "$warning 65%",
    "prompt-s3": "underline $error 65%",
    "prompt-s4": "bold underline $error 65%",
    "s0": "$foreground",
    "s1": "$primary",
    "s2": "$warning",
    "s3": "underline $error",
    "s4": "bold underline $error",
    "stand-in": "italic $foreground 55%",
    "caret": "$background on $warning",
    "caret-end": "$warning",
    # the mass strip
    "share-0": "bold $background on $primary",
    "share-1": "auto 95% on $secondary",
    "share-2": "$background on $success",
    "share-3": "$background on $error",
    "share-4": "$background on $accent",
    "share-5": "$background on $warning",
    "share-rest": "$foreground on $foreground 20%",
}


def spelled(role: str, ansi: bool) -> str:
    """A role's style; in a theme of the terminal's own 16 colours, whose background is only what is there, text on a
    colour is black or white."""
    style = ROLES[role]
    ink, on, colour = style.partition(" on ")
    if not ansi or not on or "$foreground" in style:
        return style
    return f"{'bold ' if ink.startswith('bold') else ''}$ansi-background{on}{colour}"
