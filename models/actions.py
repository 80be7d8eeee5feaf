"""What a person can ask for, what the engine tells, and what `update` wants done. All are plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .effects import CancelWork as CancelWork
from .effects import Effect as Effect
from .effects import Evaluate as Evaluate
from .effects import StartEngine as StartEngine
from .effects import TickAfter as TickAfter
from .effects import TokenizePrompt as TokenizePrompt
from .engine import Logits, ModelInfo

if TYPE_CHECKING:
    from .breakpoints import Breakpoints
    from .transform import Transform

# ---- what a person asks for ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """Take the token on which the coin falls."""


@dataclass(frozen=True, slots=True)
class TakeHighlighted:
    """Take the highlighted candidate."""


@dataclass(frozen=True, slots=True)
class Take:
    """Take exactly this token by hand."""

    token: int


@dataclass(frozen=True, slots=True)
class MoveHighlight:
    """Move the highlight by so many ranks."""

    by: int


@dataclass(frozen=True, slots=True)
class PageHighlight:
    """Move the highlight by so many windows."""

    by: int


@dataclass(frozen=True, slots=True)
class Highlight:
    """Put the highlight on a rank; -1 is the last."""

    rank: int


@dataclass(frozen=True, slots=True)
class HighlightCoin:
    """Put the highlight on the token on which the coin falls."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Move the cursor along the text by so many tokens."""

    by: int


@dataclass(frozen=True, slots=True)
class GoTo:
    """Move the cursor to a node."""

    node: int


@dataclass(frozen=True, slots=True)
class GoToBefore:
    """Move the cursor to the position where a node was taken."""

    node: int


@dataclass(frozen=True, slots=True)
class GoToEnd:
    """Move the cursor to the frontier, the end of the text."""


@dataclass(frozen=True, slots=True)
class Back:
    """Go back to the parent; the node stays in the tree."""


@dataclass(frozen=True, slots=True)
class TurnTemperature:
    """Turn T by so many hundredths, within 0 to 5."""

    hundredths: int


@dataclass(frozen=True, slots=True)
class SetTemperature:
    """Set T."""

    temperature: float


@dataclass(frozen=True, slots=True)
class ToggleGreedy:
    """T to 0, and back to where it was."""


@dataclass(frozen=True, slots=True)
class RestoreDrawn:
    """Set T to what the token on view was drawn with."""


@dataclass(frozen=True, slots=True)
class Toss:
    """Toss the coin again at this position."""


@dataclass(frozen=True, slots=True)
class ToggleScale:
    """Linear or logarithmic candidate bars."""


@dataclass(frozen=True, slots=True)
class ToggleBorders:
    """Show where tokens begin and end in the text, or not."""


@dataclass(frozen=True, slots=True)
class SetPrompt:
    """Start from this prompt."""

    text: str
    chat: bool = False


@dataclass(frozen=True, slots=True)
class StartAuto:
    """Step by itself: so many tokens, at most so many a second."""

    count: int | None = None
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class ToggleAuto:
    """Start stepping by itself, or stop."""


@dataclass(frozen=True, slots=True)
class AutoTick:
    """The pace of a slow auto run allows the token after the node `at`."""

    at: int


@dataclass(frozen=True, slots=True)
class SetBreakpoints:
    """Stop an auto run where one of these conditions holds."""

    breakpoints: Breakpoints


@dataclass(frozen=True, slots=True)
class SelectStage:
    """Select another stage of the chain, so many further down."""

    by: int


@dataclass(frozen=True, slots=True)
class SelectKnob:
    """Select another setting of the stage."""

    by: int


@dataclass(frozen=True, slots=True)
class TurnKnob:
    """Turn the selected setting by so many of its steps."""

    steps: int


@dataclass(frozen=True, slots=True)
class ToggleStage:
    """Switch the selected stage off, or on again."""


@dataclass(frozen=True, slots=True)
class MoveStage:
    """Move the selected stage down by so many places: the order changes the answer."""

    by: int


@dataclass(frozen=True, slots=True)
class NextPreset:
    """The next preset of the chain."""


@dataclass(frozen=True, slots=True)
class KnowPresets:
    """These are the person's own presets: chains by name."""

    presets: Mapping[str, tuple[Transform, ...]]


@dataclass(frozen=True, slots=True)
class SetSamplers:
    """Draw through this chain; none is the temperature alone."""

    samplers: tuple[Transform, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """Continue the prompt at several temperatures with the same coins, each by so many tokens at most."""

    temperatures: tuple[float, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Adopt:
    """Continue a column of the comparison, by its index, as a branch of the text."""

    column: int


@dataclass(frozen=True, slots=True)
class LeaveComparison:
    """Forget the comparison."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop what the engine is doing; dismiss what is said."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back the last edit."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Make the edit again that was taken back."""


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Load another model file."""

    path: str


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person something."""

    text: str


@dataclass(frozen=True, slots=True)
class Resized:
    """So many candidates fit on the screen now."""

    window: int


# ---- what the engine tells -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelLoading:
    """The model is being read: fraction done."""

    fraction: float


@dataclass(frozen=True, slots=True)
class ModelLoaded:
    """The model can be asked."""

    info: ModelInfo


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """The model cannot be used; a sentence says why."""

    sentence: str


@dataclass(frozen=True, slots=True)
class PromptTokenized:
    """The tokens of a prompt."""

    text: str
    chat: bool
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PromptFailed:
    """A prompt could not be turned into tokens."""

    text: str
    chat: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Evaluating:
    """Tokens decoded so far of a path."""

    key: bytes
    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class RowReady:
    """The logits after a path. `seconds` and `tokens` tell what it took; 0 when the row was still stored."""

    key: bytes
    logits: Logits
    seconds: float = 0.0
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class EvaluationFailed:
    """No logits for this path; a sentence says why. `bad` if the model answered with what is no distribution."""

    key: bytes
    sentence: str
    bad: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class EngineDied:
    """The child process ended; a sentence says how."""

    sentence: str


Action = (
    Step | TakeHighlighted | Take | MoveHighlight | PageHighlight | Highlight | HighlightCoin | Walk | GoTo
    | GoToBefore | GoToEnd | Back | TurnTemperature | SetTemperature | ToggleGreedy | RestoreDrawn | Toss
    | ToggleScale | ToggleBorders | SetPrompt | StartAuto | ToggleAuto | AutoTick | SelectStage | SelectKnob
    | TurnKnob | ToggleStage | MoveStage | NextPreset | SetBreakpoints | KnowPresets | SetSamplers | Compare | Adopt
    | LeaveComparison | Cancel | Undo | Redo | OpenModel | Say | Resized | ModelLoading | ModelLoaded | ModelFailed
    | PromptTokenized | PromptFailed | Evaluating | RowReady | EvaluationFailed | EngineDied
)  # fmt: skip
