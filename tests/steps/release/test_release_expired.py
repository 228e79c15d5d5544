"""The sweep: what a run of ours bought and is past its lease goes; everything else stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import ReleaseFailed
from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG, OWNER_TAG, RUN_TAG, Lease
from storyboard_ops.domain.money.sweep_report import SweepReport
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.domain.training.model_facts import ClaimKind
from storyboard_ops.steps.release.release_expired import release_expired
from storyboard_ops.steps.storyboard.painters import painter_of
from storyboard_ops.steps.training.model_files import read_model
from storyboard_ops.steps.training.trainers import trainer_of
from tests.local_aws.bedrock_data import finished_job, job_request, put_data_set
from tests.local_aws.custom_labels_data import manifest
from tests.studio.claimed_capacity import (
    buy_capacity,
    create_throughput,
    name_of,
    write_claim,
)
from tests.studio.endpoint_fixture import FAST, RunningEndpoint, running_endpoint
from tests.studio.studio_fixture import Studio
from tests.studio.trainers.open_training import open_run, open_studio, published_set, store_weights

OVER = Lease(run="run-1", expires=datetime.now(UTC) - timedelta(minutes=1)).tags
RUNNING = Lease(run="run-1", expires=datetime.now(UTC) + timedelta(hours=4)).tags
KEPT = Lease(run="run-1", expires=None).tags
OTHERS = {**OVER, OWNER_TAG: "somebody-else"}


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Studio]:
    """An account of its own, with nothing in it."""
    with running_endpoint(tmp_path / "data", FAST) as endpoint:
        yield Studio.opened(endpoint)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEndpoint]:
    with running_endpoint(tmp_path_factory.mktemp("account") / "data", FAST) as running:
        yield running


@pytest.fixture
def studio(endpoint: RunningEndpoint) -> Iterator[Studio]:
    """A bucket in an account that has nothing that bills: what a test leaves is deleted."""
    yield Studio.opened(endpoint)
    endpoint.admin("PUT", "faults", {"faults": []})
    bedrock = endpoint.client("bedrock")
    for left in bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"]:
        bedrock.delete_provisioned_model_throughput(provisionedModelId=left["provisionedModelArn"])


def claim(studio: Studio, kind: ClaimKind, name: str, run: str = "run-1", **changes: Any) -> None:
    write_claim(studio.client("s3"), studio.workspace, kind, name, run, **changes)


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def bare_throughput(studio: Studio, name: str, tags: dict[str, str]) -> str:
    return create_throughput(studio.client("bedrock"), name, tags)


def throughput(studio: Studio, number: int, tags: dict[str, str]) -> str:
    return buy_capacity(studio.client, studio.workspace, number, tags)


def job(studio: Studio, **request: Any) -> str:
    data = put_data_set(studio.client("s3"), studio.bucket)
    asked = {**job_request(studio.bucket, data), **request}
    return str(studio.client("bedrock").create_model_customization_job(**asked)["jobArn"])


def custom_model(studio: Studio, tags: dict[str, str]) -> str:
    name = name_of("model")
    claim(studio, "custom model", name)
    arn = job(studio, customModelName=name, customModelTags=pairs(tags))
    return str(finished_job(studio.client("bedrock"), arn)["outputModelArn"])


def running_label_model(studio: Studio, tags: dict[str, str]) -> str:
    name = name_of("custom-0c1d2e3f")
    claim(studio, "custom labels inference", name)
    rekognition = studio.client("rekognition")
    project = rekognition.create_project(ProjectName=name)["ProjectArn"]
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


def swept(studio: Studio, hours: float = 0, *others: Workspace) -> SweepReport:
    """What a sweep finds; its clock is that many hours ahead."""
    workspaces = [*others, studio.workspace]
    return release_expired(
        studio.client, workspaces, lambda: datetime.now(UTC) + timedelta(hours=hours)
    )


def outcomes(report: SweepReport) -> dict[str, str]:
    return {found.name: found.outcome for found in report.resources}


def billing(endpoint: RunningEndpoint) -> set[str]:
    """ARNs of what the endpoint's meter charges by the hour or month now."""
    return {line["resource"] for line in endpoint.admin("GET", "bill")["running"]}


def test_every_kind_that_bills_is_found_by_its_tags_and_ended(account):
    custom_model(account, OVER)
    throughput(account, 1, OVER)
    running_label_model(account, OVER)
    assert len(billing(account.endpoint)) == 3, "a model, a throughput, a running detector"

    report = swept(account)
    assert [(found.kind, found.outcome) for found in report.resources] == [
        ("provisioned throughput", "released"),
        ("custom labels inference", "released"),
        ("custom model", "released"),
    ]
    assert {found.run for found in report.resources} == {"run-1"}
    assert billing(account.endpoint) == set()
    report.raise_for_failures()
    assert swept(account) == SweepReport(resources=()), "a second pass has nothing to do"


