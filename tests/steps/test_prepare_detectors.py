"""Custom Labels: one training, one start, whatever is retried; and afterwards nothing bills."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from botocore.exceptions import ClientError

from storyboard_ops.core.picture_codec import decode_rgb, encode_jpeg, encode_png
from storyboard_ops.domain.detector_facts import AT_REST, ModelWait
from storyboard_ops.domain.error_tree import ProductionError, RemoteFailure
from storyboard_ops.domain.utc_time import utc_now
from storyboard_ops.gateways.rekognition_custom import ProjectState, RekognitionCustom
from storyboard_ops.steps import custom_inference, detector_users
from storyboard_ops.steps.custom_detector import CustomDetector
from storyboard_ops.steps.custom_inference import INFERENCE, stop_inference
from storyboard_ops.steps.detect_characters import detect_characters
from storyboard_ops.steps.detector_names import project_name
from storyboard_ops.steps.paid_claims import entered
from storyboard_ops.steps.prepare_detectors import check_awaited, prepare_detectors
from storyboard_ops.steps.release_expired import release_expired
from storyboard_ops.steps.release_resources import confirm_released, release_everything
from storyboard_ops.steps.service_wait import wait_until
from storyboard_ops.steps.tool_box import ToolBox
from tests.drawn_production import begun_run, frames_manifest
from tests.endpoint_fixture import RunningEndpoint, running_endpoint
from tests.local_aws.vision.drawn_pictures import bolt, meadow, mira, paste
from tests.studio_fixture import Studio

CUSTOM = {"detectors": ["custom_labels"], "keep_model": False}
SCENE_SIZE = (640, 360)


def rgb(bgr: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(bgr[..., ::-1])


CAST = {
    "mira": [rgb(mira(200)), rgb(mira(180, (200, 200, 200)))],
    "bolt": [rgb(bolt(200)), rgb(bolt(180, (170, 180, 200)))],
}


def scene() -> tuple[np.ndarray, dict[str, tuple[int, int, int, int]]]:
    """A frame with both figures, and where they are: left, top, right, bottom in pixels."""
    picture = meadow(seed=5)
    boxes = {
        "mira": paste(picture, mira(150), 85, 150),
        "bolt": paste(picture, bolt(130), 430, 180),
    }
    return rgb(picture), boxes


def oversized() -> bytes:
    """A frame with more bytes and more pixels a side than DetectCustomLabels takes."""
    wide = np.full((1_200, 4_500, 3), 90, np.uint8)
    wide[:, :1_300] = np.random.default_rng(1).integers(0, 256, (1_200, 1_300, 3), np.uint8)
    frame = encode_png(wide)
    assert len(frame) > 4 * 1024 * 1024
    return frame


def start(studio: Studio, run_key: str = "run-1", **params):
    return begun_run(studio, CAST, run_key=run_key, **{**CUSTOM, **params})


def ready(tools) -> dict:
    """Prepare as the task does: when a wait is over, look how it ended, and call again."""
    while isinstance(found := prepare_detectors(tools), ModelWait):
        settled(tools, found)
        check_awaited(tools, found)
    return found


def settled(tools, wait: ModelWait) -> None:
    """Wait as the trigger does; the stand-in computes its model when it is started."""
    custom = RekognitionCustom(tools.clients("rekognition"))

    def at_rest() -> bool:
        statuses = {model.version: model.status for model in custom.versions(wait.project_arn)}
        return statuses[wait.version] in AT_REST | {"RUNNING"}

    assert wait_until(at_rest, seconds=90, pause=0.05), wait


def versions(studio: Studio, tools) -> dict[str, str]:
    """State by name of the models of the run's project."""
    rekognition = studio.client("rekognition")
    listed = rekognition.describe_projects(ProjectNames=[project_name(tools)])
    return {
        version["ProjectVersionArn"].split("/")[3]: version["Status"]
        for project in listed["ProjectDescriptions"]
        for version in rekognition.describe_project_versions(ProjectArn=project["ProjectArn"])[
            "ProjectVersionDescriptions"
        ]
    }


