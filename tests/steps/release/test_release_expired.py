"""The sweep: what is past its lease goes, by tag; what is not ours, or not clear, stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import ReleaseFailed
from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG, OWNER_TAG, Lease
from storyboard_ops.domain.money.sweep_report import SweepReport
from storyboard_ops.steps.release.release_expired import release_expired
from tests.local_aws.bedrock_data import NOVA_CANVAS, finished_job, job_request, put_data_set
from tests.local_aws.custom_labels_data import manifest
from tests.studio.endpoint_fixture import FAST, RunningEndpoint, running_endpoint
from tests.studio.studio_fixture import Studio

OVER = Lease(run="run-1", expires=datetime.now(UTC) - timedelta(minutes=1)).tags
RUNNING = Lease(run="run-1", expires=datetime.now(UTC) + timedelta(hours=4)).tags
KEPT = Lease(run="run-1", expires=None).tags
OTHERS = {**OVER, OWNER_TAG: "somebody-else"}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """An account of its own, with nothing in it."""
    with running_endpoint(tmp_path / "data", FAST) as endpoint:
        yield Studio.opened(endpoint)


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def throughput(studio: Studio, name: str, tags: dict[str, str]) -> str:
    made = studio.client("bedrock").create_provisioned_model_throughput(
        modelUnits=1, provisionedModelName=name, modelId=NOVA_CANVAS, tags=pairs(tags)
    )
    return str(made["provisionedModelArn"])


def job(studio: Studio, **request: Any) -> str:
    data = put_data_set(studio.client("s3"), studio.bucket)
    asked = {**job_request(studio.bucket, data), **request}
    return str(studio.client("bedrock").create_model_customization_job(**asked)["jobArn"])


def custom_model(studio: Studio, tags: dict[str, str]) -> str:
    arn = job(studio, customModelTags=pairs(tags))
    return str(finished_job(studio.client("bedrock"), arn)["outputModelArn"])


def deployment(studio: Studio, name: str, model_arn: str, tags: dict[str, str]) -> str:
    made = studio.client("bedrock").create_custom_model_deployment(
        modelDeploymentName=name, modelArn=model_arn, tags=pairs(tags)
    )
    return str(made["customModelDeploymentArn"])


def running_label_model(studio: Studio, tags: dict[str, str]) -> str:
    rekognition = studio.client("rekognition")
    project = rekognition.create_project(ProjectName="film")["ProjectArn"]
    source = manifest(studio.client("s3"), studio.bucket)
    rekognition.create_dataset(ProjectArn=project, DatasetType="TRAIN", DatasetSource=source)
    version = rekognition.create_project_version(
        ProjectArn=project, VersionName="v1", OutputConfig={"S3Bucket": studio.bucket}, Tags=tags
    )["ProjectVersionArn"]
    rekognition.get_waiter("project_version_training_completed").wait(
        ProjectArn=project, WaiterConfig={"Delay": 1}
    )
    rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    return str(version)


def swept(studio: Studio, hours: float = 0) -> SweepReport:
    """What a sweep finds; its clock is that many hours ahead."""
    return release_expired(studio.client, lambda: datetime.now(UTC) + timedelta(hours=hours))


def outcomes(report: SweepReport) -> dict[str, str]:
    return {found.name: found.outcome for found in report.resources}


def billing(endpoint: RunningEndpoint) -> set[str]:
    """ARNs of what the endpoint's meter charges by the hour or month now."""
    return {line["resource"] for line in endpoint.admin("GET", "bill")["running"]}


def test_every_kind_that_bills_is_found_by_its_tags_alone_and_ended(studio):
    model = custom_model(studio, OVER)
    deployment(studio, "over", model, OVER)
    throughput(studio, "unit", OVER)
    running_label_model(studio, OVER)
    assert len(billing(studio.endpoint)) == 3, "a model, a throughput, a running detector"

    report = swept(studio)
    assert [(found.kind, found.outcome) for found in report.resources] == [
        ("provisioned throughput", "released"),
        ("custom model deployment", "released"),
        ("custom labels inference", "released"),
        ("custom model", "released"),
    ]
    assert {found.run for found in report.resources} == {"run-1"}
    assert billing(studio.endpoint) == set()
    report.raise_for_failures()
    assert swept(studio) == SweepReport(resources=()), "a second pass has nothing to do"


