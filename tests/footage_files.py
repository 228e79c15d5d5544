"""Where the openly licensed test footage lies; tests that need it skip where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).resolve().parent.parent
FOOTAGE = Path(os.environ.get("STORYBOARD_FOOTAGE", PROJECT_ROOT.parent / "shared" / "footage"))

needs_footage = pytest.mark.skipif(
    not FOOTAGE.is_dir(),
    reason=f"test footage is not at {FOOTAGE}; set STORYBOARD_FOOTAGE to its folder",
)
