"""Sampling one frame a second: the planned decode against ffmpeg, OpenCV, decord and torchcodec.

    python -m bench.sampling [--rounds 3] [--peers PYTHON] [--films DIR] [--only NAME ...]

Every method decodes the same film in a process of its own, the methods in turn, several rounds;
ratios are medians over the rounds, each of two methods of the same round, so that other load on
the machine falls on both. In a round before, which is not timed, every picture of the planned
decode is compared with a full decode (equal checksums), and the peers' pictures by tiny versions
of them; in the timed ones, every 16th row. `--peers` is the
interpreter of an environment with decord and torchcodec; what it lacks is left out.

Then, on films of the same packets once and many times over: memory, linearity, two ranges at
once; and the bytes that sparse samples read.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from statistics import correlation, median
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from bench.film_files import KINDS, FilmKind, coded_film, repeated
from bench.result_files import ROOT, load, markdown_table, measured, save
from storyboard_ops.core.sampling.plan import on_screen
from storyboard_ops.gateways.sampling.byte_source import FileBytes
from storyboard_ops.steps.sampling.film_decoder import open_film

#: CPU and wall seconds, megabytes, and what was seen of each frame, see ``sampling_methods``.
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
#: How many times as long as ours ffmpeg should take, and limits of other figures.
WANTED = {"1080p H.264, GOP 48": "2.8", "1080p H.264, GOP 250": "2.0", "1080p HEVC": "2.2"}
LIMITS = {
    "cpu_a_minute_60_against_10": "0.95 to 1.05",
    "peak_mb_4k": "below 350",
    "peak_mb_4k_hdr": "below 350",
    "two_ranges_at_once_speed_up": "1.8 or more",
    "read_by_needed": "1.2 or less",
}
#: Pictures of different converters (and colour matrices) show the same frame when their tiles
#: correlate like this.
SAME_FRAME = 0.99

console = Console()


def run(method: str, film: Path, interpreter: str = sys.executable, task: str = "time") -> Result:
    """What one method took and saw."""
    if method == TWO_RANGES:
        return in_ranges(film, task)
    answer = subprocess.run(
        [interpreter, str(ROOT / "bench/sampling_methods.py"), task, method, str(film)],
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(answer.stdout)


def in_ranges(film: Path, task: str = "time") -> Result:
    """Both halves of a film at once, each in a process of its own, as if they were one method."""
    with ThreadPoolExecutor(len(HALVES)) as pool:
        halves = list(pool.map(lambda half: run(half, film, task=task), HALVES))
    return {
        "cpu": sum(half["cpu"] for half in halves),
        "wall": max(half["wall"] for half in halves),
        "peak_mb": sum(half["peak_mb"] for half in halves),
        "seen": [frame for half in halves for frame in half["seen"]],
    }


def compared(film: Path, rounds: int, peers: str | None) -> dict[str, Any]:
    """Every method on one film: looked at once, then timed in turn."""
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
    """Where the product's pictures, or those of its floor, are not all those of a full decode."""
    return [
        f"{method} of {film}"
        for film, rows in films.items()
        for method in (OWN, ONE_THREAD, TWO_RANGES, FLOOR)
        if rows[method]["equal"] < rows[method]["frames"]
    ]


def has(interpreter: str, module: str) -> bool:
    """Whether an environment can import a module."""
    command = [interpreter, "-c", f"import {module}"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def row(timed: list[Result], own: list[Result], looks: Result, reference: Result) -> dict[str, Any]:
    """Medians of one method, and how many of its pictures are the asked ones in every round."""
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
        "same": sum(map(alike, its_thumbs, thumbs)),
    }


def alike(one: list[int], other: list[int]) -> bool:
    """Whether two tiny pictures show the same frame."""
    if max(one) - min(one) <= 2:
        return max(other) - min(other) <= 2
    return correlation(one, other) >= SAME_FRAME


def grown(folder: Path) -> dict[str, Any]:
    """Memory and CPU of ten and sixty minutes, and two halves at once against one after another."""
    short = coded_film(KINDS["480p H.264"], FOOTAGE, folder)
    ten, sixty = (run(OWN, repeated(short, times)) for times in (20, 120))
    film = repeated(short, 20)
    one_after_another = sum(run(half, film)["wall"] for half in HALVES)
    at_once = run(TWO_RANGES, film)["wall"]
    return {
        "cpu_10_min_s": round(ten["cpu"], 1),
        "cpu_60_min_s": round(sixty["cpu"], 1),
        "cpu_a_minute_60_against_10": round(sixty["cpu"] / ten["cpu"] / 6, 3),
        "peak_mb_480p_10_min": round(ten["peak_mb"]),
        "peak_mb_480p_60_min": round(sixty["peak_mb"]),
        "peak_mb_4k": peaks(KINDS["4K H.264"], folder),
        "peak_mb_4k_hdr": peaks(KINDS["4K HDR10 HEVC"], folder),
        "two_ranges_at_once_speed_up": round(one_after_another / at_once, 2),
    }


def peaks(kind: FilmKind, folder: Path) -> dict[str, int]:
    """Peak megabytes of a film once and ten times over, by its length."""
    film = coded_film(kind, FOOTAGE, folder)
    return {
        f"{kind.seconds * times} s": round(run(OWN, repeated(film, times))["peak_mb"])
        for times in (1, 10)
    }


