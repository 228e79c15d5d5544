"""What changed between two datasets, on known ones."""

from storyboard_ops.core.dataset.diff import diff_datasets, diff_words
from storyboard_ops.domain.image_records import Box, ImageRecord
from tests import factories


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
