"""Apply the decisions of a review: drop rejected pictures with a reason, take edited captions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from storyboard_ops.core.review.caption_review import settle_captions
from storyboard_ops.core.review.merge import merge_answers
from storyboard_ops.core.review.state import answers_of
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import GateClosed, error_for_status
from storyboard_ops.domain.image_records import Drop, ImageRecord, ReviewFacts, count_drops
from storyboard_ops.domain.manifest_codec import Manifest, ManifestRef
from storyboard_ops.domain.review.review_records import (
    CAPTION_MAX,
    Decision,
    HumanLoop,
    ItemState,
    OpenedReview,
    ReviewerAnswer,
)
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS
from storyboard_ops.domain.utc_time import iso
from storyboard_ops.gateways.review.human_review import HumanReview, read_answers
from storyboard_ops.gateways.storage.record_spool import RecordSpool
from storyboard_ops.steps.review.corrected_cuts import cut_again
from storyboard_ops.steps.review.desk import open_desk_of_run
from storyboard_ops.steps.review.kept_decisions import add_to_log, state_of
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 5
LEAST_RECORDS = NOVA_CANVAS.records[0]
Decided = dict[str, tuple[ReviewFacts, Decision]]
Opened = Manifest[HumanLoop]


def apply_review(
    tools: ToolBox[RunSettings], dataset: ManifestRef, loops: ManifestRef
) -> ManifestRef:
    """Return all pictures with their review; raises GateClosed when too few are approved."""
    opened = tools.manifests.read(loops, HumanLoop, "human_loops")
    desk = OpenedReview.model_validate(opened.header.summary).desk
    answers = ANSWERS[desk](tools, loops, opened)
    decided = _merge(tools, desk, answers, opened.header.input_digest)
    ref = find_or_make(
        tools.manifests,
        tools.run_root / "review/images.jsonl",
        "images",
        digest_of(VERSION, dataset.sha256, loops.sha256, *(f for f, _ in decided.values())),
        lambda digest: _review_images(tools, dataset, desk, decided),
    )
    approved = sum(i.kept for i in tools.manifests.stream(ref, ImageRecord, "images"))
    _require_enough(approved, ref.count, desk)
    return ref


def _review_images(
    tools: ToolBox[RunSettings], dataset: ManifestRef, desk: str, decided: Decided
) -> Made:
    stream = partial(tools.manifests.stream, dataset, ImageRecord, "images")
    frames = _corrected_frames(stream(), decided)
    # Those that were asked about are as many as a trainer takes.
    images = [image for image in stream() if image.kept or image.frame.uri in frames]
    if desk == "without_people":
        sure = [image for image in images if image.kept and not image.unsure]
        decided = {**_approve_all(tools, sure), **decided}
    decided_images = [_apply_decision(tools, image, decided) for image in images]
    cut_images = cut_again(tools, decided_images, {id: one for id, (_, one) in decided.items()})
    reviewed = settle_captions(images, cut_images, tools.production)
    by_id = {image.first_id: image for image in reviewed}
    records = RecordSpool(by_id.get(image.image_id, image) for image in stream())
    return Made(records, _summarize(reviewed, desk))


def _corrected_frames(images: Iterable[ImageRecord], decided: Decided) -> set[str]:
    """Return the URIs of the frames whose pictures are cut again: all of their pictures count."""
    cut = {image_id for image_id, (_, decision) in decided.items() if decision.cut}
    return {image.frame.uri for image in images if image.image_id in cut} if cut else set()


def _merge(
    tools: ToolBox[RunSettings], desk: str, answers: Sequence[ReviewerAnswer], digest: str
) -> Decided:
    """Return the decisions of this review and, for the other pictures, of earlier ones.

    They are in the log then, whichever the desk, where later runs find them.
    """
    state = state_of(tools, digest)
    decided = merge_answers(answers, desk)
    kept = {id: item for id, item in state.items.items() if id not in decided}
    earlier = answers_of(replace(state, items=kept))
    decided = {**merge_answers(earlier, desk), **decided}
    add_to_log(tools, digest, {id: _as_state(*one) for id, one in decided.items()})
    return {
        id: (_with_origin(facts, state.items.get(id)), decision)
        for id, (facts, decision) in decided.items()
    }


def _as_state(facts: ReviewFacts, decision: Decision) -> ItemState:
    return ItemState(
        version=0,
        decision=facts.decision,
        reason=facts.reason,
        caption=decision.caption if len(decision.caption) <= CAPTION_MAX else "",
        character=decision.character,
        cut=decision.cut,
        caption_by=decision.caption_by,
        cut_by=decision.cut_by,
        reviewer=facts.reviewer,
        decided_at=facts.decided_at,
    )


def _with_origin(facts: ReviewFacts, item: ItemState | None) -> ReviewFacts:
    if item is None or item.origin is None:
        return facts
    origin = {"carried_from": item.origin.run, "desk": item.origin.desk}
    return facts.model_copy(update=origin)


def _read_a2i_answers(
    tools: ToolBox[RunSettings], ref: ManifestRef, opened: Opened
) -> list[ReviewerAnswer]:
    desk = HumanReview(tools.clients("sagemaker"), tools.clients("sagemaker-a2i-runtime"))
    answers = []
    for loop in opened.records:
        state = desk.find_loop(loop.name)
        if state is None or state.status != "Completed":
            what = f"is {state.status}. {state.failure}" if state else "no longer exists."
            raise error_for_status(state.status if state else "")(
                f"Human loop {loop.name} {what} Clear open_review to start the loop again; "
                "decisions of other loops are kept."
            )
        given = read_answers(tools.objects, loop.name, state.output_uri)
        answers += [_limit_to_loop(answer, loop) for answer in given]
    return answers


def _limit_to_loop(answer: ReviewerAnswer, loop: HumanLoop) -> ReviewerAnswer:
    """Return the answer without decisions about pictures that its loop did not show."""
    shown = tuple(d for d in answer.decisions if d.image_id in loop.image_ids)
    return answer.model_copy(update={"decisions": shown})


def _read_page_answers(
    tools: ToolBox[RunSettings], ref: ManifestRef, opened: Opened
) -> list[ReviewerAnswer]:
    return open_desk_of_run(tools, ref).closed_answers()


def _no_answers(
    tools: ToolBox[RunSettings], ref: ManifestRef, opened: Opened
) -> list[ReviewerAnswer]:
    return []


#: How to read the answers of each desk.
ANSWERS: dict[str, Callable[[ToolBox[RunSettings], ManifestRef, Opened], list[ReviewerAnswer]]] = {
    "a2i": _read_a2i_answers,
    "page": _read_page_answers,
    "without_people": _no_answers,
}


def _approve_all(tools: ToolBox[RunSettings], images: Sequence[ImageRecord]) -> Decided:
    facts = ReviewFacts(
        decision="approve",
        reviewer="nobody: automatic approval",
        desk="without_people",
        decided_at=iso(tools.clock()),
    )
    return {i.image_id: (facts, Decision(image_id=i.image_id, decision="approve")) for i in images}


def _apply_decision(
    tools: ToolBox[RunSettings], image: ImageRecord, decided: Decided
) -> ImageRecord:
    if not image.kept:
        return image
    if image.image_id not in decided:
        drop = Drop(stage="review", reason="not reviewed", detail="no reviewer decided about it")
        return image.model_copy(update={"dropped": drop})
    facts, decision = decided[image.image_id]
    update: dict[str, object] = {"review": facts}
    if facts.decision == "reject":
        update["dropped"] = Drop(stage="review", reason="rejected", detail=facts.reason)
    text = " ".join(decision.caption.split())
    if image.caption and text not in ("", image.caption.text):
        editor = decision.caption_by or facts.reviewer
        edited = {"text": text, "editor": editor, "written": image.caption.text}
        update["caption"] = image.caption.model_copy(update=edited)
    if decision.character in {character.id for character in tools.production.characters}:
        update["character"] = decision.character
    return image.model_copy(update=update)


def _summarize(reviewed: Sequence[ImageRecord], desk: str) -> dict[str, object]:
    seen = [image for image in reviewed if image.review]
    carried = [image for image in seen if image.review and image.review.carried_from]
    return {
        "desk": desk,
        "approved": sum(image.kept for image in seen),
        "rejected": sum(not image.kept for image in seen),
        "carried_over": len(carried),
        "cut_again": sum(image.crop.corrected is not None for image in seen),
        "dropped": count_drops(reviewed, "review"),
        "reviewers": sorted({image.review.reviewer for image in seen if image.review}),
    }


#: How to review again, by desk.
REVIEW_AGAIN = {
    "a2i": "start a run with other settings: paid detections and captions are reused",
    "page": "reopen the review on its page, finish it, and clear wait_for_approval",
    "without_people": "let people review (set review_desk to choose)",
}


def _require_enough(approved: int, pictures: int, desk: str) -> None:
    log.info("%d of %d pictures are approved.", approved, pictures)
    if approved < LEAST_RECORDS:
        raise GateClosed(
            f"{approved} pictures are approved; training needs at least {LEAST_RECORDS}. "
            "All results are kept: add films, loosen the thresholds, or "
            f"{REVIEW_AGAIN[desk]}."
        )
