"""Custom Labels models for tests: two drawn figures, a run that trains on them, and its bill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.detection.detector_facts import AT_REST, ModelWait
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom
from storyboard_ops.steps.detection.names import project_name
from storyboard_ops.steps.detection.prepare_detectors import check_awaited, prepare_detectors
from storyboard_ops.steps.run.service_wait import wait_until
from tests.local_aws.vision.drawn_pictures import bolt, meadow, mira, paste
from tests.material.drawn.production import begun_run
from tests.studio.endpoint_fixture import RunningEndpoint
from tests.studio.studio_fixture import Studio

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
