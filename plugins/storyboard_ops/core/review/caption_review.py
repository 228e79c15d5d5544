"""Settle captions after the review: the reviewers' text wins, within the trainer's limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from storyboard_ops.core.dataset.caption_linter import (
    REFUSED,
    CaptionFinding,
    captioned_picture,
    lint_captions,
    rules_for,
)
from storyboard_ops.domain.image_records import Drop, ImageRecord
from storyboard_ops.domain.names import replace_names
from storyboard_ops.domain.production_sheet import Production


def settle_captions(
    before: Sequence[ImageRecord], reviewed: Sequence[ImageRecord], production: Production
) -> list[ImageRecord]:
    """Return the reviewed pictures; lint the captions that the review changed.

    ``before``: the same pictures in the same order, as reviewers saw them. Where a reviewer
    reassigned a picture to another character and left the caption alone, the names in it are
    swapped. A changed caption is kept whatever its style, and its findings are recorded, as are
    those of a picture whose crop was corrected. If no trainer accepts it, the picture is dropped
    and keeps its earlier caption.
    """
    named = [_swap_character(*pair, production) for pair in zip(before, reviewed, strict=True)]
    changed = {
        new.image_id
        for old, new in zip(before, named, strict=True)
        if new.kept and (new.caption_text != old.caption_text or new.crop != old.crop)
    }
    if not changed:
        return named
    findings = _findings(named, production)
    return [
        _settle(old, new, findings.get(new.image_id, ())) if new.image_id in changed else new
        for old, new in zip(before, named, strict=True)
    ]


def _swap_character(before: ImageRecord, after: ImageRecord, production: Production) -> ImageRecord:
    if (
        after.caption is None
        or after.character == before.character
        or before.caption_text != after.caption_text
    ):
        return after
    one, other = (production.character(each.character).name for each in (before, after))
    text = replace_names(after.caption.text, {one: other, other: one})
    return after.model_copy(update={"caption": after.caption.model_copy(update={"text": text})})


def _findings(
    images: Sequence[ImageRecord], production: Production
) -> Mapping[str, Sequence[CaptionFinding]]:
    captions = [captioned_picture(i, i.caption.text) for i in images if i.kept and i.caption]
    by_image: dict[str, list[CaptionFinding]] = defaultdict(list)
    for finding in lint_captions(captions, production.characters, rules_for(production)):
        by_image[finding.image_id].append(finding)
    return by_image


def _settle(
    before: ImageRecord, after: ImageRecord, findings: Sequence[CaptionFinding]
) -> ImageRecord:
    refused = [finding.message for finding in findings if finding.code in REFUSED]
    if refused:
        detail = f"the caption as edited cannot be trained with: {'; '.join(refused)}"
        drop = Drop(stage="review", reason="caption unusable", detail=detail)
        return after.model_copy(update={"caption": before.caption, "dropped": drop})
    if after.caption is None:
        return after
    recorded = {"findings": tuple(map(str, findings))}
    return after.model_copy(update={"caption": after.caption.model_copy(update=recorded)})
