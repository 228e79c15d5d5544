"""Where tests run the training program: a bundle, tiny base models, and a warm process."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.gateways.training.program_files import program_files

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-trainer/bin/python"
#: A tiny model on several cores waits for them more than it computes.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"OMP_NUM_THREADS": "1"}


class Laboratory:
    """Runs jobs; skips the test where the program's environment is missing."""

    def __init__(self, folder: Path) -> None:
        if not PYTHON.exists():
            pytest.skip("the training program's environment is missing: make trainer-setup")
        self._folder = folder
        self._log = (folder / "log.txt").open("w+")
        self._process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("lab.py")],
            env=ENVIRONMENT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()
        self._log.close()

    @cached_property
    def code(self) -> Path:
        """What a job's code folder has."""
        return write_bundle(self._folder / "code")

    def base(self, family: str) -> Path:
        """Return a tiny base model, or ``dinov2``, an embedding model."""
        folder = self._folder / family
        if not folder.exists():
            self._ask(model=family, folder=str(folder))
        return folder

    def train(self, root: Path) -> int:
        """Run a training; return its exit status."""
        return self._ask(script=str(self.code / "train.py"), root=str(root))

    def draw(self, root: Path) -> int:
        """Run a drawing; return its exit status."""
        return self._ask(script=str(self.code / "draw.py"), root=str(root))

    def translate(self, file: Path, family: str, to: Path) -> None:
        """Have diffusers read a LoRA with other names and write it under its own."""
        self._ask(translate=str(file), family=family, to=str(to))

    def start(self, entry: str, root: Path) -> subprocess.Popen[bytes]:
        """Start a process of its own, as a container does."""
        return subprocess.Popen(
            [PYTHON, self.code / entry],
            env=ENVIRONMENT | {"ML_ROOT": str(root)},
            stdout=self._log,
            stderr=self._log,
        )

    def _ask(self, **task: str) -> int:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{json.dumps(task)}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, self._read_log()
        return int(answer)

    def _read_log(self) -> str:
        self._log.seek(0)
        return self._log.read()


def write_bundle(folder: Path) -> Path:
    """Lay out the program as a job gets it."""
    for name, body in program_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder


def read(path: Path) -> Any:
    """Return a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_tensors(path: Path) -> tuple[dict[str, list[int]], Mapping[str, str]]:
    """Return the shapes of a safetensors file by name, and its metadata."""
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    metadata: Mapping[str, str] = header.pop("__metadata__", {})
    return {name: entry["shape"] for name, entry in header.items()}, metadata
