"""A second run of a production asks people about what is new, at every desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from storyboard_ops.core.pictures.codec import encode_png
from storyboard_ops.domain.image_records import Box, CropFacts, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.review.review_records import HumanLoop, OpenedReview
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.removal.workspace_scan import WorkspaceScan
from storyboard_ops.steps.review.apply_review import apply_review
from storyboard_ops.steps.review.desk import ReviewDesk, open_desk_of_run
from storyboard_ops.steps.review.kept_decisions import NOTHING_NEW
from storyboard_ops.steps.review.open_review import open_review
from tests.films.tiny_film import tiny_production
from tests.material import factories
from tests.steps.review.test_desk import ESTIMATE, batch, finish
from tests.studio.human_answers import answer, approved
from tests.studio.studio_fixture import Studio

FIRST, SECOND = range(7), range(9)
EDITED = "Mira waits by the sea."


class Run:
    """A run of one production, opened for review; pictures are named by their second."""

    def __init__(
        self, studio: Studio, key: str, seconds: Sequence[int] = FIRST, desk: str = "page", **more
    ) -> None:
        changes = more.pop("changes", {})
        self.tools = studio.tools(
            run_key=key, review_desk=desk, production=tiny_production(studio), **more
        )
        write_run(
            self.tools,
            load_production(self.tools.objects, self.tools.settings.production),
            ESTIMATE,
        )
        self.images = [self._stored(k, changes) for k in seconds]
        self.seconds = {image.image_id: k for image, k in zip(self.images, seconds, strict=True)}
        self.candidates = self.tools.manifests.commit(
            self.tools.run_root / "dataset/candidates.jsonl", "images", "d", self.images
        )
        self.ref: ManifestRef = open_review(self.tools, self.candidates)

    def _stored(self, k: int, changes: dict[str, Any]) -> ImageRecord:
        padding = changes.get("padding", 0)
        png = encode_png(factories.picture(k + 100 * padding))
        sha = sha256_hex(png)
        uri = self.tools.objects.put(self.tools.run_root / f"crops/{sha}.png", png, "image/png")
        given = {name: value for name, value in changes.items() if name != "padding"}
        return factories.image(k, image_id=sha, uri=uri, review=None, **given)

    @property
    def opened(self) -> OpenedReview:
        return OpenedReview.model_validate(self.tools.manifests.header(self.ref).summary)

    @property
    def desk(self) -> ReviewDesk:
        return open_desk_of_run(self.tools)

    @property
    def loops(self) -> tuple[HumanLoop, ...]:
        return self.tools.manifests.read(self.ref, HumanLoop, "human_loops").records

    def number(self, second: int) -> int:
        return [self.seconds[item.id] for item in self.desk.board.items].index(second)

    def save(self, *seconds: int, reviewer: str = "ana", **decision: str) -> None:
        numbers = [self.number(second) for second in seconds]
        self.desk.save(reviewer, batch(self.desk, *numbers, **decision))

    def finish(self) -> None:
        self.desk.finish("ana", finish(self.desk))

    def asked_on_page(self) -> set[int]:
        known = self.desk.state().items
        return {
            second
            for id, second in self.seconds.items()
            if id not in known or known[id].decision == "open"
        }

    def asked_by_a2i(self) -> set[int]:
        return {self.seconds[image_id] for loop in self.loops for image_id in loop.image_ids}

    def reviewed(self) -> dict[int, ImageRecord]:
        ref = apply_review(self.tools, self.candidates, self.ref)
        records = self.tools.manifests.read(ref, ImageRecord, "images").records
        return {self.seconds[record.image_id]: record for record in records}


@pytest.fixture
def first(studio: Studio) -> Run:
    """Ana approves five pictures, one with a caption of her own; Ben rejects two."""
    run = Run(studio, "run-1")
    run.save(0, 1, 2, 3)
    run.save(4, caption=EDITED)
    run.save(5, reviewer="ben", decision="reject", reason="blurred")
    run.save(6, reviewer="ben", decision="reject", reason="cut off: the hat")
    run.finish()
    return run


def test_a_second_run_asks_about_the_new_shot_only(studio: Studio, first: Run) -> None:
    second = Run(studio, "run-2", SECOND)
    assert second.asked_on_page() == {7, 8}
    assert (second.opened.pictures, second.opened.new) == (9, 2)
    assert second.desk.state().closed is None
    second.save(7, 8, reviewer="cleo")
    second.finish()
    kept = {k: image.review for k, image in second.reviewed().items() if image.review}
    assert [(kept[k].reviewer, kept[k].carried_from) for k in (0, 5, 7)] == [
        ("ana", "run-1"),
        ("ben", "run-1"),
        ("cleo", ""),
    ]
    assert kept[0].decided_at == first.desk.state().items[first.images[0].image_id].decided_at
    assert second.reviewed()[4].caption_text == EDITED
    assert second.reviewed()[4].caption.editor == "ana"
    assert not second.reviewed()[5].kept


def test_a_review_of_nothing_new_is_finished_at_once_and_can_be_changed(
    studio: Studio, first: Run
) -> None:
    second = Run(studio, "run-2", FIRST)
    closed = second.desk.state().closed
    assert closed is not None
    assert (closed.by, second.opened.new) == (NOTHING_NEW, 0)
    second.desk.reopen("ana")
    second.save(5, reviewer="ana")
    second.finish()
    review = second.reviewed()[5].review
    assert (review.decision, review.reviewer, review.carried_from) == ("approve", "ana", "")


@pytest.mark.parametrize("earlier", ["page", "a2i"])
def test_a_work_team_gets_new_pictures_only(studio: Studio, earlier: str) -> None:
    first = Run(studio, "run-1", desk=earlier)
    if earlier == "page":
        first.save(*FIRST, caption=EDITED)
        first.finish()
    for loop in first.loops:
        answer(studio, loop, [{**one, "caption": EDITED} for one in approved(loop)], "ana")
    first.reviewed()

    second = Run(studio, "run-2", SECOND, desk="a2i")
    assert second.asked_by_a2i() == {7, 8}
    for loop in second.loops:
        answer(studio, loop, approved(loop), "ben")
    reviews = {k: image.review for k, image in second.reviewed().items()}
    assert [(reviews[k].reviewer, reviews[k].desk, reviews[k].carried_from) for k in (0, 8)] == [
        ("ana", earlier, "run-1"),
        ("ben", "a2i", ""),
    ]
    third = Run(studio, "run-3", SECOND, desk="a2i")
    assert (third.loops, third.opened.new) == ((), 0)
    assert third.reviewed()[0].caption_text == EDITED
    assert third.reviewed()[8].review.carried_from == "run-2"


def test_without_people_their_earlier_word_counts(studio: Studio, first: Run) -> None:
    second = Run(studio, "run-2", SECOND, desk="without_people")
    reviewed = second.reviewed()
    assert [k for k, image in reviewed.items() if not image.kept] == [5, 6]
    assert [reviewed[k].review.desk for k in (0, 7)] == ["page", "without_people"]


def test_another_cut_of_a_detection_is_the_same_picture(studio: Studio, first: Run) -> None:
    caption = factories.caption("Mira walks along the quay with a lantern")
    second = Run(studio, "run-2", FIRST, changes={"padding": 1, "caption": caption})
    assert second.asked_on_page() == {6}  # "cut off" was about the other cut
    reviewed_items = {second.seconds[item.id]: item for item in second.desk.board.items}
    notes = {k: item.notes[-1] for k, item in reviewed_items.items() if item.notes}
    assert notes[0] == "Since it was decided: cut differently and the caption is new."
    assert notes[4] == "Since it was decided: cut differently."
    second.save(6)
    second.finish()
    assert second.reviewed()[4].caption_text == EDITED
    assert second.reviewed()[0].caption_text == caption.text


def test_another_figure_in_the_frame_is_new(studio: Studio, first: Run) -> None:
    crop = factories.image(0).crop
    elsewhere = crop.detection.model_copy(update={"box": Box(x=0.7, y=0.1, w=0.2, h=0.5)})
    moved: CropFacts = crop.model_copy(update={"detection": elsewhere})
    second = Run(studio, "run-2", FIRST, changes={"padding": 1, "crop": moved})
    assert second.asked_on_page() == set(FIRST)


def test_people_are_asked_again_when_the_run_says_so(studio: Studio, first: Run) -> None:
    second = Run(studio, "run-2", FIRST, carry_over="nothing")
    assert second.asked_on_page() == set(FIRST)


def test_an_unfinished_review_counts_and_the_latest_word_wins(studio: Studio, first: Run) -> None:
    second = Run(studio, "run-2", SECOND)
    second.save(0, 7, reviewer="cleo", decision="reject", reason="blurred")
    third = Run(studio, "run-3", SECOND)
    assert third.asked_on_page() == {8}
    state = third.desk.state().items[third.images[0].image_id]
    assert (state.reviewer, state.decision, state.origin.run) == ("cleo", "reject", "run-2")


def test_a_deleted_run_leaves_no_decisions(studio: Studio, first: Run) -> None:
    objects = first.tools.objects
    objects.delete([head.uri for head in objects.list(first.tools.run_root / "")])
    assert Run(studio, "run-2", FIRST).asked_on_page() == set(FIRST)


def test_a_removal_finds_where_decisions_are_kept(studio: Studio, first: Run) -> None:
    scan = WorkspaceScan(first.tools.workspace, studio.client)
    slug = first.tools.production.slug
    assert f"s3://{studio.bucket}/library/decisions/{slug}/run-1.json" in {
        str(stored.uri) for stored in scan.texts()
    }
