"""`python -m docs`: makes the pictures, the key table and the examples of the README anew, by the app itself.

The pictures are screenshots of the real app on the demo model; the table is the one from which the app has its keys.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tempviz.models.lab import GREETINGS
from tempviz.models.state import Settings, State
from tempviz.tui.app import TempvizApp
from tempviz.tui.keymap import groups
from tempviz.tui.lab_app import LabApp
from tempviz.tui.opening import opener

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"

SHOTS: dict[str, tuple[tuple[int, int], str | None, float, str]] = {
    # name: size, prompt (None: the lab), temperature, keys
    "main": ((120, 40), "The capital of France is", 1.2, "space space left"),
    "narrow": ((80, 24), "The capital of France is", 1.0, "down down"),
    "chain": ((120, 40), "Once upon a time", 2.0, "space P s"),
    "lab": ((100, 30), None, 1.0, ""),
    "curve": ((80, 24), None, 3.0, "v v"),
}

COMMANDS = (
    "tempviz probs demo -p 'The capital of France is' -t 0.5 -t 1.5 --top 3",
    "tempviz probs demo -p 'Once upon a time' -t 2 --top 3 --top-k 40 --min-p 0.05",
    "tempviz probs demo -p 'The capital of France is' --top 2 --format csv",
    "tempviz lab 1 2 -t 1 -t 2 --tokens no,yes --format table",
    "tempviz compare demo -p 'Write about Nepal' -t 0.5 -t 1 -t 2 -n 12 --seed 7",
)
"""What the README shows with its output."""


def command_outputs() -> str:
    """The commands with what they print here and now."""
    parts = []
    for command in COMMANDS:
        env = {**os.environ, "COLUMNS": "100", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True, env=env)
        parts.append(f"```\n$ {command}\n{done.stdout.rstrip()}\n```")
    return "\n\n".join(parts)


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


def app_for(prompt: str | None, temperature: float) -> TempvizApp:
    """The app on the demo model, or the lab."""
    if prompt is None:
        return LabApp(GREETINGS, temperature)
    state = State(settings=Settings(temperature, 7), asked_prompt=(prompt, False), model="demo")
    return TempvizApp("demo", opener(None, None), state)


async def shot(size: tuple[int, int], prompt: str | None, temperature: float, keys: str) -> str:
    """A screenshot of the app after some keys, as SVG without remote fonts."""
    app = app_for(prompt, temperature)
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
    text = put_between(readme.read_text("utf-8"), "keys", key_table())
    readme.write_text(put_between(text, "commands", command_outputs()), "utf-8")
    with TemporaryDirectory() as home:
        os.environ |= {"XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}  # nobody's own theme and keys
        for name in sys.argv[1:] or SHOTS:
            (PICTURES / f"{name}.svg").write_text(asyncio.run(shot(*SHOTS[name])), "utf-8")


if __name__ == "__main__":
    main()
