"""`make mutants`: a seeded random sample of mutants, the share that tests kill, the survivors."""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tools.mutants.operators import Mutant, mutants_of
from tools.mutants.reach import ImportGraph
from tools.mutants.trials import TrialCopy, project_files

ROOT = Path(__file__).parents[2]
ROOMS = tomllib.loads((ROOT / "tools/mutants/rooms.toml").read_text())
EQUIVALENTS = tomllib.loads((ROOT / "tools/mutants/equivalent.toml").read_text())["mutant"]

console = Console(soft_wrap=True, markup=False, highlight=False)


def matching(files: Sequence[Path], room: dict[str, list[str]], what: str) -> list[Path]:
    """The Python files that a room's globs choose, in the order of the globs."""
    left_out = {path for glob in room.get("without", []) for path in ROOT.glob(glob)}
    chosen = [path for glob in room[what] for path in sorted(ROOT.glob(glob))]
    known = {ROOT / file: file for file in files}
    return [known[path] for path in dict.fromkeys(chosen) if path in known.keys() - left_out]


def equivalents() -> dict[tuple[str, str, tuple[str, ...]], str]:
    """Reasons of the accepted equivalents, by the key of the mutant."""
    return {(e["file"], e["function"], tuple(e["diff"])): e["reason"] for e in EQUIVALENTS}


def main() -> None:
    """Draw, try, report; exit 1 where less than the goal is killed."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="how many mutants; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rooms", default="core,money")
    parser.add_argument("--only", default="", help="mutate files whose path contains this")
    parser.add_argument("--report", type=Path, default=ROOT / "out/mutants.md")
    parser.add_argument("--goal", type=float, default=0.85)
    options = parser.parse_args()

    files = [file for file in project_files(ROOT) if file.suffix == ".py"]
    graph = ImportGraph(ROOT, files)
    tests: dict[Path, list[Path]] = {}
    for name in options.rooms.split(","):
        room_tests = matching(files, ROOMS[name], "tests")
        for module in matching(files, ROOMS[name], "code"):
            if options.only in str(module):
                tests.setdefault(module, graph.tests_of(module, room_tests))
    mutants = [mutant for module in tests for mutant in mutants_of(module, ROOT)]
    drawn = random.Random(options.seed).sample(
        mutants, min(options.sample or len(mutants), len(mutants))
    )
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = TrialCopy(ROOT, Path(folder).resolve())
        copy.check_baseline(sorted({test for m in drawn for test in tests[m.path]}))
        tried = [(mutant, _tried(copy, mutant, tests[mutant.path])) for mutant in drawn]
    text = report(options, len(mutants), tried, time.monotonic() - began)
    options.report.parent.mkdir(exist_ok=True)
    options.report.write_text(text)
    console.print(text)
    killed = sum(outcome in ("killed", "timeout") for _, outcome in tried)
    raise SystemExit(killed < options.goal * len(tried))


def _tried(copy: TrialCopy, mutant: Mutant, tests: Sequence[Path]) -> str:
    outcome = copy.outcome(mutant, tests)
    console.print(f"{outcome:9}{mutant.path}:{mutant.line} {' '.join(mutant.diff)[:120]}")
    return outcome


def report(
    options: argparse.Namespace, total: int, tried: list[tuple[Mutant, str]], seconds: float
) -> str:
    """The outcome as Markdown: figures, then every survivor with its diff and its reason."""
    counts = Counter(outcome for _, outcome in tried)
    killed = counts["killed"] + counts["timeout"]
    reasons = equivalents()
    alive = [mutant for mutant, outcome in tried if outcome in ("survived", "untested")]
    accepted = sum(mutant.key in reasons for mutant in alive)
    lines = [
        f"# Mutants of {options.rooms} {options.only}",
        "",
        f"{len(tried)} of {total} mutants, seed {options.seed}, in {seconds:.0f} s on "
        f"{os.cpu_count()} processors.",
        f"**{killed} killed ({killed / max(len(tried), 1):.1%})**, {counts['timeout']} of them by "
        f"the time limit; {len(alive)} survived, {accepted} of these are accepted as equivalent.",
    ]
    for mutant in sorted(alive, key=lambda m: (m.key in reasons, m.path, m.line)):
        lines += ["", f"## {mutant.path}:{mutant.line} in {mutant.function or 'the module'}"]
        lines += ["```diff", *mutant.diff, "```", reasons.get(mutant.key, "Not accepted.")]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
