"""A person is removed: what knows their face goes, whatever runs it was made for."""

from __future__ import annotations

import time
from functools import partial

import pytest

from storyboard_ops.domain.detection.detector_facts import ModelWait
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.steps.detection.forget_detectors import forget_detectors
from storyboard_ops.steps.detection.names import (
    CUSTOM,
    FACES,
    collection_name,
    detector_name,
    is_of_production,
    project_name,
)
from storyboard_ops.steps.detection.prepare_detectors import prepare_detectors
from tests.material.drawn.faces import ANA, BEN, face
from tests.material.drawn.production import begun_run

CAST = {"ana": [face(ANA), face(ANA, 200)], "ben": [face(BEN), face(BEN, 200)]}


HERE, ELSEWHERE = Workspace.at("s3://studio/here"), Workspace.at("s3://studio/elsewhere")
LONG = "the-adventures-of-ana-and-ben-in-the-city-of-lanterns"


@pytest.mark.parametrize("purpose", [FACES, CUSTOM])
@pytest.mark.parametrize("slug", ["drawn", f"{LONG}-1"])
def test_a_detector_is_told_by_its_name(purpose, slug):
    name = detector_name(purpose, HERE, slug, "0a1b2c3d4e5f")
    assert is_of_production(name, HERE, slug)
    assert not is_of_production(name, ELSEWHERE, slug)
    assert not is_of_production(name, HERE, "another")
    assert not is_of_production(name, HERE, f"{LONG}-2"), "long names begin alike"
    for other in (f"{name}-x", f"x-{name}", name.replace(purpose, "customize")):
        assert not is_of_production(other, HERE, slug)


def test_another_workspaces_detectors_survive(studio):
    begun = partial(begun_run, studio, CAST, detectors=["faces"])
    here = begun()
    there = begun(workspace=f"s3://{studio.bucket}/there")
    for tools in (here, there):
        prepare_detectors(tools)
    assert forget_detectors(studio.client, here.workspace, "drawn") == [collection_name(here)]
    left = studio.client("rekognition").list_collections()["CollectionIds"]
    assert collection_name(there) in left


def test_collections_and_models_of_a_production_are_gone_even_while_they_run(studio):
    tools = begun_run(studio, CAST, detectors=["faces", "custom_labels"])
    while isinstance(prepare_detectors(tools), ModelWait):
        time.sleep(0.1)
    rekognition = studio.client("rekognition")
    rekognition.create_collection(CollectionId=f"others-{studio.bucket}")

    forgotten = forget_detectors(studio.client, tools.workspace, "drawn")
    assert {collection_name(tools), project_name(tools)} == set(forgotten)
    left = rekognition.list_collections()["CollectionIds"]
    assert f"others-{studio.bucket}" in left
    assert collection_name(tools) not in left
    assert (
        rekognition.describe_projects(ProjectNames=[project_name(tools)])["ProjectDescriptions"]
        == []
    )
    running = studio.endpoint.admin("GET", "bill")["running"]
    assert [line for line in running if project_name(tools) in line["resource"]] == []
    assert forget_detectors(studio.client, tools.workspace, "drawn") == []
