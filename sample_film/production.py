"""Where the film's production file and reference pictures live."""

from __future__ import annotations

from pathlib import Path

SLUG = "paper-lantern"
PRODUCTIONS = Path(__file__).resolve().parents[1] / "include" / "productions"
PRODUCTION_FILE = PRODUCTIONS / f"{SLUG}.yaml"
REFERENCES = PRODUCTIONS / SLUG / "references"
