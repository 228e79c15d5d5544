"""Crops of drawn frames: their pixels, sizes and facts, and every way not to get one."""

from __future__ import annotations

import hashlib
import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard_ops.core.dataset.crops import Crop, CropRules, cut_crops
from storyboard_ops.core.dataset.limits import TrainingFile, violations
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.pictures.pixel_rect import pixels_of
from storyboard_ops.core.pictures.quality import sharpness
from storyboard_ops.domain.image_records import Box, CropFacts, Drop
from tests.material.drawn.figures import CAST, landscape, standing
from tests.material.factories import detection, picture

RULES = CropRules(padding=0.1, max_enlargement=1.5)
MIDDLE = Box(x=0.4, y=0.25, w=0.125, h=0.5)  # 240 x 540 px of a full HD frame


BOTH = CropRules(padding=0.1, max_enlargement=1.5, parts=frozenset({"body", "head"}))
#: 400 x 900 px of a frame of 2,560 x 1,440: a standing figure.
STANDING = Box(x=0.4, y=0.25, w=400 / 2560, h=0.625)
LARGE = picture(3, 2560, 1440)
#: A drawn adult with a face, 1,152 px high.
DRAWN, FIGURE = standing(CAST[8], landscape(8, 2560, 1440))


def only(found: list[list[Crop] | Drop]) -> Crop | Drop:
    """The picture of the only detection, or why there is none."""
    (crops,) = found
    if isinstance(crops, Drop):
        return crops
    (crop,) = crops
    return crop


def body_and_head(found: list[list[Crop] | Drop]) -> tuple[CropFacts, CropFacts]:
    (crops,) = found
    assert isinstance(crops, list)
    body, head = crops
    assert decode_rgb(head.png).shape == (head.height, head.width, 3)
    return body.facts, head.facts


def test_a_large_detection_is_cut_pixel_for_pixel() -> None:
    frame = picture(1, 1920, 1080)
    crop = only(cut_crops(frame, [detection(box=MIDDLE)], RULES))
    assert isinstance(crop, Crop)
    assert (crop.width, crop.height) == (648, 648)  # 540 and 54 on both sides
    assert np.array_equal(decode_rgb(crop.png), frame[216:864, 564:1212])
    facts = crop.facts
    assert (facts.left, facts.top, facts.width, facts.height) == (564, 216, 648, 648)
    assert (facts.enlargement, facts.framing, facts.touches_edge) == (1.0, "full", False)
    assert facts.sharpness == sharpness(frame[216:864, 564:1212])


def test_the_image_id_is_the_digest_of_the_png_and_repeats() -> None:
    first, second = (
        only(cut_crops(picture(1, 1920, 1080), [detection(box=MIDDLE)], RULES)) for _ in range(2)
    )
    assert isinstance(first, Crop)
    assert first == second
    assert first.image_id == hashlib.sha256(first.png).hexdigest()


def test_a_small_detection_is_enlarged_to_512_and_says_so() -> None:
    frame = picture(1, 1280, 720)
    crop = only(cut_crops(frame, [detection(box=MIDDLE)], RULES))
    assert isinstance(crop, Crop)
    assert (crop.facts.width, crop.facts.height) == (432, 432)
    assert crop.facts.enlargement == pytest.approx(512 / 432)
    assert decode_rgb(crop.png).shape == (512, 512, 3)


def test_never_enlarged_beyond_the_parameter() -> None:
    frame = picture(1, 1280, 720)
    drop = only(cut_crops(frame, [detection(box=MIDDLE)], CropRules(0.1, max_enlargement=1.1)))
    assert isinstance(drop, Drop)
    assert (drop.stage, drop.reason) == ("crop", "too small")
    assert drop.score == pytest.approx(512 / 432)


def test_bars_never_get_into_a_crop() -> None:
    frame = np.zeros((1080, 1920, 3), np.uint8)
    frame[140:940] = np.maximum(picture(1, 1920, 800), 50)
    crop = only(cut_crops(frame, [detection(box=Box(x=0.4, y=0.05, w=0.2, h=0.9))], RULES))
    assert isinstance(crop, Crop)
    assert (crop.facts.top, crop.facts.height) == (140, 800)
    assert decode_rgb(crop.png).min() >= 50
    assert crop.facts.head_cut  # the box ends where the picture does


def test_a_box_in_a_bar_is_dropped_with_its_reason() -> None:
    frame = np.zeros((1080, 1920, 3), np.uint8)
    frame[140:940] = 128
    drop = only(cut_crops(frame, [detection(box=Box(x=0.4, y=0, w=0.2, h=0.1))], RULES))
    assert isinstance(drop, Drop)
    assert drop.reason == "outside the picture"


