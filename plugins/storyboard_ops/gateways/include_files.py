"""Read the data files of ``include/``: prompts, templates, productions, price tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from storyboard_ops.domain.bounded_yaml import read_yaml
from storyboard_ops.domain.error_tree import ObjectMissing

#: Names a folder of your own with the layout of ``include/``: a file in it is read in place of the
#: one that comes with the pipeline.
OWN_VARIABLE = "STORYBOARD_INCLUDE"
#: What a wheel installs beside the modules: the DAGs, ``include/`` and the training program.
INSTALLED = Path(__file__).resolve().parents[1] / "installed"
#: What comes with the pipeline: installed by a wheel, or next to ``plugins/`` in a checkout.
INCLUDE_ROOT = (
    INSTALLED if INSTALLED.is_dir() else Path(__file__).resolve().parents[3]
) / "include"


def find_include(name: str) -> Path | None:
    """Return the path of a file, your own before ours; None when there is none."""
    own = os.environ.get(OWN_VARIABLE, "")
    roots = [Path(own), INCLUDE_ROOT] if own else [INCLUDE_ROOT]
    return next((root / name for root in roots if (root / name).is_file()), None)


def include_path(name: str) -> Path:
    """Return the path of a file, your own before ours; raises ObjectMissing when there is none."""
    path = find_include(name)
    if path is None:
        raise ObjectMissing(
            f"{name} is missing in {INCLUDE_ROOT}; deploy the folder include/ with the plugins, "
            f"or put the file into a folder of your own that {OWN_VARIABLE} names."
        )
    return path


def include_text(name: str) -> str:
    """Read a text file of ``include/``."""
    return include_path(name).read_text(encoding="utf-8")


def include_yaml(name: str) -> Any:
    """Read a YAML file of ``include/``; raises BadInput when it is malformed."""
    return read_yaml(include_path(name).read_bytes(), f"include/{name}")
