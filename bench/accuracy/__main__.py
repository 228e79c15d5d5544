"""Accuracy of detection and crops by ground truth, through the product's own steps.

    python -m bench.accuracy FOOTAGE     (or: make accuracy FOOTAGE=<folder>)

`FOOTAGE` holds clips/, truth/*.json and refs/refs.json. The steps of the DAG sample, examine and
crop every clip, and the sample film, against a local endpoint that starts for this run. The
references of a clip are cut from the clip itself, so that frames near them flatter the figures;
these are given over all frames and over the frames outside the shots that references come from.
Prints a table and writes out/accuracy.json.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

from rich.console import Console

from bench.accuracy.cases import detector_cases, footage_cases, sample_film_case
from bench.accuracy.measure import measure_all
from bench.accuracy.page import DEFINITIONS, terminal_table
from bench.shared.result_files import ROOT, save

OUT = ROOT / "out/accuracy.json"
NEEDED = ("clips", "truth", "refs/refs.json")


def main() -> int:
    """Measure, print and write; 2 when the footage is incomplete."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("footage", nargs="?", default="")
    named = parser.parse_args().footage
    footage, console = Path(named), Console(width=160)
    missing = [name for name in NEEDED if not (footage / name).exists()]
    if missing or not named:
        console.print(
            f"No footage at {named!r}: {', '.join(missing or NEEDED)} not found. "
            "Run make accuracy FOOTAGE=<folder with clips, truth and refs>.",
            soft_wrap=True,
        )
        return 2
    logging.basicConfig(level=logging.WARNING)
    cases = [*footage_cases(footage), sample_film_case()]
    result = measure_all([*cases, *detector_cases(cases)], console)
    save("accuracy", result)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=2) + "\n")
    shown = (result["stand_ins"], DEFINITIONS, terminal_table(result), result["verdict"])
    console.print(*shown, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
