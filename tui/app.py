"""The app: themes, screens, and the way from keys to the session and from its state to the screen. No logic of its own.

Keys change the state at once; the screen shows the newest state once per frame. So held keys never queue up work:
however many arrive, what is computed for the screen is computed at most once per frame.
"""

from __future__ import annotations

import asyncio
import contextvars
import signal
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType
from textual.events import Event, Paste

from ..models import actions as act
from ..models.actions import Action
from ..models.remembered import remember, remembered
from ..models.state import State
from .display import display
from .intentions import Intentions
from .opening import model_name
from .screens.following import Following
from .screens.main import MainScreen, Parts
from .themes import THEMES
from .viewdata import SURPRISAL_STEPS, StepView
from .widgets.direct import LinesWidget
from .widgets.panels import Asked, Candidates

if TYPE_CHECKING:
    from textual.theme import Theme
    from textual.timer import Timer

    from ..models.engine_thread import Opener
    from ..models.session import Session

FRAME = 1 / 60
AUTO_FRAME = 1 / 12
AUTO_SHARE = 0.02
"""Drawing competes with decoding for the cores: an auto run is painted at most 12 times a second, and so seldom that
putting views together takes no more than this share of the time."""

FORESIGHT = 0.01
"""Seconds after a frame, when that is on the terminal, until the next one is made ready: most turns of a knob are
followed by another one."""

PATIENCE = 0.15
"""Seconds for which the last distribution stays on the screen while the next one is computed."""


def _legend() -> list[tuple[str, str]]:
    runs = [("surprisal in bits: ", "frame-subtitle"), (f"<{SURPRISAL_STEPS[0]:g}", "s0")]
    for i, step in enumerate(SURPRISAL_STEPS, 1):
        runs += [(" ", "frame-subtitle"), (f"≥{step:g}", f"s{i}")]
    return runs


_LEGEND = _legend()


class ToShow(NamedTuple):
    """The view of a state, with the distribution drawn, for a screen with these pictures, this size and these keys."""

    state: State
    room: tuple[object, ...]
    view: StepView
    parts: Parts


