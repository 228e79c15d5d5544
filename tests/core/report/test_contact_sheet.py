"""Which pictures the report shows, and that a thumbnail keeps its bound."""

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import decode_rgb, encode_png
from storyboard_ops.core.report.contact_sheet import (
    CARD_BYTES,
    CARD_SIDE,
    MOST_EXAMPLES,
    OUTLINE,
    PANEL_BYTES,
    PANEL_SIDE,
    ShownPicture,
    contact_sheets,
    drop_groups,
    evenly,
    thumbnail,
    wanted_pictures,
)
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.image_records import Box
from tests import factories


@pytest.mark.parametrize(
    ("count", "most", "chosen"),
    [(3, 5, [0, 1, 2]), (9, 3, [0, 4, 8]), (10, 1, [0]), (0, 4, []), (5, 0, [])],
)
def test_evenly_spreads_over_the_whole(count, most, chosen):
    assert list(evenly(range(count), most)) == chosen


def test_sheets_show_kept_pictures_in_film_order_and_count_the_rest():
    images = tuple(factories.image(k, "mira") for k in reversed(range(100)))
    sheets = {s.character: s for s in contact_sheets(factories.report_facts(images=images))}
    mira = sheets["mira"]
    assert (mira.total, len(mira.cards), mira.more) == (100, 48, 52)
    places = [card.place for card in mira.cards]
    assert places == sorted(places)
    assert (places[0], places[-1]) == ("00:00:00.000", "00:01:39.000")
    assert (sheets["bram"].total, sheets["bram"].cards) == (0, ())


def test_with_several_films_a_place_names_its_film():
    other = f"{factories.WORKSPACE}/videos/second.mp4"
    facts = factories.report_facts(
        settings=factories.settings(videos=[factories.VIDEO_URI, other]),
        images=(factories.image(5, frame=factories.frame(5, uri=other)),),
    )
    assert contact_sheets(facts)[0].cards[0].place == "second.mp4 00:00:05.000"


def test_drops_are_grouped_by_stage_and_commonest_reason():
    groups = [(g.stage, g.reason, g.total) for g in drop_groups(factories.report_facts())]
    assert groups == [
        ("sample", "near-identical", 7),
        ("sample", "black", 3),
        ("sample", "blurred", 2),
        ("detect", "unsure", 1),
        ("crop", "too small", 2),
        ("duplicate", "near-duplicate", 6),
        ("review", "rejected", 3),
    ]


def test_a_group_shows_at_most_six_examples():
    images = tuple(factories.rejected(k) for k in range(50))
    group = drop_groups(factories.report_facts(frames=None, crop_drops=None, images=images))[0]
    assert (len(group.cards), group.more) == (MOST_EXAMPLES, 44)


def test_a_detection_that_gave_no_picture_is_outlined_in_its_frame():
    groups = {g.reason: g for g in drop_groups(factories.report_facts())}
    picture = groups["unsure"].cards[0].picture
    assert picture is not None
    assert picture.box == factories.detection().box
    assert picture.uri.endswith("000052.jpg")


def test_frames_that_were_not_stored_are_not_wished_for():
    facts = factories.report_facts()
    wanted = wanted_pictures(facts, arrange_board(facts.panels or ()))
    assert all(picture.uri for picture in wanted)
    assert len({picture.key for picture in wanted}) == len(wanted)


@pytest.mark.parametrize(("side", "most"), [(CARD_SIDE, CARD_BYTES), (PANEL_SIDE, PANEL_BYTES)])
def test_even_noise_fits_its_bytes(side, most):
    webp = thumbnail(factories.noise(1280, 720), ShownPicture("k", "s3://b/k", "", side, most))
    assert len(webp) <= most
    assert webp[8:12] == b"WEBP"


def test_a_thumbnail_keeps_proportions_and_its_outline():
    png = encode_png(np.full((400, 800, 3), 20, np.uint8))
    box = Box(x=0.25, y=0.25, w=0.5, h=0.5)
    webp = thumbnail(png, ShownPicture("k", "s3://b/k", "", box=box))
    shown = decode_rgb(webp)
    assert shown.shape == (120, 240, 3)
    assert np.abs(shown[60, 60].astype(int) - OUTLINE).max() < 40
    assert shown[60, 120].max() < 40


def test_bytes_that_are_no_picture_are_refused():
    with pytest.raises(BadInput, match="3 bytes are not a readable picture"):
        thumbnail(b"abc", ShownPicture("k", "s3://b/k", ""))
