"""Takes decisions along when a review is opened anew: people decide about no picture twice.

The pictures of a run change when something is removed from it, and the steps before the review run
again. A decision goes along where the picture is the same to the byte, and so is what was asked
about it: who it shows, and with which caption. One that gave it to a character who has left the
production since does not.
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
    """Begin the log of a new board with what the log of the last one says of the same pictures.

    ``board``: where the last one lies, if there was one, and the new one is going to; ``digest``:
    the new one's. It is to be written behind this: a try that died in between is then done again.
    """
    last = tools.manifests.latest(board)
    if last is None or last[1].input_digest == digest:
        return
    judged = {_judged(i) for i in tools.manifests.read(last[0], BoardItem, "board_items").records}
    same = {item.id for item in items if _judged(item) in judged}
    said = fold(review_log(tools, last[1].input_digest).entries())
    cast = {"", *(character.id for character in tools.production.characters)}
    kept = {id for id, item in said.items.items() if id in same and item.character in cast}
    new_log = review_log(tools, digest)
    for entry in entries_about(said, kept):
        if not new_log.add(entry):
            return  # these pictures were before people already: what was said then holds
        log.info(
            "%d decisions of %s on %s are kept.", len(entry.decisions), entry.reviewer, entry.at
        )


def _judged(item: BoardItem) -> tuple[str, str, str, bool]:
    """What a decision is about."""
    return item.id, item.character, item.caption, item.question