def test_a_job_that_outlived_its_lease_is_stopped(tmp_path):
    with running_endpoint(tmp_path / "data", ("--customization-seconds", "600")) as endpoint:
        studio = Studio.opened(endpoint)
        arn = job(studio, jobTags=pairs(OVER))
        assert swept(studio).counts == {"released": 1}
        state = studio.client("bedrock").get_model_customization_job(jobIdentifier=arn)
        assert state["status"] in {"Stopping", "Stopped"}


def test_what_is_not_ours_or_within_its_lease_or_kept_is_left_alone(studio):
    model = custom_model(studio, KEPT)
    for name, tags in (("others", OTHERS), ("untagged", {}), ("leased", RUNNING)):
        deployment(studio, name, model, tags)
    before = billing(studio.endpoint)
    report = swept(studio)
    assert set(outcomes(report).values()) == {"leased"}
    assert (len(report.resources), report.others) == (2, 2)
    assert billing(studio.endpoint) == before
    listed = studio.client("bedrock").list_custom_model_deployments()
    assert len(listed["modelDeploymentSummaries"]) == 3
    report.raise_for_failures()


@pytest.mark.parametrize("end", ["soon", "", "2026-13-01"])
def test_a_lease_that_cannot_be_read_is_reported_and_nothing_is_deleted(studio, end):
    arn = throughput(studio, "unclear", {**OVER, EXPIRES_TAG: end})
    report = swept(studio, hours=10_000)
    assert outcomes(report) == {"unclear": "malformed"}
    with pytest.raises(ReleaseFailed, match=f"unclear {arn}: The tag {EXPIRES_TAG} is '{end}'"):
        report.raise_for_failures()
    assert billing(studio.endpoint) == {arn}


def test_the_others_are_released_when_one_cannot_be_and_the_next_pass_gets_it(studio):
    first, second = throughput(studio, "first", OVER), throughput(studio, "second", OVER)
    refusal = {
        "kind": "error",
        "operation": "DeleteProvisionedModelThroughput",
        "code": "AccessDeniedException",
        "times": 1,
    }
    studio.endpoint.admin("PUT", "faults", {"faults": [refusal]})
    report = swept(studio)
    assert sorted(outcomes(report).values()) == ["failed", "released"]
    [failed] = report.with_outcome("failed")
    with pytest.raises(ReleaseFailed, match=f"1 of 2 .*\n.*{failed.name} .*AccessDenied"):
        report.raise_for_failures()
    assert billing(studio.endpoint) == {failed.arn} <= {first, second}
    assert swept(studio).counts == {"released": 1}
    assert billing(studio.endpoint) == set()


@pytest.mark.parametrize("operation", ["ListTagsForResource", "DeleteProvisionedModelThroughput"])
def test_what_is_listed_and_gone_is_no_failure(studio, operation):
    throughput(studio, "unit", OVER)
    gone = {"kind": "error", "operation": operation, "code": "ResourceNotFoundException"}
    studio.endpoint.admin("PUT", "faults", {"faults": [gone]})
    assert swept(studio) == SweepReport(resources=())


def test_a_kind_that_may_not_be_listed_does_not_hide_the_others(studio):
    throughput(studio, "unit", OVER)
    refusal = {"kind": "error", "operation": "DescribeProjects", "code": "AccessDeniedException"}
    studio.endpoint.admin("PUT", "faults", {"faults": [refusal]})
    report = swept(studio)
    assert outcomes(report) == {"unit": "released", "(any)": "failed"}
    with pytest.raises(ReleaseFailed, match=r"custom labels inference .*not listed"):
        report.raise_for_failures()


def test_a_lease_ends_by_the_clock_and_the_bill_ends_with_it(studio):
    arn = throughput(studio, "unit", RUNNING)
    studio.endpoint.move_clock(hours=3)
    assert swept(studio, hours=3).counts == {"leased": 1}
    studio.endpoint.move_clock(hours=2)
    assert swept(studio, hours=5).counts == {"released": 1}
    studio.endpoint.move_clock(hours=1000)
    [line] = [
        one for one in studio.endpoint.admin("GET", "bill")["lines"] if one["resource"] == arn
    ]
    assert line["quantity"] == pytest.approx(5, abs=0.01)
