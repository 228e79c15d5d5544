"""Build the data that reviewers see: the items of an opened review and the document around them.

Light to import: the web server shows the approval page and must not load OpenCV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storyboard_ops.core.dataset.caption_linter import CaptionRules
from storyboard_ops.core.dataset.crop_geometry import least_cut_side
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import (
    BATCH_MAX,
    CAPTION_MAX,
    REASON_MAX,
    REJECT_REASONS,
    BoardItem,
    HumanLoop,
    LogEntry,
    OpenedReview,
)
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.training.trainer_limits import NOVA_CANVAS
from storyboard_ops.gateways.review.review_log import ReviewLog
from storyboard_ops.steps.money.cost_gate import cost_facts, cost_sentence
from storyboard_ops.steps.run.tool_box import ToolBox

INSTRUCTIONS = (
    "These pictures will teach an image model what the characters look like. Approve a picture "
    "when the right character is clearly visible; fix the caption where it is wrong."
)


@dataclass(frozen=True)
class Board:
    """An opened review and its items."""

    opened: OpenedReview
    items: tuple[BoardItem, ...]
    digest: str  # of the candidates and settings of the review


def load_board(tools: ToolBox, loops: ManifestRef | None = None) -> Board | None:
    """Load the board that ``open_review`` wrote; None when no review is open for people.

    ``loops`` is the manifest that ``open_review`` returned; the latest by default.
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


def review_log(tools: ToolBox, digest: str) -> ReviewLog[LogEntry]:
    """Return the log of a board by its digest; another selection of pictures has another log."""
    return ReviewLog(tools.objects, log_folder(tools.run_root, digest), LogEntry)


def log_folder(run_root: S3Uri, digest: str) -> S3Uri:
    """Return where a run keeps the log of a board."""
    return run_root / f"review/log/{digest[:16]}"


def board_document(
    tools: ToolBox[RunSettings], items: Sequence[BoardItem], opened_at: str
) -> dict[str, Any]:
    """Build the document that both desks show, see docs/approval-page.md.

    Items carry S3 URIs; each desk makes its own links from them.
    """
    production = tools.production
    cost = cost_facts(tools)
    return {
        "run": {"title": production.production, "opened_at": opened_at},
        "instructions": f"{INSTRUCTIONS} {cost_sentence(cost)}",
        "items": [item.model_dump(mode="json", exclude={"place", "look"}) for item in items],
        "characters": [{"id": c.id, "name": c.name} for c in production.characters],
        "reasons": list(REJECT_REASONS),
        "limits": {
            "caption_min": NOVA_CANVAS.caption_characters[0],
            "caption_max": CAPTION_MAX,
            "caption_words": list(CaptionRules().words),
            "reason_max": REASON_MAX,
            "batch_max": BATCH_MAX,
            "cut_side": least_cut_side(tools.settings.max_enlargement),
            "cut_aspect": NOVA_CANVAS.aspect,
        },
        "least_approved": NOVA_CANVAS.records[0],
        "cost": cost.model_dump(mode="json"),
    }
