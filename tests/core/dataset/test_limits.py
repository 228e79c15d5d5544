"""Every documented limit of the trainer, on both sides of its bound."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard_ops.core.dataset.limits import (
    TrainingFile,
    Violation,
    record_count_violation,
    violations,
)


def file(**changes: Any) -> TrainingFile:
    values: dict[str, Any] = {
        "key": "runs/manual-2026/dataset/mira-001.png",
        "width": 1024,
        "height": 1024,
        "size": 900_000,
        "caption": "Mira waves from the quay.",
    }
    return TrainingFile(**(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"width": 512, "height": 512},
        {"width": 4096, "height": 3072},
        {"width": 2048, "height": 512},
        {"width": 512, "height": 2048},
        {"size": 50_000_000},
        {"caption": "Hi!"},
        {"caption": "x" * 1024},
        {"key": "a/B-9_.jpeg"},
    ],
    ids=str,
)
def test_what_the_trainer_takes(changes: dict[str, Any]) -> None:
    assert violations(file(**changes)) == ()


@pytest.mark.parametrize(
    ("changes", "limits"),
    [
        ({"width": 511, "height": 600}, ["side"]),
        ({"width": 4097, "height": 2000}, ["side"]),
        ({"width": 4096, "height": 3073}, ["pixels"]),
        ({"width": 2049, "height": 512}, ["aspect"]),
        ({"size": 50_000_001}, ["bytes"]),
        ({"caption": "No"}, ["caption"]),
        ({"caption": "x" * 1025}, ["caption"]),
        ({"key": "runs/2026-01-01T00:00/a.png"}, ["file name"]),
        ({"key": "runs/a b.png"}, ["file name"]),
        ({"key": "runs/a.png\n"}, ["file name", "format"]),
        ({"key": "runs/a.webp"}, ["format"]),
        ({"width": 1, "height": 5000, "caption": ""}, ["side", "aspect", "caption"]),
    ],
    ids=str,
)
def test_what_it_refuses(changes: dict[str, Any], limits: list[str]) -> None:
    assert [violation.limit for violation in violations(file(**changes))] == limits


def test_a_violation_gives_the_figure_and_the_range() -> None:
    assert violations(file(width=300)) == (
        Violation(limit="side", message="300 x 1024 px; each side must be 512 to 4,096 px"),
    )


@pytest.mark.parametrize(
    ("count", "fits"), [(4, False), (5, True), (10_000, True), (10_001, False)]
)
def test_the_number_of_records(count: int, fits: bool) -> None:
    assert (record_count_violation(count) is None) == fits


def test_too_few_records_say_how_many_are_wanted() -> None:
    assert record_count_violation(4) == "4 records; Nova Canvas fine-tuning takes 5 to 10,000"
