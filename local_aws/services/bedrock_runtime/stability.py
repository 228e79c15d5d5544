"""InvokeModel of Stability AI's text-to-image models: Stable Image Core and Ultra, SD 3.5 Large.

Implemented: request and answer forms, every documented bound, filtered prompts and pictures, which
are answered with HTTP 200 and are not billed here. The picture is a placeholder without characters
(`vision.panels.panel_composer.paint_prompt`): the models were trained on nothing of the studio.
Not implemented: drawing; `negative_prompt` is validated and has no effect. Image-to-image is
rejected.

Source: Stability AI models, Amazon Bedrock user guide, read 2026-11-29. The guide names aspect
ratios only; the sizes are those of one megapixel that Stability AI publishes. The messages of an
unknown member and of a missing prompt are those that users report.
"""

import base64
import json
import secrets
from typing import Any, Literal

from pydantic import Field

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock.model_catalogue import FoundationModel
from local_aws.services.bedrock_runtime.bodies import (
    CODE,
    StrictBody,
    malformed,
    parse_body,
    parse_json_object,
)
from local_aws.services.bedrock_runtime.canvas import BLOCKED_WORDS
from local_aws.vision.panels.panel_composer import paint_prompt
from local_aws.vision.picture_codec import encode_picture

CORE = "stability.stable-image-core-v1:1"
STABILITY = (CORE, "stability.stable-image-ultra-v1:1", "stability.sd3-5-large-v1:0")

LARGEST_SEED = 4_294_967_294
"""The smaller of two documented bounds."""

SIZES = {
    "1:1": (1024, 1024),
    "16:9": (1344, 768),
    "21:9": (1536, 640),
    "2:3": (832, 1216),
    "3:2": (1216, 832),
    "4:5": (896, 1088),
    "5:4": (1088, 896),
    "9:16": (768, 1344),
    "9:21": (640, 1536),
}
"""Width and height in pixels by aspect ratio."""

TEXT_FIELDS = ["prompt", "negative_prompt", "mode", "seed", "output_format", "aspect_ratio"]
PICTURE_FIELDS = ["strength", "image"]
FILTERED_PROMPT = "Filter reason: prompt"
FILTERED_PICTURE = "Filter reason: output image"


class TextToImageBody(StrictBody):
    """A text-to-image request."""

    prompt: str = Field(max_length=10_000)
    negative_prompt: str | None = Field(None, max_length=10_000)
    mode: Literal["text-to-image"] = "text-to-image"
    aspect_ratio: Literal[
        "1:1", "16:9", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21"
    ] = "1:1"  # fmt: skip
    seed: int = Field(0, ge=0, le=LARGEST_SEED)
    output_format: Literal["jpeg", "png", "webp"] = "png"


class CoreBody(TextToImageBody):
    """A request to Stable Image Core."""

    output_format: Literal["jpeg", "png"] = "png"


def answer_stability(raw: bytes, model: FoundationModel, context: Context) -> dict[str, Any]:
    """Return the answer `{"seeds": [...], "finish_reasons": [null], "images": [base64]}`.

    A filtered one has only its `finish_reasons`; a fault "filter" filters the picture. A seed that
    is missing or 0 is drawn at random.
    """
    body = _parse_request(raw, model)
    if BLOCKED_WORDS & set(body.prompt.lower().split()):
        return {"finish_reasons": [FILTERED_PROMPT]}
    if "filter" in context.ordered:
        return {"finish_reasons": [FILTERED_PICTURE]}
    seed = body.seed or 1 + secrets.randbelow(LARGEST_SEED)
    width, height = SIZES[body.aspect_ratio]
    picture = encode_picture(paint_prompt(body.prompt, height, width, seed), body.output_format)
    context.meter.record("bedrock", "InvokeModel", {"drawn_image": 1.0}, resource=model.id)
    return {
        "seeds": [seed],
        "finish_reasons": [None],
        "images": [base64.b64encode(picture).decode()],
    }


def _parse_request(raw: bytes, model: FoundationModel) -> TextToImageBody:
    document = parse_json_object(raw)
    known = TEXT_FIELDS if model.id == CORE else [*TEXT_FIELDS, *PICTURE_FIELDS]
    if "prompt" not in document:
        raise malformed("#: required key [prompt] not found")
    if not document.keys() <= set(known):
        detail = f"Invalid field in request. Available fields: {known}"
        raise ServiceError(CODE, json.dumps({"detail": detail}))
    if document.keys() & set(PICTURE_FIELDS) or document.get("mode") == "image-to-image":
        raise ServiceError(CODE, "The local endpoint does not implement image-to-image.")
    return parse_body(raw, CoreBody if model.id == CORE else TextToImageBody)
