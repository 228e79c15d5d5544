"""Shows the progress of a run: a live table in a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from launcher.runs.stages import Stage, StageState
from launcher.terminal import add_row, plain, print_text

#: Seconds without a line after which one says what is going on.
QUIET_SECONDS = 30.0
STYLES = {
    StageState.WAITING: "dim",
    StageState.RUNNING: "bold cyan",
    StageState.DEFERRED: "yellow",
    StageState.RETRYING: "magenta",
    StageState.DONE: "green",
    StageState.SKIPPED: "dim green",
    StageState.FAILED: "bold red",
    StageState.NOT_REACHED: "dim red",
}


def format_seconds(seconds: float | None) -> str:
    """Format seconds as minutes and seconds, `75.2` as `1:15`; None as ""."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


class Progress(Protocol):
    """Shows progress."""

    def show(self, stages: Sequence[Stage]) -> None:
        """Show the current stages."""

    def note(self, text: str) -> None:
        """Print a line that stays on the screen."""


@dataclass
class PlainProgress:
    """Prints a line per change, for logs and pipes."""

    console: Console
    began: float = field(default_factory=time.monotonic)
    _seen: dict[str, tuple[StageState, int]] = field(default_factory=dict)
    _spoke: float = field(default_factory=time.monotonic)

    def show(self, stages: Sequence[Stage]) -> None:
        """Print the stages that have changed; after QUIET_SECONDS without one, those that run."""
        for stage in stages:
            now = (stage.state, stage.done)
            if self._seen.get(stage.task_id, (StageState.WAITING, 0)) != now:
                self.note(f"{stage.label:22} {stage.state:15} {stage.count:7}{_format_end(stage)}")
            self._seen[stage.task_id] = now
        if time.monotonic() - self._spoke >= QUIET_SECONDS:
            self.note(describe_running(stages))

    def note(self, text: str) -> None:
        self._spoke = time.monotonic()
        stamp = format_seconds(time.monotonic() - self.began)
        print_text(self.console, f"{stamp:>6}  {text.rstrip()}")


def describe_running(stages: Sequence[Stage]) -> str:
    """Say which stages are at work, and for how long."""
    running = [
        f"{stage.label} ({stage.state}, {format_seconds(stage.seconds)})"
        for stage in stages
        if stage.state in (StageState.RUNNING, StageState.DEFERRED, StageState.RETRYING)
    ]
    return f"still at work: {', '.join(running) or 'Airflow starts the next task'}"


@dataclass
class LiveProgress:
    """Redraws a table of all stages; notes scroll by above it."""

    live: Live
    heading: str
    began: float = field(default_factory=time.monotonic)

    def show(self, stages: Sequence[Stage]) -> None:
        self.live.update(Group(build_stage_table(stages), self._footer(stages)))

    def note(self, text: str) -> None:
        print_text(self.live.console, text)

    def _footer(self, stages: Sequence[Stage]) -> Text:
        done = sum(stage.state in (StageState.DONE, StageState.SKIPPED) for stage in stages)
        elapsed = format_seconds(time.monotonic() - self.began)
        footer = plain(f"{done} of {len(stages)} stages · {elapsed} · {self.heading}")
        footer.stylize("dim")
        return footer


def build_stage_table(stages: Sequence[Stage]) -> Table:
    """Build a table with a row per stage: name, state, count of mapped tasks, time."""
    table = Table(box=None, pad_edge=False)
    table.add_column("stage", min_width=22)
    table.add_column("state", min_width=15)
    table.add_column("count", justify="right", min_width=7)
    table.add_column("time", justify="right", min_width=6)
    for stage in stages:
        style = STYLES[stage.state]
        seconds = format_seconds(stage.seconds)
        add_row(table, stage.label, str(stage.state), stage.count, seconds, style=style)
    return table


@contextmanager
def open_progress(console: Console, heading: str) -> Iterator[Progress]:
    """Show progress on `console`: live in a terminal, as lines elsewhere."""
    if not console.is_terminal:
        yield PlainProgress(console)
        return
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        yield LiveProgress(live, heading)


def _format_end(stage: Stage) -> str:
    finished = stage.state in (StageState.DONE, StageState.FAILED)
    return f"{stage.seconds:.1f} s" if finished and stage.seconds is not None else ""
