"""The way of a changed line to the terminal, past Textual's compositor. It uses insides of the pinned Textual 8.2.8.

For every frame the compositor asks all panels for all their lines, cuts each wherever any panel begins or ends, and
picks. Where nothing but lines of our own panels changed, and nothing covers these, they are all that the terminal has
to be told. Anything else goes Textual's way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

Run = tuple[str, str]


class Look(dict[tuple[str, str], str]):
    """What a terminal that draws in one role has to be told to draw in another: (before, now) → codes, kept.

    The role before the first is "".
    """

    def __init__(self, style: Callable[[str], Style], system: ColorSystem) -> None:
        super().__init__()
        self._style, self._system = style, system

    def __missing__(self, roles: tuple[str, str]) -> str:
        before, now = roles
        style = self._style
        self[roles] = codes = _change(style(before) if before else None, style(now), self._system)
        return codes


class Line(Strip):
    """A line of a panel: its runs, and what they are to the terminal, which is only what changes from run to run.

    Textual's strip is made when somebody asks for more than that. It spells both colours of every run out, which are
    most of a frame's bytes, and keeps what it was divided into, which is mostly itself: every line painted would wait
    for the collector of cycles, whose work can be felt.
    """

    __slots__ = ("_panel", "_runs")

    def __init__(self, runs: Sequence[Run], panel: LinesWidget, cells: int) -> None:
        self._runs, self._panel = runs, panel
        self._cell_length = cells
        self._render_cache = None

    def __getattr__(self, name: str):
        if name not in Strip.__slots__:
            raise AttributeError(name)
        drawn, style = self._render_cache, self._panel.role_style
        super().__init__([Segment(text, style(role)) for text, role in self._runs], self._cell_length)
        self._render_cache = drawn
        return getattr(self, name)

    def render(self, console: Console) -> str:
        if self._render_cache is None:
            look = self._panel.look(console._color_system or ColorSystem.TRUECOLOR)
            parts, before = [], ""
            for text, role in self._runs:
                if role != before:
                    parts.append(look[before, role])
                    before = role
                parts.append(text)
            parts.append("\x1b[0m")
            self._render_cache = "".join(parts)
        return self._render_cache

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        cuts = list(cuts)
        return [self] if cuts == [self._cell_length] else super().divide(cuts)


def _change(before: Style | None, style: Style, system: ColorSystem) -> str:
    """What a terminal that draws in one style has to be told to draw in another."""
    whole = Strip.render_ansi(style, system)
    if before is None or (before._attributes, before._set_attributes) != (style._attributes, style._set_attributes):
        return f"\x1b[0;{whole}m" if whole else "\x1b[0m"
    codes: list[str] = []
    for foreground, old, new in ((True, before.color, style.color), (False, before.bgcolor, style.bgcolor)):
        if old != new:
            default = ("39",) if foreground else ("49",)
            codes += new.downgrade(system).get_ansi_codes(foreground) if new else default
    return f"\x1b[{';'.join(codes)}m" if codes else ""


class LinesUpdate(CompositorUpdate):
    """Whole lines of panels, each with the column and row of its first cell on the screen, after a usual update."""

    def __init__(self, lines: Sequence[tuple[int, int, Strip]], usual: CompositorUpdate | None) -> None:
        self._lines, self._usual = lines, usual

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        yield Segment(self.render_segments(console))

    def render_segments(self, console: Console) -> str:
        lines = [f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self._lines]
        return (self._usual.render_segments(console) if self._usual else "") + "".join(lines)


class LinesWidget(Widget):
    """A panel that knows which of its lines are not yet on the screen as they are."""

    _fresh: frozenset[int] | set[int] = frozenset()
    _look: Look | None = None

    def role_style(self, role: str) -> Style:
        """The style of a role."""
        raise NotImplementedError

    def look(self, system: ColorSystem) -> Look:
        """The changes from one role to the next, kept until the style changes; a terminal has one system of colours."""
        if self._look is None:
            self._look = Look(self.role_style, system)
        return self._look

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._look = None

    def repaint_lines(self, rows: Iterable[int]) -> None:
        """Have these lines painted, counted from the widget's top edge.

        Does what `refresh` does by a turn of the widget's own loop and a message to the screen, without them: with as
        many panels as there are, they cost as much as all the drawing.
        """
        self._fresh = {*self._fresh, *rows}
        if self._fresh:
            screen = self.screen
            screen._dirty_widgets.add(self)
            screen.check_idle()

    def line(self, y: int) -> Strip | None:
        """The line y, counted from the top edge, from edge to edge; None if it has to be painted Textual's way."""
        raise NotImplementedError

    def _exchange_repaint_regions(self) -> list[Region]:
        fresh, self._fresh = self._fresh, frozenset()
        return [*super()._exchange_repaint_regions(), *(Region(0, y, self.outer_size.width, 1) for y in fresh)]


