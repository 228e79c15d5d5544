"""What changed between two datasets, on known ones."""

import pytest

from storyboard_ops.core.dataset import diff as dataset_diff
from storyboard_ops.core.dataset.diff import diff_datasets, diff_words
from storyboard_ops.domain.image_records import Box, ImageRecord
from tests.material import factories


def cut_anew(image: ImageRecord, name: str, **box: float) -> ImageRecord:
    """The picture with other bytes, perhaps from another box of the same frame."""
    sides = {"x": 0.3, "y": 0.2, "w": 0.3, "h": 0.7} | box
    found = image.crop.detection.model_copy(update={"box": Box(**sides)})
    crop = image.crop.model_copy(update={"detection": found})
    return image.model_copy(update={"image_id": factories.sha(name), "crop": crop})


def reworded(image: ImageRecord, text: str) -> ImageRecord:
    return image.model_copy(update={"caption": factories.caption(text)})


def ids(images) -> list[str]:
    return [image.image_id for image in images]


def test_equal_datasets_do_not_differ():
    images = [factories.image(k) for k in range(4)]
    diff = diff_datasets(images, images)
    assert (diff.changes, diff.unchanged) == (0, 4)


def test_a_picture_that_loses_its_caption_is_reported_as_recaptioned():
    worded = factories.image(1)
    bare = worded.model_copy(update={"caption": None})
    (pair,) = diff_datasets([worded], [bare]).recaptioned
    assert pair.before.caption_text == worded.caption.text
    assert pair.after.caption_text == ""


def test_every_kind_of_change_is_told_once():
    stays, goes, comes = (factories.image(k) for k in (1, 2, 3))
    cut, renamed, worded = (factories.image(k) for k in (4, 5, 6))
    again = cut_anew(cut, "cut anew")
    theirs = renamed.model_copy(update={"character": "bram"})
    other = reworded(worded, "Mira sails")
    diff = diff_datasets([stays, goes, cut, renamed, worded], [comes, stays, again, theirs, other])
    assert ids(diff.added) == [comes.image_id]
    assert ids(diff.removed) == [goes.image_id]
    assert [(p.before, p.after) for p in diff.recropped] == [(cut, again)]
    assert [(p.before, p.after) for p in diff.reassigned] == [(renamed, theirs)]
    assert [(p.before, p.after) for p in diff.recaptioned] == [(worded, other)]
    assert (diff.changes, diff.unchanged) == (5, 1)


def test_what_was_dropped_is_not_in_a_dataset():
    diff = diff_datasets([factories.image(1)], [factories.rejected(1)])
    assert (len(diff.removed), len(diff.added)) == (1, 0)


def test_another_box_of_the_same_frame_is_another_picture():
    left, right = factories.image(1), cut_anew(factories.image(1), "right", x=0.65)
    diff = diff_datasets([left], [right])
    assert (ids(diff.removed), ids(diff.added)) == ([left.image_id], [right.image_id])


def test_of_two_pictures_in_a_frame_the_one_that_overlaps_most_is_the_same():
    before = factories.image(1)
    near, far = (cut_anew(before, name, x=x) for name, x in (("near", 0.32), ("far", 0.42)))
    diff = diff_datasets([before], [far, near])
    assert [pair.after for pair in diff.recropped] == [near]
    assert ids(diff.added) == [far.image_id]


def test_changes_come_in_the_order_of_the_film():
    images = [factories.image(k) for k in (9, 2, 5)]
    diff = diff_datasets([], images)
    assert [image.frame.k for image in diff.added] == [2, 5, 9]


def test_a_changed_caption_is_told_word_by_word():
    told = diff_words("Mira waits alone at night", "Mira waits by the sea at night")
    assert told == (
        ("same", "Mira waits"),
        ("out", "alone"),
        ("in", "by the sea"),
        ("same", "at night"),
    )
    assert diff_words("", "new") == (("in", "new"),)
    assert diff_words("old", "") == (("out", "old"),)
    assert diff_words("Mira waits alone", "Mira waits") == (
        ("same", "Mira waits"),
        ("out", "alone"),
    )
    assert diff_words("waits", "Mira waits") == (("in", "Mira"), ("same", "waits"))


@pytest.mark.parametrize(
    ("x", "same"), [(0.3 + 0.3 * 53 / 100, True), (0.3 + 0.3 * 54 / 100, False)]
)
def test_boxes_that_share_three_tenths_are_the_same_picture(x: float, same: bool):
    """Moved by 53 hundredths of its width a box shares 47 of 153 with itself, by 54 46 of 154."""
    before = factories.image(1)
    diff = diff_datasets([before], [cut_anew(before, "moved", x=x)])
    assert (len(diff.recropped), len(diff.added)) == ((1, 0) if same else (0, 1))


@pytest.mark.parametrize(("bound", "same"), [(1 / 3, 1), (0.34, 0)])
def test_exactly_the_overlap_that_it_takes(monkeypatch, bound: float, same: int):
    before = cut_anew(factories.image(1), "left", x=0, y=0, w=0.5, h=1)
    after = cut_anew(factories.image(1), "middle", x=0.25, y=0, w=0.5, h=1)
    monkeypatch.setattr(dataset_diff, "SAME_BOX", bound)
    assert len(diff_datasets([before], [after]).recropped) == same


def test_boxes_apart_in_either_direction_are_others():
    before = cut_anew(factories.image(1), "corner", x=0, y=0, w=0.4, h=0.4)
    for name, place in (("beside", {"x": 0.5, "y": 0}), ("below", {"x": 0, "y": 0.5})):
        after = cut_anew(factories.image(1), name, w=0.4, h=0.4, **place)
        assert diff_datasets([before], [after]).recropped == ()


def test_each_picture_is_paired_once():
    one = cut_anew(factories.image(1), "one")
    two = cut_anew(factories.image(1), "two", x=0.31)
    after = cut_anew(factories.image(1), "after", x=0.32)
    diff = diff_datasets([one, two], [after])
    assert [(pair.before, pair.after) for pair in diff.recropped] == [(two, after)]
    assert ids(diff.removed) == [one.image_id]
