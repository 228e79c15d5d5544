"""Find characters in a frame by their faces: detect, crop, and search each in the collection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.detection.faces import figure_box, search_picture
from storyboard_ops.core.detection.service_answers import check_numbers
from storyboard_ops.core.pictures.codec import decode_rgb, encode_png, sendable
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.image_records import Box, Detection
from storyboard_ops.domain.manifest_codec import sha256_hex
from storyboard_ops.domain.production_sheet import NONE_OF_THEM
from storyboard_ops.domain.settings.pictures import DetectionSection
from storyboard_ops.gateways.detection.rekognition_faces import RekognitionFaces
from storyboard_ops.gateways.models.limits_file import operation_limits
from storyboard_ops.gateways.storage.answer_store import Bought
from storyboard_ops.steps.detection.names import collection_name, references_digest
from storyboard_ops.steps.run.tool_box import ToolBox

#: Lowest requested similarity. ``face_match_above`` is applied afterwards, so that a changed
#: threshold buys nothing again.
REQUESTED_SIMILARITY = 0.5


@dataclass(frozen=True)
class ShownFrame:
    """A frame to examine: the digest of its bytes, and its pixels, (H, W, 3) uint8 RGB."""

    sha256: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True)
class SeenFace:
    """A face in a frame, with the confidence that it is one."""

    box: Box
    confidence: float


@dataclass(frozen=True)
class FaceDetector:
    """Compares faces with the reference pictures in Rekognition; unsuitable for animation.

    A detection's box is the figure that usually belongs to a face of that size, clipped to the
    frame, because crops and the other detectors use figures; ``face`` is the box of the face. Its
    confidence is the similarity to the nearest reference picture. A face without a match is a
    detection without a character; so is a stranger's, whose label says so.
    """

    tools: ToolBox[DetectionSection]
    faces: RekognitionFaces
    collection: str
    references: str  # digest of the pictures that the collection was made from

    @classmethod
    def made_for(cls, tools: ToolBox[DetectionSection]) -> FaceDetector:
        faces = RekognitionFaces(tools.paced_client("rekognition"))
        return cls(tools, faces, collection_name(tools), references_digest(tools))

    @property
    def digest(self) -> str:
        return digest_of("faces", self.references, self.tools.settings.face_match_above)

    def find(self, frame: bytes) -> tuple[Detection, ...]:
        sha256 = sha256_hex(frame)
        answer = self.tools.answers.ask(
            "rekognition.detect_faces",
            digest_of("DetectFaces", sha256),
            lambda: self.faces.detect(sendable(frame, operation_limits("DetectFaces"))),
            about=sha256,
            check=check_numbers,
        )
        faces = [
            SeenFace(box, one["confidence"]) for one in answer if (box := Box.clamped(*one["box"]))
        ]
        if not faces:
            return ()
        shown = ShownFrame(sha256, decode_rgb(frame))
        return tuple(one for face in faces for one in self._identify(shown, face, faces))

    def _identify(
        self, frame: ShownFrame, face: SeenFace, faces: Sequence[SeenFace]
    ) -> Iterator[Detection]:
        """Yield a detection for each character that matches the face, or one without a name."""
        height, width = frame.pixels.shape[:2]
        others = [other.box for other in faces if other is not face]
        like: dict[str, float] = {}
        for match in self._search(frame, face.box, others):
            character, similarity = match["character"], match["similarity"]
            if similarity >= self.tools.settings.face_match_above:
                like[character] = max(similarity, like.get(character, 0.0))
        nameless: dict[str | None, float] = {None: face.confidence}
        for name, confidence in ({**like} or nameless).items():
            yield Detection(
                box=figure_box(face.box, width, height),
                label=name or "Face",
                character=None if name == NONE_OF_THEM else name,
                confidence=min(1.0, confidence),
                detector="faces",
                model_id=self.collection,
                face=face.box,
            )

    def _search(self, frame: ShownFrame, face: Box, others: Sequence[Box]) -> list[dict[str, Any]]:
        def buy() -> Bought:
            cut = encode_png(search_picture(frame.pixels, face, others))
            picture = sendable(cut, operation_limits("SearchFacesByImage"))
            return self.faces.search(self.collection, picture, REQUESTED_SIMILARITY)

        matches: list[dict[str, Any]] = self.tools.answers.ask(
            "rekognition.search_faces_by_image",
            digest_of(
                "SearchFacesByImage", self.references, REQUESTED_SIMILARITY, frame.sha256, face
            ),
            buy,
            about=frame.sha256,
            check=check_numbers,
        )
        return matches
