"""What a Custom Labels model answers about a frame, asked once."""

from __future__ import annotations

import cv2
import pytest

from storyboard_ops.domain.error_tree import GateClosed, NotReady
from storyboard_ops.steps.detection.custom_detector import CustomDetector
from storyboard_ops.steps.detection.custom_inference import stop_inference
from storyboard_ops.steps.detection.detect_characters import detect_characters
from tests.material.drawn.production import frames_manifest
from tests.studio.custom_models import SCENE_SIZE, ready, scene, start


def test_an_answer_that_names_a_stranger_names_no_character(studio):
    tools = start(studio)
    labels = [
        {"label": name, "box": [0.1, 0.1, 0.4, 0.9], "confidence": 0.8}
        for name in ("mira", "none_of_them", "somebody else")
    ]
    outside = {"label": "bolt", "box": [1.2, 0.1, 1.4, 0.9], "confidence": 0.9}
    detector = CustomDetector.made_for(tools)
    object.__setattr__(detector, "_buy", lambda frame: ([*labels, outside], ()))
    found = detector.find(b"a frame")
    assert [(one.character, one.label) for one in found] == [
        ("mira", "mira"),
        (None, "none_of_them"),
    ]


def test_another_threshold_buys_nothing_and_needs_no_running_model(studio):
    tools = start(studio)
    ready(tools)
    frames = frames_manifest(tools, [scene()[0]])
    detect_characters(tools, frames)
    stop_inference(tools)
    strict = start(studio, "run-2", min_confidence=0.9)
    detect_characters(strict, frames)  # the model does not run any more
    assert strict.answers.bought == 0


def test_a_model_that_was_stopped_under_way_ends_the_detection_at_once(studio):
    tools = start(studio)
    ready(tools)
    stop_inference(tools)
    with pytest.raises(NotReady, match="ResourceNotReadyException"):
        detect_characters(tools, frames_manifest(tools, [scene()[0]]))
    assert tools.answers.bought == 0


@pytest.mark.logs_errors
def test_detection_without_a_running_model_says_what_to_do(studio):
    tools = start(studio)
    frames = frames_manifest(tools, [cv2.resize(scene()[0], SCENE_SIZE)])
    with pytest.raises(GateClosed, match="clear prepare_detectors"):
        detect_characters(tools, frames)
