"""The approval page's review of a run: validate additions to its log, and write its answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from storyboard_ops.core.dataset.crop_geometry import cut_fault
from storyboard_ops.core.review.state import (
    PAGE_LOOP,
    Progress,
    ReviewState,
    answers_of,
    items_of,
    progress,
)
from storyboard_ops.domain.error_tree import NotFinished, ObjectMissing, ReviewRefused
from storyboard_ops.domain.manifest_codec import ManifestRef
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.review.corrected_cut import CutBox
from storyboard_ops.domain.review.review_records import (
    BoardItem,
    CostConsent,
    DecisionBatch,
    FinishRequest,
    ItemState,
    LogEntry,
    LoggedDecision,
    ReviewerAnswer,
)
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.review.human_review import read_answers, write_answers
from storyboard_ops.steps.money.cost_gate import cost_facts
from storyboard_ops.steps.review.document import (
    Board,
    board_document,
    load_board,
    review_log,
)
from storyboard_ops.steps.review.log_desk import LogDesk
from storyboard_ops.steps.run.tool_box import ToolBox


def read_page_consent(tools: ToolBox[RunSettings]) -> CostConsent | None:
    """Return the consent given with the finish on the approval page; None when there is none."""
    board = load_board(tools)
    closed = ReviewDesk(tools, board).state().closed if board else None
    if closed is None or closed.consent_usd is None:
        return None
    return CostConsent(
        usd=closed.consent_usd, agreed=True, by=closed.by, at=closed.at, where="approval page"
    )


def open_desk_of_run(tools: ToolBox[RunSettings], loops: ManifestRef | None = None) -> ReviewDesk:
    """Open the desk of a run's review; raises ObjectMissing when the approval page has none.

    ``loops`` is the manifest that ``open_review`` returned; the latest by default.
    """
    board = load_board(tools, loops)
    if board is None or board.opened.desk != "page":
        raise ObjectMissing(
            f"No review waits on the approval page for {tools.run_root}. Its review desk is "
            f"{tools.settings.review_desk}; the page opens when open_review has run."
        )
    return ReviewDesk(tools, board)


class ReviewDesk(LogDesk[LogEntry, ItemState]):
    """A review, as its log records it. Safe for concurrent use by threads and processes."""

    entry_type = LogEntry
    things = "pictures"
    _items_of = staticmethod(items_of)

    def __init__(self, tools: ToolBox[RunSettings], board: Board) -> None:
        super().__init__(tools, review_log(tools, board.digest))
        self.board = board

    @cached_property
    def _by_id(self) -> dict[str, BoardItem]:
        return {item.id: item for item in self.board.items}

    def item(self, image_id: str) -> BoardItem:
        """Return a picture of this board; raises ObjectMissing for any other."""
        if image_id not in self._by_id:
            raise ObjectMissing(f"Picture {image_id[:12]} is not part of this review.")
        return self._by_id[image_id]

    def references(self, character: str) -> tuple[str, ...]:
        """Return the URIs of a character's reference pictures; none for an unknown one."""
        cast = self._tools.production.characters
        return next((one.references for one in cast if one.id == character), ())

    @property
    def title(self) -> str:
        return self._tools.production.production

    def document(self) -> dict[str, Any]:
        """Build the document that the board shows, see ``board_document``."""
        return board_document(self._tools, self.board.items, self.board.opened.opened_at)

    def link(self, uri: str, seconds: int) -> str:
        """Return a link to a picture of the board, valid for this many seconds.

        Raises ObjectMissing for an object outside both the run's folder and the shared library of
        frames, even if the board names it.
        """
        place = S3Uri.parse(uri)
        folders = (self._tools.run_root, self._tools.workspace.root / "library")
        if not any(_is_inside(place, folder) for folder in folders):
            raise ObjectMissing("A picture of this board is outside the run and the library.")
        return self._tools.objects.link(place, seconds)

    def picture_origin(self) -> str:
        """Return the scheme and host of links, e.g. ``https://bucket.s3.amazonaws.com``."""
        link = urlsplit(self._tools.objects.link(self._tools.workspace.root / "x", 1))
        return f"{link.scheme}://{link.netloc}"

    def progress(self, state: ReviewState) -> dict[str, Progress]:
        """Count the progress of the review by character."""
        return progress(self.board.items, state)

    def save(self, reviewer: str, batch: DecisionBatch) -> ReviewState:
        """Add a batch of decisions as a whole; raises ReviewRefused and adds none of it."""

        def make_entry(state: ReviewState) -> LogEntry:
            self._refuse_used_or_closed(state, batch.id)
            self._refuse_unknown(batch.decisions)
            self._refuse_stale(state, state.stale(batch.decisions))
            made = [self._signed(state, reviewer, decision) for decision in batch.decisions]
            return self._make_entry(state, batch.id, "decisions", reviewer, decisions=made)

        return self._add(make_entry)

    def finish(self, reviewer: str, request: FinishRequest) -> ReviewState:
        """Close the review and write its answers; raises ReviewRefused when it must stay open."""

        def make_entry(state: ReviewState) -> LogEntry:
            self._refuse_used_or_closed(state, request.id)
            if request.based_on != state.version:
                self._refuse_stale(state, state.since(request.based_on))
            undecided = sum(each.open for each in self.progress(state).values())
            self._refuse_other_open(undecided, request.open, "they will be left out.")
            consent = self._check_consent(request.consent_usd, cost_facts(self._tools).consent_usd)
            return self._make_entry(state, request.id, "finish", reviewer, consent_usd=consent)

        state = self._add(make_entry)
        self.write_answers(state)
        return state

    def closed_answers(self) -> list[ReviewerAnswer]:
        """Return the answers of a finished review; raises NotFinished when it is not finished.

        Writes them from the log again, in case the process that finished it was killed.
        """
        state = self.state()
        if state.closed is None:
            raise NotFinished(
                "The review is not finished. Finish it on the approval page of this run, then "
                "clear wait_for_approval."
            )
        self.write_answers(state)
        return read_answers(
            self._tools.objects, PAGE_LOOP, str(self._tools.run_root / "review/answers.json")
        )

    def write_answers(self, state: ReviewState) -> None:
        """Write the decisions in the form of A2I, next to their log."""
        uri = self._tools.run_root / "review/answers.json"
        write_answers(self._tools.objects, uri, answers_of(state))

    def _refuse_unknown(self, decisions: Sequence[LoggedDecision]) -> None:
        cast = {character.id for character in self._tools.production.characters}
        for decision in decisions:
            if decision.image_id not in self._by_id:
                raise ReviewRefused(
                    "unknown", f"Picture {decision.image_id[:12]} is not part of this review."
                )
            if decision.character and decision.character not in cast:
                raise ReviewRefused(
                    "unknown",
                    f"Character {decision.character!r} is not in this production. Choose one of "
                    f"{', '.join(sorted(cast))}.",
                )
            self._refuse_cut(decision)

    def _refuse_cut(self, decision: LoggedDecision) -> None:
        item = self._by_id[decision.image_id]
        if not decision.cut:
            return
        if item.frame_size is None:
            raise ReviewRefused(
                "cut",
                "An earlier version of the pipeline opened this review, so its crops cannot be "
                "corrected. Reject the picture, or clear open_review.",
            )
        cut, most = CutBox.read(decision.cut), self._tools.settings.max_enlargement
        if fault := cut_fault(cut, item.frame_size, most):
            raise ReviewRefused("cut", f"{fault}. Draw it again.")

    def _signed(
        self, state: ReviewState, reviewer: str, decision: LoggedDecision
    ) -> LoggedDecision:
        """Return a decision with who wrote its caption, who corrected its cut, and from what."""
        known = state.items.get(decision.image_id)
        item = self._by_id[decision.image_id]
        cut = known.cut if known else ""
        caption_by = known.caption_by if known and known.caption == decision.caption else reviewer
        cut_by = known.cut_by if known and known.cut == decision.cut else reviewer
        changed = decision.cut != cut
        update = {
            "caption_by": caption_by if decision.caption else "",
            "cut_by": cut_by if decision.cut else "",
            "cut_before": (cut or str(item.cut)) if changed else "",
        }
        return decision.model_copy(update=update)


def _is_inside(place: S3Uri, folder: S3Uri) -> bool:
    return place.bucket == folder.bucket and place.key.startswith(f"{folder.key}/")
