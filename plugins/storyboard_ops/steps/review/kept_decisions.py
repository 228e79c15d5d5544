"""Keep decisions when a review is opened again, so that people decide about each picture once.

The pictures of a run change when something is removed from it and the steps before the review run
again. A decision is kept when the picture is byte-equal and has the same character, caption and
question, unless it assigned a character that is no longer in the production.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from storyboard_ops.core.review.state import entries_about, fold
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.review_records import BoardItem
from storyboard_ops.steps.review.document import review_log
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)


def keep_decisions(tools: ToolBox, board: S3Uri, items: Iterable[BoardItem], digest: str) -> None:
    """Start the log of a new board with the previous board's decisions about the same pictures.

    ``board`` is the URI of the previous board, if any, and of the new one; ``digest`` is that of
    the new one. Write the new board after this call, so that a killed try is repeated.
    """
    last = tools.manifests.latest(board)
    if last is None or last[1].input_digest == digest:
        return
    decidable = {
        _decision_basis(i) for i in tools.manifests.read(last[0], BoardItem, "board_items").records
    }
    same = {item.id for item in items if _decision_basis(item) in decidable}
    previous = fold(review_log(tools, last[1].input_digest).entries())
    cast = {"", *(character.id for character in tools.production.characters)}
    kept = {id for id, item in previous.items.items() if id in same and item.character in cast}
    new_log = review_log(tools, digest)
    for entry in entries_about(previous, kept):
        if not new_log.add(entry):
            return  # this board was open before: its own log counts
        log.info(
            "%d decisions of %s on %s are kept.", len(entry.decisions), entry.reviewer, entry.at
        )


def _decision_basis(item: BoardItem) -> tuple[str, str, str, bool]:
    """Return what a decision depends on."""
    return item.id, item.character, item.caption, item.question
