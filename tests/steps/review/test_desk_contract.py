"""The contract of every review desk: the same decisions make the same reviewed records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Protocol

import pytest

from storyboard_ops.domain.error_tree import GateClosed, NotFinished, ReviewRefused
from storyboard_ops.domain.image_records import Drop, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.review.review_records import DecisionBatch, HumanLoop
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.review.apply_review import ANSWERS, apply_review
from storyboard_ops.steps.review.desk import ReviewDesk, open_desk_of_run
from storyboard_ops.steps.review.open_review import open_review
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.films.tiny_film import tiny_production
from tests.steps.review.test_desk import ESTIMATE, finish, new_id
from tests.steps.review.test_review_steps import stored_images
from tests.studio.human_answers import answer
from tests.studio.studio_fixture import Studio

PICTURES = 7
PER_LOOP = 3
UNKNOWN = "0" * 64
REVIEWERS = ("ana", "ben", "caro")

Decisions = Mapping[int, Mapping[str, str]]  # by the picture's place among the candidates
APPROVE = {"decision": "approve"}
APPROVE_ALL: Decisions = dict.fromkeys(range(PICTURES), APPROVE)
MIXED: Decisions = {
    **APPROVE_ALL,
    0: {"decision": "reject", "reason": "blurred"},
    4: {"decision": "approve", "caption": "Mira waits\nby the   sea."},
}


@dataclass(frozen=True)
class Review:
    """A run with candidates, opened for review at its desk."""

    studio: Studio
    tools: ToolBox[RunSettings]
    candidates: ManifestRef
    opened: ManifestRef

    @classmethod
    def begin(
        cls, studio: Studio, desk: str, count: int = PICTURES, unsure: int | None = None
    ) -> Review:
        """Open a review of ``count`` pictures; the rules could not decide about ``unsure``."""
        tools = studio.tools(
            review_desk=desk, review_batch_size=PER_LOOP, production=tiny_production(studio)
        )
        write_run(tools, load_production(tools.objects, tools.settings.production), ESTIMATE)
        images = stored_images(tools, count)
        if unsure is not None:
            images[unsure] = images[unsure].model_copy(update={"unsure": "bram is near"})
        uri = tools.run_root / "dataset/candidates.jsonl"
        candidates = tools.manifests.commit(uri, "images", "d", images)
        return cls(studio, tools, candidates, open_review(tools, candidates))

    @property
    def images(self) -> tuple[ImageRecord, ...]:
        return self.tools.manifests.read(self.candidates, ImageRecord, "images").records

    @property
    def loops(self) -> tuple[HumanLoop, ...]:
        return self.tools.manifests.read(self.opened, HumanLoop, "human_loops").records

    def stated(self, decisions: Decisions) -> dict[str, dict[str, str]]:
        """The decisions as a page sends them, by image id."""
        return {
            self.images[number].image_id: {"image_id": self.images[number].image_id, **given}
            for number, given in decisions.items()
        }

    def apply(self) -> tuple[ImageRecord, ...]:
        ref = apply_review(self.tools, self.candidates, self.opened)
        return self.tools.manifests.read(ref, ImageRecord, "images").records

    def summary(self) -> dict[str, Any]:
        ref = apply_review(self.tools, self.candidates, self.opened)
        return self.tools.manifests.header(ref).summary


class People(Protocol):
    """How people decide at a desk."""

    def decide(self, review: Review, decisions: Decisions) -> None:
        """Decide about pictures, by several reviewers, without finishing the review."""

    def finish(self, review: Review) -> None:
        """Declare the review finished."""

    def decide_about_unknown(self, review: Review) -> None:
        """Try to decide about a picture that the review does not show."""


class AtA2I:
    """Reviewers of a private work team: each answers one human loop, and answers finish it."""

    def decide(self, review: Review, decisions: Decisions) -> None:
        stated = review.stated(decisions)
        for loop, reviewer in zip(review.loops, cycle(REVIEWERS), strict=False):
            batch = [stated[i] for i in loop.image_ids if i in stated]
            if batch:
                answer(review.studio, loop, batch, reviewer)

    def finish(self, review: Review) -> None:
        """Nothing: a loop is finished by its answer."""

    def decide_about_unknown(self, review: Review) -> None:
        """The service takes any answer; ``apply_review`` leaves out what the loop did not show."""
        first = review.loops[0]
        stated = review.stated(APPROVE_ALL)
        foreign = [{"image_id": UNKNOWN, **APPROVE}]
        answer(review.studio, first, foreign + [stated[i] for i in first.image_ids], "ana")
        for loop in review.loops[1:]:
            answer(review.studio, loop, [stated[i] for i in loop.image_ids], "ana")


class OnPage:
    """Reviewers on the approval page: each saves decisions, and one finishes the review."""

    def decide(self, review: Review, decisions: Decisions) -> None:
        stated = list(review.stated(decisions).values())
        starts = range(0, len(stated), PER_LOOP)
        for start, reviewer in zip(starts, cycle(REVIEWERS), strict=False):
            self._desk(review).save(reviewer, _batch(stated[start : start + PER_LOOP]))

    def finish(self, review: Review) -> None:
        desk = self._desk(review)
        desk.finish("ana", finish(desk))

    def decide_about_unknown(self, review: Review) -> None:
        with pytest.raises(ReviewRefused, match="not part of this review") as refused:
            self._desk(review).save("ana", _batch([{"image_id": UNKNOWN, **APPROVE}]))
        assert refused.value.error == "unknown"
        self.decide(review, APPROVE_ALL)

    def _desk(self, review: Review) -> ReviewDesk:
        return open_desk_of_run(review.tools)


class Automatic:
    """Nobody: every picture that the rules are sure about is approved."""

    def decide(self, review: Review, decisions: Decisions) -> None:
        assert all(given == APPROVE for given in decisions.values())

    def finish(self, review: Review) -> None:
        """Nothing: the review is finished when it is opened."""

    def decide_about_unknown(self, review: Review) -> None:
        """Nothing: nobody decides."""


def _batch(decisions: list[dict[str, str]]) -> DecisionBatch:
    unseen = [{**decision, "based_on": 0} for decision in decisions]
    return DecisionBatch.model_validate({"id": new_id(), "decisions": unseen})


PEOPLE: dict[str, People] = {"a2i": AtA2I(), "page": OnPage()}
DESKS: dict[str, People] = {**PEOPLE, "without_people": Automatic()}
every_desk = pytest.mark.parametrize("name", DESKS)
every_desk_of_people = pytest.mark.parametrize("name", PEOPLE)


def outcome(record: ImageRecord) -> dict[str, Any]:
    """The record without what differs by desk: its name, the reviewer and the moment."""
    fields = record.model_dump(mode="json")
    for name in ("desk", "reviewer", "decided_at"):
        if fields["review"]:
            del fields["review"][name]
    return fields


def test_every_desk_that_can_be_chosen_is_tested() -> None:
    assert set(ANSWERS) == set(DESKS)


@every_desk
def test_approving_everything_keeps_everything_and_changes_nothing_else(
    studio: Studio, name: str
) -> None:
    review = Review.begin(studio, name)
    DESKS[name].decide(review, APPROVE_ALL)
    DESKS[name].finish(review)
    reviewed = review.apply()
    approved = {"decision": "approve", "reason": "", "carried_from": ""}
    assert [outcome(record) for record in reviewed] == [
        {**image.model_dump(mode="json"), "review": approved} for image in review.images
    ]
    assert {record.review.desk for record in reviewed if record.review} == {name}
    assert all(record.review and record.review.decided_at for record in reviewed)
    assert (review.summary()["desk"], review.summary()["approved"]) == (name, PICTURES)


@every_desk_of_people
def test_the_same_decisions_make_the_same_records(studio: Studio, name: str) -> None:
    review = Review.begin(studio, name)
    DESKS[name].decide(review, MIXED)
    DESKS[name].finish(review)
    reviewed = review.apply()
    rejected = Drop(stage="review", reason="rejected", detail="blurred")
    assert reviewed[0].dropped == rejected
    assert [record.kept for record in reviewed] == [False] + [True] * 6
    edited, written = reviewed[4].caption, review.images[4].caption
    assert edited and written
    assert (edited.text, edited.written) == ("Mira waits by the sea.", written.text)
    assert reviewed[4].review and edited.editor == reviewed[4].review.reviewer
    untouched = [1, 2, 3, 5, 6]
    assert [reviewed[n].caption for n in untouched] == [review.images[n].caption for n in untouched]
    reasons = [record.review.reason for record in reviewed if record.review]
    assert reasons == ["blurred"] + [""] * 6
    assert review.summary()["rejected"] == 1


@every_desk_of_people
def test_nobodys_decision_is_lost(studio: Studio, name: str) -> None:
    review = Review.begin(studio, name)
    DESKS[name].decide(review, MIXED)
    DESKS[name].finish(review)
    reviewed = review.apply()
    assert all(record.review for record in reviewed)
    assert review.summary()["reviewers"] == sorted(REVIEWERS)
    by_reviewer = [record.review.reviewer for record in reviewed if record.review]
    assert sorted(by_reviewer.count(reviewer) for reviewer in REVIEWERS) == [1, 3, 3]


@every_desk
def test_opening_twice_is_one_review(studio: Studio, name: str) -> None:
    review = Review.begin(studio, name)
    assert open_review(review.tools, review.candidates) == review.opened
    DESKS[name].decide(review, APPROVE_ALL)
    assert open_review(review.tools, review.candidates) == review.opened
    DESKS[name].finish(review)
    assert len(review.apply()) == PICTURES
    assert review.summary()["approved"] == PICTURES


@every_desk
def test_what_is_applied_twice_is_applied_once(studio: Studio, name: str) -> None:
    review = Review.begin(studio, name)
    DESKS[name].decide(review, APPROVE_ALL)
    DESKS[name].finish(review)
    first = apply_review(review.tools, review.candidates, review.opened)
    assert apply_review(review.tools, review.candidates, review.opened) == first


@every_desk
def test_a_picture_without_a_decision_leaves_as_not_reviewed(studio: Studio, name: str) -> None:
    review = Review.begin(studio, name, unsure=3)
    decided = {number: given for number, given in APPROVE_ALL.items() if number != 3}
    DESKS[name].decide(review, decided)
    DESKS[name].finish(review)
    reviewed = review.apply()
    (left_out,) = [record for record in reviewed if not record.kept]
    assert left_out.image_id == review.images[3].image_id
    assert left_out.dropped and left_out.dropped.reason == "not reviewed"
    assert left_out.review is None


@every_desk
def test_a_decision_about_an_unknown_picture_enters_no_record(studio: Studio, name: str) -> None:
    review = Review.begin(studio, name)
    DESKS[name].decide_about_unknown(review)
    DESKS[name].finish(review)
    reviewed = review.apply()
    assert [record.image_id for record in reviewed] == [image.image_id for image in review.images]
    assert all(record.kept for record in reviewed)
    assert review.summary()["approved"] == PICTURES


@every_desk_of_people
@pytest.mark.parametrize("decided", [0, PER_LOOP], ids=["nothing", "some"])
def test_an_unfinished_review_is_refused_by_name(studio: Studio, name: str, decided: int) -> None:
    review = Review.begin(studio, name)
    first = review.loops[0].image_ids if review.loops else [i.image_id for i in review.images]
    numbers = [n for n, image in enumerate(review.images) if image.image_id in first]
    DESKS[name].decide(review, dict.fromkeys(numbers[:decided], APPROVE))
    waiting = {
        "a2i": f"{review.loops[1 if decided else 0].name} is InProgress" if review.loops else "",
        "page": "The review is not finished. Finish it on the approval page",
    }
    with pytest.raises(NotFinished, match=waiting[name]):
        review.apply()


@every_desk
def test_under_the_minimum_the_gate_stays_closed_and_everything_is_kept(
    studio: Studio, name: str
) -> None:
    review = Review.begin(studio, name, count=5, unsure=4)
    DESKS[name].decide(review, dict.fromkeys(range(4), APPROVE))
    DESKS[name].finish(review)
    for _ in range(2):  # the second call finds the manifest of the first
        with pytest.raises(GateClosed, match="4 pictures are approved; training needs at least 5"):
            review.apply()
    assert len(list(review.tools.objects.list(review.tools.run_root / "crops/"))) == 5
