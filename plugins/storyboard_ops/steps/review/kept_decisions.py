"""Keep decisions, so that people decide about each picture once, in whichever run it appears.

Every review of people has an entry ``library/decisions/{production}/{run_key}.json``, which leads
to its board and its log. A new review starts its log with what the logs of the same production say
about its pictures, see ``core.review.carry_over``; ``carry_over: nothing`` leaves out those of
other runs. The earlier board of the same run always counts: a removal changes the pictures of a
run, and the steps before the review run again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

from storyboard_ops.core.review.carry_over import (
    Carried,
    EarlierReview,
    carry_over,
    flag_changes,
)
from storyboard_ops.core.review.state import ReviewState, entries_of, entry_id, fold
from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.error_tree import ManifestCorrupt, ObjectMissing
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.desk_choice import DeskName
from storyboard_ops.domain.review.review_records import (
    BoardItem,
    ItemState,
    KeptReview,
    LogEntry,
    Origin,
)
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.gateways.review.review_log import ReviewLog
from storyboard_ops.steps.review.document import log_folder, review_log
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

#: Who finishes a review in which every picture was decided about before.
NOTHING_NEW = "nobody: nothing was new"


def begin_log(
    tools: ToolBox[RunSettings], board: S3Uri, items: Sequence[BoardItem], digest: str
) -> tuple[BoardItem, ...]:
    """Start the log of a new board with earlier decisions about the same pictures.

    Returns the items; those that have changed since they were decided about are flagged. ``board``
    is the URI of the previous board of this run, if any, and of the new one; ``digest`` names the
    log of the new one. Write the new board after this call, so that a killed try is repeated. When
    nothing is new, the log is finished; after a removal, people finish it again.
    """
    cast = {character.id for character in tools.production.characters}
    carried = carry_over(items, [*_own_earlier(tools, board, digest), *_other_runs(tools)], cast)
    new_log = review_log(tools, digest)
    _write(new_log, carried)
    is_first = not set(tools.objects.folders(tools.run_root / "review/log")) - {new_log.folder.name}
    if items and is_first and not undecided(items, state_of(tools, digest)):
        _finish(tools, digest)
    return flag_changes(items, carried)


def keep_review(tools: ToolBox, desk: DeskName, board: S3Uri, digest: str) -> None:
    """Record where the decisions of this run are, for later runs of its production."""
    place = tools.workspace.decisions(tools.production.slug) / f"{tools.run_key}.json"
    kept = KeptReview(run=tools.run_key, desk=desk, board=str(board), digest=digest)
    tools.objects.put(place, canonical_json(kept).encode(), "application/json")


def add_to_log(tools: ToolBox, digest: str, decided: Mapping[str, ItemState]) -> None:
    """Add decisions that were made outside the approval page; those in the log stay as they are."""
    known = state_of(tools, digest)
    new = {id: item for id, item in decided.items() if id not in known.items}
    for entry in entries_of(new, after=known.version):
        review_log(tools, digest).add(entry)


def state_of(tools: ToolBox, digest: str) -> ReviewState:
    """Return the state of a review of this run, as its log says."""
    return fold(review_log(tools, digest).entries())


def undecided(items: Sequence[BoardItem], state: ReviewState) -> list[BoardItem]:
    """Return the pictures that people are asked about: those without a decision."""
    return [i for i in items if i.id not in state.items or state.items[i.id].decision == "open"]


def _write(new_log: ReviewLog[LogEntry], carried: Mapping[str, Carried]) -> None:
    for entry in entries_of({id: one.state for id, one in carried.items()}):
        if not new_log.add(entry):
            return  # this board was open before: its own log counts
        count, source = len(entry.decisions), entry.origin.run if entry.origin else "this run"
        log.info(
            "%d decisions of %s on %s in %s are kept.", count, entry.reviewer, entry.at, source
        )


def _finish(tools: ToolBox, digest: str) -> None:
    known = state_of(tools, digest)
    if known.closed is None:
        entry = LogEntry(
            version=known.version + 1,
            id=entry_id("nothing new", digest, known.version),
            kind="finish",
            reviewer=NOTHING_NEW,
            at=iso_millis(tools.clock()),
        )
        review_log(tools, digest).add(entry)


def _own_earlier(tools: ToolBox, board: S3Uri, digest: str) -> list[EarlierReview]:
    last = tools.manifests.latest(board)
    if last is None or last[1].input_digest == digest:
        return []
    items = tools.manifests.read(last[0], BoardItem, "board_items").records
    return [EarlierReview(items, state_of(tools, last[1].input_digest), origin=None)]


def _other_runs(tools: ToolBox[RunSettings]) -> Iterator[EarlierReview]:
    if tools.settings.carry_over == "nothing":
        return
    for head in tools.objects.list(tools.workspace.decisions(tools.production.slug) / ""):
        kept = tools.objects.record(head.uri, KeptReview)
        if kept.run != tools.run_key and (review := _read(tools, kept)):
            yield review


def _read(tools: ToolBox, kept: KeptReview) -> EarlierReview | None:
    """Read the review of another run; None when it was deleted or cannot be read."""
    folder = tools.workspace.run(kept.run)
    try:
        board = tools.manifests.latest(S3Uri.parse(kept.board))
        if board is None:
            log.info("The review of %s was deleted; its decisions are not kept.", kept.run)
            return None
        items = tools.manifests.read(board[0], BoardItem, "board_items").records
        entries = ReviewLog(tools.objects, log_folder(folder, kept.digest), LogEntry).entries()
        return EarlierReview(items, fold(entries), Origin(run=kept.run, desk=kept.desk))
    except (ManifestCorrupt, ObjectMissing) as error:
        log.warning("The decisions of %s are not kept: %s", kept.run, error)
        return None
