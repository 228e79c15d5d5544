"""Drawings that tests compare with a file that somebody has looked at.

``WRITE_GOLDENS=1 make test`` rewrites the files; look at what changed before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"


def assert_golden(name: str, drawn: str) -> None:
    """Assert that a drawing equals the file of that name."""
    file = FOLDER / name
    if os.environ.get("WRITE_GOLDENS"):
        file.write_text(drawn)
    assert drawn.splitlines() == file.read_text().splitlines()
