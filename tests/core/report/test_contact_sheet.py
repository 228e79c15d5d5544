"""Which pictures and pairs the report shows, and that a thumbnail keeps its bound."""

import io
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from storyboard_ops.core.pictures.codec import encode_png
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
    finding_cards,
    image_card,
    pair_views,
    shown_panels,
    thumbnail,
    wanted_pictures,
)
from storyboard_ops.core.report.facts.row_tallies import PictureTally
from storyboard_ops.core.report.threshold_pairs import SHOWN, threshold_pairs
from storyboard_ops.core.storyboard.board import arrange_board
from storyboard_ops.domain.error_tree import BadInput
from storyboard_ops.domain.image_records import (
    REASONS,
    Box,
    CropDrop,
    Drop,
    DuplicateFacts,
    FrameDetections,
    ImageRecord,
)
from tests.material import factories, reports


def decode(encoded: bytes) -> NDArray[np.uint8]:
    """Decode a thumbnail, which is WebP, to (H, W, 3) RGB."""
    return np.asarray(Image.open(io.BytesIO(encoded)).convert("RGB"))


@pytest.mark.parametrize(
    ("count", "most", "chosen"),
    [(3, 5, [0, 1, 2]), (9, 3, [0, 4, 8]), (10, 1, [0]), (0, 4, []), (5, 0, [])],
)
def test_evenly_spreads_over_the_whole(count, most, chosen):
    assert list(evenly(range(count), most)) == chosen


def test_sheets_show_kept_pictures_in_film_order_and_count_the_rest():
    images = tuple(factories.image(k, "mira") for k in reversed(range(100)))
    sheets = {s.character: s for s in contact_sheets(reports.report_facts(images=images))}
    mira = sheets["mira"]
    assert (mira.total, len(mira.cards), mira.more) == (100, 48, 52)
    places = [card.place for card in mira.cards]
    assert places == sorted(places)
    assert (places[0], places[-1]) == ("00:00:00.000", "00:01:39.000")
    assert (sheets["bram"].total, sheets["bram"].cards) == (0, ())


def test_with_several_films_a_place_names_its_film():
    other = f"{factories.WORKSPACE}/videos/second.mp4"
    facts = reports.report_facts(
        settings=factories.settings(videos=[factories.VIDEO_URI, other]),
        images=(factories.image(5, frame=factories.frame(5, uri=other)),),
    )
    assert contact_sheets(facts)[0].cards[0].place == "second.mp4 00:00:05.000"


def test_drops_are_grouped_by_stage_and_commonest_reason():
    groups = [(g.stage, g.reason, g.total) for g in drop_groups(reports.report_facts())]
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
    group = drop_groups(reports.report_facts(frames=None, crop_drops=None, images=images))[0]
    assert (len(group.cards), group.more) == (MOST_EXAMPLES, 44)


def test_a_detection_that_gave_no_picture_is_outlined_in_its_frame():
    groups = {g.reason: g for g in drop_groups(reports.report_facts())}
    picture = groups["unsure"].cards[0].picture
    assert picture is not None
    assert picture.box == factories.detection().box
    assert picture.uri.endswith("000052.jpg")


def test_frames_that_were_not_stored_are_not_wished_for():
    facts = reports.report_facts()
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
    shown = decode(webp)
    assert shown.shape == (120, 240, 3)
    assert np.abs(shown[60, 60].astype(int) - OUTLINE).max() < 40
    assert shown[60, 120].max() < 40


def test_bytes_that_are_no_picture_are_refused():
    with pytest.raises(BadInput, match="3 bytes are not a readable picture"):
        thumbnail(b"abc", ShownPicture("k", "s3://b/k", ""))


@pytest.mark.parametrize(
    ("most", "chosen"), [(2, [0, 9]), (4, [0, 3, 6, 9]), (9, [0, 1, 2, 3, 4, 6, 7, 8, 9])]
)
def test_the_first_and_the_last_are_among_the_chosen(most, chosen):
    assert list(evenly(range(10), most)) == chosen


