"""The reference for every time on the screen: a Textual app that does nothing but change a label at a key."""

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Static


class EmptyApp(App[None]):
    """One label that counts keys; q quits."""

    count = 0

    def compose(self) -> ComposeResult:
        yield Static("keys: 0", id="label")

    def on_key(self, event: Key) -> None:
        if event.key == "q":
            self.exit()
        self.count += 1
        self.query_one("#label", Static).update(f"keys: {self.count}")


if __name__ == "__main__":
    EmptyApp().run()
