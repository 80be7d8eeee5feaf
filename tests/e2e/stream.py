"""The bytes that a program sends to a terminal: which sequences are allowed, and which modes are left on."""

from __future__ import annotations

import re
import unicodedata

# A whole sequence: CSI, and the one OSC that Textual sends, the mouse pointer's shape. The ESC of any other
# stays in the text, where it is refused.
SEQUENCE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\]22;[a-z-]*\x07")

ALLOWED = re.compile(
    rb"""\x1b\[(?:
      [\d;]*m                             # colours
    | [\d;]*[HABCDGJK]                    # move, erase
    | \?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]
    | \?(?:2026|2048)\$p                  # does the terminal have this mode?
    | >\d+u | <u                          # kitty's keyboard: on, off
    )|\x1b\]22;[a-z-]*\x07""",
    re.VERBOSE,
)

MODE = re.compile(rb"\x1b\[(?:\?(\d+)([hl])|(>)\d+u|(<)u)")
ON_AT_START = {"7", "25"}  # wrapping lines, a visible cursor


def assert_clean(raw: bytes) -> None:
    """Only printable text, line ends and the sequences above: no OSC, DCS, C1, nothing bidi or invisible."""
    strange = {s for s in SEQUENCE.findall(raw) if not ALLOWED.fullmatch(s)}
    assert not strange, f"sequences that are not allowed: {sorted(strange)}"
    text = SEQUENCE.sub(b"", raw).decode()  # raises where a character was cut
    bad = {c for c in set(text) - set("\r\n") if _is_control(c)}
    assert not bad, "raw characters: " + ", ".join(f"{c!r} in {_around(text, c)!r}" for c in sorted(bad))


def modes_left_on(raw: bytes) -> dict[str, bool]:
    """The modes that are not as they were at the start, by number ("kitty" for its keyboard protocol)."""
    now: dict[str, bool] = {}
    for number, change, push, _pop in MODE.findall(raw):
        name = (number or b"kitty").decode()
        now[name] = bool(change == b"h" or push)
    return {name: on for name, on in now.items() if on != (name in ON_AT_START)}


def _is_control(character: str) -> bool:
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selector or unicodedata.category(character) in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}


def _around(text: str, character: str) -> str:
    place = text.index(character)
    return text[max(0, place - 20) : place + 40]