class TempvizApp(Intentions):
    """Steps through a model's generation."""

    TITLE = "tempviz"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "quit", show=False, priority=True, id="app.quit")
    ]

    def __init__(self, model: str | None, opener: Opener, state: State, logits_mb: float = 40) -> None:
        super().__init__()
        self._model = model
        self._opener = opener
        self._first = state
        self._logits_mb = logits_mb
        self.session: Session | None = None
        self._go_by({})
        self.scheduled = False
        self._painted = 0.0
        self._idle = False
        self._row_gone: float | None = None  # since when the state has no row to show
        self._patience: Timer | None = None
        self._cost = 0.0
        self._ready_to_show: list[ToShow] = []
        self._foresight: asyncio.TimerHandle | None = None
        for theme in THEMES:
            self.register_theme(theme)
        if self.no_color:  # what Textual makes of the terminal's own colours without colour is black on black
            for name in [name for name, theme in self.available_themes.items() if theme.ansi]:
                self.unregister_theme(name)
        chosen = remembered("theme")
        self.theme = chosen if isinstance(chosen, str) and chosen in self.available_themes else THEMES[0].name

    @property
    def state(self) -> State:
        """The newest state; the first one until the engine's thread runs."""
        return self.session.state if self.session else self._first

    def get_default_screen(self) -> MainScreen:
        return MainScreen()

    def on_mount(self) -> None:
        self._handle_signals()
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        self.schedule()
        # Neither llama.cpp nor the model is touched before the first frame is on the terminal.
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        from ..models.engine_thread import EngineThread
        from ..models.heap import keep_freed_memory
        from ..models.session import Session
        from ..models.store import LogitsStore

        keep_freed_memory()
        loop, here = asyncio.get_running_loop(), contextvars.copy_context()

        def post(action: Action) -> None:
            # Textual's timers need the app's own context, which the engine's thread does not have.
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._told, action, context=here)

        self.session = Session(self._first, EngineThread(self._opener, post), LogitsStore(self._logits_mb), self._after)
        self.perform_action(act.Resized(max(1, self.screen.query_one(Candidates).size.height - 1)))
        self._remap_keys()
        self._know_presets()
        if self._model is None:
            self.ui_open_model()
        else:
            self.perform_action(act.OpenModel(self._model))
            # While the model loads, this process has nothing else to do.
            self.call_later(lambda: self.finder.mount_ahead(self))

    def _remap_keys(self) -> None:
        """Take the person's own keys, if there are any."""
        from .own_keys import read_own_keys

        own, problem = read_own_keys()
        if own:
            self._go_by(own)
            self.set_keymap(self.own_keys)
            screen = self.screen_stack[0]
            assert isinstance(screen, MainScreen)
            screen.tell_keys()
        if problem:
            self.perform_action(act.Say(problem))

    def _remember_theme(self, theme: Theme) -> None:
        self.run_worker(partial(remember, "theme", theme.name), thread=True)

    def _after(self, seconds: float, action: Action) -> None:
        self.set_timer(seconds, lambda: self.perform_action(action))

    # ---- from keys, mouse and engine to the session ----------------------------------------------------------------

    def perform_action(self, action: Action) -> None:
        """Hand an action to the session and have the screen follow."""
        if self.session is not None:
            ahead = self.state.lookahead
            idle = isinstance(action, act.RowReady) and ahead is not None and ahead.waits_for(action.key)
            self.session.dispatch(action)
            if idle:
                self._schedule_idle()
            else:
                self.schedule()

    def _told(self, action: Action) -> None:
        """The engine answered."""
        if self._exit:
            return
        before = self.state
        self.perform_action(action)
        self.find_goes_on()
        if self.state.phase == "failed" != before.phase:
            self.ui_open_model()
        elif isinstance(action, act.ModelLoaded) and self.state.info is action.info:
            from ..models.recent import remember_model

            self.run_worker(partial(remember_model, action.info.path), thread=True)

    @on(Asked)
    def _asked(self, message: Asked) -> None:
        self.perform_action(message.action)

    @on(Candidates.Window)
    def _window(self, message: Candidates.Window) -> None:
        self.perform_action(act.Resized(message.window))

    # ---- from the state to the screen ------------------------------------------------------------------------------

    def schedule(self) -> None:
        """Have the newest state painted, once per frame however much happens until then."""
        if self.scheduled:
            return
        self.scheduled = True
        frame = min(max(AUTO_FRAME, self._cost / AUTO_SHARE), 0.5) if self._is_stepping else FRAME
        wait = self._painted + frame - time.monotonic()
        if wait > 0:
            self.set_timer(wait, self._paint)
        else:
            # Behind the keys that have arrived already, so that all of them are in this frame.
            self.call_later(self._paint)

    def _schedule_idle(self) -> None:
        """Have painted what nobody waits for, as seldom as an auto run: it must not be in the way of a key."""

        def paint() -> None:
            self._idle = False
            self.schedule()

        if not self._idle:
            self._idle = True
            self.set_timer(AUTO_FRAME, paint)

    @property
    def _is_stepping(self) -> bool:
        """Tokens are taken by themselves."""
        state = self.state
        return state.auto is not None or (state.comparison is not None and state.comparison.runs)

    def _paint(self) -> None:
        self.scheduled = False
        if self._exit:
            return
        if self._foresight is not None:
            self._foresight.cancel()
        now = time.monotonic()
        screen = self.screen_stack[0] if self.screen_stack else None
        if not isinstance(screen, MainScreen) or not screen.is_mounted:
            return
        if self.session is None:
            screen.show_opening(display(model_name(self._model or "")))
            return
        above = next((each for each in reversed(self.screen_stack) if isinstance(each, Following)), None)
        if above is None:
            from .view import drawn_with

            state = self._to_show(now)
            if state is None:
                return
            shown = self._shown(state, screen)
            screen.show(shown.view, shown.parts, self.legend, drawn_with(state, self.names))
            self._foresee_after(FORESIGHT, screen, False)
        else:
            above.follow(self.state)
        self._painted = now
        self._cost = time.monotonic() - now

    def _shown(self, state: State, screen: MainScreen) -> ToShow:
        """What that screen is to show of a state; made ready or made now."""
        ready, self._ready_to_show = self._ready_to_show, []
        room = self._room(screen)
        known = next((each for each in ready if each.state is state and each.room == room), None)
        return known or self._make(state, screen)

    def _make(self, state: State, screen: MainScreen) -> ToShow:
        from .view import view

        made = view(state, screen.pictures, screen.size.width, self.names)
        return ToShow(state, self._room(screen), made, screen.draw(made))

    def _room(self, screen: MainScreen) -> tuple[object, ...]:
        return screen.pictures, screen.size, self.names

    def _foresee_after(self, seconds: float, screen: MainScreen, back: bool) -> None:
        loop = asyncio.get_running_loop()
        self._foresight = None if self._is_stepping else loop.call_later(seconds, self._foresee, screen, back)

    def _foresee(self, screen: MainScreen, back: bool) -> None:
        """Make ready, while nobody waits, what the same turn once more would lead to, then the same turn back."""
        if self.session is None or self.scheduled or self._exit:
            return
        try:
            state = self.session.foresee(back)
            if state is None or state.row is None:
                return
            self._ready_to_show.append(self._make(state, screen))
        except Exception as error:  # the loop that calls this would only write it down
            self._handle_exception(error)
            return
        if not back:
            self._foresee_after(FORESIGHT, screen, True)

    def _to_show(self, now: float) -> State | None:
        """The newest state; None for a moment without a row, and in an auto run the last one that had it.

        A decode takes a few milliseconds: the panels would only flicker, and a frame of what is there already would
        make the next one wait.
        """
        state = self.state
        if state.row is not None:
            self._row_gone = None
            self._end_patience()
        elif self._row_gone is None:
            self._row_gone = now
        if state.settled is None or not state.work:
            return state
        if state.work.total > 1:  # a text is being read: that takes long, and its progress is what there is to see
            return state
        if state.auto is None:
            if self._row_gone is not None and now - self._row_gone >= PATIENCE:
                return state
            self._end_patience()
            self._patience = self.set_timer(PATIENCE, self.schedule)
            return None
        return replace(
            state.settled, auto=state.auto, notice=state.notice, work=None, tokens_per_second=state.tokens_per_second
        )

    def _end_patience(self) -> None:
        """A paint of nothing new would only make the next one wait."""
        if self._patience is not None:
            self._patience.stop()

    @property
    def legend(self) -> list[tuple[str, str]]:
        """What the shades of the text mean."""
        return _LEGEND

    # ---- the end ---------------------------------------------------------------------------------------------------

    def _handle_signals(self) -> None:
        """A signal ends the app as a quit does, with the terminal restored and 128 + n as its exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            loop.add_signal_handler(number, lambda n=number: self.exit(return_code=128 + n))

    def _handle_exception(self, error: Exception) -> None:
        """A fault of tempviz itself ends it as a quit does; `run.py` says so, with what one has to know."""
        if self.is_headless:  # a test is to see it
            super()._handle_exception(error)
            return
        if self.fault is None and not self._exit:
            self.fault = error
            self.exit(return_code=1)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Our panels take no keys but by bindings, so these need not wait until the key has passed all of them.

        It would be a message to each, from the focus up to the app: a tenth of the time from a key to the screen. And
        the keys behind one that opens a dialog would be on their way to the main screen by then, and be lost.
        """
        if await super()._check_bindings(key, priority):
            return True
        focused = self.focused
        ours = isinstance(self.screen, MainScreen) if focused is None else isinstance(focused, LinesWidget)
        return priority and ours and await super()._check_bindings(key)

    async def on_event(self, event: Event) -> None:
        """What is pasted into the palette's line of input must not carry controls to the terminal."""
        if isinstance(event, Paste):
            from textual.widgets import Input

            from .widgets.safe_input import SafeInput

            if isinstance(self.focused, Input) and not isinstance(self.focused, SafeInput):
                event.text = "".join(char for char in event.text if char.isprintable())
        await super().on_event(event)

    def panic(self, *renderables: Any) -> None:
        """Textual gives up, for one on keys that are no UTF-8; that ends the app like any other fault."""
        if self.is_headless:
            super().panic(*renderables)
        else:
            self._handle_exception(RuntimeError("the terminal's input could not be read, or Textual failed"))

    fault: Exception | None = None

    def on_unmount(self) -> None:
        if self.session is not None:
            self.session.close()
