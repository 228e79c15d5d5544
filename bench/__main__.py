"""Run the benchmarks one after the other and write bench/RESULTS.md.

    make bench [ONLY=near_duplicates,report] [PEERS=<python>]

Each benchmark runs as a process of its own, prints its figures and saves them in bench/results/.
RESULTS.md has a section for each, with the date and the load of its measurement; benchmarks that
do not run keep their earlier figures. `PEERS` is the interpreter of a separate environment with
the libraries that the product is compared with and does not install:

    python3 -m venv <folder>
    <folder>/bin/pip install faiss-cpu imagededup scikit-learn tqdm decord torchcodec torch

Without it, or without ffmpeg, the comparisons that need them are skipped and say so. These are
short runs; the modules themselves do the full ones, with 100,000 embeddings, three rounds of
sampling and 500 kills: see `python -m bench.near_duplicates --help`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from rich.console import Console

from bench.benchmarks import ACCURACY, BENCHMARKS, Benchmark, select
from bench.shared.result_files import ROOT, load, machine, markdown_table

RESULTS_PAGE = ROOT / "bench/RESULTS.md"
LAST_LINES = 12
NO_PEERS = "without peers, because PEERS names no environment that has them"


@dataclass(frozen=True)
class Outcome:
    """How a benchmark ended. note: what is missing from its new figures, and why."""

    note: str = ""
    failed: bool = False


def run(benchmark: Benchmark, peers: str, console: Console) -> Outcome:
    """Run one benchmark; the others still run when it fails."""
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
        return Outcome(NO_PEERS if benchmark.compares_peers and not peers else "")
    lines = done.stderr.strip().splitlines() or ["no message"]
    console.print("\n".join(lines[-LAST_LINES:]), markup=False)
    note = f"no figures, it ended with exit code {done.returncode}: {lines[-1]}"
    return Outcome(note, failed=True)


def page(notes: dict[str, str]) -> str:
    """RESULTS.md: the machine, then a section for every benchmark."""
    facts = markdown_table(("machine", "now"), list(machine().items()))
    sections = [_section(each, notes.get(each.name, "")) for each in (*BENCHMARKS, ACCURACY)]
    head = (
        "# Benchmarks\n\n"
        "Written by `make bench`. Compare the ratios: both sides were measured in turn on one "
        "machine. Seconds depend on the machine and on what else it did. Each section gives the "
        f"date of its measurement; the table describes the machine that wrote this page.\n\n{facts}"
    )
    return "\n\n".join((head, *sections)) + "\n"


def _section(benchmark: Benchmark, note: str) -> str:
    """The section of a saved result, and why the last run gave no new figures."""
    result = load(benchmark.name)
    last = f"\n\n*Last run: {note}.*" if note else ""
    if result is None:
        title = benchmark.name.replace("_", " ").capitalize()
        return f"## {title}\n\nNot measured yet: `python -m {benchmark.module}`.{last}"
    return benchmark.section(result) + last


def main() -> int:
    """Run the selected benchmarks and write the page; 1 when a benchmark failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", help="names, separated by commas")
    parser.add_argument("--peers", default="", help="Python that has the peers")
    given = parser.parse_args()
    if given.peers and shutil.which(given.peers) is None:
        parser.error(f"{given.peers} cannot be run; PEERS is a Python that has the libraries")
    console = Console()
    outcomes = {each.name: run(each, given.peers, console) for each in select(given.only)}
    notes = {name: outcome.note for name, outcome in outcomes.items()}
    RESULTS_PAGE.write_text(page(notes))
    for name, note in notes.items():
        if note:
            console.print(f"{name}: {note}", markup=False)
    console.print(f"Wrote {RESULTS_PAGE.relative_to(ROOT)}")
    return int(any(outcome.failed for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
