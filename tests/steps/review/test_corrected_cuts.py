"""A reviewer corrects a crop: exactly that picture changes, and its lineage says how."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest

from storyboard_ops.core.pictures.codec import decode_rgb, encode_jpeg, encode_png
from storyboard_ops.domain.error_tree import ReviewRefused
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import HumanLoop
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.dataset.publish_dataset import publish_dataset
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.desk import ReviewDesk, open_desk_of_run
from storyboard_ops.steps.review.open_review import open_review
from tests.films.tiny_film import tiny_production
from tests.material import factories
from tests.steps.review.test_desk import ESTIMATE, batch, finish
from tests.studio.human_answers import answer, approved
from tests.studio.studio_fixture import Studio

PICTURES = 7
#: Left, top, width and height.
BEFORE, AFTER = "300,60,512,640", "620,40,560,600"


class Run:
    """A run whose pictures are cut from frames in the bucket, opened for review."""

    def __init__(self, studio: Studio, key: str, **params: Any) -> None:
        self.tools = studio.tools(run_key=key, production=tiny_production(studio), **params)
        write_run(
            self.tools,
            load_production(self.tools.objects, self.tools.settings.production),
            ESTIMATE,
        )
        self.images = [self._stored(k) for k in range(PICTURES)]
        self.candidates = self.tools.manifests.commit(
            self.tools.run_root / "dataset/candidates.jsonl", "images", "d", self.images
        )
        self.ref: ManifestRef = open_review(self.tools, self.candidates)

    def _stored(self, k: int) -> ImageRecord:
        pixels = factories.picture(k, 1280, 720)
        place = self.tools.workspace.root / f"library/v/s/{k:06d}.jpg"
        body = encode_jpeg(pixels)
        self.tools.objects.put(place, body, "image/jpeg")
        png = encode_png(decode_rgb(body)[60:700, 300:812])
        sha = sha256_hex(png)
        uri = self.tools.objects.put(self.tools.run_root / f"crops/{sha}.png", png, "image/png")
        frame = factories.frame(k).model_copy(update={"uri": str(place)})
        cut = factories.image(1).crop.model_copy(update={"top": 60})
        return factories.image(k, image_id=sha, uri=uri, frame=frame, crop=cut, review=None)

    @property
    def desk(self) -> ReviewDesk:
        return open_desk_of_run(self.tools)

    def number(self, image: ImageRecord) -> int:
        return [item.id for item in self.desk.board.items].index(image.image_id)

    def save(self, image: ImageRecord, reviewer: str, **decision: str) -> None:
        self.desk.save(reviewer, batch(self.desk, self.number(image), **decision))

    def reviewed(self) -> list[ImageRecord]:
        return list(self.tools.manifests.read(self.apply(), ImageRecord, "images").records)

    def apply(self) -> ManifestRef:
        return apply_review(self.tools, self.candidates, self.ref)

    def lineage(self) -> dict[str, dict[str, str]]:
        """The rows of lineage.csv, by the time of their frame."""
        publish_dataset(self.tools, self.apply())
        body = self.tools.objects.get(self.tools.run_root / "dataset/lineage.csv")
        rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
        return {row["timecode"]: row for row in rows}


@pytest.fixture
def run(studio: Studio) -> Run:
    """Ben corrects the crop of the second picture, and Ana approves all of them."""
    run = Run(studio, "run-1", review_desk="page")
    run.save(run.images[1], "ben", decision="open", cut=AFTER)
    for image in run.images:
        cut = AFTER if image is run.images[1] else ""
        run.save(image, "ana", cut=cut)
    run.desk.finish("ana", finish(run.desk))
    return run


def test_exactly_that_picture_changes(run: Run) -> None:
    reviewed = run.reviewed()
    changed = [new for old, new in zip(run.images, reviewed, strict=True) if new.uri != old.uri]
    (corrected,) = changed
    frame = decode_rgb(run.tools.objects.get(S3Uri.parse(run.images[1].frame.uri)))
    png = run.tools.objects.get(S3Uri.parse(corrected.uri))
    assert np.array_equal(decode_rgb(png), frame[40:640, 620:1180])
    assert corrected.image_id == sha256_hex(png)
    assert (corrected.width, corrected.height) == (560, 600)
    assert corrected.caption_text == run.images[1].caption_text
    assert corrected.duplicate == run.images[1].duplicate
    assert [image.model_copy(update={"review": None}) for image in reviewed] == [
        corrected.model_copy(update={"review": None}) if image is run.images[1] else image
        for image in run.images
    ]


def test_lineage_and_log_say_who_changed_which_box_to_which(run: Run) -> None:
    rows = run.lineage()
    assert len(rows) == len(run.images)
    row = rows.pop(run.images[1].frame.timecode)
    assert [row[f"crop_{side}"] for side in ("left", "top", "width", "height")] == AFTER.split(",")
    assert (row["crop_before"], row["crop_corrected_by"]) == (BEFORE, "ben")
    assert (row["image_id_before"], row["reviewer"]) == (run.images[1].image_id, "ana")
    assert row["file"].endswith(f"_{row['image_id'][:12]}.png")
    assert {other["crop_corrected_by"] for other in rows.values()} == {""}
    entries = [entry for entry in run.desk._log.entries() if entry.decisions]
    logged = [
        (entry.reviewer, one.cut_before, one.cut, one.cut_by)
        for entry in entries
        for one in entry.decisions
        if one.cut
    ]
    assert logged == [("ben", BEFORE, AFTER, "ben"), ("ana", "", AFTER, "ben")]


def test_a_correction_that_is_undone_changes_nothing(studio: Studio) -> None:
    run = Run(studio, "run-1", review_desk="page")
    run.save(run.images[1], "ben", cut=AFTER)
    run.save(run.images[1], "ben", cut="")
    for image in (run.images[0], *run.images[2:]):
        run.save(image, "ana")
    run.desk.finish("ana", finish(run.desk))
    assert [new.uri for new in run.reviewed()] == [old.uri for old in run.images]
    last = [one for entry in run.desk._log.entries() for one in entry.decisions if one.cut_before]
    assert [(one.cut_before, one.cut) for one in last] == [(BEFORE, AFTER), (AFTER, "")]


def test_a_rejected_picture_is_not_cut_and_a_useless_cut_is_refused(studio: Studio) -> None:
    run = Run(studio, "run-1", review_desk="page")
    with pytest.raises(ReviewRefused, match="The crop has 100 x 100 px; each side must be at le"):
        run.save(run.images[1], "ben", cut="0,0,100,100")
    with pytest.raises(ReviewRefused, match="not inside the frame of 1280 x 720 px"):
        run.save(run.images[1], "ben", cut="1000,0,600,600")
    run.save(run.images[1], "ben", decision="reject", reason="blurred", cut=AFTER)
    for image in (run.images[0], *run.images[2:]):
        run.save(image, "ana")
    run.desk.finish("ana", finish(run.desk))
    rejected = run.reviewed()[1]
    assert (rejected.image_id, rejected.crop.corrected) == (run.images[1].image_id, None)


def test_two_pictures_that_are_cut_alike_are_one(studio: Studio) -> None:
    run = Run(studio, "run-1", review_desk="page")
    twin = run.images[0].model_copy(update={"frame": run.images[1].frame})
    images = [twin, *run.images[1:]]
    run.candidates = run.tools.manifests.commit(
        run.tools.run_root / "dataset/candidates.jsonl", "images", "twins", images
    )
    run.ref = open_review(run.tools, run.candidates)
    for image in images:
        run.save(image, "ana", cut=BEFORE if image is twin else "")
    run.save(twin, "ana", cut=AFTER)
    run.save(images[1], "ana", cut=AFTER)
    run.desk.finish("ana", finish(run.desk))
    first, second, *_ = run.reviewed()
    assert first.kept
    assert second.dropped is not None
    assert (second.dropped.stage, second.dropped.reason) == ("review", "same picture")
    assert first.image_id == second.image_id


def test_the_next_run_keeps_the_correction(studio: Studio, run: Run) -> None:
    second = Run(studio, "run-2", review_desk="page")
    state = second.desk.state()
    assert state.closed is not None
    assert state.items[second.images[1].image_id].cut == AFTER
    assert [new.image_id for new in second.reviewed()] == [new.image_id for new in run.reviewed()]
    assert second.lineage()[second.images[1].frame.timecode]["crop_corrected_by"] == "ben"


def test_a_work_team_corrects_crops_too(studio: Studio) -> None:
    run = Run(studio, "run-1", review_desk="a2i", review_batch_size=20)
    (loop,) = run.tools.manifests.read(run.ref, HumanLoop, "human_loops").records
    wanted = run.images[1].image_id
    given = [one | {"cut": AFTER if one["image_id"] == wanted else ""} for one in approved(loop)]
    answer(studio, loop, given, "cleo")
    corrected = [image.crop.corrected for image in run.reviewed() if image.crop.corrected]
    assert [(one.by, str(one.before), one.image_id) for one in corrected] == [
        ("cleo", BEFORE, wanted)
    ]
