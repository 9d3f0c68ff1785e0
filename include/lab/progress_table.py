"""A start, shown as one line per component."""

import threading
from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from include.lab.component import Phase

_COLOURS = {
    Phase.WAITING: "dim",
    Phase.PREPARING: "cyan",
    Phase.STARTING: "yellow",
    Phase.HEALTHY: "green",
    Phase.FAILED: "red",
}


@dataclass(slots=True)
class ProgressTable:
    """A `Progress` on a terminal, redrawn in place; elsewhere, a line for each component that ends its way up."""

    console: Console
    _lines: dict[str, tuple[Phase, float]] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _live: Live = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the display."""
        self._live = Live(console=self.console, get_renderable=self._render, transient=False)

    def __enter__(self) -> "ProgressTable":
        """Begin to draw."""
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the last state on the screen."""
        if self.console.is_terminal:
            self._live.stop()

    def __call__(self, name: str, phase: Phase, seconds: float) -> None:
        """Note a change."""
        with self._lock:
            self._lines[name] = (phase, seconds)
        if not self.console.is_terminal and phase in {Phase.HEALTHY, Phase.FAILED}:
            self.console.print(f"{name:<24}{phase:<10}{seconds:5.1f} s", highlight=False)

    def _render(self) -> Table:
        table = Table(box=None, show_header=False)
        with self._lock:
            lines = list(self._lines.items())
        for name, (phase, seconds) in lines:
            took = f"{seconds:.1f} s" if phase in {Phase.HEALTHY, Phase.FAILED} else ""
            table.add_row(name, f"[{_COLOURS[phase]}]{phase}[/]", took)
        return table
