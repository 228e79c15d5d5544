"""Measures films one after the other against one local endpoint."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.accuracy.cases import SAMPLE_FILM_CASE, Case
from bench.accuracy.page import shown
from bench.accuracy.runs import REPEATED, examine, judge_all
from bench.accuracy.scores import Judged, score
from bench.shared.result_files import machine, measured
from storyboard_ops.domain.settings.run import RunSettings
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio

EVERYBODY = "all characters"
WITH_REFERENCES = "all, with reference neighbourhoods"
OUTSIDE = "outside reference shots"
NO_REFERENCE_FRAMES = "all (references: model sheets)"
#: The least that the sample film must reach, over all characters.
TARGET = {"precision": 0.95, "recall": 0.90}


def measure_all(cases: list[Case], console: Console) -> dict[str, Any]:
    """Measure every case against one endpoint that starts empty."""
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


def measure(case: Case, studio: Studio) -> dict[str, Any]:
    """One film's scores by scope and character, and what was dropped on the way."""
    began = time.perf_counter()
    answers = examine(studio, case)
    seconds = time.perf_counter() - began
    judged = list(judge_all(case, answers))
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
        "scopes": {
            name: _score_by_character(case.characters, within) for name, within in scopes.items()
        },
    }


def _score_by_character(
    characters: Iterable[str], judged: list[tuple[float, str, Judged]]
) -> dict[str, dict[str, Any]]:
    groups = {name: [one for _, who, one in judged if who == name] for name in characters}
    groups[EVERYBODY] = [one for _, _, one in judged]
    return {name: asdict(score(group)) for name, group in groups.items()}


def verdict(films: Iterable[dict[str, Any]]) -> str:
    """Whether the sample film's figures reach their targets."""
    (figures,) = (
        film["scopes"][NO_REFERENCE_FRAMES][EVERYBODY]
        for film in films
        if film["film"] == SAMPLE_FILM_CASE
    )
    parts = []
    for name, least in TARGET.items():
        reached = figures[name] is not None and figures[name] >= least
        parts.append(
            f"{name} {shown(figures[name])}, target {least:.2f}: {'met' if reached else 'MISSED'}"
        )
    return f"Targets, {SAMPLE_FILM_CASE}: {'; '.join(parts)}."


def stand_ins() -> str:
    """Which stand-in answers in place of which service."""
    model_id = RunSettings(videos=["s3://studio/film.mp4"]).detection_model_id
    return (
        f"Stand-in for Bedrock Converse with {model_id}: the local endpoint's character finder, "
        "which compares parts of the frame with the references and recognises no meaning; the "
        "same finder replaces Custom Labels. Stand-in for Rekognition's faces: OpenCV's "
        "frontal-face cascades, and a picture embedding that recognises a face again within a "
        "shot, but not a person. Stand-in for S3: the local endpoint. The figures describe the "
        "product with these "
        "stand-ins, not the services."
    )
