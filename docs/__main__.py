"""`python -m docs`: makes the pictures and the key table of the README anew, by the app itself.

The pictures are screenshots of the real app on the demo model; the table is the one from which the app has its keys.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from pathlib import Path

from tempviz.models.state import Settings, State
from tempviz.tui.app import TempvizApp
from tempviz.tui.keymap import groups
from tempviz.tui.opening import opener

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"

SHOTS: dict[str, tuple[tuple[int, int], str, float, str]] = {
    # name: size, prompt, temperature, keys
    "main": ((120, 40), "The capital of France is", 1.2, "space space left"),
    "narrow": ((80, 24), "The capital of France is", 1.0, "down down"),
}


def key_table() -> str:
    """The keys as a Markdown table."""
    lines = ["| key | does |", "|---|---|"]
    for group, keys in groups().items():
        lines.append(f"| **{group}** | |")
        lines += [f"| `{key.shown}` | {key.tooltip} |" for key in keys]
    return "\n".join(lines)


def put_between(text: str, name: str, content: str) -> str:
    """`text` with what stands between the markers of `name` replaced."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    head, rest = text.split(begin, 1)
    return f"{head}{begin}\n{content}\n{end}{rest.split(end, 1)[1]}"


async def shot(size: tuple[int, int], prompt: str, temperature: float, keys: str) -> str:
    """A screenshot of the app on the demo model after some keys, as SVG without remote fonts."""
    state = State(settings=Settings(temperature, 7), asked_prompt=(prompt, False), model="demo")
    app = TempvizApp("demo", opener(None, None), state)
    async with app.run_test(size=size) as pilot:
        for key in ["", *keys.split()]:
            if key:
                await pilot.press(key)
            deadline = time.monotonic() + 60
            while app.state.row is None and time.monotonic() < deadline:
                await pilot.pause(0.02)
            await pilot.pause(0.3)
        svg = app.export_screenshot(title="tempviz")
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def main() -> None:
    """Write everything."""
    os.environ.pop("NO_COLOR", None)
    readme = ROOT / "README.md"
    readme.write_text(put_between(readme.read_text("utf-8"), "keys", key_table()), "utf-8")
    for name in sys.argv[1:] or SHOTS:
        (PICTURES / f"{name}.svg").write_text(asyncio.run(shot(*SHOTS[name])), "utf-8")


if __name__ == "__main__":
    main()
