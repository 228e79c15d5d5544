"""The benchmarks: how each is started, and which section of RESULTS.md shows its result."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import bench.accuracy.page
import bench.airflow_share.page
import bench.board.page
import bench.detection.rate
import bench.endpoint.kills
import bench.endpoint.throughput
import bench.hostile.page
import bench.near_duplicates.page
import bench.report.page
import bench.sampling.page
import bench.season.page


@dataclass(frozen=True)
class Benchmark:
    """A module that measures and saves a result of its name, and `section`, which shows it.

    arguments: those of a short run. compares_peers: it also runs libraries of another environment.
    programs: what has to be installed.
    """

    name: str
    module: str
    section: Callable[[dict[str, Any]], str]
    arguments: tuple[str, ...] = ()
    compares_peers: bool = False
    programs: tuple[str, ...] = ()

    def missing(self) -> list[str]:
        """Programs that are not installed here."""
        return [program for program in self.programs if shutil.which(program) is None]

    def command(self, peers: str) -> list[str]:
        """The command that runs it; `peers` is the interpreter of the other environment, or ""."""
        compared = ["--peers", peers] if self.compares_peers and peers else []
        return [sys.executable, "-m", self.module, *self.arguments, *compared]


BENCHMARKS = (
    Benchmark(
        "sampling",
        "bench.sampling",
        bench.sampling.page.section,
        ("--rounds", "1"),
        compares_peers=True,
        programs=("ffmpeg",),
    ),
    Benchmark(
        "near_duplicates",
        "bench.near_duplicates",
        bench.near_duplicates.page.section,
        ("--sizes", "1000", "10000", "1000000"),
        compares_peers=True,
    ),
    Benchmark("detection_rate", "bench.detection.rate", bench.detection.rate.section),
    Benchmark("report", "bench.report", bench.report.page.section),
    Benchmark(
        "board", "bench.board", bench.board.page.section, ("--rounds", "2"), programs=("chromium",)
    ),
    Benchmark(
        "endpoint_throughput",
        "bench.endpoint.throughput",
        bench.endpoint.throughput.section,
        ("--rounds", "3"),
    ),
    Benchmark("hostile", "bench.hostile", bench.hostile.page.section),
    Benchmark(
        "season",
        "bench.season",
        bench.season.page.section,
        ("--films", "2", "20", "--minutes", "1"),
    ),
    Benchmark("airflow_share", "bench.airflow_share", bench.airflow_share.page.section),
    Benchmark(
        "endpoint_kill", "bench.endpoint.kills", bench.endpoint.kills.section, ("--kills", "25")
    ),
)
#: `make accuracy` measures it, because it needs footage.
ACCURACY = Benchmark("accuracy", "bench.accuracy", bench.accuracy.page.section)


def select(only: str) -> Sequence[Benchmark]:
    """Return the benchmarks that `only` names, separated by commas, or all without names.

    Raises SystemExit for an unknown name.
    """
    if not only:
        return BENCHMARKS
    known = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    names = only.split(",")
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(f"No benchmark {', '.join(unknown)}; there are {', '.join(known)}.")
    return [known[name] for name in names]
