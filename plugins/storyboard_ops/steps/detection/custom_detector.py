"""Find characters in a frame with a Custom Labels model trained on the reference pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from storyboard_ops.core.detection.service_answers import check_numbers
from storyboard_ops.core.pictures.codec import sendable
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.detection.detector_facts import CustomModel
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.image_records import Box, Detection
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from storyboard_ops.domain.settings.pictures import DetectionSection
from storyboard_ops.gateways.detection.rekognition_custom import RekognitionCustom
from storyboard_ops.gateways.models.limits_file import operation_limits
from storyboard_ops.gateways.storage.answer_store import Bought
from storyboard_ops.steps.detection.custom_inference import RECORD
from storyboard_ops.steps.detection.names import references_digest
from storyboard_ops.steps.run.tool_box import ToolBox

#: Lowest requested confidence. ``min_confidence`` is applied afterwards, so that unsure labels are
#: seen and a changed threshold buys nothing again.
REQUESTED_CONFIDENCE = 0.3


@dataclass(frozen=True)
class CustomDetector:
    """Finds the characters' boxes with Custom Labels; works on animation.

    A box contains what the model was trained on: the figure if the reference pictures show it on a
    plain ground, else whatever of it fills the pictures.
    """

    tools: ToolBox[DetectionSection]
    custom: RekognitionCustom
    references: str  # digest of the pictures that the model was trained on

    @classmethod
    def made_for(cls, tools: ToolBox[DetectionSection]) -> CustomDetector:
        return cls(
            tools, RekognitionCustom(tools.paced_client("rekognition")), references_digest(tools)
        )

    @property
    def digest(self) -> str:
        return digest_of("custom_labels", self.references, REQUESTED_CONFIDENCE)

    def find(self, frame: bytes) -> tuple[Detection, ...]:
        sha256 = sha256_hex(frame)
        answer = self.tools.answers.ask(
            "rekognition.detect_custom_labels",
            digest_of("DetectCustomLabels", self.references, REQUESTED_CONFIDENCE, sha256),
            lambda: self._buy(frame),
            about=sha256,
            check=check_numbers,
        )
        return tuple(self._detections(answer))

    def _buy(self, frame: bytes) -> Bought:
        model = self.tools.read_record(RECORD, CustomModel)
        if model is None:
            raise GateClosed("No Custom Labels model runs for this run; clear prepare_detectors.")
        picture = sendable(frame, operation_limits("DetectCustomLabels"))
        return self.custom.detect(model.arn, picture, REQUESTED_CONFIDENCE)

    def _detections(self, answer: list[dict[str, Any]]) -> Iterator[Detection]:
        known = {*(character.id for character in self.tools.production.characters), NONE_OF_THEM}
        for one in answer:
            box = Box.clamped(*one["box"])
            if box is not None and one["label"] in known:
                yield Detection(
                    box=box,
                    label=one["label"],
                    character=None if one["label"] == NONE_OF_THEM else one["label"],
                    confidence=min(1.0, one["confidence"]),
                    detector="custom_labels",
                    model_id="rekognition custom labels",
                )
