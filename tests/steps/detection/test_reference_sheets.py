"""Detection by a model that accepts five pictures: references as sheets, on the local endpoint."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from storyboard_ops.core.preflight.request_tokens import detection_tokens
from storyboard_ops.domain.error_tree import SettingsError
from storyboard_ops.domain.image_records import Box, FrameDetections
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.detection.detectors import DETECTION_PROMPT, MultimodalDetector
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.local_aws.vision.drawn_pictures import bolt, mira
from tests.material.drawn.production import begun_run, frames_manifest
from tests.material.model_limits import NOVA_2_LITE
from tests.studio.custom_models import rgb, scene
from tests.studio.studio_fixture import Studio

PROFILE = f"us.{NOVA_2_LITE}"
MIRAS = [rgb(mira(200)), rgb(mira(180, (200, 200, 200))), rgb(mira(220, (90, 120, 90)))]
BOLTS = [rgb(bolt(200)), rgb(bolt(180, (170, 180, 200)))]


class Recording:
    """A client of the runtime that counts the pictures of what it sends."""

    def __init__(self, client: Any = None) -> None:
        self.client = client
        self.pictures: list[int] = []
        self.usages: list[dict[str, int]] = []

    def converse(self, **request: Any) -> Any:
        answer = self.client.converse(**request) if self.client else NOBODY
        content = request["messages"][0]["content"]
        self.pictures.append(sum("image" in part for part in content))
        self.usages.append(answer["usage"])
        return answer


NOBODY = {
    "output": {"message": {"role": "assistant", "content": [{"text": '{"detections": []}'}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 1, "outputTokens": 1},
}


def recorded(tools: ToolBox[RunSettings], runtime: Recording) -> ToolBox[RunSettings]:
    clients = tools.clients
    return replace(
        tools, clients=lambda name: runtime if name == "bedrock-runtime" else clients(name)
    )


def test_sheets_show_who_is_in_the_frame_and_cost_no_more_than_estimated(studio: Studio) -> None:
    frame, places = scene()
    tools = begun_run(studio, {"mira": MIRAS}, "run-1", BOLTS, detection_model_id=PROFILE)
    runtime = Recording(tools.clients("bedrock-runtime"))
    tools = recorded(tools, runtime)
    ref = detect_characters(tools, frames_manifest(tools, [frame]))
    (record,) = tools.manifests.read(ref, FrameDetections, "detections").records
    found = {one.label: one.box for one in record.detections}
    assert found.keys() == {"mira", NONE_OF_THEM}
    height, width = frame.shape[:2]
    for label, name in (("mira", "mira"), (NONE_OF_THEM, "bolt")):
        left, top, right, bottom = places[name]
        drawn = Box.clamped(left / width, top / height, right / width, bottom / height)
        assert drawn is not None
        assert found[label].iou(drawn) > 0.5
    detector = MultimodalDetector.made_for(tools)
    estimated = detection_tokens(
        include_text(DETECTION_PROMPT), detector.references, [(width, height)], detector.limits
    )
    (usage,) = runtime.usages
    assert usage["inputTokens"] <= estimated < 1.5 * usage["inputTokens"]
    assert runtime.pictures == [3]


def crowd(count: int) -> dict[str, list[NDArray[np.uint8]]]:
    """This many characters with two pictures each."""
    return {f"c{n}": MIRAS[:2] for n in range(count)}


@pytest.mark.parametrize(("characters", "pictures"), [(2, 5), (3, 4), (4, 5)])
def test_four_characters_are_shown_in_five_pictures(
    studio: Studio, characters: int, pictures: int
) -> None:
    tools = begun_run(studio, crowd(characters), "run-2", detection_model_id=PROFILE)
    runtime = Recording()
    detect_characters(recorded(tools, runtime), frames_manifest(tools, [scene()[0]]))
    assert runtime.pictures == [pictures]


def test_five_characters_are_refused_before_anything_is_bought(studio: Studio) -> None:
    tools = begun_run(studio, crowd(5), "run-3", detection_model_id=PROFILE)
    runtime = Recording()
    with pytest.raises(
        SettingsError, match=r"at least 6 pictures.* accepts at most 5 in a request"
    ):
        detect_characters(recorded(tools, runtime), frames_manifest(tools, [scene()[0]]))
    assert runtime.pictures == []
