"""The product's search for near-duplicates, a double loop, faiss and imagededup.

    python -m bench.near_duplicates [--sizes 1000 100000 1000000] [--peers PYTHON] [--threads 2]

Every method runs in a process of its own, on the same embeddings of 1,024 values. `--peers` is
the interpreter of an environment with faiss-cpu and imagededup (with scikit-learn and tqdm; torch
is not needed); without it those rows say that they were skipped. "Decided otherwise" counts the
rows on which a method differs from the simplest one that ran on as many embeddings. On a million
embeddings, 4 GB on disk and along few axes as those of films, only the product's own search runs,
and a sample of its decisions is checked by exact cosines to all kept rows.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.near_duplicates.compare import CORES, Task, compare, merged, write_embeddings
from bench.near_duplicates.page import section
from bench.shared.result_files import save, show


def main() -> None:
    """Measure every size and merge the rows into the saved result."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--threads", type=int, default=CORES)
    parser.add_argument("--peers", default=sys.executable, help="Python that has the peers")
    given = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for count in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            task = Task(count, Path(folder))
            write_embeddings(task.file, count)
            rows += compare(task, given.peers, given.threads)
    result = merged(rows)
    save("near_duplicates", result)
    show(section(result))


if __name__ == "__main__":
    main()
