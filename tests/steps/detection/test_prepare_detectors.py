"""Detectors are made ready: one training, whatever is called again, and errors that say why."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg
from storyboard_ops.domain.error_tree import JobFailed, ProductionError
from storyboard_ops.gateways.detection.rekognition_custom import ProjectState, RekognitionCustom
from storyboard_ops.steps.detection.custom_detector import CustomDetector
from storyboard_ops.steps.detection.custom_inference import stop_inference
from storyboard_ops.steps.detection.names import project_name
from storyboard_ops.steps.detection.prepare_detectors import prepare_detectors
from storyboard_ops.steps.release.release_resources import confirm_released, release_everything
from tests.local_aws.vision.drawn_pictures import meadow
from tests.material.drawn.production import begun_run
from tests.studio.custom_models import (
    CAST,
    CUSTOM,
    fault,
    oversized,
    ready,
    rgb,
    running,
    scene,
    start,
    versions,
)


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


def test_a_training_that_fails_says_why_and_a_clear_trains_anew(studio):
    tools = start(studio)
    with (
        fault(studio, kind="fail", operation="CreateProjectVersion", message="Too blurred."),
        pytest.raises(JobFailed, match=r"v1/\d+ was not trained: Too blurred"),
    ):
        ready(tools)
    assert ready(tools)["custom_labels"]["version"] == "v2"
    assert versions(studio, tools) == {"v1": "TRAINING_FAILED", "v2": "RUNNING"}
    assert release_everything(tools).still_billing == ()
    assert versions(studio, tools) == {}


def test_a_dataset_that_cannot_be_read_is_made_anew_by_the_next_try(studio, monkeypatch):
    tools = start(studio)
    with monkeypatch.context() as patched:
        patched.setattr(
            "storyboard_ops.steps.detection.custom_training.manifest_text", lambda *_: "{}\n"
        )
        with pytest.raises(JobFailed, match="could not be read: Line 1"):
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
    prepare_detectors(tools)
    place = tools.workspace.detector(project_name(tools)) / "train.manifest"
    (line, *_) = map(json.loads, tools.objects.get(place).decode().splitlines())
    named = set(line["bounding-box-metadata"]["class-map"].values())
    assert (len(named), "none_of_them" in named) == (labels, strangers == 2)
