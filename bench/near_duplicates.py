"""Near-duplicates: the product's search against a double loop, faiss and imagededup.

    python -m bench.near_duplicates [--sizes 1000 10000 100000] [--peers PYTHON]

Every method runs in a process of its own, on the same embeddings of 1,024 values. `--peers` is
the interpreter of an environment with faiss-cpu and imagededup (with scikit-learn and tqdm, torch
is not needed); without them those rows say that they were skipped. "Decided otherwise" counts the
rows on which a method differs from the plainest one that was run on as many embeddings.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markdown import Markdown

from bench.result_files import load, markdown_table, measured, save

ROOT = Path(__file__).parent.parent
THRESHOLD = 0.9
DIMENSIONS = 1_024
CORES = 2
OWN = "blocked numpy"
#: The most embeddings that a method is tried on, and why not more.
LARGEST = {
    "double loop": (10_000, "takes an hour"),
    "imagededup": (10_000, "keeps all similarities: 20 GB as float16, and a copy"),
}
#: From the plainest to the most involved.
METHODS = ("double loop", OWN, "blocked numpy, every nearest", "faiss flat", "imagededup")
PEERS = ("faiss flat", "imagededup")


@dataclass(frozen=True)
class Task:
    """One file of embeddings."""

    count: int
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / f"{self.count}.npy"

    def kept(self, method: str) -> Path:
        return self.folder / f"{self.count}-{method}.npy"


def embeddings(count: int) -> np.ndarray:
    """(count, 1024) float32: half as many centres as rows, and rows scattered around them.

    About seven rows in ten are kept at the threshold, as in a film whose stills were already
    thinned out.
    """
    dice = np.random.default_rng(count)
    centres = dice.standard_normal((count // 2, DIMENSIONS), dtype=np.float32)
    rows = centres[dice.integers(len(centres), size=count)]
    for row in rows:
        row += np.float32(dice.uniform(0.05, 0.6)) * dice.standard_normal(DIMENSIONS, np.float32)
    return rows


def run(method: str, task: Task, peers: str) -> dict[str, Any]:
    """Figures of one method on one file, from a process of its own."""
    largest, why = LARGEST.get(method, (sys.maxsize, ""))
    if task.count > largest:
        return {"skipped": why}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(CORES))
    done = subprocess.run(
        [
            peers if method in PEERS else sys.executable,
            "-m",
            "bench.near_duplicate_methods",
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
    return json.loads(done.stdout.splitlines()[-1])


def compare(task: Task, peers: str) -> list[dict[str, Any]]:
    """Every method on one file, with its ratios to the product's own."""
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


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    title = f"## Near-duplicates above {result['threshold']}, {result['dimensions']:,} values"
    headings = ("method", "embeddings", "wall s", "CPU s", "CPU ratio", "added MB", "kept",
                "decided otherwise", "measured")  # fmt: skip
    table = markdown_table(headings, [cells(row) for row in result["rows"]])
    return f"{title}\n\n{CORES} threads; ratios are to `{OWN}`, the product's own.\n\n{table}"


def cells(row: dict[str, Any]) -> list[str]:
    """One row, in the order of the headings."""
    named = [row["method"], f"{row['embeddings']:,}"]
    if "skipped" in row:
        return [*named, *["–"] * 6, f"skipped: {row['skipped']}"]
    return [
        *named,
        f"{row['wall_s']:.2f}",
        f"{row['cpu_s']:.2f}",
        f"{row['cpu_ratio']:.2f}",
        f"{row['added_mb']:.0f}",
        f"{row['kept']:,}",
        f"{row['decided_otherwise']:,}",
        row["measured"],
    ]


def merged(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """These rows and the earlier ones; a figure stays until the same is measured again."""
    before = (load("near_duplicates") or {"rows": []})["rows"]
    latest = {_identity(row): row for row in before}
    for row in rows:
        if "skipped" not in row or "skipped" in latest.get(_identity(row), row):
            latest[_identity(row)] = row
    ordered = sorted(latest.values(), key=_identity)
    return {"threshold": THRESHOLD, "dimensions": DIMENSIONS, "rows": ordered}


def _identity(row: dict[str, Any]) -> tuple[int, int]:
    return row["embeddings"], METHODS.index(row["method"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--peers", default=sys.executable, help="Python that has the peers")
    given = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for count in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            task = Task(count, Path(folder))
            np.save(task.file, embeddings(count))
            rows += compare(task, given.peers)
    result = merged(rows)
    save("near_duplicates", result)
    Console().print(Markdown(section(result)))


if __name__ == "__main__":
    main()
