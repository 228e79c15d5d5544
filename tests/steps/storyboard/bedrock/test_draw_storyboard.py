"""Panels: a blocked one leaves a gap, too many stop the step, and none is drawn twice."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from PIL import Image

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.pictures.ground import GROUND
from storyboard_ops.domain.error_tree import BatchFailed, NotReady
from storyboard_ops.domain.image_records import Panel
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.bedrock.draw_storyboard import (
    BedrockPainter,
    draw_storyboard,
)
from tests.fakes.memory_bucket import MemoryBucket
from tests.material import factories, reports

PNG = base64.b64encode(encode_png(factories.picture(1, 512, 320))).decode()


@dataclass
class Canvas:
    """Draws what is asked for; ``faults`` has an error code or a filter's text for a prompt."""

    faults: dict[str, str] = field(default_factory=dict)
    prompts: list[str] = field(default_factory=list)
    picture: str = PNG

    def invoke_model(self, **request: Any) -> dict[str, Any]:
        prompt = json.loads(request["body"])["textToImageParams"]["text"]
        self.prompts.append(prompt)
        fault = next((said for words, said in self.faults.items() if words in prompt), "")
        if fault.endswith("Exception"):
            raise ClientError({"Error": {"Code": fault, "Message": "no"}}, "InvokeModel")
        answer = {"error": fault} if fault else {"images": [self.picture]}
        return {"body": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def canvas() -> Canvas:
    return Canvas()


@pytest.fixture
def tools(canvas: Canvas) -> ToolBox:
    """Three panels are wanted: Mira's, Bram's and Pip's."""
    clients = {"s3": MemoryBucket(), "bedrock-runtime": canvas}
    settings = factories.settings(panel_width=512, panel_height=320)
    tools = ToolBox("run-1", settings, clients.__getitem__)
    tools.write_record("production.json", factories.production())
    return tools


def drawn(tools: ToolBox) -> tuple[Panel, ...]:
    return tools.manifests.read(draw_storyboard(tools, reports.capacity()), Panel, "panels").records


def test_a_shortened_prompt_is_said_in_log_and_board_and_keeps_its_style(
    tools: ToolBox, canvas: Canvas, caplog: pytest.LogCaptureFixture
) -> None:
    production = factories.production(style="hand-painted gouache, " * 12 + "NO TEXT IN IT")
    scene = production.storyboard[0]
    long = scene.panels[1].model_copy(update={"description": "Gulls turn above Bram. " * 34})
    scenes = (scene.model_copy(update={"panels": (scene.panels[0], long)}),)
    tools.write_record("production.json", production.model_copy(update={"storyboard": scenes}))
    first, second = drawn(tools)
    assert first.notes == ()
    assert len(second.prompt) <= 1_024
    assert second.prompt.endswith("NO TEXT IN IT")
    (note,) = second.notes
    assert note.startswith("The prompt is shortened to the 1,024 characters that the model accepts")
    assert f"Panel 010-020-010: {note}" in caplog.messages


def test_a_picture_with_transparent_parts_is_stored_on_the_ground(
    tools: ToolBox, canvas: Canvas
) -> None:
    pixels = np.dstack([factories.picture(1, 512, 320), np.full((320, 512), 255, np.uint8)])
    pixels[:10, :, 3] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    canvas.picture = base64.b64encode(file.getvalue()).decode()
    panel = drawn(tools)[0]
    stored = tools.objects.get(S3Uri.parse(panel.uri))
    assert panel.notes == ("Transparent parts of the picture are laid on mid-grey.",)
    assert panel.sha256 == sha256_hex(stored)
    with Image.open(io.BytesIO(stored)) as image:
        assert (image.mode, image.getpixel((0, 0))) == ("RGB", (GROUND,) * 3)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("The picture was blocked.", "The picture was blocked."), ("ValidationException", ": no")],
)
def test_a_blocked_panel_leaves_a_gap_with_its_reason(
    tools: ToolBox, canvas: Canvas, fault: str, reason: str
) -> None:
    canvas.faults["Bram"] = fault
    panels = drawn(tools)
    assert [panel.number for panel in panels] == [1, 2, 3]
    assert [bool(panel.uri) for panel in panels] == [True, False, True]
    assert reason in panels[1].failure


def test_too_many_blocked_panels_stop_the_step_with_their_reasons(
    tools: ToolBox, canvas: Canvas
) -> None:
    canvas.faults = {"Bram": "It was blocked.", "Pip": "It was blocked."}
    with pytest.raises(BatchFailed, match=r"2 of 3 panels could not .*\n  2 times: It was blocked"):
        drawn(tools)
    canvas.faults.clear()
    assert not any(panel.failure for panel in drawn(tools))
    assert len(canvas.prompts) == 3 + 2  # the first panel was kept


def test_capacity_that_is_not_ready_stops_at_the_first_panel(
    tools: ToolBox, canvas: Canvas
) -> None:
    canvas.faults["Mira"] = "ModelNotReadyException"
    with pytest.raises(NotReady, match="ModelNotReadyException: no"):
        drawn(tools)
    assert len(canvas.prompts) == 1


def test_a_panel_is_drawn_again_when_its_question_has_changed_or_its_picture_is_gone(
    tools: ToolBox, canvas: Canvas
) -> None:
    before = drawn(tools)
    manifest = tools.run_root / "storyboard/panels.jsonl"
    tools.objects.delete([manifest])
    assert drawn(tools) == before
    assert len(canvas.prompts) == 3
    tools.objects.delete([manifest, S3Uri.parse(before[2].uri)])
    assert drawn(tools) == before
    assert len(canvas.prompts) == 4
    changed = tools.settings.model_copy(update={"cfg_scale": 9.0})
    drawn(ToolBox("run-1", changed, tools.clients))
    assert len(canvas.prompts) == 4 + 3


def test_without_anything_left_to_draw_no_capacity_is_bought(
    tools: ToolBox, canvas: Canvas
) -> None:
    model = reports.customized_model().model_copy(
        update={"model_arn": reports.capacity().model_arn}
    )
    assert BedrockPainter(tools).why_nothing_is_provided(model) == ""
    before = drawn(tools)
    other = ToolBox("run-2", tools.settings, tools.clients)
    other.write_record("production.json", factories.production())
    painter = BedrockPainter(other)
    assert painter.why_nothing_is_provided(model) == (
        "All 3 panels were drawn before, so no capacity is bought."
    )
    ref = painter.start(model, None)
    assert isinstance(ref, ManifestRef)
    panels = other.manifests.read(ref, Panel, "panels").records
    assert [one.sha256 for one in panels] == [one.sha256 for one in before]
    assert {one.drawn_by for one in panels} == {"run-1"}
    assert len(canvas.prompts) == 3
    another = model.model_copy(update={"model_arn": "arn:another"})
    assert painter.why_nothing_is_provided(another) == "", "another model draws other pictures"
