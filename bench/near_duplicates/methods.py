"""One way to drop near-duplicates, in a process of its own: time, memory, and the kept rows.

    python -m bench.near_duplicates.methods METHOD EMBEDDINGS.npy THRESHOLD KEPT.npy

Prints one JSON object; if the library of the method is missing, it says so. Needs only numpy and
that library, so that peers can run in an environment of their own.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np
from numpy.typing import NDArray

from bench.shared.memory import peak_mb

BLOCK_ROWS = 1_024

Rows = NDArray[Any]
Method = Callable[[Rows, float], Rows]


def blocked_numpy(rows: Rows, threshold: float) -> Rows:
    """The product's own search, for the kept rows alone, like every other method here."""
    from storyboard_ops.core.dataset.duplicates.near_duplicates import keep_best

    return keep_best(rows, threshold, threshold).kept


def every_nearest(rows: Rows, threshold: float) -> Rows:
    """The product's own search, with the nearest kept row of every row, however far."""
    from storyboard_ops.core.dataset.duplicates.near_duplicates import keep_best

    return keep_best(rows, threshold).kept


def stored_rows(file: Path) -> Any:
    """Return the embeddings as the product's step has them: in a file of rows."""
    from storyboard_ops.gateways.storage.row_file import RowFile

    rows, stored = RowFile(), np.load(file, mmap_mode="r")
    with file.open("rb") as body:
        body.seek(stored.offset)
        for _ in range(len(stored)):
            rows.append(np.fromfile(body, stored.dtype, stored.shape[1]))
    return rows


def double_loop(rows: Rows, threshold: float) -> Rows:
    """The definition: compare every row with every kept row, in float64."""
    unit = rows / np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    kept: list[int] = []
    for row in range(len(unit)):
        if not any(unit[row] @ unit[other] >= threshold for other in kept):
            kept.append(row)
    return _flags(kept, len(rows))


def faiss_flat(rows: Rows, threshold: float) -> Rows:
    """faiss IndexFlatIP holds the kept rows; within a block, numpy decides."""
    import faiss

    index = faiss.IndexFlatIP(rows.shape[1])
    kept: list[int] = []
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS].astype(np.float32)
        faiss.normalize_L2(block)
        dropped = np.zeros(len(block), bool)
        if index.ntotal:
            dropped = index.search(block, 1)[0][:, 0] >= threshold
        similar = block @ block.T
        for i in range(len(block)):
            if not dropped[i]:
                dropped[i + 1 :] |= similar[i, i + 1 :] >= threshold
        fresh = np.flatnonzero(~dropped)
        index.add(block[fresh])
        kept += (start + fresh).tolist()
    return _flags(kept, len(rows))


def imagededup(rows: Rows, threshold: float) -> Rows:
    """imagededup's search of CNN encodings: all similarities, lists of matches, greedy removal.

    Its own functions do the work; the three lines between them follow its CNN class. Its encoder
    needs torch, but comparing does not, so a mock replaces the encoder. Above 10,000 pictures it
    keeps similarities as float16.
    """
    sys.modules["imagededup.utils.models"] = MagicMock()
    from imagededup.handlers.search.retrieval import get_cosine_similarity
    from imagededup.utils.general_utils import get_files_to_remove

    similar = get_cosine_similarity(rows, verbose=False, num_workers=0)
    np.fill_diagonal(similar, 2.0)
    names = np.arange(len(rows))
    matches = {i: list(names[(row >= threshold) & (row < 2)]) for i, row in enumerate(similar)}
    flags = np.ones(len(rows), bool)
    flags[get_files_to_remove(matches)] = False
    return flags


#: The product's own.
OWN = ("blocked numpy", "blocked numpy, every nearest")
METHODS: dict[str, Method] = {
    "blocked numpy": blocked_numpy,
    "blocked numpy, every nearest": every_nearest,
    "double loop": double_loop,
    "faiss flat": faiss_flat,
    "imagededup": imagededup,
}
LIBRARIES = {"faiss flat": "faiss-cpu", "imagededup": "imagededup"}


def measure(method: str, file: Path, threshold: float, kept_file: Path) -> dict[str, object]:
    """Run a method once; its memory is what it adds after the embeddings are loaded."""
    library = LIBRARIES.get(method, "numpy")
    try:
        version = importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return {"skipped": f"{library} is not installed"}
    rows = stored_rows(file) if method in OWN else np.load(file)
    memory, wall, cpu = peak_mb(), time.perf_counter(), time.process_time()
    kept = METHODS[method](rows, threshold)
    figures = {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "added_mb": peak_mb() - memory,
        "peak_mb": peak_mb(),
    }
    np.save(kept_file, kept)
    rounded = {name: round(value, 3) for name, value in figures.items()}
    return {**rounded, "kept": int(kept.sum()), "library": f"{library} {version}"}


def _flags(kept: list[int], count: int) -> Rows:
    flags = np.zeros(count, bool)
    flags[kept] = True
    return flags


def main() -> None:
    """Run the method and print its figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("embeddings", type=Path)
    parser.add_argument("threshold", type=float)
    parser.add_argument("kept", type=Path)
    given = parser.parse_args()
    logging.disable(logging.INFO)
    result = measure(given.method, given.embeddings, given.threshold, given.kept)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
