"""A few whole screens as pictures, compared with the SVG files in snapshots/.

TEMPVIZ_UPDATE_SNAPSHOTS=1 writes them anew; look at each (a browser shows them as the terminal does) before it is
committed. This is done by hand because pytest-textual-snapshot needs pytest < 9 and, with 9, silently falls back to a
version without comparison. What varies is pinned: the toy's numbers come from a bit generator whose stream is fixed,
it decodes no single tokens (so there is no speed to show), nothing on these screens blinks, and NO_COLOR is unset.
"""

import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from .driving import Driven, driven, toy_model

FOLDER = Path(__file__).with_name("snapshots")
UPDATE = os.environ.get("TEMPVIZ_UPDATE_SNAPSHOTS") == "1"


async def as_it_opens(run: Driven) -> None:
    """The prompt is evaluated, nothing was pressed."""


async def greedy(run: Driven) -> None:
    await run.press("0")


async def walked_back(run: Driven) -> None:
    await run.press("space", "down", "down", "enter", "space", "left", "left", "2", "l", "b")


async def histogram(run: Driven) -> None:
    await run.press("v")


async def chain(run: Driven) -> None:
    await run.press("space", "P", "s", "down", "down", "down")


async def helping(run: Driven) -> None:
    await run.press("question_mark")


async def trouble(run: Driven) -> None:
    await run.press("space", "space", "space")


SMALL, LARGE = (80, 24), (200, 60)
SCREENS: dict[str, tuple[tuple[int, int], Callable[[Driven], Awaitable[None]]]] = {
    "opens-80x24": (SMALL, as_it_opens),
    "greedy-80x24": (SMALL, greedy),
    "walked-200x60": (LARGE, walked_back),
    "histogram-80x24": (SMALL, histogram),
    "chain-200x60": (LARGE, chain),
    "help-80x24": (SMALL, helping),
    "trouble-80x24": (SMALL, trouble),
}


def normalised(svg: str) -> str:
    """Without the number that Rich makes of the content for the names of classes; no space at the ends of lines."""
    return "\n".join(line.rstrip() for line in re.sub(r"terminal-\d+", "terminal", svg).splitlines()) + "\n"


@pytest.mark.parametrize("name", SCREENS)
async def test_the_screen_looks_as_it_did(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in [each for each in os.environ if each == "NO_COLOR" or each.startswith("TEXTUAL")]:
        monkeypatch.delenv(variable)
    size, play = SCREENS[name]
    async with driven(lambda: toy_model(n_ctx=7 if play is trouble else 4096), size=size) as run:
        await play(run)
        now = normalised(run.app.export_screenshot(title=name))
    file = FOLDER / f"{name}.svg"
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_text(now, "utf-8")
    assert file.exists(), f"{file} is missing; TEMPVIZ_UPDATE_SNAPSHOTS=1 makes it"
    before = file.read_text("utf-8")
    if now != before:
        (tmp_path / file.name).write_text(now, "utf-8")
        lines = [one for one, other in zip(now.splitlines(), before.splitlines(), strict=False) if one != other]
        pytest.fail(
            f"{name} has changed in {len(lines)} lines: compare {tmp_path / file.name} with {file}. "
            "If it is right, TEMPVIZ_UPDATE_SNAPSHOTS=1 accepts it."
        )


def test_no_snapshot_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {f"{name}.svg" for name in SCREENS}
