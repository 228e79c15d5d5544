"""The estimate of what detectors cost, item by item."""

from __future__ import annotations

import pytest

from local_aws.services.bedrock_runtime.converse import count_picture_tokens
from storyboard_ops.core.preflight.estimate import (
    PICTURE_TOKENS,
    REFERENCE_TOKENS,
    estimate_usages,
    picture_tokens,
)
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
    usd, unpriced = cost_of(detectors, "us-east-1")
    assert unpriced == ()
    assert usd == pytest.approx(0.001 * (7_200 + 3 + 7_200 + 10_800) + 2 * 1 + 1.5 * 4)


def amounts(hosting_hours: int = 1, strangers: int = 0, **params: object) -> dict[str, float]:
    """What a hundred frames cost, by item and unit; three characters have a reference each."""
    pictures = tuple(f"references/{n}.png" for n in range(strangers))
    sheet = factories.production().model_copy(update={"strangers": pictures})
    usages = estimate_usages(factories.settings(**params), sheet, 100, hosting_hours)
    return {f"{u.item} {u.unit}": u.amount for u in usages}


def test_everything_that_a_run_of_a_hundred_frames_buys():
    """90 pictures; a question of detection shows three references and the frame.

    Each question of a model may be asked twice.
    """
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
        f"{detection} input_token": 2 * 100 * (400 + 3 * 1_300 + 1_800),
        f"{detection} output_token": 2 * 100 * 120,
        "DetectLabels image": 100,
        "IndexFaces image": 3,
        "DetectFaces image": 100,
        "SearchFacesByImage image": 150,
        "CustomLabelsTraining hour": 2.0,
        "DetectCustomLabels hour": 0.51,  # 50 s beside the half hour of the start
        "titan image": 90,
        f"{captions} input_token": 90 * (2 * (400 + 1_800) + 200),
        f"{captions} output_token": 2 * 90 * 120,
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
    assert asked["nova input_token"] == 2 * 100 * (400 + 1_300 * shown + 1_800)


def test_a_run_that_stops_after_its_dataset_buys_no_training():
    bought = amounts(trainer="dataset_only")
    assert not [name for name in bought if "training_image" in name or "model_unit" in name]
    assert bought["human_loop_object object"] == 90


@pytest.mark.parametrize(
    ("width", "height", "tokens"),
    [
        (320, 180, 753),  # enlarged to 896 x 504
        (895, 895, 1_339),
        (896, 896, 1_339),
        (897, 897, 1_342),
        (1920, 1080, 3_456),
        (3840, 2160, 13_824),
        (4096, 2160, 14_746),
        (4097, 2160, 14_743),  # shrunk to 4,096 px
        (8192, 4320, 14_746),
    ],
)
def test_a_frame_is_billed_as_large_as_it_is_sent(width: int, height: int, tokens: int):
    assert picture_tokens(width, height) == tokens


@pytest.mark.parametrize(("width", "height"), [(320, 180), (896, 896), (1920, 1080), (4096, 2160)])
def test_no_picture_is_billed_above_its_estimate(width: int, height: int):
    assert picture_tokens(width, height) >= count_picture_tokens(height, width)


def test_references_and_pictures_for_captions_are_estimated_at_their_largest():
    assert count_picture_tokens(512, 512) <= REFERENCE_TOKENS
    assert count_picture_tokens(1024, 1024) <= PICTURE_TOKENS


def test_the_frames_of_a_uhd_film_are_read_at_their_size():
    settings = factories.settings(detectors=["multimodal"], detection_model_id="nova")
    usages = estimate_usages(
        settings, factories.production(), 100, frame_tokens=picture_tokens(3840, 2160)
    )
    read = {usage.item: usage.amount for usage in usages if usage.unit == "input_token"}
    assert read["nova"] == 2 * 100 * (400 + 3 * 1_300 + 13_824)
