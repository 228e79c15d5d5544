"""Who is in a frame, by faces: each face searched on its own, each answer bought once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storyboard_ops.core.pictures.codec import encode_jpeg
from storyboard_ops.domain.image_records import Box, Detection, FrameDetections
from storyboard_ops.steps.detection.detect_characters import detect_characters
from storyboard_ops.steps.detection.face_collection import build_collection
from storyboard_ops.steps.detection.face_detector import FaceDetector
from tests.material.drawn.faces import ANA, BEN, Look, face, scene
from tests.material.drawn.production import begun_run, frames_manifest

BOTH = scene((ANA, 80, 60, 120), (BEN, 400, 90, 100))
STRANGER = Look(skin=(150, 190, 150), hair=(235, 235, 120), coat=(90, 20, 90), wide=0.95)


@pytest.fixture
def tools(studio):
    run = begun_run(studio, {"ana": [face(ANA)], "ben": [face(BEN)]}, detectors=["faces"])
    build_collection(run)
    return run


def found_in(tools, picture) -> tuple[Detection, ...]:
    return FaceDetector.made_for(tools).find(encode_jpeg(picture))


def spent(tools) -> dict[str, float]:
    return {usage.item: usage.amount for usage in tools.answers.usages}


def test_each_face_gets_its_name_and_its_place(tools):
    by_name = {one.character: one for one in found_in(tools, BOTH)}
    assert sorted(by_name) == ["ana", "ben"]
    ana, ben = by_name["ana"], by_name["ben"]
    assert ana.face.x * 640 == pytest.approx(102, abs=6)
    assert ben.face.x * 640 == pytest.approx(416, abs=6)
    assert 0.8 <= ana.confidence <= 1 and 0.8 <= ben.confidence <= 1
    assert (ana.detector, ana.label) == ("faces", "ana")
    # The figure below the face reaches the lower border of this frame.
    assert ana.box.bottom == 1.0
    assert ana.box.x < ana.face.x and ana.box.right > ana.face.right


def test_the_smaller_face_is_found_too_when_the_larger_one_stands_close(tools):
    close = scene((ANA, 150, 20, 190), (BEN, 310, 120, 100))
    assert {one.character for one in found_in(tools, close)} == {"ana", "ben"}


def test_a_face_like_nobodys_is_a_detection_without_a_name(tools):
    (seen,) = found_in(tools, scene((STRANGER, 250, 60, 150)))
    assert (seen.character, seen.label) == (None, "Face")


def test_a_strangers_face_is_known_by_a_picture_of_the_stranger(studio):
    tools = begun_run(
        studio,
        {"ana": [face(ANA)], "ben": [face(BEN)]},
        strangers=[scene((STRANGER, 60, 40, 150), width=270)],
        detectors=["faces"],
    )
    assert build_collection(tools).faces == {"ana": 1, "ben": 1, "none_of_them": 1}
    (seen,) = found_in(tools, scene((STRANGER, 250, 60, 150)))
    assert seen.confidence >= 0.8


def test_a_stricter_threshold_buys_nothing_anew(studio, tools):
    found_in(tools, BOTH)
    assert spent(tools) == {"IndexFaces": 2, "DetectFaces": 1, "SearchFacesByImage": 2}
    strict = begun_run(
        studio,
        {"ana": [face(ANA)], "ben": [face(BEN)]},
        run_key="run-2",
        detectors=["faces"],
        face_match_above=0.99,
    )
    assert [one.character for one in found_in(strict, BOTH)] == [None, None]
    assert (spent(strict), strict.answers.reused) == ({}, 3)
    assert FaceDetector.made_for(strict).digest != FaceDetector.made_for(tools).digest


def test_a_face_outside_of_the_frame_is_not_searched(tools):
    outside = {"box": [1.1, 0.2, 1.3, 0.6], "confidence": 0.9}
    half = {"box": [-0.1, 0.2, 0.1, 0.6], "confidence": 0.9}
    service = StubbedFaces([outside, half])
    detector = replace(FaceDetector.made_for(tools), faces=service)
    (seen,) = detector.find(encode_jpeg(BOTH))
    assert seen.face == Box.clamped(-0.1, 0.2, 0.1, 0.6)
    assert service.searches == 1


class StubbedFaces:
    """Answers with these faces, and that they are nobody's."""

    def __init__(self, found: list[dict]) -> None:
        self.found = found
        self.searches = 0

    def detect(self, picture: bytes):
        return self.found, ()

    def search(self, collection: str, picture: bytes, least: float):
        self.searches += 1
        return [], ()


def test_a_frame_without_a_face_costs_one_call(tools):
    assert found_in(tools, scene()) == ()
    assert spent(tools) == {"IndexFaces": 2, "DetectFaces": 1}


def test_labels_confirm_the_figures_that_faces_name(studio, tools):
    both = begun_run(
        studio,
        {"ana": [face(ANA)], "ben": [face(BEN)]},
        detectors=["labels", "faces"],
    )
    ref = detect_characters(both, frames_manifest(both, [BOTH]))
    (found,) = both.manifests.read(ref, FrameDetections, "detections").records
    assert {one.detector for one in found.detections} == {"labels", "faces"}
    assert both.booked() != ()
