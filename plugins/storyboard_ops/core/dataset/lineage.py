"""Write ``lineage.csv`` of a dataset: where each picture comes from, one row per picture.

The file is UTF-8 with a byte order mark, so that spreadsheet programs decode it correctly; text
that such a program would run as a formula gets a leading apostrophe (OWASP, "CSV injection").
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from storyboard_ops.core.dataset.split import DatasetSplit
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.manifest_codec import SHORT_DIGEST

TRAINING, EVALUATION = "training", "evaluation"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

#: Meaning of each column, as the dataset's README explains it.
COLUMNS: Mapping[str, str] = {
    "file": "path of the picture in the dataset",
    "use": "training or evaluation",
    "image_id": "SHA-256 of the picture's PNG bytes",
    "character": "id of the character",
    "detected_as": "id of the character that the detector named",
    "video_uri": "the film",
    "video_version": "its S3 ETag",
    "video_sha256": "id of its content in the library",
    "pts": "time of the frame, in ticks",
    "time_base": "seconds per tick",
    "start_pts": "pts of the first displayed frame",
    "timecode": "time since the first displayed frame",
    "sample": "number of the sample",
    "shot": "number of the shot: its first sample",
    "frame_sha256": "SHA-256 of the stored frame's JPEG bytes",
    "frame_width": "pixels of the displayed frame",
    "frame_height": "pixels of the displayed frame",
    "box_x": "detection in the frame, ratio, left",
    "box_y": "ratio, top",
    "box_w": "ratio, width",
    "box_h": "ratio, height",
    "crop_left": "crop in the frame, pixels",
    "crop_top": "pixels",
    "crop_width": "pixels",
    "crop_height": "pixels",
    "enlargement": "factor; 1: not enlarged",
    "width": "pixels of the picture",
    "height": "pixels of the picture",
    "framing": "full, medium or close",
    "part": "body or head",
    "head_from": "how the head was found: face or proportion",
    "unsure": "what the rules could not decide and people did",
    "others_inside": "other characters inside the crop, with the share of their box",
    "detector": "detector that found the character",
    "detection_model": "its model",
    "detection_confidence": "0 to 1",
    "frame_sharpness": "variance of the Laplacian",
    "crop_sharpness": "variance of the Laplacian",
    "near_duplicate_group": "name of the group that this picture represents",
    "near_duplicates_left_out": "pictures of the group that were left out",
    "nearest_similarity": "cosine to the most similar better picture",
    "embedding_model": "model that compared them",
    "caption": "as trained with",
    "caption_before_edit": "as the model wrote it, when a reviewer rewrote it",
    "caption_editor": "that reviewer",
    "caption_model": "model that wrote it",
    "prompt": "name of the prompt",
    "prompt_sha256": "its digest",
    "caption_findings": "findings of the linter that remain",
    "decision": "of the review",
    "reviewer": "who decided",
    "review_desk": "where",
    "reviewed_at": "when, ISO 8601",
}


def lineage_table(images: Iterable[ImageRecord], split: DatasetSplit) -> bytes:
    """Write the pictures of a split; ``images``: all of the run, with dropped ones."""
    images = list(images)
    left_out = Counter(
        image.duplicate.nearest
        for image in images
        if image.duplicate and image.dropped and image.dropped.stage == "duplicate"
    )
    uses = dict.fromkeys(split.training, TRAINING) | dict.fromkeys(split.evaluation, EVALUATION)
    rows = (
        lineage_row(image, uses[image.image_id], left_out[image.image_id])
        for image in images
        if image.image_id in uses
    )
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def lineage_row(image: ImageRecord, use: str, left_out: int) -> dict[str, Any]:
    """Return everything known about one picture, by column."""
    folder = "images" if use == TRAINING else EVALUATION
    return {
        "file": f"{folder}/{image.character}_{image.image_id[:SHORT_DIGEST]}.png",
        "use": use,
        "image_id": image.image_id,
        "character": image.character,
        "width": image.width,
        "height": image.height,
        "near_duplicate_group": f"group {image.image_id[:8]}",
        "near_duplicates_left_out": left_out,
        **_frame_columns(image),
        **_crop_columns(image),
        **_caption_columns(image),
        **_review_columns(image),
    }


def _frame_columns(image: ImageRecord) -> dict[str, Any]:
    frame = image.frame
    return {
        "video_uri": frame.video.uri,
        "video_version": frame.video.version,
        "video_sha256": frame.video.sha256,
        "pts": frame.pts,
        "time_base": frame.time_base,
        "start_pts": frame.start_pts,
        "timecode": frame.timecode,
        "sample": frame.k,
        "shot": frame.shot,
        "frame_sha256": frame.sha256,
        "frame_width": frame.width,
        "frame_height": frame.height,
        "frame_sharpness": frame.scores.sharpness,
    }


def _crop_columns(image: ImageRecord) -> dict[str, Any]:
    crop, found, duplicate = image.crop, image.crop.detection, image.duplicate
    return {
        "detected_as": found.character or "",
        "box_x": found.box.x,
        "box_y": found.box.y,
        "box_w": found.box.w,
        "box_h": found.box.h,
        "crop_left": crop.left,
        "crop_top": crop.top,
        "crop_width": crop.width,
        "crop_height": crop.height,
        "enlargement": crop.enlargement,
        "framing": crop.framing,
        "part": crop.part,
        "head_from": crop.head_from,
        "unsure": image.unsure,
        "others_inside": ", ".join(f"{who} {share:.2f}" for who, share in crop.overlap.items()),
        "detector": found.detector,
        "detection_model": found.model_id,
        "detection_confidence": found.confidence,
        "crop_sharpness": crop.sharpness,
        "nearest_similarity": duplicate.similarity if duplicate and duplicate.nearest else "",
        "embedding_model": duplicate.model_id if duplicate else "",
    }


def _caption_columns(image: ImageRecord) -> dict[str, Any]:
    caption = image.caption
    if caption is None:
        return {}
    return {
        "caption": caption.text,
        "caption_before_edit": caption.written,
        "caption_editor": caption.editor,
        "caption_model": caption.model_id,
        "prompt": caption.prompt,
        "prompt_sha256": caption.prompt_sha256,
        "caption_findings": " | ".join(caption.findings),
    }


def _review_columns(image: ImageRecord) -> dict[str, Any]:
    review = image.review
    if review is None:
        return {}
    return {
        "decision": review.decision,
        "reviewer": review.reviewer,
        "review_desk": review.desk,
        "reviewed_at": review.decided_at,
    }


def _cell(value: Any) -> Any:
    """Return a value that a spreadsheet shows and never computes."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
