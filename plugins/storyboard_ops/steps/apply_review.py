"""Apply what people decided: rejected pictures leave with their reason, edited captions win."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from storyboard_ops.core.caption_review import settle_captions
from storyboard_ops.core.review_merge import merge_answers
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import GateClosed, RemoteFailure
from storyboard_ops.domain.image_records import Drop, ImageRecord, ReviewFacts
from storyboard_ops.domain.manifest_codec import Manifest, ManifestRef
from storyboard_ops.domain.review_records import Decision, HumanLoop, ReviewerAnswer
from storyboard_ops.gateways.human_review import HumanReview, read_answers
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 2
#: Nova Canvas fine-tuning takes 5 to 10,000 records (Amazon Nova user guide).
LEAST_RECORDS = 5
Decided = dict[str, tuple[ReviewFacts, Decision]]


def apply_review(tools: ToolBox, dataset: ManifestRef, loops: ManifestRef) -> ManifestRef:
    """Every picture with its review; raises GateClosed when too few are approved to train."""
    uri = tools.run_root / "review/images.jsonl"
    digest = digest_of(VERSION, dataset.sha256, loops.sha256)
    if found := tools.manifests.find(uri, digest):
        return found[0]
    images = tools.manifests.read(dataset, ImageRecord, "images").records
    opened = tools.manifests.read(loops, HumanLoop, "human_loops")
    decided = (
        merge_answers(_answers(tools, opened), "a2i")
        if opened.records
        else _approve_all([image for image in images if image.kept])
    )
    decided_images = [_with_decision(tools, image, decided) for image in images]
    reviewed = settle_captions(images, decided_images, tools.production)
    ref = tools.manifests.commit(uri, "images", digest, reviewed, _summary(reviewed, opened))
    _gate(tools, reviewed)
    return ref


def _answers(tools: ToolBox, loops: Manifest[HumanLoop]) -> list[ReviewerAnswer]:
    desk = HumanReview(tools.clients("sagemaker"), tools.clients("sagemaker-a2i-runtime"))
    answers = []
    for loop in loops.records:
        state = desk.find_loop(loop.name)
        if state is None or state.status != "Completed":
            what = f"is {state.status}. {state.failure}" if state else "does not exist any more."
            raise RemoteFailure(
                f"Human loop {loop.name} {what} Clear open_review to ask again; decisions of the "
                "other loops are kept."
            )
        answers += read_answers(tools.objects, loop.name, state.output_uri)
    return answers


def _approve_all(images: list[ImageRecord]) -> Decided:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    facts = ReviewFacts(
        decision="approve",
        reviewer="nobody: automatic approval",
        desk="auto",
        decided_at=now,
    )
    return {i.image_id: (facts, Decision(image_id=i.image_id, decision="approve")) for i in images}


def _with_decision(tools: ToolBox, image: ImageRecord, decided: Decided) -> ImageRecord:
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
        edited = {"text": text, "editor": facts.reviewer}
        update["caption"] = image.caption.model_copy(update=edited)
    if decision.character in {character.id for character in tools.production.characters}:
        update["character"] = decision.character
    return image.model_copy(update=update)


def _summary(reviewed: list[ImageRecord], opened: Manifest[HumanLoop]) -> dict[str, object]:
    seen = [image for image in reviewed if image.review]
    return {
        "desk": opened.header.summary["desk"],
        "approved": sum(image.kept for image in seen),
        "rejected": sum(not image.kept for image in seen),
        "reviewers": sorted({image.review.reviewer for image in seen if image.review}),
    }


def _gate(tools: ToolBox, reviewed: list[ImageRecord]) -> None:
    approved = sum(image.kept for image in reviewed)
    log.info("%d of %d pictures are approved.", approved, len(reviewed))
    if approved < LEAST_RECORDS:
        raise GateClosed(
            f"{approved} pictures are approved; training takes at least {LEAST_RECORDS}. "
            "Everything is kept: add films, loosen the thresholds, or review again by clearing "
            "open_review."
        )
