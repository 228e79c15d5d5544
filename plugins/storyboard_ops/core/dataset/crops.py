"""Cut detections out of a frame: the PNG of each crop and the facts of how it was cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.crop_geometry import (
    Framing,
    OutputSize,
    crop_rect,
    framing_of,
    head_cut,
    output_size,
    overlaps,
    touches_edge,
)
from storyboard_ops.core.dataset.seen_share import seen_share
from storyboard_ops.core.detection.face_search import find_face
from storyboard_ops.core.detection.heads import STANDING, head_place
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.pictures.letterbox import picture_area
from storyboard_ops.core.pictures.light import exposure, is_silhouette
from storyboard_ops.core.pictures.pixel_rect import PixelRect, pixels_of
from storyboard_ops.core.pictures.quality import sharpness
from storyboard_ops.domain.image_records import CropFacts, Detection, Drop
from storyboard_ops.domain.manifest_codec import sha256_hex

#: Why people are asked about a figure without detail.
SILHOUETTE = "the figure is a silhouette, dark and without detail"


@dataclass(frozen=True)
class Crop:
    """One crop: the PNG, its size in pixels, and how it was cut."""

    png: bytes
    width: int
    height: int
    facts: CropFacts
    doubt: str = ""  # why people have to look at the figure

    @property
    def image_id(self) -> str:
        """SHA-256 of the PNG bytes: equal pictures share an id."""
        return sha256_hex(self.png)


@dataclass(frozen=True)
class CropRules:
    """The run's parameters for crops."""

    padding: float  # margin on every side, as a share of the longer side of the box
    max_enlargement: float  # 1.0: never enlarge
    parts: frozenset[str] = frozenset({"body"})  # "body", "head" or both
    props: frozenset[str] = frozenset()  # ids of objects, which are cut whole


def cut_crops(
    frame: NDArray[np.uint8],
    detections: Sequence[Detection],
    rules: CropRules,
    unsure: Sequence[Detection] = (),
) -> list[list[Crop] | Drop]:
    """Cut every detection of one frame, (H, W, 3) uint8 RGB; results in the detections' order.

    Results of ``unsure`` detections, which people decide, come last; these do not count as others
    inside a crop. A detection yields a crop of its body, of its head, or both; the body's facts say
    why there is no head. A detection without a crop yields the reason: "outside the picture" when
    its box is in a black bar, "too small" when it exceeds the allowed enlargement, "no head" when
    only heads are wanted and none can be cut. A prop is cut whole, whatever parts are wanted.
    """
    cutter = _Cutter(frame, picture_area(frame), detections, rules)
    return [cutter.cut(detection) for detection in (*detections, *unsure)]


@dataclass(frozen=True)
class _Cutter:
    """One frame and the detections that are certain."""

    frame: NDArray[np.uint8]
    picture: PixelRect
    detections: Sequence[Detection]
    rules: CropRules

    @property
    def frame_size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.frame.shape[1], self.frame.shape[0]

    def cut(self, detection: Detection) -> list[Crop] | Drop:
        box = pixels_of(detection.box, *self.frame_size).intersection(self.picture)
        if box.area == 0:
            size = f"{self.picture.width} x {self.picture.height} px"
            detail = f"the box lies in a bar beside {size} of picture"
            return Drop(stage="crop", reason="outside the picture", detail=detail)
        if detection.character in self.rules.props:
            prop = self._crop(detection, box, "full")
            return prop if isinstance(prop, Drop) else [prop]
        framing = framing_of(box, self.picture, self._face_height(detection, box))
        head = self._head(detection, box, framing) if "head" in self.rules.parts else []
        if "body" not in self.rules.parts:
            return head
        reason = head.detail if isinstance(head, Drop) else ""
        figure = self._pixels(box)
        seen = 1.0 if detection.face else seen_share(figure, box, self.picture)
        body = self._crop(detection, box, framing, no_head=reason, seen=seen)
        if isinstance(body, Drop):
            return body
        if detection.face is None and _is_silhouette(figure):
            body = replace(body, doubt=SILHOUETTE)
        return [body] if isinstance(head, Drop) else [body, *head]

    def _face_height(self, detection: Detection, box: PixelRect) -> int:
        """Return the height of the face in pixels; 0 where none is known.

        A standing figure shows all of itself, so that its face is not searched here.
        """
        if detection.face is not None:
            return pixels_of(detection.face, *self.frame_size).height
        if box.height >= STANDING * box.width:
            return 0
        face = find_face(self._pixels(box))
        return face.height if face else 0

    def _head(self, detection: Detection, box: PixelRect, framing: Framing) -> list[Crop] | Drop:
        if framing == "close":
            return _no_head("the picture of the body is a close-up already")
        if detection.face is None and head_cut(box, self.picture):
            return _no_head("the head may be cut off by the border of the picture")
        place = head_place(detection, box, self.frame)
        if isinstance(place, str):
            return _no_head(place)
        around = place.rect.intersection(self.picture)
        if around.area == 0:
            return _no_head("the face lies in a bar beside the picture")
        crop = self._crop(detection, around, "close", part="head", head_from=place.known_from)
        return _no_head(crop.detail) if isinstance(crop, Drop) else [crop]

    def _crop(
        self, detection: Detection, around: PixelRect, framing: Framing, **facts: str | float
    ) -> Crop | Drop:
        cut = crop_rect(around, self.picture, self.rules.padding)
        size = output_size(cut, self.rules.max_enlargement)
        if isinstance(size, Drop):
            return size
        pixels, figure = self._pixels(cut), self._pixels(around)
        known = {
            "detection": detection,
            "left": cut.left,
            "top": cut.top,
            "width": cut.width,
            "height": cut.height,
            "enlargement": size.enlargement,
            "sharpness": sharpness(pixels),
            "framing": framing,
            "overlap": overlaps(cut, detection.character, self.detections, self.frame_size),
            "touches_edge": touches_edge(around, self.picture),
            "head_cut": detection.character not in self.rules.props
            and head_cut(around, self.picture),
            "figure_sharpness": sharpness(figure),
            "exposure": exposure(figure),
        }
        png = encode_png(resize_crop(pixels, size))
        return Crop(png, size.width, size.height, CropFacts.model_validate({**known, **facts}))

    def _pixels(self, place: PixelRect) -> NDArray[np.uint8]:
        return self.frame[place.top : place.bottom, place.left : place.right]


def _is_silhouette(figure: NDArray[np.uint8]) -> bool:
    """Return whether a figure has no detail; eyes in a dark face are detail."""
    return is_silhouette(figure) and find_face(figure) is None


def _no_head(detail: str) -> Drop:
    return Drop(stage="crop", reason="no head", detail=detail)


def resize_crop(pixels: NDArray[np.uint8], size: OutputSize) -> NDArray[np.uint8]:
    """Enlarge by Lanczos, shrink by area average; pixels of the right size stay unchanged."""
    if (size.width, size.height) == (pixels.shape[1], pixels.shape[0]):
        return pixels
    method = cv2.INTER_LANCZOS4 if size.enlargement > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(pixels, (size.width, size.height), interpolation=method), np.uint8)
