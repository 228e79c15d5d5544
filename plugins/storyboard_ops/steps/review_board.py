"""The board that reviewers see on either desk: items, thumbnails, and the document around them.

review/board.jsonl      items of kind "board_items", sorted as they are shown
review/thumbs/{id}.jpg  a small picture of each, so that a thousand stay smooth
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storyboard_ops.core.board_items import board_items
from storyboard_ops.core.caption_linter import CaptionRules
from storyboard_ops.core.dataset_rules import NOVA_CANVAS
from storyboard_ops.core.picture_codec import decode_rgb, encode_jpeg, fit_within
from storyboard_ops.domain.image_records import Frame, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review_records import (
    BATCH_MAX,
    CAPTION_MAX,
    REASON_MAX,
    REJECT_REASONS,
    BoardItem,
    HumanLoop,
    OpenedReview,
)
from storyboard_ops.gateways.call_pool import call_each
from storyboard_ops.steps.collect_manifests import frames_of_run
from storyboard_ops.steps.cost_gate import cost_facts, cost_sentence
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)

THUMB_SIDE = 320
THUMB_QUALITY = 85
INSTRUCTIONS = (
    "These pictures will teach an image model what the characters look like. Approve a picture "
    "when the right character is well visible; mend the caption where it is wrong."
)


@dataclass(frozen=True)
class Board:
    """An opened review and its items."""

    opened: OpenedReview
    items: tuple[BoardItem, ...]
    digest: str  # of the candidates and settings that it was opened for


def lay_out_board(tools: ToolBox, images: Sequence[ImageRecord], digest: str) -> ManifestRef:
    """Write the items of the board, and a thumbnail of every picture."""
    thumbs = _thumbs(tools, images)
    items = board_items(
        images, _frames(tools), tools.production, lambda image: thumbs[image.image_id]
    )
    return tools.manifests.commit(
        tools.run_root / "review/board.jsonl", "board_items", digest, items
    )


def _frames(tools: ToolBox) -> list[Frame]:
    refs = frames_of_run(tools)
    return [f for ref in refs for f in tools.manifests.read(ref, Frame, "frames").records]


def _thumbs(tools: ToolBox, images: Sequence[ImageRecord]) -> dict[str, str]:
    """URI of the thumbnail by image id; of the picture itself where none could be made."""
    folder = tools.run_root / "review/thumbs"
    there = {head.uri.name for head in tools.objects.list(folder)}
    missing = [image for image in images if f"{image.image_id}.jpg" not in there]
    made = call_each(missing, lambda i: _thumb(tools, i, folder))
    uris = {image.image_id: str(folder / f"{image.image_id}.jpg") for image in images}
    return uris | {one.item.image_id: one.item.uri for one in made if one.value is None}


def _thumb(tools: ToolBox, image: ImageRecord, folder: S3Uri) -> str:
    pixels = fit_within(decode_rgb(tools.objects.get(S3Uri.parse(image.uri))), THUMB_SIDE)
    body = encode_jpeg(pixels, THUMB_QUALITY)
    return tools.objects.put(folder / f"{image.image_id}.jpg", body, "image/jpeg")


def opened_board(tools: ToolBox, loops: ManifestRef | None = None) -> Board | None:
    """The board of the run as ``open_review`` left it; None when no review is open for people.

    ``loops``: the manifest that ``open_review`` returned; without it, the latest is taken.
    """
    if loops is None:
        found = tools.manifests.latest(tools.run_root / "review/loops.jsonl")
        if found is None:
            return None
        loops = found[0]
    header = tools.manifests.read(loops, HumanLoop, "human_loops").header
    opened = OpenedReview.model_validate(header.summary)
    if opened.board is None:
        return None
    items = tools.manifests.read(opened.board, BoardItem, "board_items").records
    return Board(opened, items, header.input_digest)


def board_document(tools: ToolBox, items: Sequence[BoardItem], opened_at: str) -> dict[str, Any]:
    """What both desks show, see docs/decisions/0060-approval-page.md.

    Items carry S3 URIs; each desk turns them into links in its own way.
    """
    production = tools.production
    cost = cost_facts(tools)
    return {
        "run": {"title": production.production, "opened_at": opened_at},
        "instructions": f"{INSTRUCTIONS} {cost_sentence(cost)}",
        "items": [item.model_dump(mode="json") for item in items],
        "characters": [{"id": c.id, "name": c.name} for c in production.characters],
        "reasons": list(REJECT_REASONS),
        "limits": {
            "caption_min": NOVA_CANVAS.caption_characters[0],
            "caption_max": CAPTION_MAX,
            "caption_words": list(CaptionRules().words),
            "reason_max": REASON_MAX,
            "batch_max": BATCH_MAX,
        },
        "least_approved": NOVA_CANVAS.records[0],
        "cost": cost.model_dump(mode="json"),
    }
