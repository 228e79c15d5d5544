"""A season of films through plan, crops, near-duplicates, assembly and report.

    python -m bench.season [--films 10 100] [--minutes 90] [--folder FOLDER]

The steps are the product's, each in a process of its own, on a bucket on disk. Detections,
embeddings and captions are generated, and frames are drawn when they are read: a picture has a few
kilobytes. A hundred films of 90 minutes are a million crops: some 8 hours of processor time, most
of it for cutting pictures, and 20 GB below FOLDER.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.season.disk_bucket import DiskBucket
from bench.season.page import section
from bench.season.stages import STAGES
from bench.shared.result_files import ROOT, measured, save, show


def run_season(folder: Path, films: int, minutes: float) -> dict[str, Any]:
    """Run every stage of a season; returns their figures, and what the bucket holds."""
    stages = {stage: run_stage(stage, folder, films, minutes) for stage in STAGES}
    objects, size = DiskBucket(folder).usage()
    rows = {name: json.loads((folder / f"xcom-{name}.json").read_text()) for name in COUNTED}
    counts = {name: ref["count"] for name, ref in rows.items()}
    return {
        "films": films,
        "stages": stages,
        "objects": objects,
        "bucket_mb": round(size / 1e6),
        "pictures": counts["crop"],
    }


#: Stages that return a manifest of pictures.
COUNTED = ("crop",)


def run_stage(stage: str, folder: Path, films: int, minutes: float) -> dict[str, Any]:
    """Run a stage in a process of its own; raises CalledProcessError when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.season.stages", stage, str(folder), str(films), str(minutes)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(("plugins", "."))},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure, save the result and print its section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--films", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--folder", type=Path, help="where there is room for the buckets")
    given = parser.parse_args()
    seasons = []
    for films in given.films:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            seasons.append(run_season(Path(folder), films, given.minutes))
    result = {"measured": measured(), "minutes": given.minutes, "seasons": seasons}
    save("season", result)
    show(section(result))


if __name__ == "__main__":
    main()
