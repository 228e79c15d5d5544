"""Runs every method on the same embeddings and compares times and decisions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.shared.result_files import ROOT, load, measured

THRESHOLD = 0.9
DIMENSIONS = 1_024
CORES = 2
OWN = "blocked numpy"
#: The most embeddings for a method, and why there are no more.
LARGEST = {
    "double loop": (10_000, "takes an hour"),
    "imagededup": (10_000, "keeps all similarities: 20 GB as float16, and a copy"),
}
#: From the simplest to the most involved.
METHODS = ("double loop", OWN, "blocked numpy, every nearest", "faiss flat", "imagededup")
PEERS = ("faiss flat", "imagededup")


@dataclass(frozen=True)
class Task:
    """A file of `count` embeddings, and the files with the decisions of each method."""

    count: int
    folder: Path

    @property
    def file(self) -> Path:
        """The embeddings."""
        return self.folder / f"{self.count}.npy"

    def kept(self, method: str) -> Path:
        """Which rows the method kept."""
        return self.folder / f"{self.count}-{method}.npy"


def embeddings(count: int) -> NDArray[np.float32]:
    """Random embeddings of shape (count, 1024): half as many centres as rows, rows around them.

    About seven rows in ten are kept at the threshold, as in a film that was already sampled
    sparsely.
    """
    dice = np.random.default_rng(count)
    centres = dice.standard_normal((count // 2, DIMENSIONS), dtype=np.float32)
    rows = centres[dice.integers(len(centres), size=count)]
    for row in rows:
        row += np.float32(dice.uniform(0.05, 0.6)) * dice.standard_normal(DIMENSIONS, np.float32)
    return rows


def run(method: str, task: Task, peers: str) -> dict[str, Any]:
    """Run one method on one file, in a process of its own."""
    largest, why = LARGEST.get(method, (sys.maxsize, ""))
    if task.count > largest:
        return {"skipped": why}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(CORES))
    done = subprocess.run(
        [
            peers if method in PEERS else sys.executable,
            "-m",
            "bench.near_duplicates.methods",
            method,
            str(task.file),
            str(THRESHOLD),
            str(task.kept(method)),
        ],
        cwd=ROOT,
        env={**os.environ, **threads, "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"skipped": f"failed: {done.stderr.strip().splitlines()[-1]}"}
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare(task: Task, peers: str) -> list[dict[str, Any]]:
    """Every method on one file, with ratios to the product's own search."""
    figures = {method: run(method, task, peers) for method in METHODS}
    reference = task.kept(next(method for method in METHODS if "skipped" not in figures[method]))
    rows = []
    for method, found in figures.items():
        row = {"embeddings": task.count, "method": method, "measured": measured(), **found}
        if "skipped" not in found:
            row["decided_otherwise"] = int((np.load(task.kept(method)) != np.load(reference)).sum())
            row["cpu_ratio"] = round(found["cpu_s"] / figures[OWN]["cpu_s"], 2)
            row["wall_ratio"] = round(found["wall_s"] / figures[OWN]["wall_s"], 2)
        rows.append(row)
    return rows


def merged(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """These rows and the saved ones; a saved row stays until it is measured again."""
    before = (load("near_duplicates") or {"rows": []})["rows"]
    latest = {_identity(row): row for row in before}
    for row in rows:
        if "skipped" not in row or "skipped" in latest.get(_identity(row), row):
            latest[_identity(row)] = row
    ordered = sorted(latest.values(), key=_identity)
    return {"threshold": THRESHOLD, "dimensions": DIMENSIONS, "rows": ordered}


def _identity(row: dict[str, Any]) -> tuple[int, int]:
    return row["embeddings"], METHODS.index(row["method"])
