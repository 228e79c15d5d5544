"""Choose the candidates for the dataset by the trainer's limits, then by caps for balance."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

from storyboard_ops.core.dataset.limits import TrainingFile, violations
from storyboard_ops.core.dataset.selection import (
    beyond_caps,
    beyond_total,
    choice_of,
    coverage,
    drop_if,
)
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import GateClosed
from storyboard_ops.domain.image_records import DatasetReason, Drop, ImageRecord, count_drops
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.pictures import BalanceSection
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS
from storyboard_ops.gateways.storage.record_spool import RecordSpool
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 3


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
    sizes = PictureSizes(tools)
    fitting = [choice_of(image) for image in _fitting(tools, ref, sizes) if image.kept]
    drops = beyond_caps(fitting, settings.max_images_per_shot, settings.max_images_per_character)
    left = (one for one in fitting if one.image_id not in drops)
    drops |= beyond_total(left, NOVA_CANVAS.records[1])
    del fitting
    records = RecordSpool()
    reasons: Counter[str] = Counter()
    kept: list[ImageRecord] = []  # as many as a trainer takes
    for image in _fitting(tools, ref, sizes):
        chosen = drop_if(image, drops)
        records.append(chosen)
        kept += [chosen] if chosen.kept else []
        reasons.update(count_drops([chosen], "dataset"))
    log.info("%d of %d pictures are candidates.", len(kept), len(records))
    cells = [cell.model_dump(mode="json") for cell in coverage(kept)]
    summary = {"candidates": len(kept), "dropped": dict(reasons), "coverage": cells}
    return Made(records, summary)


def _fitting(
    tools: ToolBox[BalanceSection], ref: ManifestRef, sizes: PictureSizes
) -> Iterator[ImageRecord]:
    """Yield all pictures; those that the trainer would not accept are dropped."""
    for image in tools.manifests.stream(ref, ImageRecord, "images"):
        yield _check_limits(image, sizes)


class PictureSizes:
    """Bytes of stored pictures; the first one of a folder lists it: a call for a thousand."""

    def __init__(self, tools: ToolBox[BalanceSection]) -> None:
        self._tools = tools
        self._folders: dict[str, dict[str, int]] = {}

    def find(self, uri: str) -> int | None:
        """Return the size of a picture; None when it does not exist."""
        folder, _, name = uri.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self._list(S3Uri.parse(f"{folder}/"))
        return self._folders[folder].get(name)

    def _list(self, folder: S3Uri) -> dict[str, int]:
        prefix = S3Uri(folder.bucket, f"{folder.key}/")
        below = self._tools.objects.list(prefix)
        return {head.uri.key.removeprefix(prefix.key): head.size for head in below}


def _check_limits(image: ImageRecord, sizes: PictureSizes) -> ImageRecord:
    """Drop a picture, with the reason, when the trainer would not accept it."""
    if not image.kept or image.caption is None:
        return image
    size = sizes.find(image.uri)
    if size is None:
        return _drop(image, "missing", f"{image.uri} is no longer in the bucket")
    file = TrainingFile(
        key=S3Uri.parse(image.uri).key,
        width=image.width,
        height=image.height,
        size=size,
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