@pytest.mark.parametrize(("cast", "shown"), [(3, 48), (8, 45), (9, 40)])
def test_all_characters_together_show_360_cards(cast, shown):
    ids = [f"c{n}" for n in range(cast)]
    characters = [
        {"id": one, "name": one.upper(), "description": "a figure", "references": [f"{one}.png"]}
        for one in ids
    ]
    scene = {"scene": "S", "panels": [{"description": "C0 waits.", "characters": ["c0"]}]}
    sheet = factories.production(characters=characters, storyboard=[scene])
    images = tuple(factories.image(k, "c0") for k in range(60))
    facts = reports.report_facts(production=sheet, images=images)
    assert len(contact_sheets(facts)[0].cards) == shown


def test_of_the_rarest_reasons_beyond_the_24th_no_example_is_shown():
    drops = [
        Drop(stage=stage, reason=reason) for stage, reasons in REASONS.items() for reason in reasons
    ]
    images = tuple(
        factories.rejected(k).model_copy(update={"dropped": drop}) for k, drop in enumerate(drops)
    )
    groups = drop_groups(reports.report_facts(frames=None, crop_drops=None, images=images))
    assert len(groups) > 24
    assert [len(group.cards) for group in groups] == [1] * 24 + [0] * (len(groups) - 24)


def test_every_picture_that_the_page_shows_is_wanted():
    facts = reports.report_facts()
    board = arrange_board(facts.panels)
    cards = [card for sheet in contact_sheets(facts) for card in sheet.cards]
    cards += [card for group in drop_groups(facts) for card in group.cards]
    cards += finding_cards(facts)
    shown = {one.key for card in cards for one in (card.picture, card.beside) if one}
    shown |= {panel.sha256 for panel in facts.panels if panel.sha256}
    shown |= {one.key for pair in pair_views(facts) for one in (pair.picture, pair.better)}
    assert {picture.key for picture in wanted_pictures(facts, board)} == shown


def test_at_most_24_pictures_with_findings_are_shown():
    faulty = factories.caption("Mira", "too short: 4 characters")
    images = tuple(factories.image(k, caption=faulty) for k in range(25))
    assert len(finding_cards(reports.report_facts(images=images))) == 24


def test_the_first_72_panels_are_shown():
    board = arrange_board([factories.panel(n) for n in range(1, 75)])
    assert [placed.panel.number for placed in shown_panels(board)] == list(range(1, 73))


def test_an_outline_is_two_pixels_around_the_box():
    """Corners of half a picture of 240 x 120 px: 60, 30 to 179, 89."""
    png = encode_png(np.full((120, 240, 3), 20, np.uint8))
    box = Box(x=0.25, y=0.25, w=0.5, h=0.5)
    shown = decode(thumbnail(png, ShownPicture("k", "s3://b/k", "", most_bytes=10**6, box=box)))
    bright = shown[..., 0] > 150
    rows, columns = np.nonzero(bright)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (29, 90, 59, 180)
    assert not bright[34:86, 64:176].any()


def test_a_picture_is_marked_as_enlarged_from_a_hundredth_on():
    def marks(enlargement: float) -> tuple[str, ...]:
        image = factories.image(4)
        crop = image.crop.model_copy(update={"enlargement": enlargement})
        return image_card(reports.report_facts(), image.model_copy(update={"crop": crop})).marks

    assert marks(1.004) == marks(0.8) == ()
    assert marks(1.006) == ("enlarged ×1.01",)


def test_every_kind_of_drop_says_what_and_where():
    frames = (
        factories.frame(1),
        factories.frame(2, Drop(stage="sample", reason="black", score=0.0312)),
    )
    busy = FrameDetections(frame=frames[0], failure="the service was busy")
    small = Drop(stage="crop", reason="too small", detail="would need ×3.1")
    crops = (
        CropDrop(frame=frames[0], detection=factories.detection("pip"), drop=small),
        CropDrop(frame=frames[0], detection=factories.detection(None), drop=small),
    )
    double = factories.near_duplicate(40)
    kept = factories.image(13)
    facts = reports.report_facts(
        frames=frames, detections=(busy,), crop_drops=crops, images=(kept, double)
    )
    cards = {group.reason: group.cards for group in drop_groups(facts)}
    (black,), (unseen,) = cards["black"], cards["not examined"]
    assert (black.picture, black.place, black.facts) == (None, "00:00:02.000", ("score 0.0312",))
    assert (unseen.text, unseen.place, unseen.facts) == ("the service was busy", "00:00:01.000", ())
    assert unseen.picture is not None
    assert (unseen.picture.alt, unseen.picture.box) == ("Frame at 00:00:01.000", None)
    assert [(card.text, card.facts) for card in cards["too small"]] == [
        ("would need ×3.1", ("Pip", "confidence 0.90")),
        ("would need ×3.1", ("Person", "confidence 0.90")),
    ]
    (alike,) = cards["near-duplicate"]
    assert alike.facts == ("Mira", "score 0.96")
    assert alike.beside is not None
    assert alike.beside.key == kept.image_id


