"""Choose the candidates for the dataset by the trainer's limits, then by caps for balance."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

from storyboard_ops.core.dataset.limits import TrainingFile, violations
from storyboard_ops.core.dataset.selection import apply_caps, apply_total, coverage
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.image_records import DatasetReason, Drop, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.pictures import BalanceSection
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS
from storyboard_ops.gateways.storage.object_store import ObjectHead
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 3

Sizes = Mapping[str, int]  # bytes, by URI


def assemble_dataset(tools: ToolBox[BalanceSection], ref: ManifestRef) -> ManifestRef:
    """Choose candidates for review; pictures outside the limits or caps are dropped with a reason.

    Raises GateClosed when no candidate is left, also when the manifest existed already.
    """
    settings = tools.settings
    candidates = find_or_make(
        tools.manifests,
        tools.run_root / "dataset/candidates.jsonl",
        "images",
        digest_of(
            VERSION, ref.sha256, settings.max_images_per_shot, settings.max_images_per_character
        ),
        lambda digest: _candidates(tools, ref),
    )
    if not tools.manifests.header(candidates).summary["candidates"]:
        raise GateClosed(
            "No picture is left to review. The films show none of the characters well enough: "
            f"look at the reasons in the manifest {candidates.uri}, then add films, add reference "
            "pictures, or raise max_enlargement."
        )
    return candidates


def _candidates(tools: ToolBox[BalanceSection], ref: ManifestRef) -> Made:
    settings = tools.settings
    images = tools.manifests.read(ref, ImageRecord, "images").records
    sizes = _sizes(tools, images)
    fitting = [_check_limits(image, sizes) for image in images]
    capped = apply_caps(fitting, settings.max_images_per_shot, settings.max_images_per_character)
    chosen = apply_total(capped, NOVA_CANVAS.records[1])
    kept = [image for image in chosen if image.kept]
    log.info("%d of %d pictures are candidates.", len(kept), len(images))
    cells = [cell.model_dump(mode="json") for cell in coverage(chosen)]
    return Made(chosen, {"candidates": len(kept), "coverage": cells})


def _sizes(tools: ToolBox[BalanceSection], images: Sequence[ImageRecord]) -> Sizes:
    """Return the sizes of the existing pictures; one listing returns a thousand."""
    folders = {image.uri.rpartition("/")[0] + "/" for image in images if image.kept}
    found = (head for folder in sorted(folders) for head in _list_folder(tools, folder))
    return {str(head.uri): head.size for head in found}


def _list_folder(tools: ToolBox[BalanceSection], folder: str) -> Iterator[ObjectHead]:
    uri = S3Uri.parse(folder)
    return tools.objects.list(S3Uri(uri.bucket, f"{uri.key}/"))


def _check_limits(image: ImageRecord, sizes: Sizes) -> ImageRecord:
    """Drop a picture, with the reason, when the trainer would not accept it."""
    if not image.kept or image.caption is None:
        return image
    if image.uri not in sizes:
        return _drop(image, "missing", f"{image.uri} is no longer in the bucket")
    file = TrainingFile(
        key=S3Uri.parse(image.uri).key,
        width=image.width,
        height=image.height,
        size=sizes[image.uri],
        caption=image.caption.text,
    )
    broken = violations(file)
    if not broken:
        return image
    detail = "; ".join(violation.message for violation in broken)
    return _drop(image, broken[0].limit, detail)


def _drop(image: ImageRecord, reason: DatasetReason, detail: str) -> ImageRecord:
    drop = Drop(stage="dataset", reason=reason, detail=detail)
    return image.model_copy(update={"dropped": drop})
