"""The checkpoint with the best score is the result; the last one where nothing can be measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.trainer.jobs import CAST, draw_shape, write_dataset
from trainer.inputs.dataset import read_dataset
from trainer.scoring.embedders import ColourAndEdges
from trainer.training.sample_plan import plan_samples
from trainer.training.scores import Judge, choose, make_judge

NAMES = {character: entry["name"] for character, entry in CAST.items()}


def judge(folder: Path, held_out: Mapping[str, int]) -> Judge:
    """A judge of a film with four training pictures of each, and these held out."""
    shown = [((c,), n, "training") for c in CAST for n in range(4)]
    shown += [((c,), 100 + n, "evaluation") for c, count in held_out.items() for n in range(count)]
    write_dataset(folder, shown)
    return make_judge(ColourAndEdges(), read_dataset(folder, NAMES), NAMES)


def samples(folder: Path) -> list[Any]:
    return plan_samples(read_dataset(folder, NAMES), NAMES, 2, 64, 16, seed=5)


def drawn(*characters: str) -> list[Image.Image]:
    return [draw_shape([c], 200 + n, (64, 64)) for n, c in enumerate(characters)]


def test_samples_are_held_out_captions_with_fixed_seeds(tmp_path: Path) -> None:
    judge(tmp_path, {"mira": 2, "bo": 1})
    planned = samples(tmp_path)
    assert [(s.file, s.slot, s.seed, s.prompt) for s in planned] == [
        ("mira_0.png", "mira_0", 5, "Mira in front of a grey wall, 100"),
        ("mira_1.png", "mira_1", 6, "Mira in front of a grey wall, 101"),
        ("bo_0.png", "bo_0", 5, "Bo in front of a grey wall, 100"),
        ("bo_1.png", "bo_0", 6, "Bo in front of a grey wall, 100"),
    ]


def test_right_characters_score_higher_than_swapped_ones(tmp_path: Path) -> None:
    measured = judge(tmp_path, {"mira": 2, "bo": 2})
    planned = samples(tmp_path)
    right = measured.score(planned, drawn("mira", "mira", "bo", "bo"))
    swapped = measured.score(planned, drawn("bo", "bo", "mira", "mira"))
    assert right["likeness"] > 0.8
    assert swapped["likeness"] < -0.8
    assert right["wrong_names"] == {"bo": {"bo": 2}, "mira": {"mira": 2}}
    assert swapped["wrong_names"] == {"bo": {"mira": 2}, "mira": {"bo": 2}}


@pytest.mark.parametrize(
    ("held_out", "fault"),
    [
        ({}, "no pictures are held out"),
        ({"mira": 2}, "no held-out picture shows Bo alone"),
    ],
)
def test_without_references_nothing_is_measured(
    held_out: dict[str, int], fault: str, tmp_path: Path
) -> None:
    measured = judge(tmp_path, held_out)
    score = measured.score(samples(tmp_path), drawn("mira", "mira", "bo", "bo"))
    assert (score["likeness"], score["why"]) == (None, fault)
    assert choose({250: score, 500: score}, fault) == (500, f"the last one, because {fault}")


def test_the_earliest_of_the_best_is_chosen() -> None:
    scores = {step: {"likeness": value} for step, value in ((250, 0.4), (500, 0.7), (750, 0.7))}
    step, why = choose(scores, "")
    assert step == 500
    assert why == "the highest likeness to held-out pictures, 0.700"
