"""The bounds in SECURITY.md, from the code.

``python -m tests.docs.generated.limits_table`` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from storyboard_ops.domain import input_limits
from tests.docs.generated.marked_part import MarkedPart
from tests.docs.markdown_files import ROOT

PART = MarkedPart(ROOT / "SECURITY.md", "bounds")
UPDATE = "PYTHONPATH=plugins:. .venv/bin/python -m tests.docs.generated.limits_table"
_BOUND = re.compile(r"^(?P<name>MOST_\w+) = .+?  # (?P<unit>[a-z]+): (?P<reason>.+)$")
_GROUP = re.compile(r"^# --- (?P<group>.+?) -+$")


def table() -> str:
    """Return a row for every bound, in the order of the code."""
    heads = "| of | bound | at most | what it is for |\n| --- | --- | ---: | --- |"
    return "\n".join((heads, *(f"| {' | '.join(row)} |" for row in rows())))


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield group, name, value with unit, and reason of each bound."""
    group = ""
    source = (ROOT / "plugins/storyboard_ops/domain/input_limits.py").read_text("utf-8")
    for line in source.splitlines():
        if head := _GROUP.match(line):
            group = head["group"]
        elif bound := _BOUND.match(line):
            value = getattr(input_limits, bound["name"])
            yield group, f"`{bound['name']}`", in_units(value, bound["unit"]), bound["reason"]


def in_units(value: int, unit: str) -> str:
    """Write a bound; bytes in the largest unit that divides them.

    >>> in_units(256 * 1024, "bytes"), in_units(6_000_000, "packets")
    ('256 KiB', '6,000,000 packets')
    """
    if unit == "bytes":
        for size, name in ((2**20, "MiB"), (2**10, "KiB")):
            if value % size == 0:
                return f"{value // size:,} {name}"
    return f"{value:,} {unit}"


if __name__ == "__main__":
    PART.write(table())
