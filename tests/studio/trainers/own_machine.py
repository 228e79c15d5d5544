"""A studio's own machine for tests: this one, with an interpreter for the program."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.domain.deployment import Gpu
from storyboard_ops.gateways.deployment_file import GPU_VARIABLE
from storyboard_ops.gateways.training.gpu_machine import GpuMachine, ThisMachine

#: A torch that sees no GPU.
TORCH = '__version__ = "2.13.0"\nclass cuda:\n    is_available = staticmethod(lambda: False)\n'
PACKAGES = {"torch": TORCH, "safetensors": "", "numpy": "", "PIL": ""}


def interpreter(folder: Path, **packages: str) -> Path:
    """Make an interpreter that has stand-ins for the packages that the program needs."""
    site = folder / "site"
    site.mkdir(parents=True)
    for name, source in {**PACKAGES, **packages}.items():
        (site / f"{name}.py").write_text(source)
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={site} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    return python


def files_beneath(folder: str) -> list[Path]:
    """The files in a folder and its folders."""
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def deploy_machine(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    packages: dict[str, str] | None = None,
    **gpu: Any,
) -> GpuMachine:
    """Let the deployment name this machine; its files are in the folder."""
    section = {
        "where": "process",
        "python": str(interpreter(folder / "interpreter", **(packages or {}))),
        "work_folder": str(folder / "work"),
        **gpu,
    }
    monkeypatch.setenv(GPU_VARIABLE, json.dumps(section))
    return ThisMachine(Gpu.model_validate(section))
