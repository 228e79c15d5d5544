"""Runs that share a Custom Labels model: the last one to leave stops it, and each pays its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storyboard_ops.domain.detection.detector_facts import ModelWait
from storyboard_ops.domain.money.resource_lease import Lease
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom
from storyboard_ops.steps.detection import users as detector_users
from storyboard_ops.steps.detection.custom_inference import INFERENCE, stop_inference
from storyboard_ops.steps.detection.prepare_detectors import prepare_detectors
from storyboard_ops.steps.money.claims import receipt_lines
from storyboard_ops.steps.release.release_expired import release_expired
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.studio.custom_models import (
    Killed,
    MovedClock,
    hours_billed,
    killed,
    project_arn,
    ready,
    running,
    start,
    versions,
)
from tests.studio.endpoint_fixture import running_endpoint
from tests.studio.studio_fixture import Studio


def test_a_later_run_adopts_the_model_and_pays_no_training(studio):
    first = start(studio, keep_model=True)
    ready(first)
    stop_inference(first)
    lines = {resource.kind: resource for resource in release_everything(first).resources}
    assert lines["custom labels model"].kept
    second = start(studio, "run-2", keep_model=True)
    ready(second)
    stop_inference(second)
    assert versions(studio, second).keys() == {"v1"}
    assert [usage.item for usage in second.booked()] == ["DetectCustomLabels"]
    assert release_everything(second).still_billing == ()


def test_a_model_that_an_earlier_run_is_stopping_is_waited_for_and_started_once(tmp_path):
    slow = ("--throughput-seconds", "600")
    with running_endpoint(tmp_path / "data", slow) as endpoint:
        studio = Studio.opened(endpoint)
        clock = MovedClock(endpoint)
        first = replace(start(studio, keep_model=True), clock=clock.now)
        assert prepare_detectors(first).goal == "trained"
        clock.move(hours=1)
        assert prepare_detectors(first).goal == "running"
        clock.move(hours=0.5)
        custom = RekognitionCustom(first.clients("rekognition"))
        assert custom.stop(custom.versions(project_arn(studio, first))[0].arn)

        second = replace(start(studio, "run-2", keep_model=True), clock=clock.now)
        assert prepare_detectors(second).goal == "stopped"
        assert [line for line in receipt_lines(second) if line.kind == INFERENCE] == []
        clock.move(hours=0.5)
        assert prepare_detectors(second).goal == "running"
        clock.move(hours=0.5)
        ready(second)
        assert len([line for line in receipt_lines(second) if line.kind == INFERENCE]) == 1
        assert len(hours_billed(studio, second)) == 2, "one start by each run"
        assert stop_inference(second) == 1


def test_two_runs_share_a_running_model_and_the_last_one_stops_it(studio):
    first, second = start(studio), start(studio, "run-2")
    ready(first)
    ready(second)
    assert len(hours_billed(studio, first)) == 1
    receipt = release_everything(first)
    assert receipt.still_billing == ()
    assert len(running(studio, first)) == 1
    by_kind = {resource.kind: resource for resource in receipt.resources}
    assert "in use by run-2, which stops it" in by_kind["custom labels inference"].note
    assert "transferred to run-2" in by_kind["custom labels model"].note
    assert release_everything(second).still_billing == ()
    assert running(studio, first) == []
    assert versions(studio, first) == {}


@contextmanager
def two_runs_of_one_model(folder: Path) -> Iterator[tuple[MovedClock, ToolBox, ToolBox]]:
    """The first has trained and started a model, an hour each; the second has adopted it."""
    hourly = ("--customization-seconds", "3600", "--throughput-seconds", "3600")
    with running_endpoint(folder / "data", hourly) as endpoint:
        studio, clock = Studio.opened(endpoint), MovedClock(endpoint)
        first = replace(start(studio), clock=clock.now)
        second = replace(start(studio, "run-2"), clock=clock.now)
        for _ in ("trained", "running"):
            assert isinstance(prepare_detectors(first), ModelWait)
            clock.move(hours=1)
        assert not isinstance(prepare_detectors(first), ModelWait)
        ready(second)
        yield clock, first, second


def spent(tools: ToolBox) -> dict[str, float]:
    """Hours by item on the receipt of a run that is released."""
    return {usage.item: round(usage.amount, 1) for usage in release_everything(tools).usages}


def test_a_run_that_hands_its_model_on_pays_for_it_no_longer(tmp_path):
    with two_runs_of_one_model(tmp_path) as (clock, first, second):
        clock.move(hours=1)
        stop_inference(first)
        clock.move(hours=1)
        stop_inference(second)
        clock.move(hours=72)  # people review
        # Counted from its claim, so with the hour in which the model was starting.
        assert spent(first) == {"CustomLabelsTraining": 1, "DetectCustomLabels": 2}
        assert spent(second) == {"DetectCustomLabels": 2}


def test_a_training_is_paid_by_the_run_that_asked_for_it_not_by_its_heir(tmp_path):
    with two_runs_of_one_model(tmp_path) as (_, first, second):
        assert spent(first)["CustomLabelsTraining"] == 1
        ready(second)  # the claim on the model is its own now
        assert "CustomLabelsTraining" not in spent(second)


def test_a_model_that_refuses_to_stop_is_left_to_who_comes_meanwhile(studio, monkeypatch):
    first, second = start(studio), start(studio, "run-2")
    ready(first)

    def refused(custom, arn) -> bool:
        ready(second)
        return False

    with monkeypatch.context() as patched:
        # What is let go of is not taken up: the next run comes once that is over.
        patched.setattr(detector_users, "LEAVING_SECONDS", 0)
        patched.setattr(RekognitionCustom, "stop", refused)
        stop_inference(first)
    assert len(running(studio, first)) == 1
    assert stop_inference(second) == 1
    assert running(studio, first) == []


def test_a_run_that_has_stopped_its_own_leaves_the_next_runs_model_alone(studio):
    first, second = start(studio), start(studio, "run-2")
    ready(first)
    stop_inference(first)
    ready(second)
    receipt = release_everything(first)  # days later, after the review
    assert len(running(studio, second)) == 1
    (line,) = [one for one in receipt.resources if one.kind == "custom labels inference"]
    assert line.deleted_at and not line.kept
    confirm_released(first)  # what runs now is the next run's, and no fault of this one
    release_everything(second)
    assert running(studio, second) == []


@pytest.mark.parametrize("leases", [(4, 1), (1, 4)], ids=["shorter", "longer"])
def test_a_run_that_joins_extends_the_lease_and_never_cuts_it(studio, leases):
    first, second = (start(studio, f"run-{h}", lease_h=h) for h in leases)
    ready(first)
    ready(second)
    release_expired(studio.client, [studio.workspace], lambda: utc_now() + timedelta(hours=2))
    assert len(running(studio, first)) == 1
    release_expired(studio.client, [studio.workspace], lambda: utc_now() + timedelta(hours=5))
    assert running(studio, first) == []


@pytest.mark.parametrize(
    "forged",
    [
        Lease(run="run-0", expires=utc_now() + timedelta(hours=100)),
        Lease(run="../run-1", expires=utc_now() + timedelta(hours=100)),
        Lease(run="run-1", expires=utc_now() + timedelta(days=365)),
        Lease(run="run-1", expires=None),
    ],
    ids=["unknown run", "no run", "too long", "without end"],
)
def test_a_lease_that_no_run_can_have_written_is_not_extended(studio, forged):
    first, second = start(studio, lease_h=1), start(studio, "run-2", lease_h=1)
    model = ready(first)["custom_labels"]["arn"]
    studio.client("rekognition").tag_resource(ResourceArn=model, Tags=forged.tags)
    ready(second)
    assert len(running(studio, second)) == 1
    release_expired(studio.client, [studio.workspace], lambda: utc_now() + timedelta(minutes=61))
    assert running(studio, second) == []


@pytest.fixture
def first_and_killed(studio, monkeypatch) -> tuple[ToolBox, ToolBox]:
    """A run whose model runs, and one that was killed after it had joined, before it began."""
    first, second = start(studio, lease_h=1), start(studio, "run-2", lease_h=1)
    ready(first)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("storyboard_ops.steps.detection.prepare_detectors.train_model", killed)
        prepare_detectors(second)
    return first, second


@pytest.mark.parametrize("killed_first", [True, False])
def test_a_run_that_was_killed_before_it_began_lets_go_by_its_own_release(
    studio, first_and_killed, killed_first
):
    first, second = first_and_killed
    for tools in (second, first) if killed_first else (first, second):
        assert running(studio, first) != []
        assert release_everything(tools).still_billing == ()
        confirm_released(tools)
    assert running(studio, first) == []
    assert versions(studio, first) == {}


def test_a_killed_run_that_nobody_releases_is_swept_with_the_lease(studio, first_and_killed):
    first, _ = first_and_killed
    release_everything(first)
    assert len(running(studio, first)) == 1, "the other may be at work"
    release_expired(studio.client, [studio.workspace], lambda: utc_now() + timedelta(minutes=61))
    assert running(studio, first) == []
