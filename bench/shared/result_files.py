"""Results of the benchmarks as JSON files, the facts that belong to them, and Markdown tables.

Every result says under "measured" when it was measured and how busy the machine was.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.markdown import Markdown

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench/results"


def load(name: str) -> dict[str, Any] | None:
    """The last result of a benchmark, or None if it was never measured."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    result: dict[str, Any] = json.loads(path.read_text())
    return result


def save(name: str, result: dict[str, Any]) -> None:
    """Write a result, replacing the last one."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")


def show(section: str) -> None:
    """Print a section of RESULTS.md on the terminal."""
    Console().print(Markdown(section))


def measured() -> str:
    """Date, cores and load, as in "2026-11-23, 2 cores, load 0.4"."""
    today = datetime.now(UTC).date()
    return f"{today}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def machine() -> dict[str, str]:
    """Facts about this machine that figures depend on."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "Date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Processor": f"{os.cpu_count()} cores, {_processor()}",
        "Memory": f"{memory:.0f} GiB",
        "System": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "Load (1, 5, 15 min)": ", ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or "unknown model")


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is aligned left and whose other columns are aligned right."""
    rules = ("---", *("---:" for _ in headings[1:]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rules, *rows))