def test_cards_and_panels_have_their_sizes():
    facts = reports.report_facts()
    sides = {p.side: p.most_bytes for p in wanted_pictures(facts, arrange_board(facts.panels))}
    assert sides == {240: 12_000, 480: 30_000}
    assert decode(thumbnail(factories.noise(1280, 720), ShownPicture("k", "", ""))).shape[1] <= 240


def test_quality_gives_way_in_four_steps_and_then_size_by_quarters():
    png = factories.noise(64, 48)
    bgr = decode(png)[..., ::-1]
    webp = [
        cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()
        for quality in (80, 65, 45, 25)
    ]
    for most, expected in ((len(webp[0]), webp[0]), *((len(a) - 1, b) for a, b in pairwise(webp))):
        assert thumbnail(png, ShownPicture("k", "s3://b/k", "", most_bytes=most)) == expected
    smaller = thumbnail(png, ShownPicture("k", "s3://b/k", "", most_bytes=len(webp[3]) - 1))
    assert decode(smaller).shape == (36, 48, 3)


def test_a_picture_that_was_compared_with_none_is_shown_alone():
    dropped = factories.rejected(50).model_copy(update={"duplicate": None})
    facts = reports.report_facts(frames=None, crop_drops=None, images=(dropped,))
    (card,) = drop_groups(facts)[0].cards
    assert (card.beside, card.text, card.facts) == (None, "wrong character", ("Mira",))


BEST = factories.image(1, duplicate=DuplicateFacts(model_id="titan"))


def like(k: int, similarity: float, model_id: str = "titan", nearest: str = "") -> ImageRecord:
    facts = DuplicateFacts(
        model_id=model_id, nearest=nearest or BEST.image_id, similarity=similarity
    )
    return factories.image(k, duplicate=facts)


def similarities_shown(*images: ImageRecord) -> list[float]:
    return [pair.similarity for pair in threshold_pairs(PictureTally.of((BEST, *images)), 0.92)]


def test_pairs_on_both_sides_come_by_rising_similarity() -> None:
    assert similarities_shown(like(2, 0.95), like(3, 0.9), like(4, 0.92)) == [0.9, 0.92, 0.95]
    (pair,) = threshold_pairs(PictureTally.of((BEST, like(2, 0.95))), 0.92)
    assert (pair.image.image_id, pair.better) == (factories.image(2).image_id, BEST)


def test_of_many_pairs_some_are_shown_spread_over_what_lies_in_reach() -> None:
    many = [like(k, round(0.81 + k * 0.0011, 4)) for k in range(2, 101)]  # every 0.0011 to 0.92
    pairs = similarities_shown(*many)
    assert len([one for one in pairs if one < 0.92]) == SHOWN
    assert (pairs[0], pairs[SHOWN - 1], pairs[SHOWN]) == (0.8122, 0.9189, 0.92)


def test_what_says_nothing_about_the_threshold_is_left_out() -> None:
    far, copy, gone = like(2, 0.7), like(3, 0.97, "picture_hash"), like(4, 0.95, nearest="f" * 64)
    assert similarities_shown(far, copy, gone) == []


def test_no_pictures_have_no_pairs() -> None:
    assert threshold_pairs(PictureTally(), 0.92) == ()


def test_pairs_within_exactly_the_reach_are_shown() -> None:
    near = like(2, 0.62), like(3, 0.38), like(4, 0.621), like(5, 0.379)
    found = [pair.similarity for pair in threshold_pairs(PictureTally.of((BEST, *near)), 0.5)]
    assert found == [0.38, 0.62]
