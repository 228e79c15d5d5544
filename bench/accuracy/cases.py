"""Films with ground truth, and the production whose characters are searched in each.

A footage folder gives a case for every truth file that has a clip and references; the sample film
is one more case, with the production that ships with the product.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from bench.accuracy.film_shots import reference_shots, shots_at
from bench.shared.result_files import ROOT
from launcher.state.layout import SAMPLE_PRODUCTION

SAMPLE_FILM = ROOT / "include/sample_film"
SAMPLE_FILM_CASE = "sample film"
#: The clips are small, and training needs 512 px a side.
SMALL_FILM = {"max_enlargement": 3}
GRID = 1_000  # times in truth files are multiples of 1 / GRID seconds
#: Detectors that are measured besides the default one, and a film that suits each: people on
#: camera, and a film with several reference pictures of every character.
OTHER_DETECTORS = {"faces": "intel_people_concat_21s", "custom_labels": SAMPLE_FILM_CASE}


@dataclass(frozen=True)
class Case:
    """A film, its truth, and the production that names its characters.

    production: the name of a bundled one, or a document that is uploaded with the files in
    `references` (name in the production to file). reference_seconds: where in this film its
    references were cut from.
    """

    name: str
    film: Path
    truth: dict[str, Any]
    characters: tuple[str, ...]
    production: str | dict[str, Any]
    references: dict[str, Path] = field(default_factory=dict)
    reference_seconds: tuple[float, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def interval(self) -> Fraction:
        """The widest sampling interval that samples every time of the truth."""
        return widest_interval(entry["t"] for entry in self.truth["frames"])

    def seconds_of_reference_shots(self) -> set[float]:
        """Times of the truth inside shots that a reference picture was cut from."""
        if not self.reference_seconds:
            return set()
        times = [entry["t"] for entry in self.truth["frames"]]
        moments = list(shots_at(self.film, times))
        shots = reference_shots(moments, self.reference_seconds)
        return {seconds for seconds, shot in moments if shot in shots}


def widest_interval(times: Iterable[float]) -> Fraction:
    """The greatest common divisor of the times, in seconds; one second when all are zero."""
    parts = math.gcd(*(round(seconds * GRID) for seconds in times))
    return Fraction(parts or GRID, GRID)


def footage_cases(footage: Path) -> list[Case]:
    """A case for every truth file that has a clip and references."""
    entries = json.loads((footage / "refs/refs.json").read_text())
    cases = []
    for path in sorted((footage / "truth").glob("*.json")):
        truth = json.loads(path.read_text())
        own = [entry for entry in entries if entry["clip"] == truth["clip"]]
        film = footage / "clips" / truth["clip"]
        if own and film.exists():
            cases.append(_footage_case(path.stem, film, truth, own, footage / "refs"))
    return cases


def detector_cases(cases: Iterable[Case]) -> list[Case]:
    """Copies of suitable cases, each with one other detector in place of the default."""
    by_name = {case.name: case for case in cases}
    return [
        replace(
            by_name[name],
            name=f"{name}, {detector}",
            settings={**by_name[name].settings, "detectors": [detector]},
        )
        for detector, name in OTHER_DETECTORS.items()
        if name in by_name
    ]


def _footage_case(
    name: str, film: Path, truth: dict[str, Any], own: Sequence[dict[str, Any]], folder: Path
) -> Case:
    characters = tuple(dict.fromkeys(entry["character"].lower() for entry in own))
    looks = {key.lower(): text for key, text in truth["characters"].items()}
    sheet = {
        "production": name,
        "slug": name.lower().replace("_", "-"),
        "source": {"title": name, "licence": "see sources.csv of the footage"},
        "characters": [
            {
                "id": character,
                "name": character.replace("_", " ").title(),
                "description": looks[character],
                "references": [e["file"] for e in own if e["character"].lower() == character],
            }
            for character in characters
        ],
        "storyboard": [{"scene": "NONE", "panels": [{"description": "None."}]}],
    }
    return Case(
        name=name,
        film=film,
        truth=_with_lower_ids(truth),
        characters=characters,
        production=sheet,
        references={entry["file"]: folder / entry["file"] for entry in own},
        reference_seconds=tuple(entry["t"] for entry in own),
        settings=SMALL_FILM,
    )


def _with_lower_ids(truth: dict[str, Any]) -> dict[str, Any]:
    """The truth with lower-case ids, as productions write them."""
    frames = [
        {**entry, "characters": [{**c, "id": c["id"].lower()} for c in entry["characters"]]}
        for entry in truth["frames"]
    ]
    return {**truth, "frames": frames}


def sample_film_case() -> Case:
    """The sample film; its references are model sheets, not frames of it."""
    truth = json.loads((SAMPLE_FILM / "truth.json").read_text())
    return Case(
        name=SAMPLE_FILM_CASE,
        film=SAMPLE_FILM / truth["clip"],
        truth=truth,
        characters=tuple(truth["characters"]),
        production=SAMPLE_PRODUCTION,
    )
