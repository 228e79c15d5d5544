"""The table at the end of a run."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table


def table(folder: Path) -> Table:
    """What the run made, from the files in `out/<run>/`."""
    made = Table(title=f"{folder.name}", show_header=False)
    return made
