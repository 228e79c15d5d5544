"""Build the requests and read the answers of each family of models that draw.

One request draws one picture; the ranges of its values are in ``include/models/limits.yaml``.

Sources: Nova Canvas request and response details, Amazon Nova user guide; Stability AI models,
Amazon Bedrock user guide.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Protocol

from storyboard_ops.domain.bounded_text import short_repr
from storyboard_ops.domain.error_tree import AnswerUnusable

#: How the models of Stability AI begin the reason of a picture that they withhold.
FILTERED = "Filter reason"


class DrawRequest(Protocol):
    """A request for one picture."""

    def body(self) -> dict[str, Any]:
        """Return the body of InvokeModel."""

    def picture(self, answer: dict[str, Any]) -> Any:
        """Return the picture as base64; raises AnswerUnusable with the reason for none."""


@dataclass(frozen=True)
class CanvasRequest:
    """A TEXT_IMAGE request to Nova Canvas or a model customized from it."""

    prompt: str
    width: int  # pixels
    height: int
    seed: int
    cfg_scale: float

    def body(self) -> dict[str, Any]:
        return {
            "taskType": "TEXT_IMAGE",
            "textToImageParams": {"text": self.prompt},
            "imageGenerationConfig": {
                "numberOfImages": 1,
                "width": self.width,
                "height": self.height,
                "cfgScale": self.cfg_scale,
                "seed": self.seed,
                "quality": "standard",
            },
        }

    def picture(self, answer: dict[str, Any]) -> Any:
        # A filtered picture is HTTP 200 with an error text and fewer pictures.
        return _first_picture(answer, answer.get("error"))


@dataclass(frozen=True)
class StabilityRequest:
    """A text-to-image request to a model of Stability AI, which chooses the size by the ratio."""

    prompt: str
    aspect_ratio: str  # "16:9"
    seed: int  # not 0, with which chance decides

    def body(self) -> dict[str, Any]:
        return {
            "prompt": self.prompt,
            "mode": "text-to-image",
            "aspect_ratio": self.aspect_ratio,
            "seed": self.seed,
            "output_format": "png",
        }

    def picture(self, answer: dict[str, Any]) -> Any:
        # A filtered picture is HTTP 200 with a reason instead of null, and may have no pictures.
        reasons = answer.get("finish_reasons")
        reason = reasons[0] if isinstance(reasons, list) and reasons else None
        if reason is None:
            return _first_picture(answer, None)
        advice = (
            "Change the description of the panel."
            if str(reason).startswith(FILTERED)
            else "Clear the task to draw it again."
        )
        raise AnswerUnusable(f"The model drew no picture: {short_repr(reason)}. {advice}")


def decode_drawing(picture: Any) -> bytes:
    """Return the encoded picture of an answer; raises AnswerUnusable when it is not base64."""
    try:
        return base64.b64decode(picture, validate=True)
    except (TypeError, ValueError) as error:
        raise AnswerUnusable(
            "The drawn picture is not valid base64; clear the task to draw it again."
        ) from error


def _first_picture(answer: dict[str, Any], said: Any) -> Any:
    pictures = answer.get("images")
    if isinstance(pictures, list) and pictures:
        return pictures[0]
    raise AnswerUnusable(str(said or "The service returned no picture; clear the task to retry."))
