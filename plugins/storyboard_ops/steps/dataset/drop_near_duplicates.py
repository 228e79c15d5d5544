"""Keep the best of the pictures of one character that are nearly the same.

A picture hash finds copies first, so that embeddings are bought only for pictures that differ.
"""

from __future__ import annotations

import io
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.near_duplicates import KEYED_ROWS, KeepBest, keep_best
from storyboard_ops.core.dataset.picture_hash import HASH_MODEL, keep_first_copies, picture_hash
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.core.pictures.quality import best_first
from storyboard_ops.domain.base_record import canonical_json, digest_of
from storyboard_ops.domain.image_records import Drop, DuplicateFacts, DuplicateReason, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.pictures import DuplicateSection
from storyboard_ops.gateways.aws.call_pool import Outcome, call_each
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 3
#: With many pictures the nearest one is reported only down to this far below the threshold:
#: searching it for all pictures would take four times as long.
REPORTED_REACH = 0.08
SIMILARITY_DIGITS = 6

Vector = NDArray[np.float32]
Value = TypeVar("Value")


class Embedder(Protocol):
    """Turns a picture into a vector, and pays once for each picture."""

    @property
    def model_id(self) -> str: ...

    def embed(self, picture: bytes, image_id: str) -> Vector:
        """Embed PNG bytes as float32 (D,); raises a StoryboardError when that fails."""


def drop_near_duplicates(
    tools: ToolBox[DuplicateSection], ref: ManifestRef, embedder: Embedder
) -> ManifestRef:
    """Compare the pictures of an "images" manifest, and drop near-duplicates.

    Pictures of different characters are not compared: a crop of one may contain the other. The
    embeddings of the kept pictures are stored as ``embeddings.npy``, float32 (N, D), with the image
    ids of its rows in ``embeddings.json``. Raises BatchFailed when too many pictures are lost.
    """
    threshold = tools.settings.duplicate_above
    return find_or_make(
        tools.manifests,
        tools.run_root / "crops/distinct.jsonl",
        "images",
        digest_of(VERSION, ref.sha256, threshold, embedder.model_id),
        lambda digest: _distinct(tools, ref, embedder, digest),
    )


def _distinct(
    tools: ToolBox[DuplicateSection], ref: ManifestRef, embedder: Embedder, digest: str
) -> Made:
    threshold = tools.settings.duplicate_above
    images = tools.manifests.read(ref, ImageRecord, "images").records
    kept = best_first(image for image in images if image.kept)

    hashed = call_each(kept, lambda image: picture_hash(decode_rgb(_read_picture(tools, image))))
    unreadable = _failures(hashed)
    check_lost_share(tools, "pictures could not be read", len(kept), unreadable)
    by_hash = _compare(hashed, keep_first_copies, HASH_MODEL, "copy")
    with tools.booking(f"embeddings-{digest[:16]}"):
        embedded = call_each(
            [image for image in by_hash if image.kept],
            lambda image: embedder.embed(_read_picture(tools, image), image.image_id),
        )
    lost = [*unreadable, *_failures(embedded)]
    check_lost_share(tools, "pictures could not be embedded", len(unreadable) + len(embedded), lost)
    by_embedding = _compare(
        embedded,
        lambda rows: keep_best(np.stack(rows), threshold, _report_from(len(rows), threshold)),
        embedder.model_id,
        "near-duplicate",
    )
    decided = {image.image_id: image for image in (*by_hash, *by_embedding)}
    records = [decided.get(image.image_id, image) for image in images]
    distinct = [image for image in by_embedding if image.kept]
    vectors = {one.item.image_id: one.value for one in embedded if one.value is not None}
    _store(tools, [image.image_id for image in distinct], vectors)
    log.info("Of %d pictures %d are distinct.", len(kept), len(distinct))
    reasons = Counter(image.dropped.reason for image in decided.values() if image.dropped)
    summary = {
        "pictures": len(kept),
        "distinct": len(distinct),
        "dropped": dict(reasons.most_common()),
        "threshold": threshold,
    }
    return Made(records, summary)


def _failures(outcomes: Iterable[Outcome[ImageRecord, Value]]) -> list[str]:
    return [one.failure for one in outcomes if one.value is None]


def _report_from(pictures: int, threshold: float) -> float:
    return threshold - REPORTED_REACH if pictures >= KEYED_ROWS else -1.0


def _read_picture(tools: ToolBox[DuplicateSection], image: ImageRecord) -> bytes:
    return tools.objects.get(S3Uri.parse(image.uri))


def _compare(
    outcomes: Iterable[Outcome[ImageRecord, Value]],
    keep: Callable[[Sequence[Value]], KeepBest],
    model_id: str,
    reason: DuplicateReason,
) -> list[ImageRecord]:
    """Compare the pictures of each character, which must be sorted best first."""
    compared: list[ImageRecord] = []
    groups: dict[str, list[Outcome[ImageRecord, Value]]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.value is None:
            drop = Drop(stage="duplicate", reason="not compared", detail=outcome.failure)
            compared.append(outcome.item.model_copy(update={"dropped": drop}))
        else:
            groups[outcome.item.character].append(outcome)
    for group in groups.values():
        images = [outcome.item for outcome in group]
        answer = keep([outcome.value for outcome in group if outcome.value is not None])
        compared += [
            _record_comparison(images, row, answer, model_id, reason) for row in range(len(images))
        ]
    return compared


def _record_comparison(
    images: Sequence[ImageRecord],
    row: int,
    answer: KeepBest,
    model_id: str,
    reason: DuplicateReason,
) -> ImageRecord:
    """Record a picture's most similar better one, and drop the picture if that is too similar."""
    if answer.nearest[row] < 0:
        return images[row].model_copy(update={"duplicate": DuplicateFacts(model_id=model_id)})
    nearest = images[answer.nearest[row]].image_id
    similarity = round(float(answer.similarity[row]), SIMILARITY_DIGITS)
    facts = DuplicateFacts(model_id=model_id, nearest=nearest, similarity=similarity)
    drop = Drop(
        stage="duplicate",
        reason=reason,
        detail=f"{similarity:.4f} like {nearest[:12]}, which is better",
        score=similarity,
    )
    dropped = None if answer.kept[row] else drop
    return images[row].model_copy(update={"duplicate": facts, "dropped": dropped})


def _store(
    tools: ToolBox[DuplicateSection], image_ids: list[str], vectors: Mapping[str, Vector]
) -> None:
    """Write the embeddings of the distinct pictures, and the image ids of the rows."""
    rows = [vectors[image_id] for image_id in image_ids]
    file = io.BytesIO()
    np.save(file, np.stack(rows) if rows else np.empty((0, 0), np.float32), allow_pickle=False)
    tools.objects.put(tools.run_root / "embeddings.npy", file.getvalue())
    ids = canonical_json(image_ids).encode()
    tools.objects.put(tools.run_root / "embeddings.json", ids, "application/json")
