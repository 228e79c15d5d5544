"""Accuracy of detection and crops by ground truth, through the product's own steps.

    python -m bench.accuracy FOOTAGE     (or: make accuracy FOOTAGE=<folder>)

`FOOTAGE` holds clips/, truth/*.json and refs/refs.json. Every clip, and the sample film, is
sampled, examined and cropped by the steps of the DAG against a local endpoint of its own.
References of a clip are cut from the clip itself: its figures are given over all frames, which
contain the neighbourhoods of the references, and over those outside the shots that references
come from. Prints a table, writes out/accuracy.json.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.accuracy_cases import Case, detector_cases, footage_cases, sample_film_case
from bench.accuracy_runs import REPEATED, examine, judgements
from bench.accuracy_scores import Judged, score
from bench.result_files import ROOT, machine, markdown_table, measured, save
from storyboard_ops.domain.settings.run import RunSettings
from tests.endpoint_fixture import running_endpoint
from tests.studio_fixture import Studio

OUT = ROOT / "out/accuracy.json"
NEEDED = ("clips", "truth", "refs/refs.json")
EVERYBODY = "all characters"
WITH_REFERENCES = "all, with reference neighbourhoods"
OUTSIDE = "outside reference shots"
NO_REFERENCE_FRAMES = "all (references: model sheets)"
TARGET = {"precision": 0.95, "recall": 0.90}
TARGETED = "sample film"
HEADINGS = (
    "character",
    "shown",
    "precision",
    "recall",
    "box IoU",
    "crops",
    "crops right",
    "share of figure in crop",
    "crop IoU",
)
DEFINITIONS = (
    "Precision and recall are image-level, of the detections that hold after the product's own "
    "rules. A crop is right when the middle of the character's true box lies inside it; those of "
    "frames without the character are wrong. Samples that repeat the one before are not scored; "
    "boxes of the clips' truth are good to about 0.04 of the frame. Pictures of heads, and unsure "
    "ones that people would be asked about, are not counted."
)


def stand_ins() -> str:
    """What answered in place of which service."""
    model_id = RunSettings(videos=["s3://studio/film.mp4"]).detection_model_id
    return (
        f"Stand-in for Bedrock Converse with {model_id}: the local endpoint's character finder, "
        "which matches windows to the references and understands nothing; the same finder stands "
        "in for Custom Labels. Stand-in for Rekognition's faces: OpenCV's frontal-face cascades, "
        "and a picture embedding that knows a face again within a shot, not a person. Stand-in "
        "for S3: the local endpoint. The figures tell about the product with these, not about the "
        "services."
    )


def measure(case: Case, studio: Studio) -> dict[str, Any]:
    """Everything known about one film: its scores by scope and character, and what was left out."""
    began = time.perf_counter()
    answers = examine(studio, case)
    seconds = time.perf_counter() - began
    judged = list(judgements(case, answers))
    if case.reference_seconds:
        near = case.seconds_of_reference_shots()
        scopes = {
            WITH_REFERENCES: judged,
            OUTSIDE: [one for one in judged if one[0] not in near],
        }
    else:
        scopes = {NO_REFERENCE_FRAMES: judged}
    return {
        "film": case.name,
        "interval_s": float(case.interval),
        "seconds": round(seconds, 1),
        "repeats_not_scored": answers.sampling_drops[REPEATED],
        "samples_dropped": dict(answers.sampling_drops),
        "detections_without_picture": dict(answers.drops),
        "failures": list(answers.failures),
        "scopes": {name: _by_character(case.characters, within) for name, within in scopes.items()},
    }


def _by_character(
    characters: Iterable[str], judged: list[tuple[float, str, Judged]]
) -> dict[str, dict[str, Any]]:
    groups = {name: [one for _, who, one in judged if who == name] for name in characters}
    groups[EVERYBODY] = [one for _, _, one in judged]
    return {name: asdict(score(group)) for name, group in groups.items()}


def verdict(films: Iterable[dict[str, Any]]) -> str:
    """Whether the sample film's figures reach their targets."""
    (figures,) = (
        film["scopes"][NO_REFERENCE_FRAMES][EVERYBODY] for film in films if film["film"] == TARGETED
    )
    parts = []
    for name, least in TARGET.items():
        reached = figures[name] is not None and figures[name] >= least
        parts.append(
            f"{name} {_shown(figures[name])}, target {least:.2f}: {'met' if reached else 'MISSED'}"
        )
    return f"Targets, {TARGETED}: {'; '.join(parts)}."


def cells(figures: dict[str, Any]) -> list[str]:
    """One row's figures, in the order of HEADINGS after the name."""
    keys = ("present", "precision", "recall", "box_iou", "crops", "crops_right", "crop_cover",
            "crop_iou")  # fmt: skip
    return [_shown(figures[key]) for key in keys]


def _shown(figure: float | None) -> str:
    if figure is None:
        return "–"
    return str(figure) if isinstance(figure, int) else f"{figure:.2f}"


def table(result: dict[str, Any]) -> Table:
    """All films as one table for the terminal."""
    shown = Table("film", "frames", *HEADINGS, title="Accuracy of detection and crops")
    for film in result["films"]:
        for scope, rows in film["scopes"].items():
            for character, figures in rows.items():
                shown.add_row(film["film"], scope, character, *cells(figures))
            shown.add_section()
    return shown


def section(result: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    lines = [
        "## Accuracy of detection and crops",
        "",
        f"Measured {result['measured']}.",
        "",
        result["stand_ins"],
        "",
        DEFINITIONS,
        "",
        result["verdict"],
    ]
    for film in result["films"]:
        for scope, rows in film["scopes"].items():
            figures = [(character, *cells(row)) for character, row in rows.items()]
            lines += ["", f"**{film['film']}**, {scope}", "", markdown_table(HEADINGS, figures)]
        lines += ["", _notes(film)]
    return "\n".join(lines)


def _notes(film: dict[str, Any]) -> str:
    dropped = ", ".join(f"{count} {reason}" for reason, count in film["samples_dropped"].items())
    return (
        f"One sample in {film['interval_s']:g} s; dropped before detection: {dropped or 'none'}; "
        f"frames that could not be examined: {len(film['failures'])}; {film['seconds']:.0f} s."
    )


def run(cases: list[Case], console: Console) -> dict[str, Any]:
    """Measure every case against one fresh endpoint."""
    films = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running_endpoint(Path(folder) / "data") as endpoint,
    ):
        studio = Studio.opened(endpoint)
        for case in cases:
            films.append(measure(case, studio))
            console.print(f"{case.name}: {films[-1]['seconds']:.0f} s")
    return {
        "measured": measured(),
        "machine": machine(),
        "stand_ins": stand_ins(),
        "verdict": verdict(films),
        "films": films,
    }


def main() -> int:
    """Measure, print and write; 2 when there is nothing to measure with."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("footage", nargs="?", default="")
    named = parser.parse_args().footage
    footage, console = Path(named), Console(width=160)
    missing = [name for name in NEEDED if not (footage / name).exists()]
    if missing or not named:
        console.print(
            f"No footage at {named!r}: {', '.join(missing or NEEDED)} not found. "
            "Say make accuracy FOOTAGE=<folder with clips, truth and refs>.",
            soft_wrap=True,
        )
        return 2
    logging.basicConfig(level=logging.WARNING)
    cases = [*footage_cases(footage), sample_film_case()]
    result = run([*cases, *detector_cases(cases)], console)
    save("accuracy", result)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=2) + "\n")
    console.print(result["stand_ins"], DEFINITIONS, table(result), result["verdict"], sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
