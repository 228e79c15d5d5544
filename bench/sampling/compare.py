"""Runs every method on a film, compares what they saw, and derives ratios."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import correlation, median
from typing import Any

from bench.shared.result_files import ROOT
from storyboard_ops.gateways.sampling.byte_source import FileBytes
from storyboard_ops.steps.sampling.film_decoder import open_film

#: CPU and wall seconds, megabytes, and what was seen of each frame; see bench.sampling.methods.
Result = dict[str, Any]

FOOTAGE = Path(os.environ.get("STORYBOARD_FOOTAGE", ROOT.parent / "shared/footage"))
OWN, BASE, REFERENCE = "planned", "ffmpeg fps=1:round=up", "PyAV, full decode"
ONE_THREAD, TWO_RANGES, FLOOR = "planned, one thread", "planned, two ranges at once", "floor"
HALVES = ("planned, first half", "planned, second half")
METHODS = (
    OWN,
    ONE_THREAD,
    TWO_RANGES,
    FLOOR,
    BASE,
    REFERENCE,
    "OpenCV grab and retrieve",
    "OpenCV read",
)
PEERS = ("decord", "torchcodec")
COMPARED = ("1080p H.264, GOP 48", "1080p H.264, GOP 250", "1080p HEVC", "4K H.264")
#: Pictures of different converters and colour matrices show the same frame if the correlation of
#: their thumbnails is at least this.
SAME_FRAME = 0.99


def run(method: str, film: Path, interpreter: str = sys.executable, task: str = "time") -> Result:
    """Run one method in a process of its own."""
    if method == TWO_RANGES:
        return run_halves(film, task)
    answer = subprocess.run(
        [interpreter, str(ROOT / "bench/sampling/methods.py"), task, method, str(film)],
        stdout=subprocess.PIPE,
        check=True,
    )
    result: Result = json.loads(answer.stdout)
    return result


def run_halves(film: Path, task: str = "time") -> Result:
    """Decode both halves of a film at once, in two processes, and add them up as one method."""
    with ThreadPoolExecutor(len(HALVES)) as pool:
        halves = list(pool.map(lambda half: run(half, film, task=task), HALVES))
    return {
        "cpu": sum(half["cpu"] for half in halves),
        "wall": max(half["wall"] for half in halves),
        "peak_mb": sum(half["peak_mb"] for half in halves),
        "seen": [frame for half in halves for frame in half["seen"]],
    }


def compare(film: Path, rounds: int, peers: str | None) -> dict[str, Any]:
    """Every method on one film: compare all pixels once, then time the methods in turn."""
    Path(f"{film}.index").write_bytes(open_film(FileBytes(film)).index.to_bytes())
    methods = dict.fromkeys(METHODS, sys.executable)
    methods |= {name: peers for name in PEERS if peers is not None and has(peers, name)}
    looks = {name: run(name, film, python, "look") for name, python in methods.items()}
    timed: dict[str, list[Result]] = {name: [] for name in methods}
    for _ in range(rounds):
        for name, interpreter in methods.items():
            timed[name].append(run(name, film, interpreter))
    return {
        name: row(results, timed[OWN], looks[name], looks[REFERENCE])
        for name, results in timed.items()
    }


def unequal(films: dict[str, dict[str, Any]]) -> list[str]:
    """Methods of the product whose pictures are not all those of a full decode."""
    return [
        f"{method} of {film}"
        for film, rows in films.items()
        for method in (OWN, ONE_THREAD, TWO_RANGES, FLOOR)
        if rows[method]["equal"] < rows[method]["frames"]
    ]


def has(interpreter: str, module: str) -> bool:
    """Whether the interpreter can import the module."""
    command = [interpreter, "-c", f"import {module}"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def row(timed: list[Result], own: list[Result], looks: Result, reference: Result) -> dict[str, Any]:
    """Medians of one method, and how many of its pictures are right in every round."""
    pairs = list(zip(timed, own, strict=True))
    glimpses, checks, thumbs = zip(*reference["seen"], strict=True)
    _, its_checks, its_thumbs = zip(*looks["seen"], strict=True) if looks["seen"] else ([], [], [])
    return {
        "cpu_s": round(median(result["cpu"] for result in timed), 2),
        "wall_s": round(median(result["wall"] for result in timed), 2),
        "peak_mb": round(max(result["peak_mb"] for result in timed)),
        "cpu_times_own": round(median(one["cpu"] / own["cpu"] for one, own in pairs), 2),
        "wall_times_own": round(median(one["wall"] / own["wall"] for one, own in pairs), 2),
        "frames": max(len(result["seen"]) for result in (reference, looks, *timed)),
        "equal": min(
            sum(map(int.__eq__, its_checks, checks)),
            *(sum(map(int.__eq__, result["seen"], glimpses)) for result in timed),
        ),
        "same": sum(map(same_frame, its_thumbs, thumbs)),
    }


def same_frame(one: list[int], other: list[int]) -> bool:
    """Whether two thumbnails show the same frame."""
    if max(one) - min(one) <= 2:
        return max(other) - min(other) <= 2
    return correlation(one, other) >= SAME_FRAME
