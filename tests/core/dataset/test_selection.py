"""Caps that spread over shots, and what the dataset covers."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.dataset.selection import (
    CoverageCell,
    CoverageGap,
    apply_caps,
    beyond_total,
    choice_of,
    coverage,
    coverage_gaps,
    mark_dropped,
    shot_of,
)
from storyboard_ops.domain.image_records import CropFacts, Drop, ImageRecord
from tests.material.factories import (
    VIDEO_URI,
    detection,
    frame,
    image,
    production_with_prop,
    review,
    sha,
)

MIRA, _, PIP, LANTERN = production_with_prop().characters


def apply_total(images: list[ImageRecord], most: int) -> list[ImageRecord]:
    left = (choice_of(image) for image in images if image.kept)
    return mark_dropped(images, beyond_total(left, most))


def pictured(
    shot: int, sharpness: float, character: str = "mira", framing: str = "full"
) -> ImageRecord:
    """A picture from a shot; the sharpness tells them apart and ranks them."""
    facts = CropFacts(
        detection=detection(character), left=0, top=0, width=600, height=600,
        enlargement=1.0, sharpness=sharpness, framing=framing,  # type: ignore[arg-type]
    )  # fmt: skip
    k = round(1000 * shot + sharpness)
    return image(k, character, crop=facts, frame=frame(k, shot=shot))


def kept(images: list[ImageRecord]) -> list[tuple[int, float]]:
    return [(one.frame.shot, one.crop.sharpness) for one in images if one.kept]


def test_a_shot_gives_only_its_best() -> None:
    images = [pictured(0, 10), pictured(0, 30), pictured(0, 20), pictured(1, 5)]
    capped = apply_caps(images, per_shot=2, per_character=400)
    assert kept(capped) == [(0, 30), (0, 20), (1, 5)]
    assert capped[0].dropped == Drop(
        stage="dataset", reason="shot cap", detail="2 others of this shot are kept"
    )


@pytest.mark.parametrize(
    "worse", [{"against_shot": 0.5}, {"exposure": 0.4}, {"seen": 0.6}, {"head_cut": True}]
)
def test_caps_keep_what_has_the_better_score(worse: dict[str, Any]) -> None:
    """Sharper ground around a figure does not count."""
    images = [pictured(shot, 90 - shot) for shot in (0, 0, 1, 1)]
    images = [one.model_copy(update={"image_id": sha(n)}) for n, one in enumerate(images)]
    for n in (0, 2):  # the first of each shot has sharper ground
        facts = {"sharpness": 95.0, **worse}
        crop = images[n].crop.model_copy(update=facts)
        images[n] = images[n].model_copy(update={"crop": crop})
    assert kept(apply_caps(images, per_shot=1, per_character=400)) == [(0, 90), (1, 89)]
    assert kept(apply_caps(images, per_shot=2, per_character=2)) == [(0, 90), (1, 89)]
    assert kept(apply_total(images, 2)) == [(0, 90), (1, 89)]


def test_a_shot_gives_the_best_of_every_framing_first() -> None:
    images = [pictured(0, 30), pictured(0, 20), pictured(0, 10, framing="close"), pictured(0, 5)]
    assert kept(apply_caps(images, per_shot=2, per_character=400)) == [(0, 30), (0, 10)]
    assert kept(apply_caps(images, per_shot=3, per_character=400)) == [(0, 30), (0, 20), (0, 10)]


def test_an_unsure_picture_takes_no_sure_ones_place() -> None:
    unsure = pictured(0, 90, framing="close").model_copy(update={"unsure": "who is it"})
    images = [unsure, pictured(0, 20), pictured(0, 10)]
    assert kept(apply_caps(images, per_shot=2, per_character=400)) == [(0, 20), (0, 10)]
    assert kept(apply_caps(images, per_shot=8, per_character=2)) == [(0, 20), (0, 10)]
    assert kept(apply_caps([unsure], per_shot=1, per_character=1)) == [(0, 90)]


def test_an_unsure_picture_covers_nothing_until_people_let_it_in() -> None:
    unsure = pictured(0, 10).model_copy(update={"unsure": "who is it", "review": None})
    assert coverage([unsure]) == ()
    approved = unsure.model_copy(update={"review": review()})
    assert [cell.pictures for cell in coverage([approved])] == [1]


def test_a_character_cap_goes_round_the_shots() -> None:
    images = [
        pictured(shot, s) for shot, s in [(0, 90), (0, 80), (0, 70), (1, 60), (1, 50), (2, 10)]
    ]
    capped = apply_caps(images, per_shot=8, per_character=4)
    # The best of every shot first, then the second best of the best shot.
    assert kept(capped) == [(0, 90), (0, 80), (1, 60), (2, 10)]
    assert {one.dropped.reason for one in capped if one.dropped} == {"character cap"}


def test_caps_hold_for_each_character_by_itself() -> None:
    images = [pictured(0, 10), pictured(0, 20), pictured(0, 30, "bram"), pictured(0, 40, "bram")]
    assert kept(apply_caps(images, per_shot=1, per_character=1)) == [(0, 20), (0, 40)]


def test_shots_of_different_videos_are_different_shots() -> None:
    other = pictured(0, 20).model_copy(update={"frame": frame(1, shot=0, uri=f"{VIDEO_URI}.2")})
    images = [pictured(0, 10), other]
    assert len(kept(apply_caps(images, per_shot=1, per_character=400))) == 2


def test_what_was_dropped_before_keeps_its_reason_and_takes_no_place() -> None:
    drop = Drop(stage="review", reason="rejected")
    rejected = pictured(0, 99).model_copy(update={"dropped": drop})
    capped = apply_caps([rejected, pictured(0, 10)], per_shot=1, per_character=1)
    assert [one.dropped for one in capped] == [drop, None]


some_images = st.lists(
    st.builds(pictured, st.integers(0, 5), st.integers(1, 900), st.sampled_from(["mira", "bram"])),
    max_size=30,
    unique_by=lambda one: one.image_id,
)


@given(some_images, st.integers(1, 4), st.integers(1, 10), st.randoms(use_true_random=False))
def test_caps_are_kept_used_up_and_independent_of_order(
    images: list[ImageRecord], per_shot: int, per_character: int, dice: random.Random
) -> None:
    capped = apply_caps(images, per_shot, per_character)
    assert [one.image_id for one in capped] == [one.image_id for one in images]
    by_shot = Counter((one.character, shot_of(one)) for one in images)
    available: Counter[str] = Counter()
    for (character, _), count in by_shot.items():
        available[character] += min(count, per_shot)
    chosen = Counter(one.character for one in capped if one.kept)
    assert chosen == {name: min(count, per_character) for name, count in available.items()}
    spread = Counter((one.character, shot_of(one)) for one in capped if one.kept)
    assert all(count <= per_shot for count in spread.values())
    shuffled = dice.sample(images, len(images))
    again = {one.image_id for one in apply_caps(shuffled, per_shot, per_character) if one.kept}
    assert again == {one.image_id for one in capped if one.kept}


def test_coverage_counts_kept_pictures_by_character_framing_and_shot() -> None:
    images = [
        pictured(3, 10),
        pictured(3, 20),
        pictured(3, 30, framing="close"),
        pictured(1, 10, "bram"),
        pictured(1, 20, "bram").model_copy(
            update={"dropped": Drop(stage="crop", reason="too small")}
        ),
    ]
    assert coverage(images) == (
        CoverageCell(character="bram", framing="full", video=VIDEO_URI, shot=1, pictures=1),
        CoverageCell(character="mira", framing="close", video=VIDEO_URI, shot=3, pictures=1),
        CoverageCell(character="mira", framing="full", video=VIDEO_URI, shot=3, pictures=2),
    )


def test_gaps_say_what_is_missing_also_of_a_character_without_any_picture() -> None:
    cells = coverage([pictured(shot, 10) for shot in range(5)] + [pictured(9, 10, framing="close")])
    gaps = coverage_gaps(cells, (MIRA, PIP), wanted=3)
    assert [(gap.character, gap.framing, gap.pictures) for gap in gaps] == [
        ("mira", "medium", 0),
        ("mira", "close", 1),
        ("pip", "full", 0),
        ("pip", "medium", 0),
        ("pip", "close", 0),
    ]
    assert gaps[1] == CoverageGap(character="mira", framing="close", pictures=1, wanted=3)


def test_beyond_the_trainers_number_the_characters_give_up_in_turn() -> None:
    images = [pictured(n, 10 + n) for n in range(4)]
    images += [pictured(n, 10 + n, "bram") for n in range(2)]
    after = apply_total(images, 4)
    assert [(one.character, one.crop.sharpness) for one in after if one.kept] == [
        ("mira", 12),
        ("mira", 13),
        ("bram", 10),
        ("bram", 11),
    ]
    drop = after[0].dropped
    assert drop is not None
    assert (drop.stage, drop.reason) == ("dataset", "total cap")
    assert drop.detail == "4 others are kept, as many as the trainer takes"
    assert apply_total(images, 6) == images


def test_a_prop_has_one_framing_and_so_one_gap() -> None:
    cells = coverage([pictured(shot, 10, character="lantern") for shot in range(4)])
    (gap,) = coverage_gaps(cells, [LANTERN])
    assert (gap.character, gap.framing, gap.pictures, gap.wanted) == ("lantern", "full", 4, 5)


def test_fewer_than_five_pictures_of_a_framing_are_a_gap() -> None:
    four, five = ([pictured(shot, 10) for shot in range(count)] for count in (4, 5))
    assert [gap.framing for gap in coverage_gaps(coverage(four), [MIRA])] == [
        "full", "medium", "close",
    ]  # fmt: skip
    assert [gap.framing for gap in coverage_gaps(coverage(five), [MIRA])] == ["medium", "close"]
