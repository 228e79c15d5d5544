"""Boxes of one answer: read in the unit and order that they certainly have, or refused."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyboard_ops.core.detection.box_units import (
    Size,
    UnclearBoxError,
    read_boxes,
    read_share,
)
from storyboard_ops.domain.image_records import Box

FULL_HD, PORTRAIT, SMALL = (1920, 1080), (1080, 1920), (640, 360)
Corners = tuple[float, float, float, float]


def corners(box: Box) -> Corners:
    return box.x, box.y, box.right, box.bottom


def read(values: list[Any], picture: Size | None = FULL_HD) -> list[Corners | str]:
    """The corners of each box as shares, or the reason why it is refused."""
    return [
        str(one) if isinstance(one, UnclearBoxError) else corners(one)
        for one in read_boxes(values, picture)
    ]


def one_box(value: Any, picture: Size | None = FULL_HD) -> Corners | str:
    (only,) = read([value], picture)
    return only


@pytest.mark.parametrize(
    "value",
    [
        [250, 200, 500, 900],
        [250.0, 200.0, 500.0, 900.0],
        ["250", " 200", "500.0", "900"],
        "[250, 200, 500, 900]",
        "250,200,500,900",
        [[250, 200], [500, 900]],
        {"x1": 250, "y1": 200, "x2": 500, "y2": 900},
        {"y_min": 200, "x_min": 250, "y_max": 900, "x_max": 500},
        {"left": 250, "top": 200, "right": 500, "bottom": 900},
        {"x": 250, "y": 200, "width": 250, "height": 700},
        {"x": 250, "y": 200, "w": 250, "h": 700},
        {"x1": 500, "y1": 900, "x2": 250, "y2": 200},
        # Shares, by their fractions; percentages, by their fractions or signs.
        [0.25, 0.2, 0.5, 0.9],
        {"Left": 0.25, "Top": 0.2, "Width": 0.25, "Height": 0.7},
        [25.0001, 20, 50, 90],
        ["25%", "20%", "50%", "90 %"],
        {"left": "25%", "top": "20%", "width": "25%", "height": "70%"},
        # Corners in the wrong order: as x, y, width, height the box would leave the picture.
        [500, 900, 250, 200],
        [500, 200, 250, 900],
        [250, 900, 500, 200],
    ],
    ids=str,
)
def test_a_spelling_that_leaves_no_doubt_is_read(value: Any) -> None:
    read = one_box(value)
    assert read == pytest.approx((0.25, 0.2, 0.5, 0.9), abs=1e-5)


@pytest.mark.parametrize(
    ("value", "picture", "inside"),
    [
        ([480, 216, 1200, 972], FULL_HD, (0.25, 0.2, 0.625, 0.9)),
        ([1200, 100, 1900, 1080], FULL_HD, (0.625, 0.0925926, 0.9895833, 1)),
        ({"x": 1200, "y": 216, "width": 480, "height": 432}, FULL_HD, (0.625, 0.2, 0.875, 0.6)),
        ([270, 384, 540, 1728], PORTRAIT, (0.25, 0.2, 0.5, 0.9)),
        # [y1, x1, y2, x2]: read the other way the box would leave the picture.
        ([216, 1200, 972, 1440], FULL_HD, (0.625, 0.2, 0.75, 0.9)),
        ([1400, 200, 1900, 700], PORTRAIT, (0.1851852, 0.7291667, 0.6481481, 0.9895833)),
        # Corners in the wrong order.
        ([1440, 972, 480, 216], FULL_HD, (0.25, 0.2, 0.75, 0.9)),
    ],
)
def test_numbers_beyond_1000_are_pixels_where_they_fit_the_picture(
    value: Any, picture: Size, inside: Corners
) -> None:
    assert one_box(value, picture) == pytest.approx(inside, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "picture", "reason"),
    [
        ([28, 20, 52, 90], FULL_HD, "may be in thousandths, percentages or shares"),
        ([0, 0, 100, 100], FULL_HD, "may be in thousandths, percentages or shares"),
        ([0, 0, 1, 1], FULL_HD, "may be in thousandths, percentages or shares"),
        ([600, 200, 150, 700], FULL_HD, "may be corners in the wrong order or [x, y, width"),
        ([0.6, 0.2, 0.15, 0.7], FULL_HD, "may be corners in the wrong order or [x, y, width"),
        ([1200, 100, 300, 700], FULL_HD, "may be corners in the wrong order or [x, y, width"),
        ([545, 722, 1046, 1075], FULL_HD, "may be [x1, y1, x2, y2] or [y1, x1, y2, x2]"),
        ([900, 100, 1005, 570], (1024, 576), "may be in thousandths of the picture or in pixels"),
        ([480, 216, 1200, 972], None, "neither 1000 thousandths of the picture"),
        ([480, 216, 1200, 972], SMALL, "neither 1000 thousandths nor the 640 x 360 pixels of"),
        ([900, 900, 1100, 1001.5], (1280, 720), "neither 1000 thousandths nor the 1280 x 720"),
        ([-200, 100, 300, 900], FULL_HD, "has no area inside the picture, in thousandths"),
        ([-0.2, 0.1, 0.3, 0.9], FULL_HD, "has no area inside the picture, in shares"),
        ([0.5, 0.1, 1.4, 0.9], FULL_HD, "has no area inside the picture, in shares"),
        ([300, 200, 300, 600], FULL_HD, "has no area inside the picture"),
        ([0, 0, 0, 0], FULL_HD, "has no area inside the picture"),
        ([500, 500, 503, 503], FULL_HD, "has no area inside the picture, in thousandths"),
        ([100, 200, 300], FULL_HD, "is not [x1, y1, x2, y2]"),
        ([100, 200, 300, 400, 500], FULL_HD, "is not [x1, y1, x2, y2]"),
        ("100,200", FULL_HD, "is not [x1, y1, x2, y2]"),
        ({"x": 1, "y": 2}, FULL_HD, "is not [x1, y1, x2, y2]"),
        (None, FULL_HD, "is not [x1, y1, x2, y2]"),
        (7, FULL_HD, "is not [x1, y1, x2, y2]"),
        ([0, 0, True, 5], FULL_HD, "is not in 0..1000"),
        ([0, 0, "wide", 5], FULL_HD, "is not in 0..1000"),
        ([0, 0, None, 5], FULL_HD, "is not in 0..1000"),
        ([0, 0, 10**30, 5], FULL_HD, "is not in 0..1000"),
        ([0, 0, math.inf, 5], FULL_HD, "is not in 0..1000"),
        ([0, 0, math.nan, 5], FULL_HD, "is not in 0..1000"),
        (["10%", 0, 20, 5], FULL_HD, "is not in 0..1000"),
        ([100, 200, 300, "1" * 5_000], FULL_HD, "is not in 0..1000"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_box_in_doubt_is_refused_with_the_reason(
    value: Any, picture: Size | None, reason: str
) -> None:
    said = one_box(value, picture)
    assert isinstance(said, str)
    assert reason in said


def test_boxes_of_one_answer_settle_each_others_unit() -> None:
    in_pixels = [[100, 100, 400, 900], [1200, 100, 1500, 900]]
    assert read(in_pixels) == [
        pytest.approx((100 / 1920, 100 / 1080, 400 / 1920, 900 / 1080)),
        pytest.approx((1200 / 1920, 100 / 1080, 1500 / 1920, 900 / 1080)),
    ]
    in_thousandths = [[28, 20, 52, 90], [400, 200, 600, 900]]
    assert read(in_thousandths)[0] == pytest.approx((0.028, 0.02, 0.052, 0.09))
    in_shares = [[0, 0, 1, 1], [0.5, 0.25, 0.75, 0.5]]
    assert read(in_shares) == [(0, 0, 1, 1), (0.5, 0.25, 0.75, 0.5)]


def test_boxes_of_one_answer_settle_each_others_order() -> None:
    # The second cannot be [x, y, width, height], so the first has its corners swapped.
    assert read([[600, 200, 150, 700], [500, 200, 900, 800]]) == [
        pytest.approx((0.15, 0.2, 0.6, 0.7)),
        pytest.approx((0.5, 0.2, 0.9, 0.8)),
    ]
    # Each can: then both are in doubt, also the one that looks well.
    assert all(isinstance(one, str) for one in read([[600, 200, 150, 700], [100, 200, 300, 600]]))


def test_a_unit_of_its_own_is_not_taken_for_that_of_the_others() -> None:
    small, good = read([[0.28, 0.2, 0.52, 0.9], [100, 200, 500, 900]])
    assert small == "has no area inside the picture, in thousandths"
    assert good == pytest.approx((0.1, 0.2, 0.5, 0.9))


def test_boxes_that_fit_no_common_unit_are_all_in_doubt() -> None:
    # 900 rows are too many for pixels of 1280 x 720, 1200 too many for thousandths.
    said = read([[100, 200, 500, 900], [1100, 100, 1200, 700]], (1280, 720))
    assert all("is in no certain unit" in str(one) for one in said)


@pytest.mark.parametrize("spoilt", [None, "x", [0, 0, 0, 0], [1, 2, math.nan, 4], [-500, 0, 9, 9]])
def test_a_box_that_is_none_says_nothing_about_the_others(spoilt: Any) -> None:
    assert read([spoilt, [100, 200, 500, 900]])[1] == pytest.approx((0.1, 0.2, 0.5, 0.9))


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        ([0, 0, 1000, 1000], (0, 0, 1, 1)),
        ([-10, 0, 500, 1000], (0, 0, 0.5, 1)),
        ([900, 900, 1001.5, 1010], (0.9, 0.9, 1, 1)),
        ([0.5, -0.01, 1.01, 0.5], (0.5, 0, 1, 0.5)),
    ],
)
def test_a_box_may_leave_the_picture_by_a_hundredth(box: list[float], inside: Corners) -> None:
    assert one_box(box, SMALL) == pytest.approx(inside)


@pytest.mark.parametrize(
    ("value", "share"),
    [
        (0, 0), (1, 1), (0.9, 0.9), ("0.9", 0.9), ("90%", 0.9), ("100 %", 1), (95, None),
        ("high", None), (True, None), (None, None), (math.nan, None), (-0.1, None), ("101%", None),
        ([0.9], None), (1.001, None),
    ],
)  # fmt: skip
def test_a_confidence_is_a_share_or_has_a_percent_sign(value: Any, share: float | None) -> None:
    assert read_share(value) == share


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
four = st.lists(st.integers(-50, 2_100) | st.floats(-2, 120), min_size=4, max_size=4)


@settings(max_examples=200)
@given(st.lists(four | anything, max_size=5), st.sampled_from([None, FULL_HD, SMALL]))
def test_whatever_is_given_each_box_is_inside_the_picture_or_has_a_reason(
    values: list[Any], picture: Size | None
) -> None:
    found = read_boxes(values, picture)
    assert len(found) == len(values)
    for one in found:
        if isinstance(one, Box):
            assert 0 <= one.x < one.right <= 1 + 1e-9
            assert 0 <= one.y < one.bottom <= 1 + 1e-9
        else:
            assert str(one).isascii()


def spelled(true: Corners, unit: str, picture: Size, chance: random.Random) -> Any:
    """A box as a model gives it that answers in this unit."""
    left, top, right, bottom = true
    width, height = picture
    match unit:
        case "thousandths":
            return [round(value * 1000) for value in true]
        case "shares":
            return [round(value, 3) for value in true]
        case "percentages":
            return [round(value * 100, 1) for value in true]
        case "signs":
            return [f"{value * 100:.1f}%" for value in true]
        case "named":
            sides = {"x": left, "y": top, "w": right - left, "h": bottom - top}
            return {name: round(value * 1000) for name, value in sides.items()}
        case "rows first":
            return [round(v) for v in (top * height, left * width, bottom * height, right * width)]
        case "swapped":
            other = [right, top, left, bottom] if chance.random() < 0.5 else [*true[2:], *true[:2]]
            return [round(value * 1000) for value in other]
    return [round(v) for v in (left * width, top * height, right * width, bottom * height)]


@pytest.mark.parametrize(
    ("unit", "least_read"),
    [
        ("thousandths", 0.99), ("shares", 0.99), ("percentages", 0.99), ("signs", 0.99),
        ("named", 0.99), ("pixels", 0.9), ("rows first", 0.1), ("swapped", 0.5),
    ],
)  # fmt: skip
def test_an_answer_in_any_unit_gives_the_true_boxes_or_none(unit: str, least_read: float) -> None:
    chance = random.Random(unit)
    read = total = 0
    while total < 600:
        truth = []
        for _ in range(chance.randrange(1, 4)):
            left, top = chance.uniform(0, 0.9), chance.uniform(0, 0.9)
            right, bottom = chance.uniform(left + 0.05, 1), chance.uniform(top + 0.05, 1)
            truth.append((left, top, right, bottom))
        values = [spelled(true, unit, FULL_HD, chance) for true in truth]
        numbers = [number for value in values if isinstance(value, list) for number in value]
        if unit in ("pixels", "rows first") and max(numbers) <= 1010:
            continue  # nothing tells such an answer from one in thousandths
        total += 1
        found = read_boxes(values, FULL_HD)
        boxes = [one for one in found if isinstance(one, Box)]
        read += len(boxes) == len(truth)
        for one, true in zip(found, truth, strict=True):
            if isinstance(one, Box):
                assert corners(one) == pytest.approx(true, abs=0.006)
    assert read / total >= least_read