def test_several_characters_give_several_crops_that_know_of_each_other() -> None:
    mira = detection("mira", box=Box(x=0.2, y=0.2, w=0.2, h=0.7))
    bram = detection("bram", box=Box(x=0.45, y=0.2, w=0.2, h=0.7))
    first, second = cut_crops(picture(2, 1920, 1080), [mira, bram], RULES)
    assert isinstance(first, list) and isinstance(second, list)
    (first,), (second,) = first, second
    assert (first.facts.detection, second.facts.detection) == (mira, bram)
    # Mira's square runs from 122 to 1030 px; Bram stands from 864 to 1248.
    assert first.facts.overlap == {"bram": pytest.approx((1030 - 864) / 384, abs=1e-3)}
    assert list(second.facts.overlap) == ["mira"]


def test_who_is_only_asked_about_is_in_nobodys_way() -> None:
    mira = detection("mira", box=Box(x=0.2, y=0.2, w=0.2, h=0.7))
    bram = detection("bram", box=Box(x=0.45, y=0.2, w=0.2, h=0.7))
    sure, asked = cut_crops(picture(2, 1920, 1080), [mira], RULES, unsure=[bram])
    assert isinstance(sure, list) and isinstance(asked, list)
    assert sure[0].facts.overlap == {}
    assert list(asked[0].facts.overlap) == ["mira"]


def test_a_face_gives_a_picture_of_head_and_shoulders() -> None:
    face = Box(x=1200 / 2560, y=400 / 1440, w=160 / 2560, h=200 / 1440)
    body, head = body_and_head(cut_crops(LARGE, [detection(box=STANDING, face=face)], BOTH))
    assert (body.part, body.framing, body.head_from, body.no_head) == ("body", "full", "", "")
    assert (head.part, head.framing, head.head_from) == ("head", "close", "face")
    # Half a face above and one below: 300 to 800 px, and a margin of 50 on both sides.
    assert (head.top, head.height, head.width) == (250, 600, 600)
    assert head.left + 300 == 1280  # the middle of the face
    assert not head.head_cut


def test_a_standing_figure_has_its_head_in_its_upper_third() -> None:
    body, head = body_and_head(cut_crops(DRAWN, [detection(box=FIGURE)], BOTH))
    assert (head.part, head.framing, head.head_from) == ("head", "close", "proportion")
    box = pixels_of(FIGURE, 2560, 1440)
    # The width of the figure, a third of its height, and a margin; square.
    side = max(box.width, round(box.height / 3))
    assert head.width == head.height == side + 2 * math.ceil(0.1 * side)
    assert head.top + head.height // 2 == pytest.approx(box.top + box.height / 6, abs=1)
    assert head.sharpness != body.sharpness


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"box": Box(x=0.3, y=0.2, w=0.3, h=0.6)}, "does not stand"),
        ({"box": Box(x=0.4, y=0, w=0.2, h=0.9)}, "cut off by the border"),
        ({"box": Box(x=0.1, y=0.1, w=0.8, h=0.8)}, "a close-up already"),
        ({"box": Box(x=0.4, y=0.25, w=0.06, h=0.5)}, "no face was found"),
    ],
)
def test_a_body_says_why_there_is_no_picture_of_its_head(
    changes: dict[str, Box], reason: str
) -> None:
    crop = only(cut_crops(LARGE, [detection(**changes)], BOTH))
    assert isinstance(crop, Crop)
    assert crop.facts.part == "body"
    assert reason in crop.facts.no_head


def test_a_box_around_a_head_alone_is_a_close_up() -> None:
    head = Box(x=FIGURE.x, y=FIGURE.y, w=FIGURE.w, h=1.05 * CAST[8].head * FIGURE.h)
    crop = only(cut_crops(DRAWN, [detection(box=head)], BOTH))
    assert isinstance(crop, Crop)
    assert (crop.facts.framing, crop.doubt) == ("close", "")
    assert "close-up already" in crop.facts.no_head


def test_people_are_asked_about_a_silhouette() -> None:
    frame, box = standing(CAST[8].painted((15, 12, 20)), landscape(8, 2560, 1440))
    crop = only(cut_crops(frame, [detection(box=box)], BOTH))
    assert isinstance(crop, Crop)
    assert "silhouette" in crop.doubt


def test_a_small_head_is_too_small() -> None:
    frame, box = standing(CAST[8], landscape(8))
    crop = only(cut_crops(frame, [detection(box=box)], BOTH))
    assert isinstance(crop, Crop)
    assert "px would need enlarging" in crop.facts.no_head


