"""A detector of the expected name is used only when a run of the workspace made it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from storyboard_ops.domain.detection.detector_facts import DetectorOrigin
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.money.resource_lease import OWNER_TAG, RUN_TAG, Lease
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.steps.detection.face_collection import build_collection
from storyboard_ops.steps.detection.names import collection_name, project_name
from storyboard_ops.steps.detection.origin import confirm_origin
from storyboard_ops.steps.detection.prepare_detectors import prepare_detectors
from storyboard_ops.steps.detection.users import join
from storyboard_ops.steps.money.claims import announce, claim
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.studio.custom_models import start
from tests.studio.studio_fixture import Studio

NAME = "storyboard-faces-0c1d2e3f-lantern-9c41a2f0"
ARN = "arn:aws:rekognition:us-east-1:123456789012:collection/"


@pytest.fixture
def tools(studio: Studio) -> ToolBox:
    return studio.tools(run_key="run-1")


def made(tools: ToolBox, minutes: float = 0) -> DetectorOrigin:
    """A collection that appears this many minutes from now."""
    at = tools.clock() + timedelta(minutes=minutes)
    return DetectorOrigin(arn=ARN + NAME, created_at=iso_millis(at))


def confirm(tools: ToolBox, found: DetectorOrigin, **tags: str) -> None:
    confirm_origin(tools, "face collection", NAME, found, lambda: [tags] if tags else [])


def test_a_detector_that_nobody_claimed_is_refused(tools: ToolBox) -> None:
    announce(tools, "face collection", NAME)
    with pytest.raises(GateClosed, match=f"{ARN}{NAME} exists, but no run of s3://"):
        confirm(tools, made(tools))


def test_a_detector_made_before_its_claim_is_refused(tools: ToolBox) -> None:
    claim(tools, "face collection", NAME)
    with pytest.raises(GateClosed):
        confirm(tools, made(tools, minutes=-6))
    confirm(tools, made(tools, minutes=-4))  # clocks may differ by five minutes


def test_once_confirmed_every_run_knows_it(studio: Studio, tools: ToolBox) -> None:
    claim(tools, "face collection", NAME)
    found = made(tools)
    confirm(tools, found)
    confirm(studio.tools(run_key="run-2"), found)


def test_a_run_knows_what_another_user_has_just_made(studio: Studio, tools: ToolBox) -> None:
    join(tools, NAME)
    claim(tools, "face collection", NAME)
    confirm(studio.tools(run_key="run-2"), made(tools))


def test_what_replaces_a_confirmed_detector_is_refused_without_a_new_claim(
    studio: Studio, tools: ToolBox
) -> None:
    join(tools, NAME)
    claim(tools, "face collection", NAME)
    confirm(tools, made(tools))
    forged = made(tools, minutes=30)
    tags = Lease(run="run-1", expires=None).tags
    for run in (tools, studio.tools(run_key="run-2")):
        with pytest.raises(GateClosed):
            confirm(run, forged, **tags)
    later = replace(tools, clock=lambda: tools.clock() + timedelta(minutes=29))
    claim(later, "face collection", NAME)
    confirm(later, forged)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {RUN_TAG: "run-1"},
        {OWNER_TAG: "somebody-else", RUN_TAG: "run-1"},
        Lease(run="run-2", expires=None).tags,
        Lease(run="../runs/run-1", expires=None).tags,
    ],
)
def test_a_detector_of_an_earlier_version_is_known_by_tags_and_a_claim(
    studio: Studio, tools: ToolBox, tags: dict[str, str]
) -> None:
    claim(tools, "face collection", NAME)
    old = made(tools, minutes=-60)
    with pytest.raises(GateClosed):
        confirm(studio.tools(run_key="run-3"), old, **tags)
    confirm(studio.tools(run_key="run-3"), old, **Lease(run="run-1", expires=None).tags)


@pytest.mark.parametrize("run", ["run-1", "run-0", ""])
def test_a_project_that_somebody_made_under_the_expected_name_is_not_trained(
    studio: Studio, run: str
) -> None:
    tools = start(studio)
    rekognition: Any = studio.client("rekognition")
    tags = Lease(run=run, expires=None).tags if run else {}
    rekognition.create_project(ProjectName=project_name(tools), Tags=tags)
    with pytest.raises(GateClosed, match=r"project/.* exists, but no run of"):
        prepare_detectors(tools)
    (project,) = rekognition.describe_projects(ProjectNames=[project_name(tools)])[
        "ProjectDescriptions"
    ]
    assert project["Datasets"] == []


def test_a_collection_that_somebody_made_under_the_expected_name_is_not_filled(
    studio: Studio,
) -> None:
    tools = start(studio, detectors=["faces", "multimodal"])
    rekognition: Any = studio.client("rekognition")
    tags = Lease(run="run-1", expires=None).tags
    rekognition.create_collection(CollectionId=collection_name(tools), Tags=tags)
    with pytest.raises(GateClosed, match=r"collection/.* exists, but no run of"):
        build_collection(tools)
    found = rekognition.describe_collection(CollectionId=collection_name(tools))
    assert found["FaceCount"] == 0
    assert list(tools.answers.usages) == []
