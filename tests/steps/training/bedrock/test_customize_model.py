"""A training job is started once, adopted by a retry, and stopped when nobody waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import (
    GateClosed,
    JobFailed,
    JobStopped,
    NotFinished,
    ServiceError,
    StoryboardError,
)
from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG, OWNER, OWNER_TAG, RUN_TAG
from storyboard_ops.domain.training.model_facts import TrainedModel
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.steps.money import claims as paid_claims
from storyboard_ops.steps.training.bedrock import customize_model
from tests.fakes.memory_bedrock import MemoryBedrock
from tests.studio.trainers.bedrock_run import DATASET, NOON, Run


def test_a_job_is_asked_for_with_its_parameters_as_text_and_its_leases(
    run: Run, bedrock: MemoryBedrock
) -> None:
    params = {"step_count": 10, "batch_size": 8, "learning_rate": 1e-5, "lease_h": 4}
    tools = run(**params, training_timeout_h=24, keep_model=False)
    name = customize_model.start_customization(tools, DATASET)
    asked = bedrock.jobs[name]["asked"]
    assert asked["hyperParameters"] == {
        "stepCount": "10", "batchSize": "8", "learningRate": "0.00001",
    }  # fmt: skip
    ends = {
        kind: {tag["key"]: tag["value"] for tag in asked[kind]}[EXPIRES_TAG]
        for kind in ("jobTags", "customModelTags")
    }
    assert ends == {
        "jobTags": iso(NOON + timedelta(hours=24)),
        "customModelTags": iso(NOON + timedelta(hours=28)),
    }
    kinds = [record.kind for record in paid_claims.claims(tools)]
    assert kinds == ["customization job", "custom model"]


@pytest.mark.parametrize("status", ["Failed", "Stopped", "Stopping"])
def test_a_job_that_ended_badly_is_tried_anew_under_another_name(
    run: Run, bedrock: MemoryBedrock, status: str
) -> None:
    first = customize_model.start_customization(run(), DATASET)
    bedrock.jobs[first]["status"] = status
    second = customize_model.start_customization(run(), DATASET)
    assert second != first
    bedrock.jobs[second]["status"] = "Completed"
    assert customize_model.start_customization(run(), DATASET) == second


@pytest.mark.parametrize(
    "other",
    [
        {"trainingDataConfig": {"s3Uri": "s3://b/other.jsonl"}},
        {"outputDataConfig": {"s3Uri": "s3://somebody-else/model/"}},
        {"baseModelArn": "another-model"},
        {"outputModelName": "a-poisoned-model"},
        {"hyperParameters": {"stepCount": "1"}},
    ],
    ids=str,
)
def test_a_job_of_other_inputs_is_not_adopted(
    run: Run, bedrock: MemoryBedrock, other: dict[str, Any]
) -> None:
    name = customize_model.start_customization(run(), DATASET)
    bedrock.jobs[name] |= other
    with pytest.raises(GateClosed, match="exists with other inputs"):
        customize_model.start_customization(run(), DATASET)


@pytest.mark.parametrize("code", ["ConflictException", "AccessDeniedException"])
def test_a_job_that_is_refused_is_claimed_and_raises(
    run: Run, bedrock: MemoryBedrock, code: str
) -> None:
    bedrock.refusals = {"create_model_customization_job": [code]}
    with pytest.raises(ServiceError, match=code):
        customize_model.start_customization(run(), DATASET)
    assert len(paid_claims.claims(run())) == 2


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {OWNER_TAG: "somebody-else", RUN_TAG: "run-1"},
        {OWNER_TAG: OWNER},
        {OWNER_TAG: OWNER, RUN_TAG: "run-2"},
    ],
)
def test_a_job_that_is_not_tagged_as_this_runs_is_not_adopted(
    run: Run, bedrock: MemoryBedrock, tags: dict[str, str]
) -> None:
    name = customize_model.start_customization(run(), DATASET)
    bedrock.tags[bedrock.jobs[name]["jobArn"]] = tags
    with pytest.raises(GateClosed, match=rf"{name} exists, but is not tagged as this run's"):
        customize_model.start_customization(run(), DATASET)


@pytest.mark.parametrize("missing", ["customization-job", ""])
def test_a_job_that_somebody_made_under_the_expected_name_is_not_adopted(
    run: Run, bedrock: MemoryBedrock, missing: str
) -> None:
    name = customize_model.start_customization(run(), DATASET)
    tools = run()
    tools.objects.delete(
        [one.uri for one in tools.objects.list(tools.run_root / f"claims/{missing}")]
    )
    with pytest.raises(GateClosed, match=rf"{name} exists, but was not claimed by this run"):
        customize_model.start_customization(tools, DATASET)


def test_what_a_run_trains_is_stopped_when_nobody_waits_for_it(
    run: Run, bedrock: MemoryBedrock
) -> None:
    customize_model.start_customization(run(), DATASET)
    bedrock.add_job("another", NOON)
    customize_model.stop_customization(run())
    assert bedrock.calls[-1] == "stop_model_customization_job"
    customize_model.stop_customization(run())
    assert bedrock.calls.count("stop_model_customization_job") == 1, "it runs no more"
    assert bedrock.jobs["another"]["status"] == "InProgress"


@pytest.mark.parametrize(
    ("status", "error"),
    [("InProgress", NotFinished), ("Failed", JobFailed), ("Stopped", JobStopped)],
)
def test_a_job_that_has_not_completed_gives_no_model(
    run: Run, bedrock: MemoryBedrock, status: str, error: type[StoryboardError]
) -> None:
    with pytest.raises(JobStopped, match="job no longer exists"):
        customize_model.finish_customization(run(), "job")
    bedrock.add_job("job", NOON, status=status, failureMessage="five pictures at least")
    with pytest.raises(error, match=rf"job is {status}\. five pictures at least"):
        customize_model.finish_customization(run(), "job")


def test_a_model_tells_how_many_pictures_it_has_seen(run: Run, bedrock: MemoryBedrock) -> None:
    bedrock.add_job("job", NOON, status="Completed", outputModelArn="arn:model")
    tools = run(step_count=20, batch_size=8)
    model = customize_model.finish_customization(tools, "job")
    assert (model.images_seen, model.model_arn) == (160, "arn:model")
    assert tools.read_record("model/model.json", TrainedModel) == model
