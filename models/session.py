"""Carries out what `update` wants: keeps the state, the store of rows and the engine's thread, and nothing else.

Not a part of the screen: a test, the command line or the app drives it by `dispatch`, always from one thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from . import actions as act
from .actions import Action, Effect
from .engine import same_model
from .engine_thread import EngineThread
from .state import State
from .store import LogitsStore
from .update import update

IDLE = 0.001
"""Seconds after which an answer comes that nobody waits for."""

REPEATED = (act.TurnTemperature, act.TurnKnob, act.MoveHighlight)
"""What a person does again and again, so far or as far the other way: actions of one number."""


class Session:
    """The state, and the way from an action to the next one."""

    def __init__(
        self,
        state: State,
        engine: EngineThread,
        store: LogitsStore | None = None,
        after: Callable[[float, Action], None] = lambda seconds, action: None,
    ) -> None:
        """`after(seconds, action)` is to dispatch an action later (the pace of a slow auto run)."""
        self.state = state
        self.engine = engine
        self.store = LogitsStore() if store is None else store
        self._after = after
        self._last: Action | None = None
        self._foreseen: list[tuple[Action, State, tuple[Effect, ...]]] = []

    def foresee(self, back: bool) -> State | None:
        """The state after the last action once more, or as far back, which is there at once if that is asked for.

        None if the last action is none that is done again and again. `update` is pure, so this changes nothing.
        """
        if not isinstance(self._last, REPEATED):
            return None
        action = type(self._last)(*(-by for by in vars(self._last).values())) if back else self._last
        if (known := self._known(action)) is None:
            known = update(self.state, action)
            self._foreseen.append((action, *known))
        return known[0]

    def _known(self, action: Action) -> tuple[State, tuple[Effect, ...]] | None:
        return next(((state, effects) for what, state, effects in self._foreseen if what == action), None)

    def _update(self, action: Action) -> tuple[State, tuple[Effect, ...]]:
        known, self._foreseen = self._known(action), []
        return known or update(self.state, action)

    def dispatch(self, action: Action) -> None:
        """Update the state and carry out the effects; a row that is stored is there when this returns."""
        self._last = action
        queue = deque([action])
        while queue:
            action = queue.popleft()
            # A row that arrives after another model was asked for is still one of the old model's.
            if isinstance(action, act.RowReady) and self.state.phase == "ready" and not action.stored:
                asked = self.state.lookahead.asked if self.state.lookahead else None
                spare = asked is not None and asked.further and asked.key == action.key
                self.store.put(action.key, action.logits, spare)
            before, (self.state, effects) = self.state.info, self._update(action)
            if self.state.info is not None and not same_model(before, self.state.info):
                self.store.clear()
            for effect in effects:
                answer = self._carry_out(effect)
                if answer is not None:
                    queue.append(answer)

    def _carry_out(self, effect: Effect) -> Action | None:
        match effect:
            case act.Evaluate(key, idle=True) if (stored := self._stored(key)) is not None:
                # A position seen before has dozens of them at once; a key that waits must come between two.
                self._after(IDLE, stored)
            case act.Evaluate(key):
                return self._stored(key) or self.engine.submit(effect)
            case act.Recall(key):
                return self._stored(key)
            case act.ReadStored():
                return act.StoredRows(self.store.latest())
            case act.CancelWork(unless):
                return self._stored(unless) or self.engine.cancel()
            case act.TickAfter(seconds, at):
                self._after(seconds, act.AutoTick(at))
            case _:
                return self.engine.submit(effect)
        return None

    def _stored(self, key: bytes | None) -> act.RowReady | None:
        row = None if key is None else self.store.get(key)
        return None if key is None or row is None else act.RowReady(key, row, stored=True)

    def close(self) -> None:
        """End the engine."""
        self.engine.close()
