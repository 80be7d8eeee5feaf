"""What the tests of the screen share: a toy model with a hostile vocabulary, states without an app, and a driven app.

Nothing here sleeps: after every key the driver waits until the screen shows what the state says.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import pytest
from tempviz.models import actions as act
from tempviz.models.actions import Action
from tempviz.models.engine import EngineError, LanguageModel, Loading, OwnedModel, Path, path_tokens
from tempviz.models.engine_thread import evaluated
from tempviz.models.state import Settings, State
from tempviz.models.toy import Outcome, ToyModel
from tempviz.models.update import update
from tempviz.models.vocabulary import Vocabulary
from tempviz.tui.app import TempvizApp
from tempviz.tui.cli import main
from tempviz.tui.help import help_sections
from tempviz.tui.keymap import KEYS
from tempviz.tui.keymap import Key as Row
from tempviz.tui.screens.tree import TreeScreen
from tempviz.tui.view import view
from tempviz.tui.widgets.panels import Candidates, DetailLine, HeaderLine, StatusLine
from tempviz.tui.widgets.picture import Picture
from tempviz.tui.widgets.text_pane import TextPane
from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.keys import key_to_character
from textual.pilot import Pilot
from textual.widget import Widget

PROMPT = "The capital of France is"

HOSTILE: dict[str, bytes] = {
    "[/INST]": b"[/INST]",
    "[@click=app.quit]x[/]": b"[@click=app.quit]x[/]",
    "<escape>": b"\x1b]52;c;AAAA\x07\x1b[2J",
    "<c1>": b"\xc2\x9b31m",
    "<bidi>": "\u202eabc".encode(),
    "\n": b"\n",
    "<lines>": b"one\ntwo\r\n",
    "日本語": "日本語".encode(),
    "<emoji>": "👩‍👩‍👧".encode(),
    "<skin>": "👍🏽".encode(),
    "<half>": b"\xe6\xad",
    "<mark>": "\u0301".encode(),
    "<nothing>": b"",
}
"""Pieces that would harm a terminal or a markup sink, by the name that the toy's tokenizer knows them by."""

_PLAIN = [*"abcdefghij", "The", " capital", " of", " France", " is", " Paris", " the", " a", ".", ",", " city"]
_FILLER = [f" filler{i}" for i in range(60)]
NAMES: tuple[str, ...] = ("</s>", *HOSTILE, *_PLAIN, *_FILLER)
PIECES: tuple[bytes, ...] = (b"</s>", *HOSTILE.values(), *(name.encode() for name in (*_PLAIN, *_FILLER)))
EOG = 0


def uneven(path: Path) -> np.ndarray:
    """Logits that depend on every token of the path, float32 [n_vocab]; hostile pieces are likely ones."""
    luck = np.random.PCG64(list(path_tokens(path))).random_raw(len(NAMES)) / 2.0**64
    logits = 6.0 * luck**2
    logits[: 1 + len(HOSTILE)] += 2.0
    return logits.astype(np.float32)


def toy_model(rule: Callable[[Path], Any] = uneven, *outcomes: Outcome, n_ctx: int = 4096) -> ToyModel:
    """A toy on the hostile vocabulary; `outcomes` as in `ToyModel.scripted`."""
    toy = ToyModel.scripted(rule, NAMES, *outcomes, n_ctx=n_ctx)
    vocabulary = Vocabulary.of(PIECES, eog=[EOG], control=[EOG])
    toy.info = replace(toy.info, path="/models/toy.gguf", vocabulary=vocabulary)
    return toy


def friendly(path: Path) -> np.ndarray:
    """Plain tokens only are likely, so that what is taken can be read."""
    logits = uneven(path)
    logits[: 1 + len(HOSTILE)] -= 20.0
    return logits


def friendly_toy() -> ToyModel:
    """A toy whose texts can be read."""
    return toy_model(friendly)


def token(name: str) -> int:
    """The id of a token by its name."""
    return NAMES.index(name)


# ---- states without an app -----------------------------------------------------------------------------------------


