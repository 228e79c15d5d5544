"""The benchmarks, one after the other; bench/RESULTS.md is the last thing written.

    make bench [ONLY=near_duplicates,report] [PEERS=<python>]

Each benchmark runs as a process of its own, prints its figures and keeps them under
bench/results/. RESULTS.md has a section of each, with the date and the load of its measurement:
those that did not run now keep their earlier figures. `PEERS` is the interpreter of a throwaway
environment with the libraries that the product is compared with and does not install:

    python3 -m venv <folder>
    <folder>/bin/pip install faiss-cpu imagededup scikit-learn tqdm decord torchcodec torch

Without it, or without ffmpeg, what needs them is skipped and says so. Whole measurements, with
100,000 embeddings, three rounds of sampling and 500 kills, are had from the modules themselves:
`python -m bench.near_duplicates --help`. `embedded_airflow` runs when ONLY names it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from bench.result_files import ROOT, load, machine, markdown_table

RESULTS_PAGE = ROOT / "bench/RESULTS.md"
LAST_LINES = 12
NO_PEERS = "without peers, because PEERS names no environment that has them"


@dataclass(frozen=True)
class Benchmark:
    """A module of this package with `section(result)`, and the arguments of a short run.

    `takes_peers`: it compares with libraries of the other environment. `programs`: what it
    starts. `by_default`: it runs unless others are named.
    """

    name: str
    arguments: tuple[str, ...] = ()
    takes_peers: bool = False
    programs: tuple[str, ...] = ()
    by_default: bool = True

    def missing(self) -> list[str]:
        """Programs that this machine lacks."""
        return [program for program in self.programs if shutil.which(program) is None]

    def command(self, peers: str) -> list[str]:
        """How it is started."""
        compared = ["--peers", peers] if self.takes_peers and peers else []
        return [sys.executable, "-m", f"bench.{self.name}", *self.arguments, *compared]


BENCHMARKS = (
    Benchmark("sampling", ("--rounds", "1"), takes_peers=True, programs=("ffmpeg",)),
    Benchmark("near_duplicates", ("--sizes", "1000", "10000"), takes_peers=True),
    Benchmark("detection_rate"),
    Benchmark("report"),
    Benchmark("endpoint_throughput", ("--rounds", "3")),
    Benchmark("endpoint_kill", ("--kills", "25")),
    Benchmark("embedded_airflow", by_default=False),
)
#: Sections without a benchmark of their own here: `make accuracy` measures them.
OTHER_SECTIONS = ("accuracy",)


@dataclass(frozen=True)
class Outcome:
    """How a benchmark ended."""

    note: str = ""  # what is missing of its new figures, and why
    failed: bool = False


def run(benchmark: Benchmark, peers: str, console: Console) -> Outcome:
    """Run one benchmark; one that fails leaves the others to run."""
    if missing := benchmark.missing():
        return Outcome(f"skipped, because {', '.join(missing)} is not installed")
    console.rule(benchmark.name)
    done = subprocess.run(
        benchmark.command(peers),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(("plugins", "."))},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return Outcome(NO_PEERS if benchmark.takes_peers and not peers else "")
    lines = done.stderr.strip().splitlines() or ["no message"]
    console.print("\n".join(lines[-LAST_LINES:]), markup=False)
    note = f"no figures, it ended with exit code {done.returncode}: {lines[-1]}"
    return Outcome(note, failed=True)


def page(notes: dict[str, str]) -> str:
    """RESULTS.md: the machine, then a section of every benchmark."""
    facts = markdown_table(("machine", "now"), list(machine().items()))
    names = (*(benchmark.name for benchmark in BENCHMARKS), *OTHER_SECTIONS)
    sections = [_section(name, notes.get(name, "")) for name in names]
    head = (
        "# Benchmarks\n\n"
        "Written by `make bench`. Compare ratios, which were measured in turn on one machine; "
        "seconds are of a machine that other work may have shared. Each section says when it was "
        f"measured; the machine is the one this page was written on.\n\n{facts}"
    )
    return "\n\n".join((head, *sections)) + "\n"


def _section(name: str, note: str) -> str:
    """A benchmark's section from its kept result, with why it did not run now."""
    result = load(name)
    last = f"\n\n*Last run: {note}.*" if note else ""
    if result is None:
        title = name.replace("_", " ").capitalize()
        return f"## {title}\n\nNot measured yet: `python -m bench.{name}`.{last}"
    return importlib.import_module(f"bench.{name}").section(result) + last


def chosen(only: str) -> Sequence[Benchmark]:
    """The named benchmarks, or those that run by default; SystemExit for a name not known."""
    if not only:
        return [benchmark for benchmark in BENCHMARKS if benchmark.by_default]
    known = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    names = only.split(",")
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(f"No benchmark {', '.join(unknown)}; there are {', '.join(known)}.")
    return [known[name] for name in names]


def main() -> int:
    """Run what was chosen, then write the page; exit status 1 when a benchmark failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--peers", default="", help="Python that has the peers")
    given = parser.parse_args()
    console = Console()
    outcomes = {each.name: run(each, given.peers, console) for each in chosen(given.only)}
    notes = {name: outcome.note for name, outcome in outcomes.items()}
    RESULTS_PAGE.write_text(page(notes))
    for name, note in notes.items():
        if note:
            console.print(f"{name}: {note}", markup=False)
    console.print(f"Wrote {RESULTS_PAGE.relative_to(ROOT)}")
    return int(any(outcome.failed for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