class CountedFile(FileBytes):
    """A file that counts what is read of it, as S3 would bill it."""

    bytes_read = 0
    requests = 0

    def read(self, first: int, length: int) -> bytes:
        body = super().read(first, length)
        self.bytes_read += len(body)
        self.requests += 1
        return body


def sparse(folder: Path) -> dict[str, Any]:
    """Bytes that one sample in ten seconds reads of a short-GOP film."""
    film = repeated(coded_film(KINDS["720p H.264, GOP 24"], FOOTAGE, folder), 10)
    source = CountedFile(film)
    decoder = open_film(source)
    opened = source.bytes_read
    clock = decoder.clock(Fraction(10))
    for _ in decoder.samples(clock, 0, clock.count):
        pass
    table = decoder.index.table
    keys = [int(key) for key in table.keyframe.nonzero()[0]] + [len(table)]
    gops = {max(key for key in keys if key <= r) for r in on_screen(table, clock, 0, clock.count)}
    needed = sum(
        int(table.size[key : min(k for k in keys if k > key)].sum()) for key in sorted(gops)
    )
    return {
        "film_mb": round(source.size / 1e6, 1),
        "needed_gops_mb": round(needed / 1e6, 1),
        "read_mb": round(source.bytes_read / 1e6, 1),
        "of_it_to_open_mb": round(opened / 1e6, 1),
        "requests": source.requests,
        "read_by_needed": round(source.bytes_read / needed, 2),
        "read_by_film": round(source.bytes_read / source.size, 2),
    }


def section(results: dict[str, Any]) -> str:
    """The results as a section of RESULTS.md."""
    parts = [
        "## Sampling, one frame a second to RGB",
        "Ratios in the films' tables are medians over the rounds of two methods in turn. `equal`: "
        "pictures whose every byte is that of a full decode, in every round; `same`: showing the "
        "same frame. `floor`: the frames that references need, known beforehand, decoded by one "
        "thread; nothing that gives these frames takes less CPU. `two ranges at once`: one "
        "single-threaded process for each half, as two workers take two shards.",
        "**How many times as long ffmpeg takes**",
        markdown_table(
            GAINS, [(name, *gains(name, rows)) for name, rows in results["films"].items()]
        ),
    ]
    for name, rows in results["films"].items():
        lacking = "".join(f"; {peer} is not installed" for peer in PEERS if peer not in rows)
        table = markdown_table(HEADINGS, map(cells, rows.items()))
        parts += [f"**{name}** ({results['measured'][name]}{lacking})", table]
    for title, key in (("Length, memory, ranges", "grown"), ("Sparse samples", "sparse")):
        if key in results:
            figures = [
                (name.replace("_", " "), str(value), LIMITS.get(name, ""))
                for name, value in results[key].items()
            ]
            table = markdown_table(("figure", "value", "wanted"), figures)
            parts += [f"**{title}** ({results['measured'][key]})", table]
    return "\n\n".join(parts)


HEADINGS = (
    *("method", "CPU s", "wall s", "CPU, times ours", "wall, times ours"),
    *("MB", "equal", "same"),
)


def cells(row: tuple[str, dict[str, Any]]) -> tuple[str, ...]:
    """One method's line of a film's table."""
    method, r = row
    figures = ("cpu_s", "wall_s", "cpu_times_own", "wall_times_own", "peak_mb")
    checks = (f"{r[key]}/{r['frames']}" for key in ("equal", "same"))
    return (method, *(str(r[key]) for key in figures), *checks)


GAINS = (
    *("film", "wanted", "two ranges, wall", "one thread, CPU", "frame threads, wall"),
    *("frame threads, CPU", "floor, CPU", "of the floor reached", "wanted"),
)


def gains(film: str, rows: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """How many times as long ffmpeg takes as each of our ways, and how near the floor they are."""
    ways = ((TWO_RANGES, "wall_s"), (ONE_THREAD, "cpu_s"), (OWN, "wall_s"), (OWN, "cpu_s"))
    times = (rows[BASE][what] / rows[way][what] for way, what in (*ways, (FLOOR, "cpu_s")))
    reached = rows[FLOOR]["cpu_s"] / rows[ONE_THREAD]["cpu_s"]
    return (WANTED.get(film, ""), *(f"{ratio:.2f}" for ratio in (*times, reached)), "0.90")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", help="interpreter that has decord and torchcodec")
    parser.add_argument("--films", type=Path, default=ROOT / "out/bench/films")
    parser.add_argument("--only", nargs="*", default=[*COMPARED, "grown", "sparse"])
    chosen = parser.parse_args()
    results = load("sampling") or {"films": {}, "measured": {}}
    when = results["measured"]
    for name in (name for name in COMPARED if name in chosen.only):
        film = coded_film(KINDS[name], FOOTAGE, chosen.films)
        results["films"][name] = compared(film, chosen.rounds, chosen.peers)
        when[name] = f"{measured()}, {chosen.rounds} rounds"
    for name, part in (("grown", grown), ("sparse", sparse)):
        if name in chosen.only:
            results[name] = part(chosen.films)
            when[name] = measured()
    save("sampling", results)
    console.print(Markdown(section(results)))
    if wrong := unequal(results["films"]):
        raise SystemExit(f"Not all pictures are those of a full decode: {', '.join(wrong)}.")


if __name__ == "__main__":
    main()