def play(toy: LanguageModel, *actions: Action, state: State | None = None, prompt: str = PROMPT) -> State:
    """The state after these actions, with the toy answering at once; from a fresh start unless a state is given."""
    if state is None:
        state = State(asked_prompt=(prompt, False))
        actions = (act.OpenModel("/models/toy.gguf"), *actions)
    queue = list(actions)
    while queue:
        state, effects = update(state, queue.pop(0))
        # The engine's answers come before the next thing that the person does.
        queue[:0] = [answer for effect in effects for answer in _answers(toy, effect)]
    return state


def _answers(toy: LanguageModel, effect: act.Effect) -> list[Action]:
    match effect:
        case act.StartEngine():
            return [act.ModelLoaded(toy.info)]
        case act.TokenizePrompt(text, chat):
            return [act.PromptTokenized(text, chat, toy.tokenize(text))]
        case act.Evaluate(key):
            logits, reading, *_ = evaluated(toy, effect)
            return [act.RowReady(key, logits, reading=reading)]
        case act.ReadStored():
            return [act.StoredRows(())]
    return []


# ---- the command line ----------------------------------------------------------------------------------------------


class Ran(NamedTuple):
    """What became of a command."""

    code: int
    out: str
    err: str


def command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object, stdin: bytes = b""
) -> Ran:
    """Run the command line in this process, without a terminal."""
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr(sys, "argv", ["tempviz", *map(str, arguments)])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    with pytest.raises(SystemExit) as end:
        main()
    return Ran(end.value.code or 0, *capsys.readouterr())


def help_said(table: tuple[Row, ...] = KEYS) -> str:
    """All that the help says."""
    return "\n".join(map(str, help_sections(table).values()))


# ---- an app with nobody before it ----------------------------------------------------------------------------------


class Driven:
    """An app on a toy model, and what can be done to it and seen of it."""

    def __init__(self, pilot: Pilot[None], toys: list[ToyModel]) -> None:
        assert isinstance(pilot.app, TempvizApp)
        self.pilot, self.app, self.toys = pilot, pilot.app, toys
        self._terminal = XTermParser()

    @property
    def toy(self) -> ToyModel:
        """The model that was opened last."""
        return self.toys[-1]

    @property
    def state(self) -> State:
        """The newest state."""
        return self.app.state

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until the screen shows what came of them."""
        await self.pilot.press(*keys)
        await self.settle()

    async def press_and_hold_the_row(self, key: str) -> Event:
        """Press a key that asks the model for a row, which does not come before the event is set."""
        gate, asked = Event(), len(self.toy.calls)
        self.toy.then(gate)
        await self.pilot.press(key)
        await self.until(lambda: len(self.toy.calls) == asked + 1)
        return gate

    async def burst(self, *keys: str) -> None:
        """Keys that arrive faster than frames go by, as those of a held key do."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            driver.process_message(Key(key, key if len(key) == 1 else key_to_character(key)))
        await self.drained()

    def leave(self) -> None:
        """As a quit does it: what is due later then knows that the app is ending, and paints no half of it."""
        if not self.app._exit:
            self.app.exit()

    async def drained(self) -> None:
        """Wait until what is queued has come through: from the app to what has the focus, and up to the app again."""
        for _ in range(5):
            await self._turn()

    async def _turn(self) -> None:
        """Let every widget work off what it has; unlike `pilot.pause`, without waiting for an idle processor."""
        await self.pilot._wait_for_screen()
        await asyncio.sleep(0.001)

    async def send(self, *sequences: str) -> None:
        """Feed what a terminal would send: mouse reports, a bracketed paste."""
        driver = self.app._driver
        assert driver is not None
        for sequence in sequences:
            for event in self._terminal.feed(sequence):
                driver.process_message(event)
        await self.drained()
        await self.settle()

    async def mouse(self, panel: type[Widget], x: int, y: int, *codes: str) -> None:
        """Mouse reports at a cell of a panel's content, by their xterm codes: "0M" pressed, "0m" released."""
        region = self.app.screen.query_one(panel).content_region
        at = f"{region.x + x + 1};{region.y + y + 1}"
        await self.send(*(f"\x1b[<{code[:-1]};{at}{code[-1]}" for code in codes))

    async def click(self, panel: type[Widget], x: int, y: int) -> None:
        """Press and release the left button."""
        await self.mouse(panel, x, y, "0M", "0m")

    async def settle(self) -> None:
        """Wait until the engine rests and the screen shows the newest state."""
        await self.until(lambda: at_rest(self.state) and not self.app.scheduled and shows(self.app))

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Let the app run until something is true; fail if it does not become so."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not (self.app._exit or condition()):
            if loop.time() > end:
                raise AssertionError(f"This did not come about; the screen shows:\n{self.screen}")
            await self._turn()

    def rows(self, panel: type[Picture]) -> list[str]:
        """What a panel shows, line by line."""
        widget = self.app.screen_stack[0].query_one(panel)
        return [widget.render_line(y).text for y in range(widget.size.height)]

    def text(self, panel: type[Picture]) -> str:
        """What a panel shows."""
        return "\n".join(self.rows(panel))

    @property
    def screen(self) -> str:
        """Every character on the screen, dialogs included."""
        stack = self.app._background_screens
        update = self.app.screen._compositor.render_update(full=True, screen_stack=stack)
        return "\n".join("".join(segment.text for segment in strip) for strip in update.strips)


