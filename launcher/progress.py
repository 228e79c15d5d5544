"""Shows a run while it goes on: a table that redraws itself, or plain lines without a terminal."""

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

from launcher.stages import Stage, StageState

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


def clock(seconds: float | None) -> str:
    """`75.2` as `1:15`; nothing for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


class Progress(Protocol):
    """Where progress is shown."""

    def show(self, stages: Sequence[Stage]) -> None:
        """Show how far the run is."""

    def note(self, text: str) -> None:
        """Say one thing that stays readable afterwards."""


@dataclass
class PlainProgress:
    """One line per change; for logs and pipes."""

    console: Console
    began: float = field(default_factory=time.monotonic)
    _seen: dict[str, tuple[StageState, int]] = field(default_factory=dict)

    def show(self, stages: Sequence[Stage]) -> None:
        for stage in stages:
            now = (stage.state, stage.done)
            if self._seen.get(stage.task_id, (StageState.WAITING, 0)) != now:
                self.note(f"{stage.label:22} {stage.state:15} {stage.count:7}{_took(stage)}")
            self._seen[stage.task_id] = now

    def note(self, text: str) -> None:
        stamp = clock(time.monotonic() - self.began)
        self.console.print(
            f"{stamp:>6}  {text.rstrip()}", markup=False, highlight=False, soft_wrap=True
        )


@dataclass
class LiveProgress:
    """A table of all stages that redraws itself; notes scroll by above it."""

    live: Live
    heading: str
    began: float = field(default_factory=time.monotonic)

    def show(self, stages: Sequence[Stage]) -> None:
        self.live.update(Group(stage_table(stages), self._footer(stages)))

    def note(self, text: str) -> None:
        self.live.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _footer(self, stages: Sequence[Stage]) -> Text:
        done = sum(stage.state in (StageState.DONE, StageState.SKIPPED) for stage in stages)
        elapsed = clock(time.monotonic() - self.began)
        return Text(f"{done} of {len(stages)} stages · {elapsed} · {self.heading}", style="dim")


def stage_table(stages: Sequence[Stage]) -> Table:
    """One row per stage: name, state, count of mapped tasks, time."""
    table = Table(box=None, pad_edge=False)
    table.add_column("stage", min_width=22)
    table.add_column("state", min_width=15)
    table.add_column("count", justify="right", min_width=7)
    table.add_column("time", justify="right", min_width=6)
    for stage in stages:
        style = STYLES[stage.state]
        table.add_row(stage.label, str(stage.state), stage.count, clock(stage.seconds), style=style)
    return table


@contextmanager
def progress_on(console: Console, heading: str) -> Iterator[Progress]:
    """Progress that fits `console`: live on a terminal, lines otherwise."""
    if not console.is_terminal:
        yield PlainProgress(console)
        return
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        yield LiveProgress(live, heading)


def _took(stage: Stage) -> str:
    finished = stage.state in (StageState.DONE, StageState.FAILED)
    return f"{stage.seconds:.1f} s" if finished and stage.seconds is not None else ""
