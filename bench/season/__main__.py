"""A season of films through plan, crops, near-duplicates, assembly and report.

    python -m bench.season [--films 10 100] [--minutes 90] [--cut 10] [--folder FOLDER]

The steps are the product's, each in a process of its own, on a bucket on disk. Detections,
embeddings and captions are generated, and frames are drawn when they are read: a picture has a few
kilobytes. Films are cropped one by one, so that their cost does not depend on how many there are:
the pictures of CUT films are cut, five minutes of processor time for a film of 90 minutes, and
those of the others generated. A hundred films of 90 minutes are a million crops: some two hours of
processor time, and 14 GB below FOLDER, which is .cache/season by default. A measurement that was
interrupted goes on after the last task that FOLDER knows.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.season.disk_bucket import DiskBucket
from bench.season.page import section
from bench.season.stages import STAGES
from bench.shared.result_files import ROOT, measured, save, show


def run_season(folder: Path, films: int, minutes: float, cut: int) -> dict[str, Any]:
    """Run every stage of a season; returns their figures, and what the bucket holds."""
    folder.mkdir(parents=True, exist_ok=True)
    stages: dict[str, Any] = {}
    for stage in STAGES:
        chosen = range(0, films, films // cut)[:cut] if stage == "crop" else range(1)
        runs = [measured_stage(stage, folder, films, minutes, film) for film in chosen]
        stages[stage] = together(runs) if stage == "crop" else runs[0]
    objects, size = DiskBucket(folder).usage()
    pictures = json.loads((folder / "xcom-distinct.json").read_text())["count"]
    return {
        "films": films,
        "stages": stages,
        "objects": objects,
        "bucket_mb": round(size / 1e6),
        "pictures": pictures,
    }


def measured_stage(
    stage: str, folder: Path, films: int, minutes: float, film: int
) -> dict[str, Any]:
    """Return the figures of a stage, which runs unless the folder has them."""
    kept = folder / f"figures-{stage}-{film}.json"
    if not kept.exists():
        figures = run_stage(stage, folder, films, minutes, film)
        written = kept.with_suffix(".new")
        written.write_text(json.dumps(figures))
        written.replace(kept)
        said = f"{films} films, {stage} {film}: {figures['cpu_s']} s, {figures['peak_mb']} MB"
        Console(stderr=True).print(said, highlight=False)
    known: dict[str, Any] = json.loads(kept.read_text())
    return known


def together(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the sums of the instances of a mapped task, and the highest peak."""
    sums = {name: round(sum(run[name] for run in runs), 2) for name in runs[0]}
    return {**sums, "peak_mb": max(run["peak_mb"] for run in runs), "instances": len(runs)}


def run_stage(stage: str, folder: Path, films: int, minutes: float, film: int) -> dict[str, Any]:
    """Run a stage in a process of its own; raises CalledProcessError when it fails."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench.season.stages"),
            *(stage, str(folder), str(films), str(minutes), str(film)),
        ],
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
    parser.add_argument("--cut", type=int, default=10, help="films whose pictures are cut")
    parser.add_argument("--folder", type=Path, default=ROOT / ".cache/season")
    given = parser.parse_args()
    folders = [given.folder / f"{films}-films-{given.minutes:g}-minutes" for films in given.films]
    seasons = [
        run_season(folder, films, given.minutes, min(films, given.cut))
        for folder, films in zip(folders, given.films, strict=True)
    ]
    result = {"measured": measured(), "minutes": given.minutes, "seasons": seasons}
    save("season", result)
    show(section(result))
    for folder in folders:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