def project_arn(studio: Studio, tools) -> str:
    found = studio.client("rekognition").describe_projects(ProjectNames=[project_name(tools)])
    return found["ProjectDescriptions"][0]["ProjectArn"]


def hours_billed(studio: Studio, tools) -> list[dict]:
    """Lines of the endpoint's bill for running models: one for every start."""
    return [
        line
        for line in studio.endpoint.admin("GET", "bill")["lines"]
        if line["item"] == "DetectCustomLabels" and project_name(tools) in line["resource"]
    ]


def running(studio: Studio, tools) -> list[dict]:
    lines = studio.endpoint.admin("GET", "bill")["running"]
    return [line for line in lines if project_name(tools) in line["resource"]]


@contextmanager
def fault(studio: Studio, **rule) -> Iterator[None]:
    studio.endpoint.admin("PUT", "faults", {"faults": [rule]})
    try:
        yield
    finally:
        studio.endpoint.admin("DELETE", "faults")


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the product catches it."""


def killed(*_args, **_kwargs):
    raise Killed


def test_a_run_that_asks_for_neither_makes_no_call(studio):
    def no_client(service):
        raise AssertionError(f"asked for {service}")

    tools = studio.tools(detectors=["multimodal", "labels"])
    object.__setattr__(tools, "clients", no_client)
    assert prepare_detectors(tools) == {}


def test_trained_started_asked_stopped_and_on_the_receipt(studio):
    tools = start(studio)
    assert ready(tools)["custom_labels"]["version"] == "v1"
    assert versions(studio, tools) == {"v1": "RUNNING"}

    picture, boxes = scene()
    found = {
        one.character: one for one in CustomDetector.made_for(tools).find(encode_jpeg(picture))
    }
    assert sorted(found) == ["bolt", "mira"]
    assert found["mira"].box.x * 640 == pytest.approx(boxes["mira"][0], abs=40)
    assert found["bolt"].box.y * 360 == pytest.approx(boxes["bolt"][1], abs=40)
    assert found["mira"].detector == "custom_labels"
    CustomDetector.made_for(tools).find(oversized())  # sent smaller, so that it is not refused

    assert stop_inference(tools) == 1
    assert running(studio, tools) == []
    receipt = release_everything(tools)
    assert receipt.still_billing == ()
    by_kind = {resource.kind: resource for resource in receipt.resources}
    assert by_kind["custom labels inference"].deleted_at
    assert by_kind["custom labels model"].deleted_at
    assert (by_kind["custom labels inference"].unit, receipt.unpriced) == ("hour", ())
    assert versions(studio, tools) == {}
    confirm_released(tools)


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


class MovedClock:
    """Time for the product and for an endpoint of the test's own."""

    def __init__(self, endpoint: RunningEndpoint) -> None:
        self._endpoint = endpoint
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, hours: float) -> None:
        self._endpoint.move_clock(hours)
        self._ahead += timedelta(hours=hours)


def test_a_retry_at_any_stage_makes_one_training_and_one_start(studio):
    tools = start(studio)
    waits = [prepare_detectors(tools) for _ in range(3)]
    assert {(wait.goal, wait.version) for wait in waits} == {("trained", "v1")}
    ready(tools)
    assert ready(tools) == ready(tools)
    assert versions(studio, tools) == {"v1": "RUNNING"}
    assert len(hours_billed(studio, tools)) == 1
    stop_inference(tools)


