"""Detectors with one interface: frame in, detections out; every answer is bought once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from storyboard_ops.core.detection.answer_parser import ParsedDetections, parse_detections
from storyboard_ops.core.detection.reference_pictures import (
    ReferencePicture,
    bytes_for_frame,
    reference_pictures,
)
from storyboard_ops.core.detection.service_answers import check_numbers
from storyboard_ops.core.pictures.codec import sendable
from storyboard_ops.core.text.prompts import Part, detection_parts
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import AnswerCutOff, AnswerUnusable
from storyboard_ops.domain.image_records import Box, Detection
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.models.call_limits import ConverseLimits
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from storyboard_ops.domain.settings.pictures import DetectionSection, FinderSection
from storyboard_ops.gateways.detection.rekognition_labels import RekognitionLabels
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.gateways.models.limits_file import operation_limits
from storyboard_ops.steps.detection.custom_detector import CustomDetector
from storyboard_ops.steps.detection.face_detector import FaceDetector
from storyboard_ops.steps.run.tool_box import ToolBox

DETECTION_PROMPT = "prompts/find_characters.txt"
#: Most tokens of an answer, and of the next one to a question whose answer was cut off.
DETECTION_TOKENS = 1_500
LONGER_DETECTION_TOKENS = 4_500


class Detector(Protocol):
    """Finds characters or objects in one frame."""

    @property
    def digest(self) -> str:
        """Changes with everything that decides the answers."""
        ...

    def find(self, frame: bytes) -> tuple[Detection, ...]:
        """Detect in a JPEG frame; raises AnswerUnusable when the answers cannot be parsed."""
        ...


@dataclass(frozen=True)
class MultimodalDetector:
    """Finds boxes with a multimodal model and reference pictures; works on animation."""

    tools: ToolBox[FinderSection]
    prompt: str
    references: Sequence[ReferencePicture]
    limits: ConverseLimits

    @classmethod
    def made_for(cls, tools: ToolBox[FinderSection]) -> MultimodalDetector:
        limits = tools.converse_limits(tools.settings.detection_model_id)
        shown = {**tools.references, NONE_OF_THEM: tools.strangers}
        references = reference_pictures(shown, limits)
        return cls(tools, include_text(DETECTION_PROMPT), references, limits)

    @property
    def digest(self) -> str:
        shown = [(one.character, sha256_hex(one.picture)) for one in self.references]
        model_id = self.tools.routes.model_id(self.tools.settings.detection_model_id)
        return digest_of(model_id, self.prompt, shown)

    def find(self, frame: bytes, about: str = "") -> tuple[Detection, ...]:
        """Detect in a JPEG picture; ``about`` is the SHA-256 of what it was made of, if not it."""
        about = about or sha256_hex(frame)
        most_bytes = bytes_for_frame(self.references, self.limits)
        parts = detection_parts(self.references, sendable(frame, self.limits, most_bytes))
        # An unusable answer was not stored: ask once more.
        try:
            return self._ask(parts, frame, about, DETECTION_TOKENS).detections
        except AnswerCutOff:  # it would be cut off again
            longer = min(LONGER_DETECTION_TOKENS, self.limits.output_tokens)
            return self._ask(parts, frame, about, longer).detections
        except AnswerUnusable:
            return self._ask(parts, frame, about, DETECTION_TOKENS).detections

    def _ask(
        self, parts: list[Part], frame: bytes, about: str, most_tokens: int
    ) -> ParsedDetections:
        chosen = self.tools.settings.detection_model_id
        read = partial(
            parse_detections,
            names=self.tools.production.names,
            detector="multimodal",
            model_id=self.tools.routes.model_id(chosen),
        )
        text = self.tools.answers.ask(
            "bedrock.converse",
            # 1: earlier versions stored a second answer as that to another question.
            digest_of("find_characters", self.digest, sha256_hex(frame), 1),
            lambda: self.tools.runtime.converse(chosen, self.prompt, parts, most_tokens),
            about=about,
            check=read,
        )
        return read(text)


@dataclass(frozen=True)
class LabelDetector:
    """Finds boxes of people and animals with Rekognition, which does not identify them."""

    tools: ToolBox[DetectionSection]
    hints: frozenset[str]
    labels: RekognitionLabels

    @classmethod
    def made_for(cls, tools: ToolBox[DetectionSection]) -> LabelDetector:
        hints = {hint for c in tools.production.characters for hint in c.label_hints}
        return cls(tools, frozenset(hints), RekognitionLabels(tools.paced_client("rekognition")))

    @property
    def digest(self) -> str:
        return digest_of("DetectLabels", sorted(self.hints), self.tools.settings.min_confidence)

    def find(self, frame: bytes) -> tuple[Detection, ...]:
        least = self.tools.settings.min_confidence
        found = self.tools.answers.ask(
            "rekognition.detect_labels",
            digest_of("DetectLabels", least, sha256_hex(frame)),
            lambda: self.labels.detect(sendable(frame, operation_limits("DetectLabels")), least),
            about=sha256_hex(frame),
            check=check_numbers,
        )
        hinted = [one for one in found if self.hints & {one["label"], *one["parents"]}]
        return tuple(filter(None, map(_label_detection, hinted)))


def _label_detection(found: dict[str, Any]) -> Detection | None:
    box = Box.clamped(*found["box"])
    if box is None:
        return None
    return Detection(
        box=box,
        label=found["label"],
        character=None,
        confidence=min(1.0, found["confidence"]),
        detector="labels",
        model_id="rekognition",
    )


DETECTORS: dict[str, Callable[[ToolBox[DetectionSection]], Detector]] = {
    "multimodal": MultimodalDetector.made_for,
    "labels": LabelDetector.made_for,
    "faces": FaceDetector.made_for,
    "custom_labels": CustomDetector.made_for,
}


def chosen_detectors(tools: ToolBox[DetectionSection]) -> list[Detector]:
    """Make the detectors of the settings, in their order."""
    return [DETECTORS[name](tools) for name in tools.settings.detectors]
