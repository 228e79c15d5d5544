"""The files of ``include/``, which are data: prompts, templates, productions, price tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

from storyboard_ops.domain.error_tree import ObjectMissing

#: ``include/`` beside ``plugins/``; a deployment that keeps it elsewhere says so.
INCLUDE_ROOT = Path(
    os.environ.get("STORYBOARD_INCLUDE") or Path(__file__).resolve().parents[3] / "include"
)


def include_path(name: str) -> Path:
    """Path of a file in ``include/``; raises ObjectMissing naming it when it is not there."""
    path = INCLUDE_ROOT / name
    if not path.is_file():
        raise ObjectMissing(
            f"{name} is missing in {INCLUDE_ROOT}; deploy the folder include/ with the plugins, "
            "or point STORYBOARD_INCLUDE at it."
        )
    return path


def include_text(name: str) -> str:
    """A text file of ``include/``."""
    return include_path(name).read_text(encoding="utf-8")


def include_yaml(name: str) -> Any:
    """A YAML file of ``include/``, loaded safely."""
    return yaml.safe_load(include_text(name))
