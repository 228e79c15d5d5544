"""Detectors with one interface: frame in, detections out; every answer is bought once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from storyboard_ops.core.detection.answer_parser import parse_detections
from storyboard_ops.core.detection.box_units import Size
from storyboard_ops.core.detection.reference_pictures import (
    ReferencePicture,
    bytes_for_frame,
    reference_pictures,
)
from storyboard_ops.core.detection.service_answers import check_numbers
from storyboard_ops.core.pictures.codec import picture_size, sendable
from storyboard_ops.core.text.answer_forms import DETECTIONS_AS_JSON, detection_tool, tool_line
from storyboard_ops.core.text.prompts import detect_again, detection_parts, temperature_after
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import AnswerCutOff, AnswerUnusable
from storyboard_ops.domain.image_records import Box, Detection
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.models.call_limits import ConverseLimits
from storyboard_ops.domain.models.model_answers import AnswerTool
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from storyboard_ops.domain.settings.pictures import DetectionSection, FinderSection
from storyboard_ops.gateways.detection.rekognition_labels import RekognitionLabels
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.gateways.models.limits_file import operation_limits
from storyboard_ops.gateways.storage.answer_store import Bought
from storyboard_ops.steps.detection.custom_detector import CustomDetector
from storyboard_ops.steps.detection.face_detector import FaceDetector
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

DETECTION_PROMPT = "prompts/find_characters.txt"
#: Most tokens of an answer, and of the next one where it could not be used or was cut off.
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
        references = reference_pictures(shown, limits, tools.production.props)
        return cls(tools, include_text(DETECTION_PROMPT), references, limits)

    @property
    def model_id(self) -> str:
        return self.tools.routes.model_id(self.tools.settings.detection_model_id)

    @property
    def tool(self) -> AnswerTool | None:
        """The tool that the model has to call, if its service can force it to."""
        names = list(self.tools.production.names)
        return detection_tool(names) if self.limits.forces_tools else None

    @property
    def digest(self) -> str:
        shown = [
            (one.character, sha256_hex(one.picture), *(["prop"] if one.is_prop else []))
            for one in self.references
        ]
        return digest_of(self.model_id, self.prompt, shown, self.tool and self.tool.schema)

    def find(self, frame: bytes, about: str = "") -> tuple[Detection, ...]:
        """Detect in a JPEG picture; ``about`` is the SHA-256 of what it was made of, if not it.

        An unusable answer, or one that is cut off, is asked for once more in other words; the
        complete items of one that is cut off are kept.
        """
        most_bytes = bytes_for_frame(self.references, self.limits)
        sent = sendable(frame, self.limits, most_bytes)
        digest = digest_of("find_characters", self.digest, sha256_hex(frame))
        ask = partial(self._ask, digest, sent, about or sha256_hex(frame))
        try:
            return ask()
        except AnswerUnusable as error:
            log.info("%s It is asked for once more.", error)
            kept = error.kept
        try:
            return ask()
        except AnswerUnusable as error:
            kept = max(kept, error.kept, key=len)
            if not kept:
                raise
            log.warning("%s %d complete detections are kept.", error, len(kept))
            return kept

    def _ask(self, digest: str, sent: bytes, about: str) -> tuple[Detection, ...]:
        check = partial(self._read, picture=picture_size(sent))
        text = self.tools.answers.ask_rephrased(
            "bedrock.converse",
            digest,
            lambda faults: self._buy(sent, faults),
            about=about,
            check=check,
        )
        return check(text)

    def _buy(self, sent: bytes, faults: Sequence[str]) -> Bought:
        """Ask by tool first, then in prose and for fewer characters: that may be why it failed."""
        chosen = self.tools.settings.detection_model_id
        if not faults:
            last = tool_line(self.tool) if self.tool else DETECTIONS_AS_JSON
            parts = detection_parts(self.references, sent, last)
            return self.tools.runtime.converse(
                chosen, self.prompt, parts, DETECTION_TOKENS, self.tool
            )
        return self.tools.runtime.converse(
            chosen,
            self.prompt,
            detection_parts(self.references, sent, detect_again(faults[-1])),
            min(LONGER_DETECTION_TOKENS, self.limits.output_tokens),
            temperature=temperature_after(faults),
        )

    def _read(self, text: str, picture: Size) -> tuple[Detection, ...]:
        """Return the detections of a finished answer of which something can be used."""
        names = self.tools.production.names
        parsed = parse_detections(text, names, "multimodal", self.model_id, picture)
        faults = "; ".join(parsed.faults)
        if not parsed.is_whole:
            raise AnswerCutOff(f"The answer of {self.model_id}: {faults}.", kept=parsed.detections)
        if parsed.is_unusable:
            raise AnswerUnusable(f"The answer of {self.model_id} has no usable box: {faults}.")
        if faults:
            log.warning("Left out of the answer of %s: %s.", self.model_id, faults)
        return parsed.detections


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
