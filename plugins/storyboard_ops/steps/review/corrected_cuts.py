"""Cut pictures again where reviewers have corrected the crop, from the pixels of their frames.

A corrected picture gets new bytes, so a new id, and is stored beside the one that it replaces; no
other picture changes. It is neither compared nor captioned again: people have seen it, and read its
caption. Its caption is linted again, because others may be in the new cut.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storyboard_ops.core.dataset.crops import Crop
from storyboard_ops.core.dataset.limits import TrainingFile, violations
from storyboard_ops.core.dataset.recut import cut_of, recut
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.image_records import Detection, Drop, ImageRecord
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.corrected_cut import CutBox
from storyboard_ops.domain.review.review_records import Decision
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.aws.call_pool import call_each
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Correction:
    """One picture to cut again."""

    image: ImageRecord
    cut: CutBox
    by: str
    others: tuple[Detection, ...]  # of the same frame


def cut_again(
    tools: ToolBox[RunSettings], images: Sequence[ImageRecord], decisions: Mapping[str, Decision]
) -> list[ImageRecord]:
    """Return the pictures in their order; approved ones with a corrected crop are cut again.

    A cut that no trainer accepts, or whose frame cannot be read, drops its picture, as does one
    that yields the very picture of another item.
    """
    wanted = _corrections(images, decisions)
    made = call_each(wanted, lambda one: _cut(tools, one))
    replaced = {
        one.item.image.image_id: one.value or _unusable(one.item.image, one.failure) for one in made
    }
    if replaced:
        log.info("Cut %d pictures again, as reviewers corrected them.", len(replaced))
    return _each_once([replaced.get(image.image_id, image) for image in images])


def _corrections(
    images: Sequence[ImageRecord], decisions: Mapping[str, Decision]
) -> list[_Correction]:
    found = []
    for image in images:
        decision = decisions.get(image.image_id)
        if not image.kept or decision is None or not decision.cut:
            continue
        cut = CutBox.read(decision.cut)
        if cut != cut_of(image):
            by = decision.cut_by or (image.review.reviewer if image.review else "")
            others = tuple(o.crop.detection for o in images if o.frame.uri == image.frame.uri)
            found.append(_Correction(image, cut, by, others))
    return found


def _cut(tools: ToolBox[RunSettings], one: _Correction) -> ImageRecord:
    image = one.image
    frame = decode_rgb(tools.objects.get(S3Uri.parse(image.frame.uri)))
    crop = recut(
        frame,
        image,
        one.cut,
        one.others,
        max_enlargement=tools.settings.max_enlargement,
        by=one.by,
    )
    if isinstance(crop, Drop):
        return image.model_copy(update={"dropped": crop})
    place = tools.run_root / f"crops/{crop.image_id}.png"
    if broken := violations(_as_file(image, crop, place)):
        return _unusable(image, "; ".join(one.message for one in broken))
    update = {
        "image_id": crop.image_id,
        "uri": tools.objects.put(place, crop.png, "image/png"),
        "width": crop.width,
        "height": crop.height,
        "crop": crop.facts,
    }
    return image.model_copy(update=update)


def _as_file(image: ImageRecord, crop: Crop, place: S3Uri) -> TrainingFile:
    return TrainingFile(
        key=place.key,
        width=crop.width,
        height=crop.height,
        size=len(crop.png),
        caption=image.caption_text,
    )


def _unusable(image: ImageRecord, detail: str) -> ImageRecord:
    drop = Drop(stage="review", reason="cut unusable", detail=detail)
    return image.model_copy(update={"dropped": drop})


def _each_once(images: Sequence[ImageRecord]) -> list[ImageRecord]:
    """Drop corrected pictures whose bytes are those of another picture."""
    known = Counter(image.image_id for image in images if not image.crop.corrected)
    kept = []
    for image in images:
        if image.crop.corrected and known[image.image_id]:
            detail = f"as corrected, it is picture {image.image_id[:12]}"
            drop = Drop(stage="review", reason="same picture", detail=detail)
            image = image.model_copy(update={"dropped": drop})
        known[image.image_id] += bool(image.crop.corrected)
        kept.append(image)
    return kept
