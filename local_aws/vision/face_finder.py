"""Faces and people by OpenCV's own classical detectors.

Haar cascades (Viola and Jones, CVPR 2001) find upright, roughly frontal faces,
sometimes cartoon ones; the HOG person detector (Dalal and Triggs, 2005) finds standing people.
They miss profiles, tilted or covered faces, and seated people.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from local_aws.vision.picture_codec import Pixels, limit_sides

FACE_LONGEST_SIDE = 640
PERSON_LONGEST_SIDE = 480
LEAST_NEIGHBOURS = 6
LEAST_PERSON_SCORE = 0.6
FACE_CASCADES = ("haarcascade_frontalface_default.xml", "haarcascade_frontalface_alt2.xml")
EYE_CASCADE = "haarcascade_eye_tree_eyeglasses.xml"

CASCADE_FOLDER = Path(cv2.__file__).parent / "data"

_LOCAL = threading.local()


@dataclass(frozen=True)
class FoundObject:
    """`box` is left, top, width, height in pixels; `confidence` 0..1 grows with the evidence."""

    box: tuple[float, float, float, float]
    confidence: float


def find_faces(pixels: Pixels) -> list[FoundObject]:
    """Return the frontal faces that both cascades see, the largest first.

    A face needs a confirmation: the other cascade, or an eye in its upper half. One cascade
    alone also fires on foliage and patterned walls.
    """
    small, scale = limit_sides(pixels, FACE_LONGEST_SIDE)
    grey = cv2.equalizeHist(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    first, second = (_find_boxes(grey, name) for name in FACE_CASCADES)
    faces = []
    for box, weight in first:
        seen_twice = any(_shared_area(box, other) > 0.4 for other, _ in second)
        witnesses = int(seen_twice) + int(_has_eye(grey, box))
        if witnesses:
            confidence = min(0.999, 0.8 + 0.08 * witnesses + 0.01 * min(weight, 8.0))
            left, top, width, height = (float(value) / scale for value in box)
            faces.append(FoundObject((left, top, width, height), confidence))
    return sorted(faces, key=lambda face: -face.box[2] * face.box[3])


def find_people(pixels: Pixels) -> list[FoundObject]:
    """Return the standing people, highest confidence first."""
    small, scale = limit_sides(pixels, PERSON_LONGEST_SIDE)
    height, width = small.shape[:2]
    if height < 128 or width < 64:
        return []
    found, weights = _load_person_detector().detectMultiScale(
        small, winStride=(8, 8), scale=1.1, hitThreshold=LEAST_PERSON_SCORE
    )
    boxes = np.reshape(found, (-1, 4))
    people = []
    for index in _suppress_overlaps(boxes, np.ravel(weights)):
        left, top, box_width, box_height = (float(value) / scale for value in boxes[index])
        confidence = 1.0 / (1.0 + np.exp(-1.5 * float(np.ravel(weights)[index])))
        people.append(FoundObject((left, top, box_width, box_height), float(confidence)))
    return sorted(people, key=lambda person: -person.confidence)


def _find_boxes(grey: np.ndarray, name: str) -> list[tuple[np.ndarray, float]]:
    boxes, _, weights = _load_cascade(name).detectMultiScale3(
        grey,
        scaleFactor=1.1,
        minNeighbors=LEAST_NEIGHBOURS,
        minSize=(24, 24),
        outputRejectLevels=True,
    )
    return list(
        zip(
            np.reshape(boxes, (-1, 4)), (float(weight) for weight in np.ravel(weights)), strict=True
        )
    )


def _has_eye(grey: np.ndarray, box: np.ndarray) -> bool:
    left, top, width, height = (int(value) for value in box)
    upper = grey[top : top + int(0.6 * height), left : left + width]
    if upper.size == 0:
        return False
    enlarged = cv2.resize(upper, (120, 72), interpolation=cv2.INTER_LINEAR)
    return len(_load_cascade(EYE_CASCADE).detectMultiScale(enlarged, 1.1, 3, minSize=(16, 16))) > 0


def _shared_area(first: np.ndarray, second: np.ndarray) -> float:
    width = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    height = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    inter = max(0, width) * max(0, height)
    return float(inter / (first[2] * first[3] + second[2] * second[3] - inter))


def _suppress_overlaps(boxes: np.ndarray, weights: np.ndarray) -> list[int]:
    if len(boxes) == 0:
        return []
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), weights.astype(float).tolist(), 0.3, 0.4)
    return [int(index) for index in np.ravel(kept)]


def _load_cascade(name: str) -> cv2.CascadeClassifier:
    # A classifier keeps buffers between calls, so each thread needs its own.
    cascades = _LOCAL.__dict__.setdefault("cascades", {})
    if name not in cascades:
        cascades[name] = cv2.CascadeClassifier(str(CASCADE_FOLDER / name))
    cascade: cv2.CascadeClassifier = cascades[name]
    return cascade


@lru_cache(maxsize=1)
def _load_person_detector() -> cv2.HOGDescriptor:
    detector = cv2.HOGDescriptor()
    detector.setSVMDetector(np.array(cv2.HOGDescriptor.getDefaultPeopleDetector()))
    return detector
