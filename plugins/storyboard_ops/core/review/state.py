"""Compute the state of a review on the approval page by folding its append-only log.

Each decision names the version of the picture that the reviewer saw; if another reviewer has
decided since, nothing is added and the other decision is shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from storyboard_ops.core.review.log_state import LogState, fold_log
from storyboard_ops.core.text.wording import pluralize
from storyboard_ops.domain.base_record import Record, digest_of
from storyboard_ops.domain.review.review_records import (
    BoardItem,
    Decision,
    ItemState,
    LogEntry,
    LoggedDecision,
    OpenedReview,
    Origin,
    ReviewerAnswer,
)

#: Id of a picture, and its state.
Stated = tuple[str, ItemState]
#: What one save has in common: when, by whom, and where.
Save = tuple[str, str, Origin | None]
#: Name of the "loop" in answers that come from the page.
PAGE_LOOP = "approval-page"


#: State of a review; its items are pictures.
ReviewState = LogState[ItemState]


def fold(entries: Iterable[LogEntry], state: ReviewState | None = None) -> ReviewState:
    """Return the state after ``entries``, which continue ``state``, as ``fold_log`` does."""
    return fold_log(entries, state or ReviewState(), items_of)


def items_of(entry: LogEntry) -> dict[str, ItemState]:
    """Return the state of the pictures that an entry decides about, by their ids."""
    return {decision.image_id: _item_state(entry, decision) for decision in entry.decisions}


def _item_state(entry: LogEntry, decision: LoggedDecision) -> ItemState:
    return ItemState(
        version=entry.version,
        decision=decision.decision,
        reason=decision.reason,
        caption=decision.caption,
        character=decision.character,
        cut=decision.cut,
        caption_by=decision.caption_by,
        cut_by=decision.cut_by,
        reviewer=entry.reviewer,
        decided_at=entry.at,
        origin=entry.origin,
    )


class Progress(Record):
    """Number of decided and open pictures."""

    approved: int = 0
    rejected: int = 0
    open: int = 0

    def __str__(self) -> str:
        return f"{self.approved} approved, {self.rejected} rejected, {self.open} open"


def progress(items: Sequence[BoardItem], state: ReviewState) -> dict[str, Progress]:
    """Count progress by the character that the pipeline assigned, in the order of the board."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        decided = state.items.get(item.id)
        counts[item.character][decided.decision if decided else "open"] += 1
    return {
        character: Progress(approved=count["approve"], rejected=count["reject"], open=count["open"])
        for character, count in counts.items()
    }


def overall(by_character: Mapping[str, Progress]) -> Progress:
    """Add up the progress of all characters."""
    return Progress(
        approved=sum(each.approved for each in by_character.values()),
        rejected=sum(each.rejected for each in by_character.values()),
        open=sum(each.open for each in by_character.values()),
    )


def describe_asked(opened: OpenedReview) -> str:
    """Return what people are asked about, as a phrase."""
    kept = opened.pictures - opened.asked
    if not kept:
        return f"{pluralize(opened.asked, 'picture')} to decide about"
    about = pluralize(opened.asked, "new picture") + " to decide about" if opened.asked else ""
    return f"{about or 'nothing is new'}, {pluralize(kept, 'earlier decision')} kept"


def answers_of(state: ReviewState) -> tuple[ReviewerAnswer, ...]:
    """Return the decisions in the form of A2I's answers: one answer per save of a reviewer.

    Each picture occurs once, with its last decision; open pictures are left out.
    """
    decided = {id: item for id, item in state.items.items() if item.decision != "open"}
    return tuple(
        ReviewerAnswer(
            loop=PAGE_LOOP,
            reviewer=reviewer,
            submitted_at=at,
            decisions=tuple(_decision(*one) for one in made),
        )
        for (at, reviewer, _), made in _saves(decided)
    )


def entries_of(items: Mapping[str, ItemState], after: int = 0) -> list[LogEntry]:
    """Return states of pictures as the entries of a log after its version ``after``, one per save.

    Reviewers, times and origins are kept. Equal states give equal entries.
    """
    return [
        LogEntry(
            version=version,
            id=entry_id(at, reviewer, [id for id, _ in made]),
            kind="decisions",
            reviewer=reviewer,
            at=at,
            decisions=tuple(_logged(*one) for one in made),
            origin=origin,
        )
        for version, ((at, reviewer, origin), made) in enumerate(_saves(items), start=after + 1)
    ]


def entry_id(*parts: object) -> str:
    """Return the id of an entry that nobody sends: equal parts give equal ids."""
    return str(UUID(digest_of(*parts)[:32]))


def _saves(items: Mapping[str, ItemState]) -> list[tuple[Save, list[Stated]]]:
    """Group pictures by time, reviewer and origin of their last decision, sorted in that order."""
    saves: dict[Save, list[Stated]] = defaultdict(list)
    for image_id, item in sorted(items.items()):
        saves[item.decided_at, item.reviewer, item.origin].append((image_id, item))
    return sorted(saves.items(), key=lambda save: (*save[0][:2], str(save[0][2])))


def _logged(image_id: str, item: ItemState) -> LoggedDecision:
    return LoggedDecision(
        image_id=image_id,
        based_on=0,
        decision=item.decision,
        reason=item.reason,
        caption=item.caption,
        character=item.character,
        cut=item.cut,
        caption_by=item.caption_by,
        cut_by=item.cut_by,
    )


def _decision(image_id: str, item: ItemState) -> Decision:
    assert item.decision != "open"
    return Decision(
        image_id=image_id,
        decision=item.decision,
        reason=item.reason if item.decision == "reject" else "",
        caption=item.caption,
        character=item.character,
        cut=item.cut,
        caption_by=item.caption_by,
        cut_by=item.cut_by,
    )
