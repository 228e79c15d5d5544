"""A Custom Labels model while it bills: one start whatever is retried, and stopped at the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storyboard_ops.domain.error_tree import JobFailed, QuotaExhausted
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom
from storyboard_ops.steps.detection import custom_inference
from storyboard_ops.steps.detection.custom_inference import stop_inference
from storyboard_ops.steps.detection.names import project_name
from storyboard_ops.steps.detection.prepare_detectors import prepare_detectors
from storyboard_ops.steps.money.claims import receipt_lines
from storyboard_ops.steps.release.release_expired import release_expired
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from storyboard_ops.steps.run.service_wait import wait_until
from tests.studio.custom_models import (
    Killed,
    MovedClock,
    fault,
    hours_billed,
    killed,
    ready,
    running,
    start,
    versions,
)
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio


def test_the_receipt_counts_the_hours_that_the_bill_counts(tmp_path):
    slow = ("--customization-seconds", "3600", "--throughput-seconds", "600")
    with running_endpoint(tmp_path / "data", slow) as endpoint:
        studio = Studio.opened(endpoint)
        clock = MovedClock(endpoint)
        tools = replace(start(studio), clock=clock.now)
        assert prepare_detectors(tools).goal == "trained"
        clock.move(hours=1)
        assert prepare_detectors(tools).goal == "running"
        clock.move(hours=0.2)
        ready(tools)
        clock.move(hours=2)
        stop_inference(tools)
        clock.move(hours=72)  # people review; nothing bills meanwhile
        receipt = release_everything(tools)
        bill = {line["item"]: line["quantity"] for line in endpoint.admin("GET", "bill")["lines"]}
    assert bill["CustomLabelsTraining"] == pytest.approx(1)
    assert bill["DetectCustomLabels"] == pytest.approx(2 + 0.2 - 600 / 3600, abs=0.01)
    used = {(usage.item, usage.unit): usage.amount for usage in receipt.usages}
    assert used["CustomLabelsTraining", "hour"] == pytest.approx(1)
    # Counted from the claim, so with the minutes in which the model was starting.
    assert used["DetectCustomLabels", "hour"] == pytest.approx(2.2, abs=0.05)
    assert receipt.cost_usd == pytest.approx(1 + 4 * 2.2, abs=0.2)


def test_a_retry_at_any_stage_makes_one_training_and_one_start(tmp_path):
    slow = ("--customization-seconds", "3600", "--throughput-seconds", "600")
    with running_endpoint(tmp_path / "data", slow) as endpoint:
        studio = Studio.opened(endpoint)
        clock = MovedClock(endpoint)
        tools = replace(start(studio), clock=clock.now)
        training = [prepare_detectors(tools) for _ in range(3)]
        clock.move(hours=1)
        starting = [prepare_detectors(tools) for _ in range(3)]
        clock.move(hours=0.2)
        assert ready(tools) == ready(tools)
        assert versions(studio, tools) == {"v1": "RUNNING"}
        assert len(hours_billed(studio, tools)) == 1
    assert {(wait.goal, wait.version) for wait in training} == {("trained", "v1")}
    assert {(wait.goal, wait.version) for wait in starting} == {("running", "v1")}


killed_around_the_start = pytest.mark.parametrize(
    ("owner", "call"),
    [(RekognitionCustom, "start"), (custom_inference, "_write_line")],
    ids=["between claim and start", "between start and remembering"],
)


@killed_around_the_start
def test_killed_then_retried_is_one_version_and_one_start(studio, monkeypatch, owner, call):
    tools = start(studio)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(owner, call, killed)
        ready(tools)
    ready(start(studio))
    assert versions(studio, tools) == {"v1": "RUNNING"}
    assert len(hours_billed(studio, tools)) == 1
    stop_inference(tools)
    assert running(studio, tools) == []


@killed_around_the_start
def test_killed_and_never_retried_is_released(studio, monkeypatch, owner, call):
    tools = start(studio)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(owner, call, killed)
        ready(tools)
    assert release_everything(start(studio)).still_billing == ()
    assert running(studio, tools) == []
    assert versions(studio, tools) == {}


def test_a_killed_release_is_taken_up_again(studio, monkeypatch):
    tools = start(studio)
    ready(tools)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(RekognitionCustom, "tag", killed)  # between stopping and remembering
        stop_inference(tools)
    receipt = release_everything(tools)
    assert receipt.still_billing == ()
    assert all(resource.deleted_at for resource in receipt.resources)
    confirm_released(tools)


def test_a_cleared_task_claims_and_starts_anew(studio):
    tools = start(studio)
    ready(tools)
    stop_inference(tools)
    ready(tools)
    assert len(hours_billed(studio, tools)) == 2
    receipt = release_everything(tools)
    lines = [one for one in receipt.resources if one.kind == "custom labels inference"]
    assert [bool(line.deleted_at) for line in lines] == [True, True]
    hours = {(usage.item, usage.unit): usage.amount for usage in receipt.usages}
    assert hours["DetectCustomLabels", "hour"] == pytest.approx(2 / 60)  # two started minutes


def test_a_model_that_stopped_before_it_was_asked_is_on_the_receipt_twice_and_closed(studio):
    """Adopted while another run was stopping it, so that it had to be started again."""
    tools = start(studio)
    ready(tools)
    custom = RekognitionCustom(tools.clients("rekognition"))
    (version,) = custom_inference.billing_versions(custom, project_name(tools))
    custom.stop(version.arn)
    assert until_stopped(custom, project_name(tools))
    ready(tools)
    first, second = (one for one in receipt_lines(tools) if one.kind == "custom labels inference")
    assert first.deleted_at and not second.deleted_at
    receipt = release_everything(tools)
    assert receipt.still_billing == ()


def until_stopped(custom: RekognitionCustom, project: str) -> bool:
    return wait_until(lambda: not custom_inference.billing_versions(custom, project), 30)


def test_a_model_that_does_not_start_says_why_and_bills_nothing(studio):
    tools = start(studio)
    with (
        fault(studio, kind="fail", operation="StartProjectVersion", message="No capacity."),
        pytest.raises(JobFailed, match="was not running: No capacity"),
    ):
        ready(tools)
    assert running(studio, tools) == []
    assert ready(tools)["custom_labels"]["version"] == "v1"
    stop_inference(tools)


def test_a_limit_of_the_account_is_one_clear_error(studio):
    tools = start(studio)
    refusal = {"kind": "error", "operation": "StartProjectVersion"}
    with (
        fault(studio, **refusal, code="LimitExceededException"),
        pytest.raises(QuotaExhausted, match="Stop another Custom Labels model or raise the quota"),
    ):
        ready(tools)
    assert release_everything(tools).still_billing == ()


def test_a_model_of_a_killed_run_is_stopped_when_its_lease_is_over(studio):
    tools = start(studio, lease_h=1)
    ready(tools)  # and then the run is gone, with all that would have released it
    soon = release_expired(
        studio.client, [studio.workspace], lambda: utc_now() + timedelta(minutes=50)
    )
    assert len(running(studio, tools)) == 1
    late = release_expired(
        studio.client, [studio.workspace], lambda: utc_now() + timedelta(minutes=61)
    )
    assert running(studio, tools) == []
    for report, outcome in ((soon, "leased"), (late, "released")):
        (line,) = [one for one in report.resources if project_name(tools) in one.arn]
        assert (line.kind, line.run) == ("custom labels inference", "run-1")
        assert line.outcome == outcome
