"""The figures of the search as a section of RESULTS.md."""

from __future__ import annotations

from typing import Any

from bench.near_duplicates.compare import CORES, OWN
from bench.shared.result_files import markdown_table


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    title = f"## Near-duplicates above {result['threshold']}, {result['dimensions']:,} values"
    headings = ("method", "embeddings", "wall s", "CPU s", "CPU ratio", "added MB", "kept",
                "decided otherwise", "measured")  # fmt: skip
    table = markdown_table(headings, [cells(row) for row in result["rows"]])
    return (
        f"{title}\n\n{CORES} threads; ratios are to `{OWN}`, the product's own search.\n\n{table}"
    )


def cells(row: dict[str, Any]) -> list[str]:
    """One row of the table, in the order of its headings."""
    named = [row["method"], f"{row['embeddings']:,}"]
    if "skipped" in row:
        return [*named, *["–"] * 6, f"skipped: {row['skipped']}"]
    return [
        *named,
        f"{row['wall_s']:.2f}",
        f"{row['cpu_s']:.2f}",
        f"{row['cpu_ratio']:.2f}",
        f"{row['added_mb']:.0f}",
        f"{row['kept']:,}",
        f"{row['decided_otherwise']:,}{_checked(row)}",
        row["measured"],
    ]


def _checked(row: dict[str, Any]) -> str:
    return f" of {row['checked']:,} checked" if "checked" in row else ""