killed_around_the_start = pytest.mark.parametrize(
    ("owner", "call"),
    [(RekognitionCustom, "start"), (custom_inference, "_enter")],
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
        assert [line for line in entered(second) if line.kind == INFERENCE] == []
        clock.move(hours=0.5)
        assert prepare_detectors(second).goal == "running"
        clock.move(hours=0.5)
        ready(second)
        assert len([line for line in entered(second) if line.kind == INFERENCE]) == 1
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
    assert "handed on to run-2" in by_kind["custom labels model"].note
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
        while isinstance(prepare_detectors(first), ModelWait):
            clock.move(hours=1)
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


def test_what_was_made_a_moment_ago_may_not_be_listed_yet(studio, monkeypatch):
    tools = start(studio)
    looked = Counter()

    def lagging(name: str, nothing):
        truth = getattr(RekognitionCustom, name)

        def look(custom, asked):
            looked[name] += 1
            return nothing if looked[name] in (2, 3) else truth(custom, asked)

        monkeypatch.setattr(RekognitionCustom, name, look)

    lagging("find_project", None)
    lagging("versions", [])
    assert prepare_detectors(tools).version == "v1"
    monkeypatch.undo()
    assert versions(studio, tools).keys() == {"v1"}


def test_a_project_that_is_being_deleted_is_not_built_upon(studio, monkeypatch):
    tools = start(studio)
    truth = RekognitionCustom.find_project
    looked = iter([True, False])

    def dying(custom, name):
        if next(looked, False):
            return ProjectState("arn:gone", name, "DELETING", "", {})
        return truth(custom, name)

    monkeypatch.setattr(RekognitionCustom, "find_project", dying)
    assert "arn:gone" not in prepare_detectors(tools).project_arn


def test_a_model_that_is_being_deleted_is_not_adopted(studio, monkeypatch):
    tools = start(studio, keep_model=True)
    ready(tools)
    stop_inference(tools)
    truth = RekognitionCustom.versions

    def deleting(custom, arn):
        found = truth(custom, arn)
        return [replace(one, status="DELETING") if one.version == "v1" else one for one in found]

    monkeypatch.setattr(RekognitionCustom, "versions", deleting)
    assert prepare_detectors(start(studio, "run-2")).version == "v2"


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
    """Adopted while another run was stopping it, so that it had to be started anew."""
    tools = start(studio)
    ready(tools)
    custom = RekognitionCustom(tools.clients("rekognition"))
    (version,) = custom_inference.billing_versions(custom, project_name(tools))
    custom.stop(version.arn)
    assert until_stopped(custom, project_name(tools))
    ready(tools)
    first, second = (one for one in entered(tools) if one.kind == "custom labels inference")
    assert first.deleted_at and not second.deleted_at
    receipt = release_everything(tools)
    assert receipt.still_billing == ()


def until_stopped(custom: RekognitionCustom, project: str) -> bool:
    return wait_until(lambda: not custom_inference.billing_versions(custom, project), 30)


def test_a_training_that_fails_says_why_and_a_clear_trains_anew(studio):
    tools = start(studio)
    with (
        fault(studio, kind="fail", operation="CreateProjectVersion", message="Too blurred."),
        pytest.raises(RemoteFailure, match=r"v1/\d+ was not trained: Too blurred"),
    ):
        ready(tools)
    assert ready(tools)["custom_labels"]["version"] == "v2"
    assert versions(studio, tools) == {"v1": "TRAINING_FAILED", "v2": "RUNNING"}
    assert release_everything(tools).still_billing == ()
    assert versions(studio, tools) == {}


def test_a_model_that_does_not_start_says_why_and_bills_nothing(studio):
    tools = start(studio)
    with (
        fault(studio, kind="fail", operation="StartProjectVersion", message="No capacity."),
        pytest.raises(RemoteFailure, match="was not running: No capacity"),
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
        pytest.raises(RemoteFailure, match="Stop another Custom Labels model or raise the quota"),
    ):
        ready(tools)
    assert release_everything(tools).still_billing == ()


def test_a_dataset_that_cannot_be_read_is_made_anew_by_the_next_try(studio, monkeypatch):
    tools = start(studio)
    with monkeypatch.context() as patched:
        patched.setattr("storyboard_ops.steps.custom_training.manifest_text", lambda *_: "{}\n")
        with pytest.raises(RemoteFailure, match="could not be read: Line 1"):
            ready(tools)
    assert ready(tools)["custom_labels"]["version"] == "v1"
    stop_inference(tools)


def test_a_photograph_is_stored_as_large_as_custom_labels_takes_it(studio):
    photograph = np.full((3_000, 6_000, 3), 200, np.uint8)
    tools = begun_run(studio, {"mira": [photograph]}, **CUSTOM)
    (stored,) = tools.references["mira"]
    assert decode_rgb(stored).shape == (1_024, 2_048, 3)


def test_one_picture_is_too_few_and_nothing_is_made(studio):
    tools = begun_run(studio, {"mira": CAST["mira"], "bolt": CAST["bolt"][:1]}, **CUSTOM)
    with pytest.raises(ProductionError, match="Character 'bolt' has 1 reference picture"):
        prepare_detectors(tools)
    assert versions(studio, tools) == {}
    assert list(tools.objects.list(tools.run_root / "claims/")) == []


@pytest.mark.parametrize(("strangers", "labels"), [(1, 2), (2, 3)])
def test_strangers_are_a_label_of_their_own_when_there_are_two_pictures(studio, strangers, labels):
    others = [rgb(meadow(300, 300, seed)) for seed in range(strangers)]
    tools = begun_run(studio, CAST, strangers=others, **CUSTOM)
    assert prepare_detectors(tools).goal == "trained"
    place = tools.workspace.detector(project_name(tools)) / "train.manifest"
    (line, *_) = map(json.loads, tools.objects.get(place).decode().splitlines())
    named = set(line["bounding-box-metadata"]["class-map"].values())
    assert (len(named), "none_of_them" in named) == (labels, strangers == 2)


def test_an_answer_that_names_a_stranger_names_no_character(studio):
    tools = start(studio)
    labels = [
        {"label": name, "box": [0.1, 0.1, 0.4, 0.9], "confidence": 0.8}
        for name in ("mira", "none_of_them", "somebody else")
    ]
    outside = {"label": "bolt", "box": [1.2, 0.1, 1.4, 0.9], "confidence": 0.9}
    detector = CustomDetector.made_for(tools)
    object.__setattr__(detector, "_buy", lambda frame: ([*labels, outside], ()))
    found = detector.find(b"a frame")
    assert [(one.character, one.label) for one in found] == [
        ("mira", "mira"),
        (None, "none_of_them"),
    ]


def test_an_answer_is_bought_once_and_another_threshold_buys_nothing(studio):
    tools = start(studio)
    ready(tools)
    frames = frames_manifest(tools, [scene()[0]])
    detect_characters(tools, frames)
    stop_inference(tools)
    strict = start(studio, "run-2", min_confidence=0.9)
    detect_characters(strict, frames)  # the model does not run any more: nothing is asked
    assert (strict.answers.bought, tools.answers.bought) == (0, 1)


def test_a_model_that_was_stopped_under_way_ends_the_detection_at_once(studio):
    tools = start(studio)
    ready(tools)
    stop_inference(tools)
    with pytest.raises(ClientError, match="ResourceNotReadyException"):
        detect_characters(tools, frames_manifest(tools, [scene()[0]]))
    assert tools.answers.bought == 0


def test_a_model_of_a_killed_run_is_stopped_when_its_lease_is_over(studio):
    tools = start(studio, lease_h=1)
    ready(tools)  # and then the run is gone, with all that would have released it
    soon = release_expired(studio.client, lambda: utc_now() + timedelta(minutes=50))
    assert len(running(studio, tools)) == 1
    late = release_expired(studio.client, lambda: utc_now() + timedelta(minutes=61))
    assert running(studio, tools) == []
    for report, outcome in ((soon, "leased"), (late, "released")):
        (line,) = [one for one in report.resources if project_name(tools) in one.arn]
        assert (line.kind, line.run) == ("custom labels inference", "run-1")
        assert line.outcome == outcome


@pytest.mark.logs_errors
def test_detection_without_a_running_model_says_what_to_do(studio):
    tools = start(studio)
    frames = frames_manifest(tools, [cv2.resize(scene()[0], SCENE_SIZE)])
    with pytest.raises(RemoteFailure, match="clear prepare_detectors"):
        detect_characters(tools, frames)