class LinesScreen(Screen):
    """A screen of such panels, among others."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Between the panels of an opaque screen nothing is drawn, and Textual's way to find that out is a long one."""
        if self.styles.background.a < 1 or self.app.no_color:
            return super().render_lines(crop)
        return [Strip.blank(crop.width, self.visual_style.rich_style)] * crop.height

    def mount_ahead(self, app: App[Any]) -> None:
        """Do, before it is shown, what Textual does when a screen is shown for the first time, but paint."""

        def lay_out() -> None:
            self.update_node_styles(animate=False)
            self._refresh_layout(app.size)
            self._layout_required = False
            self._update_timer.resume()  # for the first time that takes a frame

        app._load_screen_css(self)
        app._get_screen(self)
        app.call_next(lay_out)  # behind the end of the mounting

    def _on_timer_update(self) -> None:
        lines = self._fresh_lines()
        if lines is None:
            super()._on_timer_update()
            return
        self._update_timer.pause()
        others, usual = {w for w in self._dirty_widgets if not isinstance(w, LinesWidget)}, None
        self._dirty_widgets.clear()
        if others:
            self._compositor.update_widgets(others)
            usual = self._compositor.render_partial_update()
        self.app._display(self, LinesUpdate(lines, usual))
        self.app._update_mouse_over(self)
        if self._callbacks:
            self.call_next(self._invoke_and_clear_callbacks)

    def _fresh_lines(self) -> list[tuple[int, int, Strip]] | None:
        """The lines that are to be painted; None if more is to be done, or something covers one of them."""
        app = self.app
        if self._layout_required or self._scroll_required or self._repaint_required or self._recompose_required:
            return None
        if app.screen is not self or app._batch_count or app.is_inline or self._compositor._dirty_regions:
            return None
        if self.styles.background.a < 1:
            return None  # what is below shines through
        panels = [widget for widget in self._dirty_widgets if isinstance(widget, LinesWidget)]
        if not panels or self in self._dirty_widgets:
            return None
        lines: list[tuple[int, int, Strip]] = []
        for panel in panels:
            place = self._uncovered.get(panel)
            if place is None or panel._repaint_regions or panel.outer_size != place.size:
                return None
            for y in panel._fresh:
                line = panel.line(y) if y < place.height else None
                if line is None or line.cell_length != place.width:
                    return None
                lines.append((place.x, place.y + y, line))
        for panel in panels:
            panel._fresh = frozenset()
        return sorted(lines, key=itemgetter(1, 0))

    @property
    def _uncovered(self) -> dict[Widget, Region]:
        """The widgets of which every cell is on the screen, and where; found out anew with every layout."""
        visible = self._compositor.visible_widgets
        if self._places[0] is not visible:
            self._places = visible, dict(_uncovered(visible))
        return self._places[1]

    _places: tuple[object, dict[Widget, Region]] = (None, {})


def _uncovered(visible: Mapping[Widget, tuple[Region, Region]]) -> Iterator[tuple[Widget, Region]]:
    for widget, (region, clip) in visible.items():
        over = [other for other, (area, _) in visible.items() if area.overlaps(region)]
        if clip.contains_region(region) and all(other is widget or other in widget.ancestors for other in over):
            yield widget, region
