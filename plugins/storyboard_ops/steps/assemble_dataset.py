"""Choose the candidate dataset: every documented limit, then caps for balance."""

from __future__ import annotations

import logging

from storyboard_ops.core.dataset_rules import TrainingFile, violations
from storyboard_ops.core.dataset_selection import apply_caps, coverage
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.image_records import Drop, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 1


def assemble_dataset(tools: ToolBox, ref: ManifestRef) -> ManifestRef:
    """Candidates for review; what does not fit the trainer or the caps is dropped with a reason."""
    settings = tools.settings
    uri = tools.run_root / "dataset/candidates.jsonl"
    digest = digest_of(
        VERSION, ref.sha256, settings.max_images_per_shot, settings.max_images_per_character
    )
    if found := tools.manifests.find(uri, digest):
        return found[0]
    images = tools.manifests.read(ref, ImageRecord, "images").records
    fitting = [_checked(tools, image) for image in images]
    chosen = apply_caps(fitting, settings.max_images_per_shot, settings.max_images_per_character)
    kept = [image for image in chosen if image.kept]
    log.info("%d of %d pictures are candidates.", len(kept), len(images))
    ref = tools.manifests.commit(
        uri,
        "images",
        digest,
        chosen,
        {
            "candidates": len(kept),
            "coverage": [cell.model_dump(mode="json") for cell in coverage(chosen)],
        },
    )
    if not kept:
        raise GateClosed(
            "No picture is left to review. The films show none of the characters well enough: "
            "look at the reasons in the manifest "
            f"{ref.uri}, then add films, add reference pictures, or raise max_enlargement."
        )
    return ref


def _checked(tools: ToolBox, image: ImageRecord) -> ImageRecord:
    if not image.kept or image.caption is None:
        return image
    uri = S3Uri.parse(image.uri)
    head = tools.objects.head(uri)
    file = TrainingFile(
        key=uri.key,
        width=image.width,
        height=image.height,
        size=head.size if head else 0,
        caption=image.caption.text,
    )
    broken = violations(file)
    if not broken:
        return image
    detail = "; ".join(violation.message for violation in broken)
    return image.model_copy(
        update={"dropped": Drop(stage="dataset", reason=broken[0].limit, detail=detail)}
    )
