"""What a screen above the main one is, if it shows the state as it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...models.state import State


class Following:
    """The app hands the newest state to such a screen once per frame, in the place of the main screen below it."""

    def follow(self, state: State) -> None:
        """Show this state."""
        raise NotImplementedError
