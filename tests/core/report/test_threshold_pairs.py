"""Which pairs help to choose the threshold of near-duplicates."""

from __future__ import annotations

from storyboard_ops.core.report.threshold_pairs import SHOWN, threshold_pairs
from storyboard_ops.domain.image_records import DuplicateFacts, ImageRecord
from tests.material.factories import image

BEST = image(1, duplicate=DuplicateFacts(model_id="titan"))


def like(k: int, similarity: float, model_id: str = "titan", nearest: str = "") -> ImageRecord:
    facts = DuplicateFacts(
        model_id=model_id, nearest=nearest or BEST.image_id, similarity=similarity
    )
    return image(k, duplicate=facts)


def shown(*images: ImageRecord) -> list[float]:
    return [pair.similarity for pair in threshold_pairs((BEST, *images), 0.92)]


def test_pairs_on_both_sides_come_by_rising_similarity() -> None:
    assert shown(like(2, 0.95), like(3, 0.9), like(4, 0.92)) == [0.9, 0.92, 0.95]
    (pair,) = threshold_pairs((BEST, like(2, 0.95)), 0.92)
    assert (pair.image.image_id, pair.better) == (image(2).image_id, BEST)


def test_of_many_pairs_some_are_shown_spread_over_what_lies_in_reach() -> None:
    many = [like(k, round(0.81 + k * 0.0011, 4)) for k in range(2, 101)]  # every 0.0011 to 0.92
    pairs = shown(*many)
    assert len([one for one in pairs if one < 0.92]) == SHOWN
    assert (pairs[0], pairs[SHOWN - 1], pairs[SHOWN]) == (0.8122, 0.9189, 0.92)


def test_what_says_nothing_about_the_threshold_is_left_out() -> None:
    far, copy, gone = like(2, 0.7), like(3, 0.97, "picture_hash"), like(4, 0.95, nearest="f" * 64)
    assert shown(far, copy, gone) == []


def test_no_pictures() -> None:
    assert threshold_pairs((), 0.92) == ()


def test_pairs_within_exactly_the_reach_are_shown() -> None:
    near = like(2, 0.62), like(3, 0.38), like(4, 0.621), like(5, 0.379)
    found = [pair.similarity for pair in threshold_pairs((BEST, *near), 0.5)]
    assert found == [0.38, 0.62]
