"""What every command works with."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console

from launcher.processes.interrupts import Interrupts
from launcher.state.layout import Project
from launcher.terminal import print_text


@dataclass(frozen=True)
class Context:
    """One command in one terminal: the project, where to print, and whether Ctrl-C was pressed."""

    project: Project
    console: Console
    interrupts: Interrupts

    def print_line(self, text: str) -> None:
        """Print `text` as it is: no markup, no colours, no line breaks of our own."""
        print_text(self.console, text)
