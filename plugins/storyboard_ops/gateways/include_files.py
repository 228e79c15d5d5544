"""Read the data files of ``include/``: prompts, templates, productions, price tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.error_tree import ObjectMissing

#: ``include/`` next to ``plugins/``, unless STORYBOARD_INCLUDE names another folder.
INCLUDE_ROOT = Path(
    os.environ.get("STORYBOARD_INCLUDE") or Path(__file__).resolve().parents[3] / "include"
)


def include_path(name: str) -> Path:
    """Return the path of a file in ``include/``; raises ObjectMissing when it does not exist."""
    path = INCLUDE_ROOT / name
    if not path.is_file():
        raise ObjectMissing(
            f"{name} is missing in {INCLUDE_ROOT}; deploy the folder include/ with the plugins, "
            "or point STORYBOARD_INCLUDE at it."
        )
    return path


def include_text(name: str) -> str:
    """Read a text file of ``include/``."""
    return include_path(name).read_text(encoding="utf-8")


def include_yaml(name: str) -> Any:
    """Read a YAML file of ``include/``; raises BadInput when it is malformed."""
    return read_yaml(include_path(name).read_bytes(), f"include/{name}")
