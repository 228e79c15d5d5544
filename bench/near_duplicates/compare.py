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
    "blocked numpy, every nearest": (100_000, "takes hours"),
    "faiss flat": (100_000, "takes hours, and 7 GB"),
    "imagededup": (10_000, "keeps all similarities: 20 GB as float16, and a copy"),
}
#: Spread equally over all axes, a million would take an hour.
MOST_SPREAD = 100_000
#: Rows made, and compared, at a time.
BLOCK_ROWS = 8_192
#: Rows whose decision is checked where no other method ran.
CHECKED_ROWS = 1_000
#: Cosines are rounded to this many places before they are compared with the threshold.
EXACT_DIGITS = 12
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


def write_embeddings(file: Path, count: int) -> None:
    """Write random embeddings of shape (count, 1024): half as many centres, rows around them.

    About seven rows in ten are kept at the threshold, as in a film that was already sampled
    sparsely. See ``axis_scales``.
    """
    scales = axis_scales(count)
    dice = np.random.default_rng(count)
    seeds = dice.integers(2**63, size=count // 2)
    written = np.lib.format.open_memmap(file, "w+", np.float32, (count, DIMENSIONS))
    for start in range(0, count, BLOCK_ROWS):
        rows = written[start : start + BLOCK_ROWS]
        for row, centre in zip(rows, dice.integers(len(seeds), size=len(rows)), strict=True):
            row[:] = np.random.default_rng(seeds[centre]).standard_normal(DIMENSIONS, np.float32)
            turn = np.float32(dice.uniform(0.05, 0.6))
            row += turn * dice.standard_normal(DIMENSIONS, np.float32)
        rows *= scales
    written.flush()


def axis_scales(count: int) -> NDArray[np.float32]:
    """Return how far the embeddings spread along each axis, (1024,).

    Up to MOST_SPREAD equally along all, so that short keys save as little as they can. More spread
    along few axes, as those of films do: 20 % of their variance is outside 64 of them.
    """
    if count <= MOST_SPREAD:
        return np.ones(DIMENSIONS, np.float32)
    return (1 / (1 + np.arange(DIMENSIONS, dtype=np.float32) / 16)).astype(np.float32)


def count_wrong(file: Path, kept: NDArray[np.bool_]) -> int:
    """Count the rows of a sample that were decided wrongly, by exact cosines to the kept rows.

    A row is kept when no kept row before it reaches the threshold. Where that holds of every row,
    the kept rows are those of the double loop.
    """
    stored = np.load(file, mmap_mode="r")
    sample = np.random.default_rng(0).choice(len(kept), min(CHECKED_ROWS, len(kept)), replace=False)
    unit, numbers = _unit(stored[sample]), np.flatnonzero(kept)
    best = np.full(len(sample), -1.0)
    for start in range(0, len(numbers), BLOCK_ROWS):
        others = numbers[start : start + BLOCK_ROWS]
        cosines = np.where(sample[:, None] > others, unit @ _unit(stored[others]).T, -1.0)
        best = np.maximum(best, cosines.max(axis=1))
    return int(((np.round(best, EXACT_DIGITS) < THRESHOLD) != kept[sample]).sum())


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    exact = rows.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    return exact


def run(method: str, task: Task, peers: str, threads: int) -> dict[str, Any]:
    """Run one method on one file, in a process of its own."""
    largest, why = LARGEST.get(method, (sys.maxsize, ""))
    if task.count > largest:
        return {"skipped": why}
    limit = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
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
        env={**os.environ, **limit, "PYTHONPATH": str(ROOT / "plugins")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {"skipped": f"failed: {done.stderr.strip().splitlines()[-1]}"}
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare(task: Task, peers: str, threads: int) -> list[dict[str, Any]]:
    """Every method on one file, with ratios to the product's own search.

    Where no other method ran, a sample of its decisions is checked.
    """
    figures = {method: run(method, task, peers, threads) for method in METHODS}
    ran = [method for method in METHODS if "skipped" not in figures[method]]
    reference = task.kept(ran[0])
    rows = []
    for method, found in figures.items():
        row = {"embeddings": task.count, "method": method, "measured": measured(), **found}
        row["threads"] = threads
        if "skipped" not in found:
            row["decided_otherwise"] = int((np.load(task.kept(method)) != np.load(reference)).sum())
            row["cpu_ratio"] = round(found["cpu_s"] / figures[OWN]["cpu_s"], 2)
            if ran == [OWN]:
                row["checked"] = min(CHECKED_ROWS, task.count)
                row["decided_otherwise"] = count_wrong(task.file, np.load(reference))
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
