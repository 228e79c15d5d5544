"""Reference pictures go one by one while they fit, and as one sheet per character otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from storyboard_ops.core.detection.reference_pictures import (
    FRAME,
    GUTTER,
    LABEL_HEIGHT,
    bytes_for_frame,
    draw_sheet,
    reference_pictures,
)
from storyboard_ops.core.pictures.codec import decode_rgb, encode_png, model_jpeg, picture_size
from storyboard_ops.domain.error_tree import SettingsError
from tests.material.factories import noise, picture
from tests.material.model_limits import NOVA_2_LITE, converse_limits

PNG = encode_png(picture(1, 600, 300))
SMALL = encode_png(picture(2, 64, 64))


def cast(*counts: int) -> dict[str, list[bytes]]:
    """Characters a, b, … with this many pictures each."""
    return {chr(97 + n): [SMALL] * count for n, count in enumerate(counts)}


def sent(shown: Mapping[str, Sequence[bytes]], pictures: int) -> list[tuple[str, bool]]:
    """Character and kind of what a model is sent that accepts this many pictures."""
    limits = converse_limits(pictures=pictures)
    return [(one.character, one.is_sheet) for one in reference_pictures(shown, limits)]


def test_a_picture_by_itself_is_a_jpeg_of_512_pixels() -> None:
    (one,) = reference_pictures({"a": [PNG]}, converse_limits())
    assert one.picture == model_jpeg(PNG, 512)
    assert not one.is_sheet


def test_pictures_are_sent_one_by_one_while_they_fit_beside_the_frame() -> None:
    assert sent(cast(2, 1, 1), pictures=5) == [("a", False)] * 2 + [("b", False), ("c", False)]
    assert sent(cast(2, 1, 1), pictures=4) == [("a", True), ("b", False), ("c", False)]


def test_a_character_without_pictures_takes_no_place() -> None:
    assert sent(cast(2, 0, 2), pictures=3) == [("a", True), ("c", True)]
    assert sent({}, pictures=1) == []


def test_more_characters_than_pictures_are_refused_with_number_limit_and_remedy() -> None:
    assert len(sent(cast(1, 9, 1, 1), pictures=5)) == 4
    with pytest.raises(SettingsError) as refused:
        reference_pictures(cast(1, 9, 1, 1, 1), converse_limits(NOVA_2_LITE))
    assert str(refused.value) == (
        "A detection shows at least 6 pictures: one of each of a, b, c, d, e, and the frame. "
        "amazon.nova-2-lite-v1:0 accepts at most 5 in a request. Set detection_model_id to a "
        "model that accepts more, or list fewer characters in the production file."
    )


def test_a_sheet_has_the_pictures_row_by_row_in_frames_below_the_name() -> None:
    colours = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]
    cells = [np.full((30, 60, 3), colour, np.uint8) for colour in colours]
    sheet = draw_sheet("mira", cells)
    width, height = 60 + 2 * FRAME + GUTTER, 30 + 2 * FRAME + GUTTER
    assert sheet.shape == (LABEL_HEIGHT + 2 * height, GUTTER + 2 * width, 3)
    for number, colour in enumerate(colours):
        x = GUTTER + FRAME + width * (number % 2)
        y = LABEL_HEIGHT + FRAME + height * (number // 2)
        assert (sheet[y : y + 30, x : x + 60] == colour).all()
    assert sheet[:LABEL_HEIGHT].min() < 64  # the name
    assert (sheet[-height:, -width:] == 255).all()  # nothing in the fourth place


def test_equal_pictures_give_a_sheet_of_equal_bytes() -> None:
    limits = converse_limits(pictures=2)
    first, again = (reference_pictures({"a": [PNG, SMALL]}, limits)[0] for _ in range(2))
    assert first == again
    assert decode_rgb(first.picture).shape == (
        LABEL_HEIGHT + 256 + 2 * FRAME + GUTTER,
        512 + 64 + 4 * FRAME + 3 * GUTTER,
        3,
    )


@pytest.mark.parametrize("width", [64, 512])
def test_the_longest_id_fits_above_the_smallest_pictures(width: int) -> None:
    label = draw_sheet("m" * 40, [np.full((64, width, 3), 9, np.uint8)] * 2)[:LABEL_HEIGHT]
    assert (label[:, -GUTTER + 2 :] == 255).all()


def test_a_sheet_stays_within_pixels_and_bytes_and_leaves_the_frame_a_picture() -> None:
    shown = {name: [noise(512, 512)] * 4 for name in "abcd"}
    limits = converse_limits(NOVA_2_LITE)
    sheets = reference_pictures(shown, limits)
    assert [one.is_sheet for one in sheets] == [True] * 4
    assert all(len(one.picture) <= limits.picture_bytes for one in sheets)
    left = bytes_for_frame(sheets, limits)
    assert left == limits.picture_bytes
    payload = sum(4 * -(-len(one.picture) // 3) for one in sheets) + 4 * -(-left // 3)
    assert payload <= limits.request_bytes


@pytest.mark.parametrize(
    "changes", [{"side_px": (1, 600)}, {"picture_bytes": 90_000}, {"request_bytes": 300_000}]
)
def test_a_tighter_limit_makes_the_pictures_of_a_sheet_smaller(changes: dict[str, object]) -> None:
    limits = converse_limits(pictures=2, **changes)
    (sheet,) = reference_pictures({"a": [noise(512, 512)] * 4}, limits)
    assert max(picture_size(sheet.picture)) <= limits.side_px[1]
    assert len(sheet.picture) <= limits.picture_bytes
    assert len(sheet.picture) + bytes_for_frame([sheet], limits) <= limits.total_picture_bytes


def test_pictures_that_would_be_too_small_to_see_anybody_are_refused() -> None:
    limits = converse_limits(pictures=2, picture_bytes=2_000)
    with pytest.raises(
        SettingsError, match="The 4 reference pictures of 'a' do not fit into 2,000"
    ):
        reference_pictures({"a": [noise(512, 512)] * 4}, limits)
