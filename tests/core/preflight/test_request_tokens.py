"""The most tokens of a request: its texts, each reference picture as it is sent, and the frame."""

from __future__ import annotations

import pytest

from local_aws.services.bedrock_runtime.converse import count_picture_tokens
from storyboard_ops.core.detection.reference_pictures import reference_pictures
from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.core.preflight.request_tokens import (
    caption_tokens,
    detection_tokens,
    text_tokens,
)
from tests.material import factories
from tests.material.model_limits import NOVA_2_LITE, NOVA_PRO, converse_limits

PIXELS_PER_TOKEN = {NOVA_PRO: 650, NOVA_2_LITE: 785}  # as the endpoint counts


@pytest.mark.parametrize(
    ("size", "tokens"),
    [
        ((320, 180), 200 + 695),  # enlarged to 896 x 504
        ((895, 895), 200 + 1_236),
        ((896, 896), 200 + 1_236),
        ((897, 897), 200 + 1_238),
        ((1920, 1080), 200 + 3_191),
        ((4096, 2160), 200 + 13_612),
        ((4097, 2160), 200 + 13_606),  # sent with 4,096 x 2,159 px
        ((8192, 4320), 200 + 13_612),
    ],
)
def test_a_frame_is_counted_as_large_as_it_is_sent(size: tuple[int, int], tokens: int) -> None:
    limits = converse_limits()
    assert detection_tokens("", [], [size], limits) - detection_tokens(
        "", [], [(1, 1)], limits
    ) == tokens - (200 + 1_236)


@pytest.mark.parametrize("model_id", [NOVA_PRO, NOVA_2_LITE])
@pytest.mark.parametrize("size", [(320, 180), (896, 896), (1920, 1080), (900, 450), (4096, 2160)])
def test_no_picture_is_billed_above_its_count(model_id: str, size: tuple[int, int]) -> None:
    counted = converse_limits(model_id).picture_tokens.count(*size)
    width, height = size
    assert counted >= count_picture_tokens(height, width, PIXELS_PER_TOKEN[model_id])


def test_the_largest_frame_of_several_films_counts() -> None:
    limits = converse_limits()
    sizes = [(1280, 720), (1920, 1080), (640, 480)]
    assert detection_tokens("p", [], sizes, limits) == detection_tokens(
        "p", [], [(1920, 1080)], limits
    )


def test_each_reference_picture_adds_its_tokens_and_its_line() -> None:
    limits = converse_limits()
    png = encode_png(factories.picture(1, 512, 256))
    shown = reference_pictures({"mira": [png, png], "bram": [png]}, limits)
    alone = detection_tokens("p", [], [(1280, 720)], limits)
    more = detection_tokens("p", shown, [(1280, 720)], limits) - alone
    picture = 200 + 618  # counted as 896 x 448 px
    named = 2 * text_tokens("character: mira") + text_tokens("character: bram")
    in_the_tool = text_tokens('"mira","bram",')
    assert more == pytest.approx(3 * picture + named + in_the_tool, abs=1)


def test_a_sheet_is_counted_by_its_size() -> None:
    limits = converse_limits(NOVA_2_LITE, pictures=2)
    png = encode_png(factories.picture(1, 512, 512))
    (sheet,) = reference_pictures({"mira": [png] * 4}, limits)
    alone = detection_tokens("", [], [(896, 896)], limits)
    more = detection_tokens("", [sheet], [(896, 896)], limits) - alone
    side = 2 * (512 + 4) + 3 * 16  # px, and 24 more for the name
    assert side * (side + 24) / 780 < more < side * (side + 24) / 780 + 80


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("abc", 1), ("abcd", 2), ("提灯", 2), ("é", 1)]
)
def test_a_text_has_a_token_for_three_bytes(text: str, tokens: int) -> None:
    assert text_tokens(text) == tokens


def test_a_caption_counts_the_words_that_a_production_forbids() -> None:
    limits, words = converse_limits(), [f"forbidden-{n:03d}" for n in range(200)]
    few = caption_tokens("p", factories.production(), limits)
    many = caption_tokens("p", factories.production(forbidden_words=words), limits)
    assert many - few >= 200 * len("forbidden-000") / 3
    assert few > limits.picture_tokens.count(1024, 1024)
