"""The estimate of what detectors cost, item by item."""

from __future__ import annotations

import pytest

from storyboard_ops.core.preflight.estimate import estimate_usages
from storyboard_ops.domain.preflight.estimate_basis import RequestTokens
from storyboard_ops.gateways.money.pricing import cost_of
from tests.material import factories

FRAMES = 7_200  # two hours of film, one frame a second
TOKENS = RequestTokens(detection=20_000, caption=2_000)


def estimated(detectors: list[str]) -> dict[tuple[str, str], float]:
    usages = estimate_usages(
        factories.settings(detectors=detectors), factories.production(), FRAMES, TOKENS
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
        factories.settings(detectors=["custom_labels"]), factories.production(), 720_000, TOKENS
    )
    assert [u.amount for u in usages if u.item == "DetectCustomLabels"] == [100.5]


def test_detectors_add_up_and_all_of_it_has_a_price():
    settings = factories.settings(detectors=["multimodal", "labels", "faces", "custom_labels"])
    usages = estimate_usages(settings, factories.production(), FRAMES, TOKENS)
    detectors = [usage for usage in usages if usage.service == "rekognition"]
    usd, unpriced = cost_of(detectors, "us-east-1")
    assert unpriced == ()
    assert usd == pytest.approx(0.001 * (7_200 + 3 + 7_200 + 10_800) + 2 * 1 + 1.5 * 4)


def amounts(hosting_hours: int = 1, strangers: int = 0, **params: object) -> dict[str, float]:
    """What a hundred frames cost, by item and unit; three characters have a reference each."""
    pictures = tuple(f"references/{n}.png" for n in range(strangers))
    sheet = factories.production().model_copy(update={"strangers": pictures})
    usages = estimate_usages(factories.settings(**params), sheet, 100, TOKENS, hosting_hours)
    return {f"{u.item} {u.unit}": u.amount for u in usages}


def test_everything_that_a_run_of_a_hundred_frames_buys():
    """90 pictures, three panels and two frames of each of three characters, painted out.

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
        f"{detection} input_token": 2 * (100 + 3 + 6) * 20_000,
        f"{detection} output_token": 2 * (100 + 3 + 6) * 120,
        "DetectLabels image": 100,
        "IndexFaces image": 3,
        "DetectFaces image": 100,
        "SearchFacesByImage image": 150,
        "CustomLabelsTraining hour": 2.0,
        "DetectCustomLabels hour": 0.51,  # 50 s beside the half hour of the start
        "titan image": 90 + 3 + 3 * (3 + 6),  # pictures, references, three figures a panel
        f"{captions} input_token": 90 * (2 * 2_000 + 200),
        f"{captions} output_token": 2 * 90 * 120,
        "human_loop_object object": 90,
        f"{canvas} training_image": 500 * 8,
        f"{canvas} model_unit_hour": 2 * 3,
    }


def test_capacity_is_hosted_for_an_hour_unless_said_otherwise():
    usages = estimate_usages(factories.settings(), factories.production(), 100, TOKENS)
    assert [u.amount for u in usages if u.unit == "model_unit_hour"] == [1]


@pytest.mark.parametrize(("desk", "asked"), [("a2i", True), ("page", False)])
def test_only_a2i_bills_a_review(desk: str, asked: bool):
    assert ("human_loop_object object" in amounts(review_desk=desk)) == asked


def test_strangers_are_indexed_like_the_references():
    assert amounts(strangers=4, detectors=["faces"])["IndexFaces image"] == 3 + 4


@pytest.mark.parametrize(("characters", "tokens"), [(2, 120), (3, 120), (4, 160), (20, 800)])
def test_an_answer_has_a_box_for_each_character(characters: int, tokens: int):
    (one, *_) = factories.production().characters
    crowd = tuple(one.model_copy(update={"id": f"c{n}"}) for n in range(characters))
    sheet = factories.production().model_copy(update={"characters": crowd})
    settings = factories.settings(detection_model_id="nova", trainer="dataset_only")
    usages = estimate_usages(settings, sheet, 100, TOKENS)
    written = {usage.item: usage.amount for usage in usages if usage.unit == "output_token"}
    assert written["nova"] == 2 * 100 * tokens


def test_a_run_that_stops_after_its_dataset_buys_no_training():
    bought = amounts(trainer="dataset_only", embedding_model_id="titan")
    assert bought["titan image"] == 90
    assert not [name for name in bought if "training_image" in name or "model_unit" in name]
    assert bought["human_loop_object object"] == 90


def test_panels_are_examined_by_the_model_whatever_finds_characters_in_frames():
    bought = amounts(detectors=["faces"], detection_model_id="nova", trainer="bedrock")
    assert bought["nova input_token"] == 2 * (3 + 6) * 20_000
    nothing_drawn = amounts(detectors=["faces"], detection_model_id="nova", trainer="dataset_only")
    assert "nova input_token" not in nothing_drawn
