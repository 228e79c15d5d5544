"""CPU of whole processes that write a PNG a second: `make frames`, with its start, and ffmpeg."""

from __future__ import annotations

import resource
import shutil
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

from bench.sampling.compare import FOOTAGE
from bench.sampling.films import repeated
from bench.shared.result_files import ROOT

ROUNDS = 5
#: Name of the figure: clip, and how often it is repeated.
FILMS = {
    "480p_2_min": ("sintel_trailer_first30s.mp4", 4),
    "720p_40_s": ("penny_chip_A_40s.mp4", 1),
}


def measure_whole_processes(folder: Path) -> dict[str, Any]:
    """CPU seconds of both, medians over rounds in which they take turns, and their ratio."""
    figures: dict[str, Any] = {}
    folder.mkdir(parents=True, exist_ok=True)
    for name, (clip, times) in FILMS.items():
        copy = folder / clip
        shutil.copyfile(FOOTAGE / "clips" / clip, copy)
        film, out = repeated(copy, times) if times > 1 else copy, folder / "frames"
        png = ("-vf", "fps=1:round=up", str(out / "%d.png"))
        commands = {
            "make_frames": ["make", "-s", "frames", f"VIDEO={film}", f"OUT={out}"],
            "ffmpeg": ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(film), *png],
        }
        rounds = [
            {who: cpu(command, out) for who, command in commands.items()} for _ in range(ROUNDS)
        ]
        for who in commands:
            figures[f"{who}_{name}_cpu_s"] = round(median(one[who] for one in rounds), 2)
        ratios = [one["make_frames"] / one["ffmpeg"] for one in rounds]
        figures[f"make_frames_{name}_by_ffmpeg"] = round(median(ratios), 2)
    return figures


def cpu(command: list[str], out: Path) -> float:
    """CPU seconds of a command and its children; ``out`` is empty when it starts."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