def test_a_face_in_a_bar_gives_no_head() -> None:
    frame = np.full((1440, 2560, 3), 128, np.uint8)
    frame[:200] = frame[-200:] = 0
    face = Box(x=0.45, y=0.01, w=0.01, h=0.02)
    tall = Box(x=0.4, y=0.05, w=0.2, h=0.6)
    crop = only(cut_crops(frame, [detection(box=tall, face=face)], BOTH))
    assert isinstance(crop, Crop)
    assert "in a bar" in crop.facts.no_head


def test_heads_alone_by_parameter() -> None:
    heads = CropRules(0.1, 1.5, frozenset({"head"}))
    crop = only(cut_crops(DRAWN, [detection(box=FIGURE)], heads))
    assert isinstance(crop, Crop)
    assert crop.facts.part == "head"
    drop = only(cut_crops(LARGE, [detection(box=Box(x=0.3, y=0.2, w=0.3, h=0.6))], heads))
    assert isinstance(drop, Drop)
    assert drop.reason == "no head"


@pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (2000, 1), (3, 5)])
def test_tiny_frames_give_a_reason_and_no_crash(shape: tuple[int, int]) -> None:
    frame = np.full((*shape, 3), 200, np.uint8)
    drop = only(cut_crops(frame, [detection(box=Box(x=0, y=0, w=1, h=1))], RULES))
    assert isinstance(drop, Drop)
    assert drop.reason == "too small"


NOISE = np.random.default_rng(5).integers(0, 256, (300, 420, 3), np.uint8)


@settings(max_examples=40)
@given(
    corners=st.tuples(*[st.floats(-0.5, 1.5)] * 4),
    padding=st.floats(0, 1),
    max_enlargement=st.floats(1, 4),
)
def test_every_crop_is_one_that_the_trainer_takes(
    corners: tuple[float, float, float, float], padding: float, max_enlargement: float
) -> None:
    box = Box.clamped(*corners)
    if box is None:
        return
    found = only(cut_crops(NOISE, [detection(box=box)], CropRules(padding, max_enlargement)))
    if isinstance(found, Drop):
        assert found.detail
        return
    assert decode_rgb(found.png).shape == (found.height, found.width, 3)
    assert found.facts.enlargement <= max_enlargement
    file = TrainingFile(
        key=f"crops/{found.image_id}.png",
        width=found.width,
        height=found.height,
        size=len(found.png),
        caption="Mira waits on the quay.",
    )
    assert violations(file) == ()


@pytest.mark.parametrize(
    ("width", "height", "method"),
    [(1280, 720, cv2.INTER_LANCZOS4), (9600, 5400, cv2.INTER_AREA)],
    ids=["enlarged", "shrunk"],
)
def test_a_small_cut_is_enlarged_by_lanczos_and_a_huge_one_averaged(
    width: int, height: int, method: int
) -> None:
    # A step from dark to light: the methods differ in what lies beside it.
    frame = np.full((height, width, 3), 40, np.uint8)
    frame[:, width // 2 :] = 200
    box = Box(x=0.4, y=0.05, w=0.2, h=0.9) if height > 720 else MIDDLE
    crop = only(cut_crops(frame, [detection(box=box)], RULES))
    assert isinstance(crop, Crop)
    cut = crop.facts
    pixels = frame[cut.top : cut.top + cut.height, cut.left : cut.left + cut.width]
    expected = cv2.resize(pixels, (crop.width, crop.height), interpolation=method)
    assert (crop.width, crop.height) != (cut.width, cut.height)
    assert np.array_equal(decode_rgb(crop.png), expected)


@pytest.mark.parametrize("parts", [{"body"}, {"head"}, {"body", "head"}])
@pytest.mark.parametrize(
    "box", [STANDING, Box(x=0.05, y=0.0, w=0.5, h=0.9), Box(x=0.1, y=0.1, w=0.8, h=0.8)]
)
def test_a_prop_is_cut_whole_without_a_head(parts: set[str], box: Box) -> None:
    rules = CropRules(0.1, 1.5, parts=frozenset(parts), props=frozenset({"lantern"}))
    found = detection("lantern", box=box)
    facts = only(cut_crops(LARGE, [found], rules)).facts
    assert (facts.part, facts.framing, facts.head_from, facts.no_head) == ("body", "full", "", "")
    assert not facts.head_cut
    character = only(cut_crops(LARGE, [detection(box=box)], RULES)).facts
    assert (facts.left, facts.width, facts.touches_edge) == (
        character.left, character.width, character.touches_edge,
    )  # fmt: skip
