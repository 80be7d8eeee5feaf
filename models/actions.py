"""What a person can ask for; and by one name all that `update` is given, the engine's answers too.

All are plain frozen values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .answers import EngineDied as EngineDied
from .answers import Evaluating as Evaluating
from .answers import EvaluationFailed as EvaluationFailed
from .answers import ModelFailed as ModelFailed
from .answers import ModelLoaded as ModelLoaded
from .answers import ModelLoading as ModelLoading
from .answers import PromptFailed as PromptFailed
from .answers import PromptTokenized as PromptTokenized
from .answers import RowReady as RowReady
from .answers import StoredRows as StoredRows
from .effects import CancelWork as CancelWork
from .effects import Effect as Effect
from .effects import Evaluate as Evaluate
from .effects import ReadStored as ReadStored
from .effects import Recall as Recall
from .effects import StartEngine as StartEngine
from .effects import TickAfter as TickAfter
from .effects import TokenizePrompt as TokenizePrompt
from .values import value

if TYPE_CHECKING:
    from .breakpoints import Breakpoints
    from .transform import Transform
    from .watches import Watch


@value
class Step:
    """Take the token on which the coin falls."""


@value
class TakeHighlighted:
    """Take the highlighted candidate."""


@value
class Take:
    """Take exactly this token by hand."""

    token: int


@value
class MoveHighlight:
    """Move the highlight by so many ranks."""

    by: int


@value
class PageHighlight:
    """Move the highlight by so many windows."""

    by: int


@value
class Highlight:
    """Put the highlight on a rank; -1 is the last."""

    rank: int


@value
class HighlightCoin:
    """Put the highlight on the token on which the coin falls."""


@value
class Walk:
    """Move the cursor along the text by so many tokens."""

    by: int


@value
class GoTo:
    """Move the cursor to a node."""

    node: int


@value
class GoToBefore:
    """Move the cursor to the position where a node was taken."""

    node: int


@value
class GoToEnd:
    """Move the cursor to the frontier, the end of the text."""


@value
class Back:
    """Go back to the parent; the node stays in the tree."""


@value
class TurnTemperature:
    """Turn T by so many hundredths, within 0 to 5."""

    hundredths: int


@value
class SetTemperature:
    """Set T."""

    temperature: float


@value
class ToggleGreedy:
    """T to 0, and back to where it was."""


@value
class RestoreDrawn:
    """Set T to what the token on view was drawn with."""


@value
class Toss:
    """Toss the coin again at this position."""


@value
class ToggleScale:
    """Linear or logarithmic candidate bars."""


@value
class ToggleCut:
    """Leave the tokens that the chain cut out of the candidates, or show them in their places."""


@value
class ToggleGhost:
    """Compare the bars with T = 1, or with the current T before any stage of the chain cut."""


@value
class ToggleBorders:
    """Show where tokens begin and end in the text, or not."""


@value
class SetPrompt:
    """Start from this prompt."""

    text: str
    chat: bool = False


@value
class StartAuto:
    """Step by itself: so many tokens, at most so many a second."""

    count: int | None = None
    per_second: float | None = None


@value
class ToggleAuto:
    """Start stepping by itself, or stop."""


@value
class AutoTick:
    """The pace of a slow auto run allows the token after the node `at`."""

    at: int


@value
class SetBreakpoints:
    """Stop an auto run where one of these conditions holds."""

    breakpoints: Breakpoints


@value
class SetWatches:
    """Follow these tokens, or groups of tokens, over the text; empty groups are left out."""

    watches: tuple[Watch, ...]


@value
class ToggleWatch:
    """Follow a token, or no more; the highlighted one if none is said."""

    token: int | None = None


@value
class SelectStage:
    """Select another stage of the chain, so many further down."""

    by: int


@value
class SelectKnob:
    """Select another setting of the stage."""

    by: int


@value
class TurnKnob:
    """Turn the selected setting by so many of its steps."""

    steps: int


@value
class ToggleStage:
    """Switch the selected stage off, or on again."""


@value
class MoveStage:
    """Move the selected stage down by so many places: the order changes the answer."""

    by: int


@value
class NextPreset:
    """The next preset of the chain."""


@value
class KnowPresets:
    """These are the person's own presets: chains by name."""

    presets: Mapping[str, tuple[Transform, ...]]


@value
class SetSamplers:
    """Draw through this chain; none is the temperature alone."""

    samplers: tuple[Transform, ...]


@value
class Compare:
    """Continue the prompt at several temperatures with the same coins, each by so many tokens at most."""

    temperatures: tuple[float, ...]
    limit: int


@value
class Adopt:
    """Continue a column of the comparison, by its index, as a branch of the text."""

    column: int


@value
class LeaveComparison:
    """Forget the comparison."""


@value
class ToggleLookahead:
    """Follow the best candidates greedily in idle time, or not."""


@value
class BranchLookahead:
    """Add what was seen of the candidates' continuations to the tree."""


@value
class OpenTree:
    """Look at the tree from where the cursor stands."""


@value
class TreeMove:
    """Highlight another branch, so many rows further down."""

    rows: int


@value
class TreeWalk:
    """Select another token of the highlighted branch, so many further on."""

    by: int


@value
class TreeSelect:
    """Highlight the branch that begins at a node."""

    head: int


@value
class SortTree:
    """Siblings by probability, or in the order they were taken."""


@value
class Fold:
    """Hide what follows the highlighted branch, or show it again."""


@value
class NameBranch:
    """Name the branch that begins at a node; no name takes the old one away."""

    head: int
    name: str


@value
class DeleteBranch:
    """Delete the highlighted branch with all that follows it."""


@value
class MarkBranch:
    """Mark the selected token, to set the way to it beside another one; mark it again to take the mark away."""


@value
class Cancel:
    """Stop what the engine is doing; dismiss what is said."""


@value
class Undo:
    """Take back the last edit."""


@value
class Redo:
    """Make the edit again that was taken back."""


@value
class OpenModel:
    """Load another model file."""

    path: str


@value
class Say:
    """Tell the person something."""

    text: str


@value
class Resized:
    """So many candidates fit on the screen now."""

    window: int


InTree = (
    ToggleLookahead | BranchLookahead | OpenTree | TreeMove | TreeWalk | TreeSelect | SortTree | Fold | NameBranch
    | DeleteBranch | MarkBranch
)  # fmt: skip

Action = (
    Step | TakeHighlighted | Take | MoveHighlight | PageHighlight | Highlight | HighlightCoin | Walk | GoTo
    | GoToBefore | GoToEnd | Back | TurnTemperature | SetTemperature | ToggleGreedy | RestoreDrawn | Toss
    | ToggleScale | ToggleCut | ToggleGhost | ToggleBorders | SetPrompt | StartAuto | ToggleAuto | AutoTick
    | SelectStage | SelectKnob | TurnKnob | ToggleStage | MoveStage | NextPreset | SetBreakpoints | SetWatches
    | ToggleWatch | KnowPresets | SetSamplers | Compare | Adopt | LeaveComparison | InTree | Cancel | Undo | Redo
    | OpenModel | Say | Resized | ModelLoading | ModelLoaded | ModelFailed | PromptTokenized | PromptFailed
    | Evaluating | RowReady | StoredRows | EvaluationFailed | EngineDied
)  # fmt: skip
