"""InvokeModel of Nova Canvas, base and customized: TEXT_IMAGE.

Implemented: request and answer forms, every documented bound, blocked prompts and blocked pictures;
a customized model composes placeholders from its own training crops
(`vision.panels.panel_composer`), the base model has none and writes the prompt on paper.
Not implemented: drawing; `cfgScale`, `quality`, `negativeText`, `style` and the condition picture
are validated and have no effect. The other task types are rejected.

Source: Amazon Nova Canvas, request and response details, Amazon Nova user guide.
"""

import base64
from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock.trained_models import TrainingExample
from local_aws.services.bedrock_runtime.bodies import (
    CODE,
    Base64Bytes,
    StrictBody,
    parse_body,
    parse_json_object,
)
from local_aws.vision.panels.panel_composer import TrainingCrop, compose_panel
from local_aws.vision.picture_cache import content_hash, crops
from local_aws.vision.picture_codec import Pixels, decode_picture, encode_png, limit_sides

CANVAS = "amazon.nova-canvas-v1:0"
MOST_PIXELS = 4_194_304
LONGEST_ASPECT = 4.0
CROP_SIDE = 768
OTHER_TASKS = (
    "IMAGE_VARIATION",
    "INPAINTING",
    "OUTPAINTING",
    "BACKGROUND_REMOVAL",
    "COLOR_GUIDED_GENERATION",
    "VIRTUAL_TRY_ON",
)

BLOCKED_WORDS = frozenset(["nude", "naked", "porn", "pornographic", "gore", "beheading", "torture"])
"""Words that stand for the service's moderation, whose list is not public."""

BLOCKED_PROMPT = (
    "This request has been blocked by our content filters. Our filters automatically flagged "
    "this prompt because it may conflict our AUP or AWS Responsible AI Policy. "
    "Please adjust your text prompt to submit a new request."
)
BLOCKED_PICTURES = (
    "{} of the generated images have been blocked by our content filters. Our filters "
    "automatically flagged this image because it may conflict our AUP or AWS Responsible AI "
    "Policy."
)


class GenerationConfig(StrictBody):
    """`imageGenerationConfig`: sizes in pixels."""

    width: int = Field(1024, ge=320, le=4096, multiple_of=16)
    height: int = Field(1024, ge=320, le=4096, multiple_of=16)
    quality: Literal["standard", "premium"] = "standard"
    cfg_scale: float = Field(6.5, alias="cfgScale", ge=1.1, le=10, strict=False)
    seed: int = Field(12, ge=0, le=858_993_459)
    count: int = Field(1, alias="numberOfImages", ge=1, le=5)

    @model_validator(mode="after")
    def _is_allowed_shape(self) -> Self:
        if self.width * self.height >= MOST_PIXELS:
            raise ValueError(f"width x height must be less than {MOST_PIXELS} pixels")
        if max(self.width, self.height) > LONGEST_ASPECT * min(self.width, self.height):
            raise ValueError("the aspect ratio must be between 1:4 and 4:1")
        return self


class TextToImage(StrictBody):
    """`textToImageParams`."""

    text: str = Field(min_length=1, max_length=1024)
    negative: str | None = Field(None, alias="negativeText", min_length=1, max_length=1024)
    style: str | None = None
    condition: Base64Bytes | None = Field(None, alias="conditionImage")
    control: Literal["CANNY_EDGE", "SEGMENTATION"] | None = Field(None, alias="controlMode")
    strength: float | None = Field(None, alias="controlStrength", ge=0, le=1, strict=False)


class TextImageBody(StrictBody):
    """A TEXT_IMAGE request."""

    task: Literal["TEXT_IMAGE"] = Field(alias="taskType")
    parameters: TextToImage = Field(alias="textToImageParams")
    config: GenerationConfig = Field(GenerationConfig(), alias="imageGenerationConfig")


def answer_canvas(
    raw: bytes, examples: Sequence[TrainingExample], context: Context
) -> dict[str, Any]:
    """Return the answer `{"images": [base64 PNG], "error": text or null}`.

    `examples` is the model's training set, empty for the base model, whose pictures are metered.
    Picture n uses seed + n. A fault "filter" blanks the last picture.
    """
    task = parse_json_object(raw).get("taskType")
    if task in OTHER_TASKS:
        raise ServiceError(CODE, f"The local endpoint does not implement the task type {task}.")
    drawn = _compose_panels(parse_body(raw, TextImageBody), examples)
    if not examples:
        context.meter.record(
            "bedrock", "InvokeModel", {"image": float(len(drawn))}, resource=CANVAS
        )
    return _apply_filter(
        [base64.b64encode(encode_png(picture)).decode() for picture in drawn], context
    )


def _compose_panels(body: TextImageBody, examples: Sequence[TrainingExample]) -> list[Pixels]:
    texts = body.parameters.text, body.parameters.negative or ""
    if any(BLOCKED_WORDS & set(text.lower().split()) for text in texts):
        raise ServiceError(CODE, BLOCKED_PROMPT)
    training_crops = [_decode_crop(example) for example in examples]
    return [
        compose_panel(
            body.parameters.text,
            training_crops,
            body.config.height,
            body.config.width,
            body.config.seed + number,
        )
        for number in range(body.config.count)
    ]


def _decode_crop(example: TrainingExample) -> TrainingCrop:
    data = example.image_bytes_loader()
    pixels = crops.get(
        ("crop", content_hash(data)), lambda: limit_sides(decode_picture(data), CROP_SIDE)[0]
    )
    return TrainingCrop(pixels, example.caption)


def _apply_filter(pictures: list[str], context: Context) -> dict[str, Any]:
    if "filter" not in context.ordered:
        return {"images": pictures, "error": None}
    amount = "Some" if len(pictures) > 1 else "All"
    return {"images": pictures[:-1], "error": BLOCKED_PICTURES.format(amount)}
