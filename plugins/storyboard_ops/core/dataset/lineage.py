"""Write ``lineage.csv`` of a dataset: where each picture comes from, one row per picture.

The file is UTF-8 with a byte order mark, so that spreadsheet programs decode it correctly. Text
that such a program would run as a formula gets an apostrophe in front of it (OWASP, "CSV
injection"), also within a cell: a program that expects semicolons or tabs begins a cell there.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from storyboard_ops.core.dataset.layouts import folder_of
from storyboard_ops.core.dataset.split import DatasetSplit
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import SHORT_DIGEST

TRAINING, EVALUATION = "training", "evaluation"
#: What a program may skip at the start of a cell: blanks, quotation marks, invisible letters.
_SKIPPED = '[\\s"\ufeff\u200b-\u200f\u2060]*'
#: The start of a cell and what may follow it; then a letter that begins a formula, in any width.
_FORMULA = re.compile(f"(^|[;\t\r\n])(?=[\t\r]|{_SKIPPED}[-=+@\uff0d\uff1d\uff0b\uff20])")

#: By column: its meaning, as the dataset's README explains it, and the attribute of ImageRecord
#: that it shows; "": ``lineage_row`` computes it.
_COLUMNS: Mapping[str, tuple[str, str]] = {
    "file": ("path of the picture in the dataset", ""),
    "use": ("training or evaluation", ""),
    "image_id": ("SHA-256 of the picture's PNG bytes", "image_id"),
    "character": ("id of the character", "character"),
    "detected_as": ("id of the character that the detector named", "crop.detection.character"),
    "video_uri": ("the film", "frame.video.uri"),
    "video_version": ("its S3 ETag", "frame.video.version"),
    "video_sha256": ("id of its content in the library", "frame.video.sha256"),
    "pts": ("time of the frame, in ticks", "frame.pts"),
    "time_base": ("seconds per tick", "frame.time_base"),
    "start_pts": ("pts of the first displayed frame", "frame.start_pts"),
    "timecode": ("time since the first displayed frame", "frame.timecode"),
    "sample": ("number of the sample", "frame.k"),
    "shot": ("number of the shot: its first sample", "frame.shot"),
    "frame_sha256": ("SHA-256 of the stored frame's JPEG bytes", "frame.sha256"),
    "frame_width": ("pixels of the displayed frame", "frame.width"),
    "frame_height": ("pixels of the displayed frame", "frame.height"),
    "box_x": ("detection in the frame, ratio, left", "crop.detection.box.x"),
    "box_y": ("ratio, top", "crop.detection.box.y"),
    "box_w": ("ratio, width", "crop.detection.box.w"),
    "box_h": ("ratio, height", "crop.detection.box.h"),
    "crop_left": ("crop in the frame, pixels", "crop.left"),
    "crop_top": ("pixels", "crop.top"),
    "crop_width": ("pixels", "crop.width"),
    "crop_height": ("pixels", "crop.height"),
    "crop_before": ("as the pipeline cut it, when a reviewer corrected the crop", ""),
    "crop_corrected_by": ("that reviewer", "crop.corrected.by"),
    "image_id_before": ("image_id of the picture before", "crop.corrected.image_id"),
    "enlargement": ("factor; 1: not enlarged", "crop.enlargement"),
    "width": ("pixels of the picture", "width"),
    "height": ("pixels of the picture", "height"),
    "framing": ("full, medium or close", "crop.framing"),
    "part": ("body or head", "crop.part"),
    "head_from": ("how the head was found: face or proportion", "crop.head_from"),
    "unsure": ("what the rules could not decide and people did", "unsure"),
    "others_inside": ("other characters inside the crop, with the share of their box", ""),
    "detector": ("detector that found the character", "crop.detection.detector"),
    "detection_model": ("its model", "crop.detection.model_id"),
    "detection_confidence": ("0 to 1", "crop.detection.confidence"),
    "frame_sharpness": ("variance of the Laplacian", "frame.scores.sharpness"),
    "crop_sharpness": ("variance of the Laplacian", "crop.sharpness"),
    "near_duplicate_group": ("name of the group that this picture represents", ""),
    "near_duplicates_left_out": ("pictures of the group that were left out", ""),
    "nearest_similarity": ("cosine to the most similar better picture", ""),
    "embedding_model": ("model that compared them", "duplicate.model_id"),
    "caption": ("as trained with", "caption.text"),
    "caption_before_edit": ("as the model wrote it, when a reviewer rewrote it", "caption.written"),
    "caption_editor": ("that reviewer", "caption.editor"),
    "caption_model": ("model that wrote it", "caption.model_id"),
    "prompt": ("name of the prompt", "caption.prompt"),
    "prompt_sha256": ("its digest", "caption.prompt_sha256"),
    "caption_findings": ("findings of the linter that remain", ""),
    "decision": ("of the review", "review.decision"),
    "reviewer": ("who decided", "review.reviewer"),
    "review_desk": ("where", "review.desk"),
    "reviewed_at": ("when, ISO 8601", "review.decided_at"),
    "carried_from": ("earlier run whose review decided; empty: this run", "review.carried_from"),
}
COLUMNS = {name: meaning for name, (meaning, _) in _COLUMNS.items()}


def lineage_table(
    images: Iterable[ImageRecord], split: DatasetSplit, props: Collection[str] = ()
) -> bytes:
    """Write the pictures of a split.

    ``images``: all of the run, with dropped ones; ``props``: ids of characters that are objects.
    """
    uses = dict.fromkeys(split.training, TRAINING) | dict.fromkeys(split.evaluation, EVALUATION)
    left_out = Counter[str]()
    listed: list[ImageRecord] = []
    for image in images:
        if image.image_id in uses:
            listed.append(image)
        if image.duplicate and image.dropped and image.dropped.stage == "duplicate":
            left_out[image.duplicate.nearest] += 1
    rows = (
        lineage_row(image, uses[image.image_id], left_out[image.first_id], props)
        for image in listed
    )
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def lineage_row(
    image: ImageRecord, use: str, left_out: int, props: Collection[str] = ()
) -> dict[str, Any]:
    """Return everything known about one picture, by column."""
    folder = folder_of(image, props) if use == TRAINING else EVALUATION
    others = (f"{who} {share:.2f}" for who, share in image.crop.overlap.items())
    compared = image.duplicate is not None and image.duplicate.nearest
    return {
        **{name: _attribute(image, path) for name, (_, path) in _COLUMNS.items() if path},
        "file": f"{folder}/{image.character}_{image.image_id[:SHORT_DIGEST]}.png",
        "use": use,
        "crop_before": str(_attribute(image, "crop.corrected.before")),
        "others_inside": ", ".join(others),
        "near_duplicate_group": f"group {image.first_id[:8]}",
        "near_duplicates_left_out": left_out,
        "nearest_similarity": _attribute(image, "duplicate.similarity") if compared else "",
        "caption_findings": " | ".join(_attribute(image, "caption.findings")),
    }


def _attribute(image: ImageRecord, path: str) -> Any:
    """Follow a path of attributes; empty where the picture has no such part."""
    value: Any = image
    for name in path.split("."):
        if value is None:
            return ""
        value = getattr(value, name)
    return "" if value is None else value


def _cell(value: Any) -> Any:
    """Return a value that a spreadsheet shows and never computes."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value
