"""Results of the benchmarks: JSON files beside this one, and the words that a section is made of.

Every result says when it was measured, and how busy the machine was, under "measured".
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

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench/results"


def load(name: str) -> dict[str, Any] | None:
    """The last result of a benchmark, or None when it was never measured."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def save(name: str, result: dict[str, Any]) -> None:
    """Keep a result in place of the one before."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")


def measured() -> str:
    """Now and here, in words: "2026-11-23, 2 cores, load 0.4"."""
    today = datetime.now(UTC).date()
    return f"{today}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def machine() -> dict[str, str]:
    """What the figures of a run depend on."""
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
    """A table; the first column is text, the others are figures."""
    rules = ("---", *("---:" for _ in headings[1:]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rules, *rows))
