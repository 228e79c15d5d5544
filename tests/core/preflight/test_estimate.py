"""The estimate of what detectors cost, item by item."""

from __future__ import annotations

import pytest

from storyboard_ops.core.preflight.estimate import estimate_usages
from storyboard_ops.gateways.money.pricing import cost_of
from tests.material import factories

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


def test_a_hundred_hours_of_a_running_detector():
    usages = estimate_usages(
        factories.settings(detectors=["custom_labels"]), factories.production(), 720_000
    )
    assert [u.amount for u in usages if u.item == "DetectCustomLabels"] == [100.5]


def test_detectors_add_up_and_all_of_it_has_a_price():
    settings = factories.settings(detectors=["multimodal", "labels", "faces", "custom_labels"])
    usages = estimate_usages(settings, factories.production(), FRAMES)
    detectors = [usage for usage in usages if usage.service == "rekognition"]
    usd, unpriced = cost_of(detectors)
    assert unpriced == ()
    assert usd == pytest.approx(0.001 * (7_200 + 3 + 7_200 + 10_800) + 2 * 1 + 1.5 * 4)


def amounts(hosting_hours: int = 1, strangers: int = 0, **params: object) -> dict[str, float]:
    """What a hundred frames cost, by item and unit; three characters have a reference each."""
    pictures = tuple(f"references/{n}.png" for n in range(strangers))
    sheet = factories.production().model_copy(update={"strangers": pictures})
    usages = estimate_usages(factories.settings(**params), sheet, 100, hosting_hours)
    return {f"{u.item} {u.unit}": u.amount for u in usages}


def test_everything_that_a_run_of_a_hundred_frames_buys():
    """90 pictures; a question of detection shows three references and the frame."""
    detection, captions, canvas = "nova-detect", "nova-captions", "amazon.nova-canvas-v1:0"
    assert amounts(
        detectors=["multimodal", "labels", "faces", "custom_labels"],
        detection_model_id=detection,
        caption_model_id=captions,
        embedding_model_id="titan",
        review_desk="a2i",
        trainer="bedrock",
        step_count=500,
        batch_size=8,
        model_units=2,
        hosting_hours=3,
    ) == {
        f"{detection} input_token": 100 * (400 + 1_800 * 4),
        f"{detection} output_token": 100 * 120,
        "DetectLabels image": 100,
        "IndexFaces image": 3,
        "DetectFaces image": 100,
        "SearchFacesByImage image": 150,
        "CustomLabelsTraining hour": 2.0,
        "DetectCustomLabels hour": 0.51,  # 50 s beside the half hour of the start
        "titan image": 90,
        f"{captions} input_token": 90 * (400 + 1_800),
        f"{captions} output_token": 90 * 120,
        "human_loop_object object": 90,
        f"{canvas} training_image": 500 * 8,
        f"{canvas} model_unit_hour": 2 * 3,
    }


def test_capacity_is_hosted_for_an_hour_unless_said_otherwise():
    usages = estimate_usages(factories.settings(), factories.production(), 100)
    assert [u.amount for u in usages if u.unit == "model_unit_hour"] == [1]


@pytest.mark.parametrize(("desk", "asked"), [("a2i", True), ("page", False)])
def test_only_a2i_bills_a_review(desk: str, asked: bool):
    assert ("human_loop_object object" in amounts(review_desk=desk)) == asked


@pytest.mark.parametrize(("strangers", "shown"), [(0, 3), (1, 4), (16, 19), (17, 19)])
def test_strangers_are_shown_with_the_references_nineteen_in_all(strangers: int, shown: int):
    asked = amounts(strangers=strangers, detectors=["multimodal"], detection_model_id="nova")
    assert asked["nova input_token"] == 100 * (400 + 1_800 * (1 + shown))


def test_a_run_that_stops_after_its_dataset_buys_no_training():
    bought = amounts(trainer="dataset_only")
    assert not [name for name in bought if "training_image" in name or "model_unit" in name]
    assert bought["human_loop_object object"] == 90
