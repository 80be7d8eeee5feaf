"""What only the screen can do: dialogs, pictures, the clipboard. Rows of the keymap name these by `ui`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import App, SystemCommand
from textual.screen import ModalScreen, Screen

from ..models import actions as act
from ..models.actions import Action
from ..models.state import State
from .keymap import BY_ID, KEYS, Key, panel_keys
from .remapping import in_force, key_names
from .screens.main import MainScreen

if TYPE_CHECKING:
    from .screens.find import FindScreen


class Intentions(App[None]):
    """The part of the app that turns a wish for a dialog or a picture into one, and its answer into an action."""

    keys: ClassVar[tuple[Key, ...]] = KEYS
    """The rows of the table that the help and the palette show."""

    own_keys: Mapping[str, str]
    """What the person has other keys for: a row's id → its keys."""

    names: Mapping[str, str]
    """The keys of the rows, by their ids, for the sentences that name one."""

    def _go_by(self, own_keys: Mapping[str, str]) -> None:
        self.own_keys = own_keys
        self.names = key_names(KEYS, self) | key_names(self.keys, self)

    @property
    @abstractmethod
    def state(self) -> State:
        """The newest state."""

    @abstractmethod
    def perform_action(self, action: Action) -> None:
        """Hand an action to the session and have the screen follow."""

    @abstractmethod
    def schedule(self) -> None:
        """Have the newest state painted."""

    @property
    @abstractmethod
    def legend(self) -> list[tuple[str, str]]:
        """What the shades of the text mean."""

    def action_perform(self, name: str) -> None:
        """Do what a row of the keymap says."""
        key = BY_ID[name]
        if key.id != "quit" and self.screen.has_class("-small"):
            return  # nobody sees what it would do
        if key.action is not None:
            self.perform_action(key.action)
        elif key.ui is not None:
            getattr(self, f"ui_{key.ui}")()

    def ui_next_view(self) -> None:
        """The next picture of the distribution."""
        self._turn_view(1)

    def ui_previous_view(self) -> None:
        """The picture before."""
        self._turn_view(-1)

    def _turn_view(self, by: int) -> None:
        if isinstance(self.screen, MainScreen):
            self.screen.turn_view(by)

    @on(MainScreen.Turned)
    def _turned(self) -> None:
        self.schedule()

    def ui_chain(self) -> None:
        """Show the chain and give it the keys, or give them back."""
        if isinstance(self.screen, MainScreen):
            self.screen.toggle_chain()

    def ui_save_preset(self) -> None:
        """Ask for a name and save the chain under it."""
        from .screens.dialogs import NameDialog

        def save(name: str) -> Action:
            from ..models.drawing import chain_of
            from ..models.own_presets import PresetError, save_preset

            try:
                save_preset(name, chain_of(self.state.settings))
            except (OSError, ValueError, PresetError) as error:
                return act.Say(f"Not saved: {error}")
            self._know_presets()
            return act.Say(f"Saved as {name}.")

        if self.state.settings.samplers:
            self._ask(NameDialog("Save the chain as a preset of your own"), save)

    def ui_forget_preset(self) -> None:
        """Take the chain's preset out of the person's own."""
        from ..models.chain_edits import preset_name
        from ..models.own_presets import PresetError, forget_preset

        name = preset_name(self.state.settings.samplers, self.state.own_presets)
        if name not in self.state.own_presets:
            self.perform_action(act.Say("This chain is no preset of your own, so there is none to forget."))
            return
        try:
            forget_preset(name)
        except (OSError, ValueError, PresetError) as error:
            self.perform_action(act.Say(f"Not forgotten: {error}"))
            return
        self._know_presets()
        self.perform_action(act.Say(f"Forgot {name}. The chain stays as it is."))

    def _know_presets(self) -> None:
        from ..models.own_presets import presets_file

        if not presets_file().exists():
            return
        from ..models.own_presets import read_presets

        presets, problems = read_presets()
        self.perform_action(act.KnowPresets({name: chain.transforms for name, chain in presets.items()}))
        if problems:
            self.perform_action(act.Say(" ".join(problems)))

    def ui_edit_prompt(self) -> None:
        """Open the prompt editor."""
        from .screens.dialogs import PromptEditor

        state = self.state
        text = state.prompt if state.rejected_prompt is None else state.rejected_prompt
        self._ask(PromptEditor(text, state.chat), lambda answer: act.SetPrompt(*answer))

    def ui_open_model(self) -> None:
        """Offer the models of this machine, with what went wrong if something did."""
        from .screens.picker import Picker

        state = self.state
        failed = state.phase == "failed"
        reason, path = (state.phase_text, state.model) if failed else ("", "")
        if isinstance(self.screen, Picker):
            self.screen.tell(reason, path, state.stops_load)
        else:
            self._ask(Picker(reason, path, state.stops_load), act.OpenModel)

    @cached_property
    def finder(self) -> FindScreen:
        """One for the whole run, since to make a screen takes far longer than to show it again."""
        from .screens.find import FindScreen

        finder = FindScreen()
        self.install_screen(finder, "find")
        return finder

    def ui_find(self) -> None:
        """Find any token and take it, at the position where it was looked for."""
        if self.state.auto is not None:
            self.perform_action(act.ToggleAuto())
        key = self.state.key

        def take(found: Action) -> Action:
            if isinstance(found, act.Take) and self.state.key != key:
                return act.Say("Nothing was taken: the position has changed in the meantime.")
            return found

        coming = self.state.row is not None or self.state.work is not None
        if self.state.info is None or not coming:
            self.perform_action(act.Say("There are no probabilities here yet to find a token by."))
        else:
            self.finder.look_in(self.state)
            self._ask(self.finder, take)

    def find_goes_on(self) -> None:
        """A row may have come for which the search that is open waits."""
        if "finder" in vars(self) and self.finder.is_current:
            self.finder.go_on(self.state)

    def ui_compare(self) -> None:
        """Ask at which temperatures, then show the prompt's text at each of them."""
        from .screens.compare import CompareDialog, CompareScreen

        def compare(asked: Action | None) -> None:
            if asked is not None:
                self.perform_action(asked)
            if self.state.comparison is not None:
                self._ask(CompareScreen(self.state, self.legend), lambda wanted: wanted)

        self.push_screen(CompareDialog(), compare)

    def ui_tree(self) -> None:
        """Show the tree from where the cursor stands."""
        from .screens.tree import TreeScreen

        self.perform_action(act.OpenTree())
        self._ask(TreeScreen(self.state), lambda wanted: wanted)

    def ui_tree_go(self) -> None:
        """Leave the tree for the selected token."""
        from ..models.tree_actions import highlighted

        self._leave_tree(act.GoTo(highlighted(self.state).node))

    def ui_tree_leave(self) -> None:
        """Leave the tree as it is; what it said is read."""
        self._leave_tree(act.GoTo(self.state.trace.cursor))

    def _leave_tree(self, wanted: Action | None) -> None:
        from .screens.tree import TreeScreen

        if isinstance(self.screen, TreeScreen):
            self.screen.dismiss(wanted)

    def ui_tree_pair(self) -> None:
        """Set the marked branch and the highlighted one side by side."""
        from .pair_view import ends
        from .screens.pair import PairScreen

        nodes = ends(self.state)
        if nodes is None:
            self.perform_action(
                act.Say(f"Mark a branch first ({self.names['tree_mark']}), then put the highlight on another one.")
            )
        else:
            self.push_screen(PairScreen(self.state, *nodes))

    def ui_tree_name(self) -> None:
        """Ask for the name of the highlighted branch."""
        from ..models.tree_actions import highlighted
        from .screens.dialogs import NameDialog

        head = highlighted(self.state).head
        dialog = NameDialog("Name this branch", self.state.trace[head].name, may_be_empty=True)
        self._ask(dialog, lambda name: act.NameBranch(head, name))

    def ui_ask_auto(self) -> None:
        """Ask how far and how fast to step."""
        from .screens.dialogs import AutoDialog

        self._ask(AutoDialog(), lambda answer: act.StartAuto(*answer))

    def ui_breakpoints(self) -> None:
        """Ask where auto is to stop."""
        from .screens.dialogs import BreakpointDialog

        self._ask(BreakpointDialog(self.state.breakpoints), act.SetBreakpoints)

    def ui_watches(self) -> None:
        """Ask which tokens are watched."""
        from .screens.watches import WatchDialog

        state = self.state
        if state.info is not None:
            self._ask(WatchDialog(state.watches, state.info.vocabulary), act.SetWatches)

    def ui_copy(self) -> None:
        """Copy the text, escaped or raw as the person says."""
        from .screens.dialogs import CopyDialog

        def copy(form: str | None) -> None:
            if form is not None:
                text = escaped_text(self.state) if form == "escaped" else raw_text(self.state)
                self.copy_to_clipboard(text)
                self.perform_action(act.Say(f"Copied {len(text):,} characters, {form}."))

        if self.state.info is not None:
            from .text_out import escaped_text, raw_text

            self.push_screen(CopyDialog(), copy)

    def ui_palette(self) -> None:
        """Search all actions."""
        self.action_command_palette()

    def _ask(self, dialog: ModalScreen[Any], wanted: Callable[[Any], Action]) -> None:
        """Show a dialog; what it is dismissed with becomes an action."""

        def answered(answer: Any) -> None:
            if answer is not None:
                self.perform_action(wanted(answer))

        self.push_screen(dialog, answered)

    def ui_help(self) -> None:
        """Explain the keys and the panels."""
        from .help import help_sections
        from .screens.dialogs import HelpScreen

        self.push_screen(HelpScreen(partial(help_sections, in_force(self.keys, self))))

    def action_help_quit(self) -> None:
        """What ctrl+c does in Textual: say how to quit."""
        self.perform_action(act.Say(f"{self.names['quit']} quits."))

    def ui_quit(self) -> None:
        """Leave."""
        self.exit()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every row of the keymap that works on this screen now, and the themes."""
        table, panels = in_force(self.keys, self), getattr(screen, "panels", ())  # a dialog has none
        for key in dict.fromkeys(key for panel in panels for key in panel_keys(table, panel)):
            if key.id != "palette":
                yield SystemCommand(f"{key.label} ({key.shown})", key.tooltip, partial(self.action_perform, key.id))
        yield SystemCommand("theme", "Change the colours", self.action_change_theme)