def test_a_job_that_outlived_its_lease_is_stopped(tmp_path):
    with running_endpoint(tmp_path / "data", ("--customization-seconds", "600")) as endpoint:
        account = Studio.opened(endpoint)
        claim(account, "customization job", name_of("customize"))
        arn = job(account, jobName=name_of("customize"), jobTags=pairs(OVER))
        assert swept(account).counts == {"released": 1}
        state = account.client("bedrock").get_model_customization_job(jobIdentifier=arn)
        assert state["status"] in {"Stopping", "Stopped"}


@pytest.mark.parametrize(("kind", "purpose"), [("training", "train"), ("processing", "draw")])
def test_a_job_of_sagemaker_that_outlived_its_lease_is_stopped(small_program, kind, purpose):
    with open_studio() as account:
        tools = open_run(account, "run-1", lease_h=0.1, training_timeout_h=0.1)
        store_weights(account, step_seconds=60)
        dataset = published_set(tools)
        if kind == "training":
            name = trainer_of(tools).start(dataset).name
        else:
            model = untrained(tools)
            name = painter_of(tools, model).start(model, None).name
        assert name.startswith(f"storyboard-{purpose}-")
        assert swept(account).counts == {"leased": 1}
        assert swept(account, hours=2).counts == {"released": 1}
        assert swept(account, hours=2).counts == {}


def untrained(tools):
    """A model that a job takes long to draw with: its weights say how long."""
    folder = tools.run_root / "model/output/job/output/model"
    for name, body in (
        ("training.json", b'{"chosen_step": 1, "base": {"id": "small-flow"}}'),
        ("model.safetensors", b"60"),
    ):
        tools.objects.put(folder / name, body)
    return read_model(tools, folder)


def test_what_is_within_its_lease_or_kept_is_left_alone(account):
    custom_model(account, KEPT)
    throughput(account, 1, RUNNING)
    before = billing(account.endpoint)
    report = swept(account)
    assert outcomes(report) == {name_of("model"): "leased", name_of("capacity"): "leased"}
    assert billing(account.endpoint) == before
    report.raise_for_failures()


def test_what_is_not_ours_is_left_alone(studio):
    bare_throughput(studio, "others", OTHERS)
    bare_throughput(studio, "untagged", {})
    report = swept(studio, hours=10_000)
    assert report == SweepReport(resources=(), others=2)
    assert len(billing(studio.endpoint)) == 2
    report.raise_for_failures()


#: Run tags that are not the key of a run; each would lead to another key, or to an error, if it
#: became part of one.
NO_RUNS = [
    "",
    "..",
    "../run-1",
    "x/../run-1",
    "run-1/",
    "run-1/claims",
    "run-1 ",
    "Run-1",
    "run_1",
    "-run-1",
    "run--1",
    "s3://a/runs/run-1",
    "a" * 49,
    "a" * 256,
]


@pytest.mark.parametrize("run", NO_RUNS)
def test_a_tag_that_names_no_run_is_never_part_of_a_key(studio, run):
    arn = throughput(studio, 1, {**OVER, RUN_TAG: run})
    asked: list[str] = []
    studio.client("s3").meta.events.register(
        "provide-client-params.s3", lambda params, **_: asked.append(str(params))
    )
    report = swept(studio)
    assert outcomes(report) == {name_of("capacity"): "unrecognized"}
    assert "is not the key of a run" in report.resources[0].reason
    assert (asked, billing(studio.endpoint)) == ([], {arn})


def forged(studio: Studio, how: str) -> str:
    """Create capacity with our owner tag, past its lease, that no run of ours bought."""
    name = name_of("capacity")
    if how == "another name":
        name = "payroll-production"
        claim(studio, "provisioned throughput", name)
    elif how == "name of another kind":
        name = name_of("model")
        claim(studio, "provisioned throughput", name)
    elif how == "name with our prefix only":
        name = "storyboard-capacity-run-1"
        claim(studio, "provisioned throughput", name)
    elif how == "claim of another run":
        claim(studio, "provisioned throughput", name, run="run-2")
    elif how == "claim of another name":
        claim(studio, "provisioned throughput", name_of("capacity", 2))
    elif how == "claim of another kind":
        claim(studio, "custom model", name)
    elif how == "claim for another owner":
        claim(studio, "provisioned throughput", name, owner="run-2")
    elif how == "intention to join only":
        claim(studio, "provisioned throughput", name, begun=False)
    return bare_throughput(studio, name, OVER)


@pytest.mark.parametrize(
    "how",
    [
        "no claim",
        "another name",
        "name of another kind",
        "name with our prefix only",
        "claim of another run",
        "claim of another name",
        "claim of another kind",
        "claim for another owner",
        "intention to join only",
    ],
)
def test_tags_alone_release_nothing(studio, how):
    arn = forged(studio, how)
    report = swept(studio, hours=2)
    (found,) = report.resources
    assert (found.outcome, found.run) == ("unrecognized", "run-1")
    assert "its name is not one" in found.reason or "run-1 has no claim on it in" in found.reason
    report.raise_for_failures()  # another deployment of this account may be about to release it

    late = swept(studio, hours=4)
    assert late.counts == {"overdue": 1}
    with pytest.raises(ReleaseFailed, match=rf"1 of 1 .*\n.*{found.name} {arn}: .*delete it or"):
        late.raise_for_failures()
    assert billing(studio.endpoint) == {arn}


