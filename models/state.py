"""Everything the app knows, as one frozen value. `update` makes the next one; nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from immutables import Map

from .breakpoints import Breakpoints
from .engine import ModelInfo, Path
from .history import History
from .trace import ROOT, Trace
from .watches import Followed, Watch

if TYPE_CHECKING:
    from .compare import Comparison
    from .lookahead import Lookahead
    from .reading import Reading
    from .row import Row
    from .transform import Transform

MAX_KEYED_T = 5.0
"""The keys turn the temperature from 0 to this; `-t` takes any finite value."""

Scale = Literal["linear", "logarithmic"]
Ghost = Literal["plain", "uncut"]
"""What a bar is compared with: p at T = 1, or p at the current T before any stage of the chain cut."""
Phase = Literal["loading", "ready", "failed", "restarting", "dead"]


@dataclass(frozen=True)
class Settings:
    """What the next token is drawn with. Turned by keys, restored from a token, undone as one."""

    temperature: float = 1.0
    seed: int = 0
    samplers: tuple[Transform, ...] = ()  # the chain, its temperature to be filled in; empty: the temperature alone


@dataclass(frozen=True)
class Notice:
    """A sentence for the person, shown until the next action.

    `hint` goes after it: a sentence of the program's own, in which `[step]` stands for the keys of that row of the
    table. The text may hold a model's tokens or a path, so nothing in it is taken for a row.
    """

    text: str
    trouble: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Work:
    """What the engine is evaluating: tokens done and to do, for which path, and whether it was told to stop."""

    key: bytes
    done: int = 0
    total: int = 0
    cancelled: bool = False


@dataclass(frozen=True)
class Tokenizing:
    """A prompt whose tokens the engine was asked for, whether as chat, and whether it was told to stop."""

    text: str
    chat: bool
    cancelled: bool = False


@dataclass(frozen=True, eq=False)
class Auto:
    """Stepping by itself, at the node `at`, which the cursor follows while it stands there."""

    at: int
    path: Path  # to `at`
    key: bytes
    row: Row | None = None  # the logits after it, once they are there
    left: int | None = None  # tokens still to take; None: until the text ends
    per_second: float | None = None  # at most; None: as fast as the model
    due: bool = True  # the pace allows a token now
    first: bool = True  # no token taken yet: a breakpoint holds here no more, since one has seen it
    since: int = 0  # the trace's next_id when it began: names the run for undo


@dataclass(frozen=True)
class Overview:
    """Where the person looks in the tree: a branch, by the node it begins with, and one of its tokens."""

    head: int = ROOT
    token: int = 0  # index in the branch
    by_probability: bool = False  # the most probable sibling first; else the one taken first
    marked: int | None = None  # a node, to set the way to it beside another

    @property
    def anew(self) -> Overview:
        """That of another tree, sorted alike."""
        return Overview(by_probability=self.by_probability)

    def after(self, old: Trace, new: Trace) -> Overview:
        """The same when another tree takes the place of one: ids are given again, so none may outlive its node."""
        if old.given != new.given:
            return self.anew
        gone = self.marked is not None and self.marked not in new
        return replace(self, marked=None) if gone else self


def shown_ranks(window: int, top: int) -> int:
    """How many candidates a window shows from `top` on: one less once it is scrolled, for the row of what is above."""
    return window if top == 1 else max(1, window - 1)


@dataclass(frozen=True, eq=False)
class State:
    """One moment of the app."""

    settings: Settings = field(default_factory=Settings)
    trace: Trace = field(default_factory=lambda: Trace(()))
    prompt: str = ""
    chat: bool = False
    asked_prompt: tuple[str, bool] | None = None  # a prompt (and whether as chat) to be tokenized
    tokenizing: Tokenizing | None = None
    rejected_prompt: str | None = None  # a prompt that did not fit, kept for the editor
    rejection: str = ""  # why it did not

    phase: Phase = "loading"
    phase_text: str = ""
    loaded: float | None = None  # fraction of a load, once anything is known of it
    reading: bool = False  # that is of the file, which is read ahead of llama.cpp
    stops_load: bool = False  # the person stopped the load
    info: ModelInfo | None = None
    model: str = ""  # the path asked for
    starts: int = 0  # how often the engine was to be started
    deaths: int = 0  # of the engine since it last answered
    work: Work | None = None
    wants_step: bool = False  # the one step that waits for the row under the cursor
    stopped: bool = False  # the person stopped the evaluation here; it goes on when asked
    auto: Auto | None = None
    comparison: Comparison | None = None  # of temperatures, from the end of the prompt
    looks_ahead: bool = False  # follows the best candidates in idle time
    lookahead: Lookahead | None = None  # what came of it at the cursor
    overview: Overview = field(default_factory=Overview)  # of the tree
    tokens_per_second: float | None = None

    path: Path = ()  # to the cursor; empty until there is a prompt
    key: bytes = b""  # its name in caches
    row: Row | None = None  # the logits after the cursor, once they are there
    settled: State | None = None  # the last moment with a row, to look at while the next one is computed
    readings: Map[tuple[int, ...], Reading | None] = Map()  # noqa: RUF009 (of prompts; None for one that cannot be read)
    bad_row: str | None = None  # why there is no distribution here
    bad_logits: bool = False  # because the model answered with none
    highlight: int = 1  # rank, from 1
    top: int = 1  # the place in the list of candidates, from 1, at which the window begins; a rank if all are listed
    window: int = 10  # candidates that fit on the screen
    breakpoints: Breakpoints = field(default_factory=Breakpoints)
    watches: tuple[Watch, ...] = ()
    followed: Followed = field(default_factory=Followed)  # what was seen of them
    own_presets: Mapping[str, tuple[Transform, ...]] = field(default_factory=dict)
    stage: int = 0  # of the chain, selected
    knob: int = 0  # of that stage, selected
    scale: Scale = "linear"
    ghost: Ghost = "plain"
    cut_hidden: bool = False  # tokens that the chain cut are left out of the candidates
    borders: bool = False  # of tokens, in the text
    other_temperature: float = 1.0  # where `g` goes back to
    notice: Notice | None = None
    history: History = field(default_factory=History)
