"""The one place where the state changes: `update(state, action)` gives the next state and what is to be done.

Pure: no clock, no thread, no engine. Keys and clicks arrive as actions, and so do the engine's answers
(`engine_events.py`). What it wants done comes back as effects, which `session.py` carries out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from . import actions as act
from . import lookahead
from .actions import Action, Effect
from .auto import run_auto
from .chain_actions import CHAIN, with_samplers
from .changed import changed
from .comparing import begin, continued, paused
from .engine_events import ANSWERS, arrive, hear, pursue, restarting
from .generate import step, take
from .highlight import HIGHLIGHT, in_sight
from .history import Edited, remember, travel
from .state import MAX_KEYED_T, Auto, Notice, State
from .tree_actions import TREE
from .watching import WATCHING, reading_stored

_SILENT = {act.Resized, act.AutoTick, act.KnowPresets, act.OpenModel}
"""Asked by no key: what is said to the person stays."""


def update(state: State, action: Action) -> tuple[State, tuple[Effect, ...]]:
    """The next state, and the effects that it asks for."""
    if type(action) in ANSWERS:
        new, effects = hear(state, action)
    else:
        # That the engine died is to be read, however fast one goes on.
        keeps = type(action) in _SILENT or state.phase == "restarting"
        calm = state if keeps else changed(state, notice=None)
        new, effects = _ASKED[type(action)](calm, action), ()
    new = in_sight(new)
    if type(action) not in (act.Undo, act.Redo):
        new = remember(state, new, _run(state, action))
    complete = new if new.row is not None else state
    # What auto takes is told apart from what the person edits while it runs.
    run = new.auto and f"auto since {new.auto.since}"
    alone, more = run_auto(new)
    new, wanted = pursue(lookahead.planned(remember(new, alone, run)))
    if new.row is not None:
        new = changed(new, settled=None) if new.settled else new
    elif complete.row is not None:
        new = changed(new, settled=changed(complete, settled=None))
    return new, (*effects, *more, *wanted, *_changed(state, new))


def _run(s: State, a: Action) -> str | None:
    """Turns of the same knob that follow each other are one entry of the history; its name."""
    if isinstance(a, act.TurnKnob):
        return f"knob {s.knob} of stage {s.stage}"
    return "temperature" if isinstance(a, (act.TurnTemperature, act.SetTemperature, act.ToggleGreedy)) else None


def _changed(old: State, new: State) -> tuple[Effect, ...]:
    """Effects that follow from what changed, whichever action changed it."""
    effects: list[Effect] = []
    if new.starts != old.starts:
        effects.append(act.StartEngine(new.model, new.starts))
    elif new.stops_load and not old.stops_load:
        effects.append(act.CancelWork())
    if new.key != old.key and new.row is None and new.phase != "ready":
        effects.append(act.Recall(new.key))
    if new.watches != old.watches:
        effects += reading_stored(old, new)
    return tuple(effects)


# ---- taking tokens -------------------------------------------------------------------------------------------------


def _hindrance(s: State) -> Notice | None:
    """Why no token can be drawn now, nor soon; a row that is on its way, or an engine, is waited for."""
    if s.phase == "loading":
        return Notice("The model is still loading.", hint="[cancel] stops that.")
    if s.phase == "failed":
        return Notice("No model is loaded, so no token can be drawn.", hint="[model] opens one.")
    if s.phase == "ready" and s.asked_prompt is not None:
        return Notice("The prompt is still being read. Then tokens can be drawn.")
    if s.phase == "ready" and not s.trace.given:
        return Notice("There is no prompt yet for a token to follow.", hint="[prompt] writes one.")
    return None


def _step(s: State, _: Action) -> State:
    if (why := _hindrance(s)) is not None:
        return changed(s, notice=why)
    if s.phase == "dead":
        return restarting(changed(s, deaths=0))
    if s.auto is not None and s.auto.at == s.trace.cursor:
        return changed(s, auto=None)
    if s.comparison is not None:
        return paused(s, False)
    if s.row is None:
        # After a failure this asks again: the file may be whole by now, or the engine another one.
        return changed(s, wants_step=True, stopped=False, bad_row=None)
    return step(s)


def _take_highlighted(s: State, _: Action) -> State:
    if s.row is None:
        return s
    return take(s, int(s.row.ranking.ids(s.highlight - 1, s.highlight)[0]))


def _take(s: State, a: act.Take) -> State:
    return s if s.row is None else take(s, a.token)


# ---- the cursor ----------------------------------------------------------------------------------------------------


def _go(s: State, node: int) -> State:
    return s if node == s.trace.cursor else arrive(changed(s, trace=s.trace.go(node)))


def _walk(s: State, a: act.Walk) -> State:
    return _go(s, s.trace.on_line(s.trace.here.depth + a.by))


def _go_to(s: State, a: act.GoTo) -> State:
    return _go(s, a.node) if a.node in s.trace else s


def _go_to_before(s: State, a: act.GoToBefore) -> State:
    return _go(s, s.trace[a.node].parent) if a.node in s.trace else s


def _go_to_end(s: State, _: Action) -> State:
    return _go(s, s.trace.frontier)


def _back(s: State, _: Action) -> State:
    return _go(s, s.trace.here.parent)


# ---- the settings --------------------------------------------------------------------------------------------------


def _with_temperature(s: State, temperature: float) -> State:
    other = s.settings.temperature or s.other_temperature
    return changed(s, settings=replace(s.settings, temperature=temperature), other_temperature=other)


def _turn_temperature(s: State, a: act.TurnTemperature) -> State:
    now = s.settings.temperature
    if now > MAX_KEYED_T or (now == MAX_KEYED_T and a.hundredths > 0):
        return s if a.hundredths > 0 else _with_temperature(s, MAX_KEYED_T)
    hundredths = min(max(0, round(now * 100) + a.hundredths), round(MAX_KEYED_T * 100))
    return _with_temperature(s, hundredths / 100)


def _set_temperature(s: State, a: act.SetTemperature) -> State:
    return _with_temperature(s, a.temperature)


def _toggle_greedy(s: State, _: Action) -> State:
    return _with_temperature(s, 0.0 if s.settings.temperature else s.other_temperature or 1.0)


def _restore_drawn(s: State, _: Action) -> State:
    following = s.trace.here.last
    drawn = s.trace[following].drawn if following is not None else None
    if drawn is None:
        why = "No token was taken here yet" if following is None else "The next token is the prompt's own"
        return changed(s, notice=Notice(f"{why}, so there are no settings to restore."))
    return _with_temperature(with_samplers(s, drawn.samplers), drawn.temperature)


def _toss(s: State, _: Action) -> State:
    return changed(s, trace=s.trace.toss())


def _toggle_scale(s: State, _: Action) -> State:
    return changed(s, scale="logarithmic" if s.scale == "linear" else "linear")


def _toggle_ghost(s: State, _: Action) -> State:
    if not s.settings.samplers:
        return changed(
            s, notice=Notice("The ghost is T = 1: without a chain nothing is cut.", hint="[preset] takes one.")
        )
    return changed(s, ghost="uncut" if s.ghost == "plain" else "plain")


def _toggle_borders(s: State, _: Action) -> State:
    return changed(s, borders=not s.borders)


# ---- the prompt, the model, the engine -----------------------------------------------------------------------------


def _set_prompt(s: State, a: act.SetPrompt) -> State:
    return changed(s, asked_prompt=(a.text, a.chat), auto=None, wants_step=False)


def _open_model(s: State, a: act.OpenModel) -> State:
    return changed(
        s,
        model=a.path,
        starts=s.starts + 1,
        deaths=0,
        phase="loading",
        loaded=None,
        stops_load=False,
        auto=None,
        wants_step=False,
        work=None,
    )


def _set_breakpoints(s: State, a: act.SetBreakpoints) -> State:
    return changed(s, breakpoints=a.breakpoints)


def _start_auto(s: State, a: act.StartAuto) -> State:
    if (why := _hindrance(s)) is not None:
        return changed(s, notice=why)
    if s.phase == "dead":
        s = restarting(changed(s, deaths=0))
    auto = Auto(s.trace.cursor, s.path, s.key, s.row, a.count, a.per_second, since=s.trace.next_id)
    return changed(s, auto=auto, stopped=False)


def _toggle_auto(s: State, _: Action) -> State:
    return _start_auto(s, act.StartAuto()) if s.auto is None else changed(s, auto=None)


def _auto_tick(s: State, a: act.AutoTick) -> State:
    # One that a run left behind which was stopped meanwhile is not for the next run: it would go too fast.
    return changed(s, auto=replace(s.auto, due=True)) if s.auto and s.auto.at == a.at else s


def _cancel(s: State, _: Action) -> State:
    if s.phase in ("loading", "restarting"):
        return changed(s, auto=None, wants_step=False, stops_load=True)
    if s.tokenizing is not None and s.asked_prompt is not None:
        said = Notice("The prompt was stopped before the model had read it.", hint="[prompt] has it in the editor.")
        return changed(s, asked_prompt=None, rejected_prompt=s.asked_prompt[0], rejection=said.text, notice=said)
    if s.comparison is not None:
        return paused(s, True)
    if s.auto is not None:
        return changed(s, auto=None)  # as its own key does: the position it came to is still to be seen
    return changed(s, wants_step=False, stopped=s.row is None, bad_row=None)


def _adopt(s: State, a: act.Adopt) -> State:
    if s.comparison is None:
        return s
    column = s.comparison.columns[a.column]
    return _with_temperature(continued(s, column), column.temperature)


def _leave_comparison(s: State, _: Action) -> State:
    return changed(s, comparison=None)


def _say(s: State, a: act.Say) -> State:
    return changed(s, notice=Notice(a.text))


def _undo(s: State, _: Action) -> State:
    return _travelled(s, travel(s, back=True), True)


def _redo(s: State, _: Action) -> State:
    return _travelled(s, travel(s, back=False), False)


def _travelled(s: State, there: State | None, back: bool) -> State:
    from .undone import edit_said

    if there is None:
        return changed(s, notice=Notice(f"Nothing to {'undo' if back else 'redo'}."))
    here, other = Edited.of(s), Edited.of(there)
    if back:
        said = Notice(f"Undone: {edit_said(other, here, True)}.", hint="[redo] repeats it.")
    else:
        said = Notice(f"Redone: {edit_said(here, other, False)}.", hint="[undo] takes it back.")
    there = changed(with_samplers(there, there.settings.samplers), notice=s.notice or said)
    if there.trace.same_tree(s.trace):
        return changed(there, trace=s.trace)  # only settings were edited: the cursor stays
    overview = s.overview.after(s.trace, there.trace)
    return arrive(changed(there, auto=None, comparison=None, overview=overview))


_ASKED: dict[type, Callable[[State, Any], State]] = {
    act.Step: _step,
    act.TakeHighlighted: _take_highlighted,
    act.Take: _take,
    act.Walk: _walk,
    act.GoTo: _go_to,
    act.GoToBefore: _go_to_before,
    act.GoToEnd: _go_to_end,
    act.Back: _back,
    act.TurnTemperature: _turn_temperature,
    act.SetTemperature: _set_temperature,
    act.ToggleGreedy: _toggle_greedy,
    act.RestoreDrawn: _restore_drawn,
    act.Toss: _toss,
    act.ToggleScale: _toggle_scale,
    act.ToggleGhost: _toggle_ghost,
    act.ToggleBorders: _toggle_borders,
    act.SetPrompt: _set_prompt,
    act.OpenModel: _open_model,
    act.SetBreakpoints: _set_breakpoints,
    act.StartAuto: _start_auto,
    act.ToggleAuto: _toggle_auto,
    act.AutoTick: _auto_tick,
    act.Compare: begin,
    act.Adopt: _adopt,
    act.LeaveComparison: _leave_comparison,
    act.Cancel: _cancel,
    act.Say: _say,
    act.Undo: _undo,
    act.Redo: _redo,
    **HIGHLIGHT,
    **CHAIN,
    act.ToggleLookahead: lookahead.toggled,
    act.BranchLookahead: lookahead.branched,
    **TREE,
    **WATCHING,
}
