"""The lineage of every picture as a table that spreadsheet programs open."""

import csv
import io

import pytest

from storyboard_ops.core.dataset.lineage import COLUMNS, lineage_table
from storyboard_ops.core.dataset.split import DatasetSplit
from storyboard_ops.domain.image_records import ImageRecord
from tests.material import factories


def table(*images: ImageRecord, evaluation: tuple[str, ...] = ()) -> list[dict[str, str]]:
    kept = [image.image_id for image in images if image.kept]
    training = tuple(image_id for image_id in kept if image_id not in evaluation)
    body = lineage_table(images, DatasetSplit(training=training, evaluation=evaluation))
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_a_row_says_where_its_picture_comes_from():
    (row,) = table(factories.image(12))
    assert row["file"] == f"images/mira_{factories.sha('image', 'mira', 12)[:12]}.png"
    assert (row["pts"], row["time_base"], row["timecode"]) == ("153600", "1/12800", "00:00:12.000")
    assert (row["video_uri"], row["video_version"]) == (factories.VIDEO_URI, "9b2cf5")
    assert row["frame_sha256"] == factories.sha(factories.VIDEO_URI, 12)
    assert [row[f"box_{side}"] for side in "xywh"] == ["0.3", "0.2", "0.3", "0.7"]
    assert (row["detector"], row["detection_confidence"]) == ("multimodal", "0.64")
    assert (row["decision"], row["reviewer"]) == ("approve", "dana")
    assert row["reviewed_at"] == "2026-11-20T10:15:00+00:00"


def test_every_column_is_explained_and_filled_in_the_same_order():
    (row,) = table(factories.image(1))
    assert list(row) == list(COLUMNS)
    assert all(COLUMNS.values())


def test_an_edited_caption_shows_both_texts_and_who_wrote_the_second():
    edited = factories.caption("Mira waits by the sea").model_copy(
        update={"editor": "ben", "written": "Mira stands"}
    )
    (row,) = table(factories.image(1, caption=edited))
    assert (row["caption"], row["caption_before_edit"]) == ("Mira waits by the sea", "Mira stands")
    assert row["caption_editor"] == "ben"


def test_only_pictures_of_the_dataset_have_rows_and_doubles_are_counted():
    kept = factories.image(3, "mira")
    rows = table(kept, factories.near_duplicate(30), factories.rejected(5))
    assert [row["image_id"] for row in rows] == [kept.image_id]
    assert rows[0]["near_duplicates_left_out"] == "1"


def test_held_out_pictures_are_in_their_own_folder():
    first, second = factories.image(1), factories.image(2)
    rows = table(first, second, evaluation=(second.image_id,))
    assert [row["use"] for row in rows] == ["training", "evaluation"]
    assert rows[1]["file"].startswith("evaluation/")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('=HYPERLINK("http://192.0.2.1","Mira")', '\'=HYPERLINK("http://192.0.2.1","Mira")'),
        ("+1", "'+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("  =1", "'  =1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\u200b=1", "'\u200b=1"),
        ("\uff1d1", "'\uff1d1"),
        ("Mira;=1", "Mira;'=1"),
        ('Mira;"=1"', 'Mira;\'"=1"'),
        ("Mira;\n =1\t+2", "Mira;'\n' =1\t'+2"),
        ("Mira waits; Bram = 2 - 1 @ sea", "Mira waits; Bram = 2 - 1 @ sea"),
    ],
)
def test_no_spreadsheet_computes_a_caption(text, cell):
    (row,) = table(factories.image(1, caption=factories.caption(text)))
    assert row["caption"] == cell


def test_a_negative_number_stays_a_number():
    crop = factories.image(1).crop.model_copy(update={"left": -4})
    (row,) = table(factories.image(1, crop=crop))
    assert row["crop_left"] == "-4"


def test_what_is_not_known_of_a_picture_is_empty():
    (row,) = table(factories.image(1, duplicate=None, caption=None, review=None))
    empty = ("nearest_similarity", "embedding_model", "caption", "prompt", "decision", "reviewer")
    assert [row[name] for name in empty] == [""] * len(empty)
    assert row["near_duplicate_group"] == f"group {row['image_id'][:8]}"


def test_what_a_picture_was_compared_with_and_who_else_is_in_it():
    picture = factories.image(1)
    crop = picture.crop.model_copy(update={"overlap": {"bram": 0.5, "pip": 0.126}})
    alone = picture.duplicate.model_copy(update={"nearest": ""})
    first, second = table(
        picture.model_copy(update={"crop": crop}),
        factories.image(2, duplicate=alone),
    )
    assert first["embedding_model"] == second["embedding_model"] == "amazon.titan-embed-image-v1"
    assert first["nearest_similarity"] == str(picture.duplicate.similarity)
    assert second["nearest_similarity"] == ""
    assert first["others_inside"] == "bram 0.50, pip 0.13"
    assert (first["detected_as"], first["crop_left"], first["enlargement"]) == (
        "mira",
        "300",
        "1.0",
    )