def at_rest(state: State) -> bool:
    """Nothing is waited for: no prompt, no row, no load."""
    if state.phase != "ready":
        return state.phase in ("failed", "dead")
    answered = state.row is not None or state.bad_row is not None or state.stopped or not state.path
    return answered and state.work is None and state.auto is None and state.asked_prompt is None


def shows(app: TempvizApp) -> bool:
    """The main screen, or the one above it that follows the state, has the newest one."""
    if app.session is None:
        return False
    if isinstance(app.screen, TreeScreen):
        return app.screen.shown is app.state
    screen, wanted = app.screen_stack[0], view(app.state)
    said = (wanted.notice,) if wanted.notice and not wanted.trouble else wanted.detail
    rows = wanted.candidates.rows if wanted.candidates else None
    seen = screen.query_one(Candidates).data
    text = screen.query_one(TextPane).data
    return (
        screen.query_one(HeaderLine).data == wanted.header
        and screen.query_one(StatusLine).data == wanted.status
        and screen.query_one(DetailLine).data[0] == said
        and (seen.rows if seen else None) == rows
        and (seen is None or seen.scale == app.state.scale)
        and (text.runs, text.caret) == (wanted.text.runs, wanted.text.caret)
    )


@asynccontextmanager
async def driven(
    make: Callable[[], ToyModel] = toy_model,
    *,
    size: tuple[int, int] = (80, 24),
    prompt: str = PROMPT,
    temperature: float = 1.0,
    failing: dict[str, str] | None = None,
    model: str = "/models/toy.gguf",
    settled: bool = True,
) -> AsyncIterator[Driven]:
    """An app on a toy model, ready for keys, in a home of its own.

    Every opening makes a model; paths in `failing` cannot be opened, for the reason given.
    """
    toys: list[ToyModel] = []

    def opener(path: str, progress: Loading, spawned: Callable[[OwnedModel], None]) -> OwnedModel:
        if failing and path in failing:
            raise EngineError(failing[path])
        progress(0.5, False)
        toys.append(make())
        spawned(toys[-1])
        return toys[-1]

    first = State(settings=Settings(temperature), asked_prompt=(prompt, False), model=model)
    with TemporaryDirectory() as home, patch.dict(os.environ, _homes(home)):
        app = TempvizApp(model, opener, first)
        async with app.run_test(size=size) as pilot:
            run = Driven(pilot, toys)
            if settled:
                await run.settle()
            yield run
            run.leave()


def _homes(home: str) -> dict[str, str]:
    """What the app remembers and looks through: nobody's own folders."""
    return dict.fromkeys(("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), home)
