"""Measure memory and time of hostile inputs: ``python -m bench.hostile [PART OF A NAME]``.

Ends with 1 when an input is accepted, or takes more than it may.
"""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console

from bench.hostile.inputs import INPUTS, HostileInput
from bench.hostile.measure import MOST_MB, MOST_SECONDS, measure
from bench.hostile.page import section
from bench.shared.result_files import measured, save, show


def is_refused(given: HostileInput, row: dict[str, Any]) -> bool:
    """Return whether an input was refused with its message, within its bounds."""
    cheap = row["mb"] <= MOST_MB and row["seconds"] <= MOST_SECONDS
    return cheap and given.refused in row["message"]


def main(part: str = "") -> int:
    """Measure every input whose name contains ``part``; all of them are saved."""
    console, rows, failed = Console(stderr=True), [], False
    for given in INPUTS:
        if part not in given.name:
            continue
        row = measure(given)
        rows.append(row)
        good = is_refused(given, row)
        failed = failed or not good
        console.print(f"{'ok' if good else 'FAILED'}: {row}"[:300], markup=False)
    result = {"measured": measured(), "rows": rows}
    if not part:
        save("hostile", result)
    show(section(result))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
