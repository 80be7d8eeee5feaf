"""The lab in a terminal: the app on a model of a few logits, in this process, and the keys that edit them.

Every edit is another model, opened as any other is; the path of a lab spells its logits.
"""

from __future__ import annotations

from ..models import actions as act
from ..models.actions import Action
from ..models.lab import Lab, LabError, open_lab
from ..models.state import Settings, State
from .app import TempvizApp
from .lab_keys import LAB_BY_ID, LAB_TABLE
from .screens.lab import LabScreen

NUDGE = 0.1


class LabApp(TempvizApp):
    """Steps through a text that always has the same distribution. `lab` is the one on view."""

    keys = LAB_TABLE

    def __init__(self, lab: Lab, temperature: float = 1.0) -> None:
        # With borders, since names that follow each other would read as one.
        state = State(settings=Settings(temperature), asked_prompt=("", False), model=lab.path, borders=True)
        super().__init__(lab.path, open_lab, state)
        self.lab = lab
        self._past: list[Lab] = []
        self._future: list[Lab] = []
        self._awaited: int | None = None  # the token to highlight when the lab on view is open

    def get_default_screen(self) -> LabScreen:
        return LabScreen()

    def action_perform(self, name: str) -> None:
        """Do what a row of the lab's keys or of the app's says."""
        if name in LAB_BY_ID:
            getattr(self, f"ui_{LAB_BY_ID[name].ui}")()
        else:
            super().action_perform(name)

    def perform_action(self, action: Action) -> None:
        """As in the app; undo and redo go on to other logits where the edits of one lab end."""
        history = self.state.history
        if isinstance(action, act.Undo) and history.undo is None and self._past:
            self._travel(self._past, self._future)
        elif isinstance(action, act.Redo) and history.redo is None and self._future:
            self._travel(self._future, self._past)
        else:
            super().perform_action(action)

    def _told(self, action: Action) -> None:
        """The model answered; it is no file that one could want to find again."""
        self.perform_action(action)
        state = self.state
        opened = state.row is not None and state.info is not None and state.info.path == self.lab.path
        if opened and state.row is not None and self._awaited is not None:
            token, self._awaited = self._awaited, None
            self.perform_action(act.Highlight(state.row.ranking.rank_of(token)))

    # ---- edits -----------------------------------------------------------------------------------------------------

    def ui_edit_logit(self) -> None:
        """Ask for another logit of the highlighted token."""
        token = self._highlighted
        if token is not None:
            self._ask_lab(token)

    def ui_add_token(self) -> None:
        """Ask for the name and the logit of another token."""
        self._ask_lab(None)

    def ui_remove_token(self) -> None:
        """Remove the highlighted token; the next one is highlighted."""
        token = self._highlighted
        if token is not None:
            try:
                self._edit(self.lab.without(token), token)
            except LabError as error:
                self.perform_action(act.Say(str(error)))

    def ui_raise_logit(self) -> None:
        """A little more for the highlighted token."""
        self._nudge(NUDGE)

    def ui_lower_logit(self) -> None:
        """A little less for the highlighted token."""
        self._nudge(-NUDGE)

    def _nudge(self, by: float) -> None:
        token = self._highlighted
        if token is not None and (logit := self.lab.logits[token]) > float("-inf"):
            # Rounded, so that no digits gather at the end of the number.
            self._edit(self.lab.with_logit(token, round(logit + by, 6)), token)

    @property
    def _highlighted(self) -> int | None:
        """The highlighted token; the one that will be, while another lab is being opened."""
        state = self.state
        if self._awaited is not None:
            return self._awaited
        return None if state.row is None else int(state.row.ranking.ids(state.highlight - 1, state.highlight)[0])

    def _ask_lab(self, token: int | None) -> None:
        """Ask for the logit of a token, or for a new token."""
        from .screens.lab_dialog import LabDialog

        def answered(lab: Lab | None) -> None:
            if lab is not None:
                self._edit(lab, len(lab.names) - 1 if token is None else token)

        self.push_screen(LabDialog(self.lab, token), answered)

    def _edit(self, lab: Lab, token: int) -> None:
        if lab != self.lab:
            self._past.append(self.lab)
            self._future.clear()
            self._open(lab, token)

    def _travel(self, there: list[Lab], back: list[Lab]) -> None:
        back.append(self.lab)
        self._open(there.pop(), self._highlighted or 0)

    def _open(self, lab: Lab, token: int) -> None:
        self.lab, self._awaited = lab, min(token, len(lab.names) - 1)
        self.perform_action(act.OpenModel(lab.path))

    # ---- what needs a model ----------------------------------------------------------------------------------------

    def ui_edit_prompt(self) -> None:
        """Say that there is none."""
        self.perform_action(
            act.Say(
                f"The lab has no model, so there is no prompt to write: {self.names['edit_logit']} types another logit."
            )
        )

    def ui_open_model(self) -> None:
        """Say how to."""
        self.perform_action(
            act.Say(f"The lab has no model. Leave with {self.names['quit']}; `tempviz` alone offers the models found.")
        )
