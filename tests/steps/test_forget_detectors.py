"""A person is removed: what knows their face goes, whatever runs it was made for."""

from __future__ import annotations

import time

import pytest

from storyboard_ops.domain.detector_facts import ModelWait
from storyboard_ops.steps.detector_names import collection_name, is_of_production, project_name
from storyboard_ops.steps.forget_detectors import forget_detectors
from storyboard_ops.steps.prepare_detectors import prepare_detectors
from tests.drawn_faces import ANA, BEN, face
from tests.drawn_production import begun_run

CAST = {"ana": [face(ANA), face(ANA, 200)], "ben": [face(BEN), face(BEN, 200)]}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("storyboard-faces-drawn-0a1b2c3d", True),
        ("storyboard-custom-drawn-0a1b2c3d", True),
        ("storyboard-faces-drawn-two-0a1b2c3d", False),
        ("storyboard-faces-drawn-0a1b2c3d-x", False),
        ("storyboard-customize-drawn-0a1b2c3d", False),
        ("somebody-elses-drawn-0a1b2c3d", False),
    ],
)
def test_a_detector_is_told_by_its_name(name, answer):
    assert is_of_production(name, "drawn") is answer


def test_collections_and_models_of_a_production_are_gone_even_while_they_run(studio):
    tools = begun_run(studio, CAST, detectors=["faces", "custom_labels"])
    while isinstance(prepare_detectors(tools), ModelWait):
        time.sleep(0.1)
    rekognition = studio.client("rekognition")
    rekognition.create_collection(CollectionId=f"others-{studio.bucket}")

    forgotten = forget_detectors(studio.client, "drawn")
    assert {collection_name(tools), project_name(tools)} <= set(forgotten)
    left = rekognition.list_collections()["CollectionIds"]
    assert f"others-{studio.bucket}" in left
    assert collection_name(tools) not in left
    assert (
        rekognition.describe_projects(ProjectNames=[project_name(tools)])["ProjectDescriptions"]
        == []
    )
    running = studio.endpoint.admin("GET", "bill")["running"]
    assert [line for line in running if project_name(tools) in line["resource"]] == []
    assert forget_detectors(studio.client, "drawn") == []
