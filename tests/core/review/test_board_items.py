"""What the board shows of a picture: its shot, its neighbours, and why to look twice."""

from __future__ import annotations

import pytest

from storyboard_ops.core.review.board_items import board_items
from storyboard_ops.domain.image_records import Box, CropDrop, Drop, ImageRecord
from tests.material import factories


def items(images: list[ImageRecord], frames=()):
    return board_items(images, frames, factories.production(), lambda i: f"s3://t/{i.image_id}.jpg")


def test_pictures_come_by_character_film_and_time():
    shuffled = [factories.image(9), factories.image(2, "bram"), factories.image(1)]
    assert [(i.character, i.timecode) for i in items(shuffled)] == [
        ("bram", "00:00:02.000"),
        ("mira", "00:00:01.000"),
        ("mira", "00:00:09.000"),
    ]


def test_neighbours_are_the_two_stored_frames_before_and_after_in_the_same_shot():
    # Shots of the factory last four seconds: 8 to 11 are one.
    frames = [factories.frame(k) for k in range(4, 16)]
    (item,) = items([factories.image(10)], frames)
    assert [(n.timecode[-6:], n.own) for n in item.neighbours] == [
        ("08.000", False),
        ("09.000", False),
        ("10.000", True),
        ("11.000", False),
    ]


def test_a_dropped_frame_was_not_stored_and_is_not_shown():
    black = Drop(stage="sample", reason="black")
    frames = [factories.frame(8, dropped=black), factories.frame(9), factories.frame(10)]
    (item,) = items([factories.image(9)], frames)
    assert [n.timecode[-6:] for n in item.neighbours] == ["09.000", "10.000"]


def test_the_own_frame_says_where_the_picture_was_cut():
    (item,) = items([factories.image(9)])
    (own,) = item.neighbours
    assert own.box == (0.2344, 0.1389, 0.4, 0.8889)  # 300, 100, 512, 640 of 1280 x 720 px


def test_an_unsure_picture_is_a_question_to_the_reviewer():
    (item,) = items([factories.image(9, unsure="bram in the same place has 0.80")])
    assert (item.question, item.flags) == (True, ("unsure",))
    assert item.notes == ("Is it Mira? bram in the same place has 0.80.",)


def test_flags_carry_their_reason():
    record = factories.image(
        5,  # of the factory: enlarged by 40 %
        caption=factories.caption("Mira stands.", "2 words; 20 to 30 are wanted"),
    )
    detection = record.crop.detection.model_copy(update={"confidence": 0.61})
    crop = record.crop.model_copy(
        update={"head_cut": True, "overlap": {"bram": 0.7, "pip": 0.1}, "detection": detection}
    )
    (item,) = items([record.model_copy(update={"crop": crop})])
    assert dict(zip(item.flags, item.notes, strict=True)) == {
        "enlarged": "Enlarged by 40 %.",
        "head cut": "The detection touches the upper border: the head may be cut off.",
        "shared": "Bram is in the picture too.",
        "unsure": "The detector is 61 % sure.",
        "caption": "Caption: 2 words; 20 to 30 are wanted.",
    }


def test_a_clear_picture_has_no_flag():
    record = factories.image(4)
    sure = record.crop.detection.model_copy(update={"confidence": 0.9})
    crop = record.crop.model_copy(update={"detection": sure})
    (item,) = items([record.model_copy(update={"crop": crop})])
    assert item.flags == ()


def test_two_frames_before_and_two_after_are_shown():
    frames = [factories.frame(k, shot=0) for k in range(9)]
    (item,) = items([factories.image(4, frame=frames[4])], frames)
    assert [n.timecode[-6:-4] for n in item.neighbours] == ["02", "03", "04", "05", "06"]
    assert [n.box is not None for n in item.neighbours] == [False, False, True, False, False]


def flags(confidence: float = 0.9, enlargement: float = 1.0, **overlap: float) -> tuple[str, ...]:
    record = factories.image(4)
    seen = record.crop.detection.model_copy(update={"confidence": confidence})
    facts = {"detection": seen, "enlargement": enlargement, "overlap": overlap}
    (item,) = items([record.model_copy(update={"crop": record.crop.model_copy(update=facts)})])
    assert item.score == round(confidence, 3)
    return item.flags


def test_a_flag_begins_right_beyond_its_bound():
    assert flags(confidence=0.75) == ()
    assert flags(confidence=0.7496) == ("unsure",)
    assert flags(enlargement=0.9) == ()
    assert flags(enlargement=1.01) == ("enlarged",)
    assert flags(bram=0.19) == ()
    assert flags(bram=0.2) == ("shared",)


@pytest.mark.parametrize(("share", "note"), [(0.49, "A part of Bram"), (0.5, "Bram")])
def test_a_part_of_another_is_called_a_part(share, note):
    record = factories.image(4)
    crop = record.crop.model_copy(update={"overlap": {"bram": share}})
    (item,) = items([record.model_copy(update={"crop": crop})])
    assert f"{note} is in the picture too." in item.notes


@pytest.mark.parametrize(
    ("reason", "box", "is_seen"),
    [
        ("stranger", Box(x=0.45, y=0.3, w=0.1, h=0.3), True),
        ("nameless", Box(x=0.45, y=0.3, w=0.1, h=0.3), True),
        ("stranger", Box(x=0.9, y=0.3, w=0.1, h=0.3), False),
        ("same box", Box(x=0.45, y=0.3, w=0.1, h=0.3), False),
    ],
)
def test_people_whom_nobody_named_are_flagged_where_they_are_seen(reason, box, is_seen):
    record = factories.image(4)
    own = record.crop.detection.model_copy(update={"confidence": 0.9})
    crop = record.crop.model_copy(update={"detection": own, "left": 300, "width": 512})
    record = record.model_copy(update={"crop": crop})
    seen = factories.detection(None).model_copy(update={"box": box})
    drop = CropDrop(frame=record.frame, detection=seen, drop=Drop(stage="detect", reason=reason))
    (item,) = board_items(
        [record], [], factories.production(), lambda image: "s3://t/x.jpg", [drop]
    )
    assert ("shared" in item.flags) is is_seen
    assert ("Somebody who is not in the cast is in the picture too." in item.notes) is is_seen


def test_a_picture_without_a_caption_has_an_empty_one():
    (item,) = items([factories.image(4, caption=None)])
    assert (item.caption, item.question) == ("", False)


def test_a_picture_comes_with_its_caption_its_film_and_its_thumbnail():
    picture = factories.image(4)
    (item,) = items([picture])
    assert item.caption == "Mira holds a lantern on the quay while the tide comes in"
    assert (item.video, item.shot, item.width, item.height) == ("lantern-keepers.mp4", 1, 512, 640)
    assert (item.picture_uri, item.thumb_uri) == (picture.uri, f"s3://t/{picture.image_id}.jpg")


def test_a_score_is_shown_in_thousandths():
    picture = factories.image(4)
    detection = picture.crop.detection.model_copy(update={"confidence": 0.98765})
    crop = picture.crop.model_copy(update={"detection": detection})
    (item,) = items([picture.model_copy(update={"crop": crop})])
    assert item.score == 0.988