@pytest.mark.parametrize("tags", [{}, OTHERS, {RUN_TAG: "run-1"}, {**OVER, OWNER_TAG: ""}])
def test_our_name_without_our_tag_is_reported_and_nothing_is_deleted(studio, tags):
    arn = throughput(studio, 1, tags)
    report = swept(studio, hours=10_000)
    assert report.counts == {"unrecognized": 1}
    assert OWNER_TAG in report.resources[0].reason
    report.raise_for_failures()
    assert billing(studio.endpoint) == {arn}


def test_a_run_of_any_workspace_of_the_deployment_is_known(studio):
    throughput(studio, 1, OVER)
    prefixed = Workspace.at(f"s3://{studio.bucket}/another/studio")
    missing = Workspace.at("s3://no-such-bucket-anywhere")
    assert release_expired(studio.client, [prefixed]).counts == {"unrecognized": 1}
    assert release_expired(studio.client, [missing]).counts == {"unrecognized": 1}
    assert release_expired(studio.client, []).counts == {"unrecognized": 1}
    assert swept(studio, 0, prefixed, missing).counts == {"released": 1}


@pytest.mark.parametrize(
    "code",
    [
        "AccessDenied",
        pytest.param("InternalError", marks=pytest.mark.long),  # retried for seconds
        pytest.param("SlowDown", marks=pytest.mark.long),
    ],
)
def test_a_workspace_that_cannot_be_read_now_is_a_failure_and_nothing_is_deleted(studio, code):
    arn = bare_throughput(studio, name_of("capacity"), OVER)
    refusal = {"kind": "error", "service": "s3", "operation": "ListObjectsV2", "code": code}
    studio.endpoint.admin("PUT", "faults", {"faults": [refusal]})
    report = swept(studio)
    assert report.counts == {"failed": 1}
    with pytest.raises(ReleaseFailed, match=rf"cannot be read now, .*s3://{studio.bucket}: "):
        report.raise_for_failures()
    studio.endpoint.admin("PUT", "faults", {"faults": []})
    assert billing(studio.endpoint) == {arn}
    claim(studio, "provisioned throughput", name_of("capacity"))
    assert swept(studio).counts == {"released": 1}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"kind": "custom model"}', b"\xff" * 99])
def test_a_claim_that_cannot_be_read_is_a_failure_and_nothing_is_deleted(studio, body):
    arn = throughput(studio, 1, OVER)
    key = f"runs/run-1/claims/provisioned-throughput/{name_of('capacity')}.json"
    studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=body)
    throughput(studio, 2, OVER)
    assert swept(studio).counts == {"failed": 1, "released": 1}
    assert billing(studio.endpoint) == {arn}


@pytest.mark.parametrize("end", ["soon", "", "2026-13-01"])
def test_a_lease_that_cannot_be_read_is_reported_and_nothing_is_deleted(studio, end):
    arn = throughput(studio, 1, {**OVER, EXPIRES_TAG: end})
    report = swept(studio, hours=10_000)
    name = name_of("capacity")
    assert outcomes(report) == {name: "malformed"}
    with pytest.raises(ReleaseFailed, match=f"{name} {arn}: The tag {EXPIRES_TAG} is '{end}'"):
        report.raise_for_failures()
    assert billing(studio.endpoint) == {arn}


def test_the_others_are_released_when_one_cannot_be_and_the_next_pass_gets_it(studio):
    first, second = throughput(studio, 1, OVER), throughput(studio, 2, OVER)
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
    throughput(studio, 1, OVER)
    gone = {"kind": "error", "operation": operation, "code": "ResourceNotFoundException"}
    studio.endpoint.admin("PUT", "faults", {"faults": [gone]})
    assert swept(studio) == SweepReport(resources=())


def test_a_kind_that_may_not_be_listed_does_not_hide_the_others(studio):
    throughput(studio, 1, OVER)
    refusal = {"kind": "error", "operation": "DescribeProjects", "code": "AccessDeniedException"}
    studio.endpoint.admin("PUT", "faults", {"faults": [refusal]})
    report = swept(studio)
    assert outcomes(report) == {name_of("capacity"): "released", "(any)": "failed"}
    with pytest.raises(ReleaseFailed, match=r"custom labels inference .*not listed"):
        report.raise_for_failures()


def test_a_lease_ends_by_the_clock_and_the_bill_ends_with_it(account):
    arn = throughput(account, 1, RUNNING)
    account.endpoint.move_clock(hours=3)
    assert swept(account, hours=3).counts == {"leased": 1}
    account.endpoint.move_clock(hours=2)
    assert swept(account, hours=5).counts == {"released": 1}
    account.endpoint.move_clock(hours=1000)
    [line] = [
        one for one in account.endpoint.admin("GET", "bill")["lines"] if one["resource"] == arn
    ]
    assert line["quantity"] == pytest.approx(5, abs=0.01)
