"""How long a run should work, from what preflight knows."""

from __future__ import annotations

import pytest

from storyboard_ops.core.preflight.run_hours import run_hours
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.settings.run import RunSettings, parse_as


def settings(**params: object) -> RunSettings:
    given = {"videos": ["s3://studio/videos/x.mp4"], "workspace": "s3://studio", **params}
    return parse_as(RunSettings, given)


def hours(unit: str, amount: float) -> Usage:
    return Usage(service="sagemaker", item="ml.g5.xlarge", unit=unit, amount=amount)


@pytest.mark.parametrize(
    ("params", "frames", "usages", "expected"),
    [
        ({"trainer": "dataset_only"}, 0, [], 0.5),
        ({"trainer": "dataset_only"}, 5_400, [], 0.5 + 3.0),  # a film of 90 minutes
        ({"trainer": "bedrock"}, 0, [], 0.5 + 1 + 12),
        ({"trainer": "bedrock", "training_timeout_h": 10}, 1_800, [], 0.5 + 1 + 1 + 5),
        (
            {"trainer": "sagemaker"},
            1_800,
            [hours("training_hour", 2.5), hours("processing_hour", 0.75)],
            0.5 + 1 + 3.25,
        ),
    ],
)
def test_hours_grow_with_frames_and_with_the_trainer(params, frames, usages, expected) -> None:
    assert run_hours(settings(**params), frames, usages) == expected
