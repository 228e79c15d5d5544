"""The body of each family of models that draw, and what its answers come to."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest

from storyboard_ops.domain.error_tree import AnswerUnusable
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.gateways.models.bedrock_runtime import BedrockRuntime
from storyboard_ops.gateways.models.drawing_forms import (
    CanvasRequest,
    DrawRequest,
    StabilityRequest,
    decode_drawing,
)

MODEL = "stability.sd3-5-large-v1:0"
CANVAS = CanvasRequest("a fox", 1280, 720, 7, 6.5)
STABILITY = StabilityRequest("a fox", "16:9", 7)


class Answering:
    """Stands in for the client: one body, whatever is asked."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.asked: list[dict[str, Any]] = []

    def invoke_model(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        return {"body": io.BytesIO(self.body)}


def on_demand(answer: dict[str, Any] | bytes) -> tuple[Any, tuple[Usage, ...]]:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return BedrockRuntime(Answering(body)).draw_on_demand(MODEL, STABILITY)  # type: ignore[arg-type]


def test_each_family_has_its_own_body() -> None:
    assert CANVAS.body() == {
        "taskType": "TEXT_IMAGE",
        "textToImageParams": {"text": "a fox"},
        "imageGenerationConfig": {
            "numberOfImages": 1,
            "width": 1280,
            "height": 720,
            "cfgScale": 6.5,
            "seed": 7,
            "quality": "standard",
        },
    }
    assert STABILITY.body() == {
        "prompt": "a fox",
        "mode": "text-to-image",
        "aspect_ratio": "16:9",
        "seed": 7,
        "output_format": "png",
    }


def test_a_picture_on_demand_is_metered() -> None:
    client = Answering(b'{"seeds": [7], "finish_reasons": [null], "images": ["Zm94"]}')
    picture, usages = BedrockRuntime(client).draw_on_demand(MODEL, STABILITY)  # type: ignore[arg-type]
    assert decode_drawing(picture) == b"fox"
    assert usages == (Usage(service="bedrock", item=MODEL, unit="drawn_image", amount=1),)
    (asked,) = client.asked
    assert (asked["modelId"], json.loads(asked["body"])) == (MODEL, STABILITY.body())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"finish_reasons": ["Filter reason: prompt"]}, "'Filter reason: prompt'. Change the desc"),
        (
            {"seeds": [7], "finish_reasons": ["Filter reason: output image"], "images": [""]},
            "'Filter reason: output image'. Change the description",
        ),
        ({"finish_reasons": ["Inference error"]}, "'Inference error'. Clear the task to draw it"),
        ({"finish_reasons": [["x" * 9_000]]}, "no picture: ['xxx"),
        ({"finish_reasons": [None], "images": []}, "The service returned no picture"),
        ({"finish_reasons": [None]}, "The service returned no picture"),
        ({"finish_reasons": [None], "images": {"0": "x"}}, "The service returned no picture"),
        ({}, "The service returned no picture"),
    ],
)
def test_no_picture_is_a_named_failure_and_not_billed(answer: dict[str, Any], words: str) -> None:
    with pytest.raises(AnswerUnusable) as failure:
        on_demand(answer)
    assert words in str(failure.value)
    assert len(str(failure.value)) < 1_000
    assert failure.value.billed == ()


def test_an_answer_that_is_not_json_may_have_been_billed() -> None:
    with pytest.raises(AnswerUnusable, match="Clear the task to retry") as failure:
        on_demand(b"<html>")
    assert [usage.amount for usage in failure.value.billed] == [1]


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (CANVAS, {"images": ["Zm94"], "error": None}),
        (STABILITY, {"images": ["Zm94"], "finish_reasons": [None], "seeds": [7]}),
        (STABILITY, {"images": ["Zm94"]}),
    ],
)
def test_the_first_picture_of_an_answer_is_taken(
    request_: DrawRequest, answer: dict[str, Any]
) -> None:
    assert request_.picture(answer) == base64.b64encode(b"fox").decode()


@pytest.mark.parametrize("picture", ["!no base64!", None, 5])
def test_what_is_not_base64_is_no_picture(picture: Any) -> None:
    with pytest.raises(AnswerUnusable, match="not valid base64"):
        decode_drawing(picture)
