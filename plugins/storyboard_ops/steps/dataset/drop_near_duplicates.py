"""Keep the best of the pictures of one character that are nearly the same.

A picture hash finds copies first, so that embeddings are bought only for pictures that differ.
"""

from __future__ import annotations

import logging
import shutil
from itertools import count
from tempfile import TemporaryFile
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from storyboard_ops.core.dataset.duplicates.near_duplicates import KEYED_ROWS, keep_best
from storyboard_ops.core.dataset.duplicates.picture_hash import picture_hash
from storyboard_ops.core.pictures.codec import decode_rgb
from storyboard_ops.domain.base_record import canonical_json, digest_of
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.pictures import DuplicateSection
from storyboard_ops.gateways.aws.call_pool import call_in_batches
from storyboard_ops.gateways.storage.record_spool import RecordSpool
from storyboard_ops.gateways.storage.row_file import RowFile
from storyboard_ops.steps.dataset.picture_columns import PictureColumns
from storyboard_ops.steps.dataset.picture_comparison import Comparison
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.progress import Progress, spending
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 3
#: With many pictures the nearest one is reported only down to this far below the threshold:
#: searching it for all pictures would take four times as long.
REPORTED_REACH = 0.08

Vector = NDArray[np.float32]


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
    rows = tools.manifests.stream(ref, ImageRecord, "images")
    pictures = PictureColumns(image for image in rows if image.kept)
    comparison = Comparison(pictures, embedder.model_id)
    unreadable = _find_copies(tools, comparison)
    check_lost_share(tools, "pictures could not be read", len(pictures), unreadable)
    with tools.booking(f"embeddings-{digest[:16]}"):
        distinct, embedded, lost = _compare_embeddings(tools, comparison, embedder)
    check_lost_share(
        tools,
        "pictures could not be embedded",
        len(unreadable) + embedded,
        [*unreadable, *lost],
    )
    _store(tools, [pictures.image_id(row) for row in comparison.distinct], distinct)
    log.info("Of %d pictures %d are distinct.", len(pictures), len(comparison.distinct))
    summary = {
        "pictures": len(pictures),
        "distinct": len(comparison.distinct),
        "dropped": dict(comparison.reasons.most_common()),
        "threshold": threshold,
    }
    return Made(_records(tools, ref, comparison), summary)


def _records(
    tools: ToolBox[DuplicateSection], ref: ManifestRef, comparison: Comparison
) -> RecordSpool:
    """Return all pictures of the manifest, with what the comparison found, in their order."""
    records = RecordSpool()
    rows = count()
    for image in tools.manifests.stream(ref, ImageRecord, "images"):
        records.append(comparison.record(image, next(rows)) if image.kept else image)
    return records


def _find_copies(tools: ToolBox[DuplicateSection], comparison: Comparison) -> list[str]:
    """Hash every picture and drop the copies; returns why pictures could not be read."""
    pictures = comparison.pictures
    best_first = pictures.best_first()
    hashes = np.zeros(len(pictures), np.uint64)

    def hash_picture(row: int) -> int:
        return picture_hash(decode_rgb(_read_picture(tools, pictures, row)))

    lost: list[str] = []
    readable: list[int] = []
    progress = Progress("Compared", len(best_first), "pictures with copies of others")
    for one in call_in_batches(best_first.tolist(), hash_picture, progress=progress.add_call):
        if one.value is None:
            comparison.fail(one.item, one.failure)
            lost.append(one.failure)
        else:
            hashes[one.item] = one.value
            readable.append(one.item)
    for group in pictures.by_character(np.array(readable, np.int64)):
        comparison.set_hashes(group, hashes[group].tolist())
    return lost


def _compare_embeddings(
    tools: ToolBox[DuplicateSection], comparison: Comparison, embedder: Embedder
) -> tuple[RowFile, int, list[str]]:
    """Embed the pictures of each character that are no copies, and drop near-duplicates.

    Returns the embeddings of the distinct pictures, in the order of ``comparison.distinct``, the
    number of pictures to embed, and why some could not be embedded.
    """
    pictures, threshold = comparison.pictures, tools.settings.duplicate_above
    distinct = RowFile()
    lost: list[str] = []
    wanted = 0

    def embed(row: int) -> Vector:
        return embedder.embed(_read_picture(tools, pictures, row), pictures.image_id(row))

    progress = Progress(
        "Embedded", sum(map(len, comparison.originals)), "pictures", spending(tools)
    )
    for group in comparison.originals:
        vectors = RowFile()
        embedded: list[int] = []
        wanted += len(group)
        for one in call_in_batches(group.tolist(), embed, progress=progress.add_call):
            if one.value is None:
                comparison.fail(one.item, one.failure)
                lost.append(one.failure)
            else:
                vectors.append(one.value)
                embedded.append(one.item)
        if not embedded:
            continue
        answer = keep_best(vectors, threshold, _report_from(len(embedded), threshold))
        comparison.set_embeddings(np.array(embedded, np.int64), answer)
        for row in np.flatnonzero(answer.kept):
            distinct.append(vectors[row])
    return distinct, wanted, lost


def _report_from(pictures: int, threshold: float) -> float:
    return threshold - REPORTED_REACH if pictures >= KEYED_ROWS else -1.0


def _read_picture(tools: ToolBox[DuplicateSection], pictures: PictureColumns, row: int) -> bytes:
    return tools.objects.get(S3Uri.parse(pictures.uri(row)))


def _store(tools: ToolBox[DuplicateSection], image_ids: list[str], vectors: RowFile) -> None:
    """Write the embeddings of the distinct pictures, and the image ids of the rows."""
    with TemporaryFile() as file:
        facts = {"descr": "<f4", "fortran_order": False, "shape": vectors.shape}
        np.lib.format.write_array_header_1_0(file, facts)
        vectors.file.seek(0)
        shutil.copyfileobj(vectors.file, file)
        file.seek(0)
        tools.objects.upload(file, tools.run_root / "embeddings.npy")
    ids = canonical_json(image_ids).encode()
    tools.objects.put(tools.run_root / "embeddings.json", ids, "application/json")
