"""The figures as a section of RESULTS.md."""

from __future__ import annotations

from typing import Any

from bench.hostile.measure import MOST_MB, MOST_SECONDS
from bench.shared.result_files import markdown_table


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    rows = [
        (row["name"], f"{row['bytes']:,}", f"{row['seconds']:.2f}", f"{row['mb']:,}")
        for row in result["rows"]
    ]
    table = markdown_table(("input", "bytes", "seconds", "peak MB"), rows)
    return (
        "## Hostile inputs until they are refused\n\n"
        f"Allowed are {MOST_MB:,} MB and {MOST_SECONDS} s of processor time. Each is read in a "
        "process of its own; the peak includes the interpreter, NumPy, OpenCV and libav, about "
        f"100 MB. Measured {result['measured']}.\n\n{table}"
    )
