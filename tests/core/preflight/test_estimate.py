"""The estimate of what detectors cost, item by item."""

from __future__ import annotations

import pytest

from storyboard_ops.core.preflight.estimate import estimate_usages
from storyboard_ops.gateways.money.pricing import cost_of
from tests import factories

FRAMES = 7_200  # two hours of film, one frame a second


def estimated(detectors: list[str]) -> dict[tuple[str, str], float]:
    usages = estimate_usages(
        factories.settings(detectors=detectors), factories.production(), FRAMES
    )
    return {(u.item, u.unit): u.amount for u in usages if u.service == "rekognition"}


def test_faces_are_found_in_every_frame_and_searched_one_by_one():
    assert estimated(["faces"]) == {
        ("IndexFaces", "image"): 3,
        ("DetectFaces", "image"): 7_200,
        ("SearchFacesByImage", "image"): 10_800,
    }


def test_custom_labels_costs_its_training_and_the_hours_in_which_it_runs():
    assert estimated(["custom_labels"]) == {
        ("CustomLabelsTraining", "hour"): 2.0,
        ("DetectCustomLabels", "hour"): 1.5,  # half an hour to start, 7,200 frames at 2 a second
    }


def test_detectors_add_up_and_all_of_it_has_a_price():
    settings = factories.settings(detectors=["multimodal", "labels", "faces", "custom_labels"])
    usages = estimate_usages(settings, factories.production(), FRAMES)
    detectors = [usage for usage in usages if usage.service == "rekognition"]
    usd, unpriced = cost_of(detectors)
    assert unpriced == ()
    assert usd == pytest.approx(0.001 * (7_200 + 3 + 7_200 + 10_800) + 2 * 1 + 1.5 * 4)
