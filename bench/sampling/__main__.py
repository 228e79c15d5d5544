"""Sampling one frame a second: the planned decode, ffmpeg, OpenCV, decord and torchcodec.

    python -m bench.sampling [--rounds 3] [--peers PYTHON] [--films FOLDER] [--only NAME ...]

Every method decodes the same film in a process of its own, one method after the other, in several
rounds. Ratios are medians over the rounds, each between two methods of the same round, so that
other load on the machine affects both. An extra round, which is not timed, compares all pixels
with those of a full decode; in the timed rounds, every 16th row is compared. Pictures of the other
libraries are compared by thumbnails, because their colours differ. `--peers` is the interpreter of
an environment with decord and torchcodec; without it they are left out.

Then, on films that repeat the same packets: memory, linearity, two ranges at once, and the bytes
that sparse samples read. Last, the CPU of `make frames` and ffmpeg as whole processes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.sampling.compare import COMPARED, FOOTAGE, compare, unequal
from bench.sampling.films import KINDS, coded_film
from bench.sampling.growth import measure_long_films, measure_sparse_samples
from bench.sampling.page import section
from bench.sampling.processes import measure_whole_processes
from bench.shared.result_files import ROOT, load, measured, save, show

#: Measured on other films, under the names that the result gives them.
PARTS = {
    "grown": measure_long_films,
    "sparse": measure_sparse_samples,
    "processes": measure_whole_processes,
}


def main() -> None:
    """Measure what the command line selects; SystemExit if a picture of ours is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", help="interpreter that has decord and torchcodec")
    parser.add_argument("--films", type=Path, default=ROOT / "out/bench/films")
    parser.add_argument("--only", nargs="*", default=[*COMPARED, *PARTS])
    given = parser.parse_args()
    result = load("sampling") or {"films": {}, "measured": {}}
    when = result["measured"]
    for name in (name for name in COMPARED if name in given.only):
        film = coded_film(KINDS[name], FOOTAGE, given.films)
        result["films"][name] = compare(film, given.rounds, given.peers)
        when[name] = f"{measured()}, {given.rounds} rounds"
    for name in (name for name in PARTS if name in given.only):
        result[name] = PARTS[name](given.films)
        when[name] = measured()
    save("sampling", result)
    show(section(result))
    if wrong := unequal(result["films"]):
        raise SystemExit(f"Not all pictures are those of a full decode: {', '.join(wrong)}.")


if __name__ == "__main__":
    main()
