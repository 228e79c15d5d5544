"""Merge the answers of many reviewers: the majority decides, and a tie rejects.

Reviewers who approve also name the character. Where they disagree, the character named most often
wins; on a tie between characters, the picture is rejected.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Literal

from storyboard_ops.domain.image_records import ReviewFacts
from storyboard_ops.domain.review.review_records import Decision, ReviewerAnswer

Vote = tuple[ReviewerAnswer, Decision]
DISAGREED = "reviewers name different characters"


def merge_answers(
    answers: Iterable[ReviewerAnswer], desk: str
) -> dict[str, tuple[ReviewFacts, Decision]]:
    """Return the decision by image id, with the first edited caption and cut of the winning side.

    A reviewer who answers twice about a picture counts once, with the later answer.
    """
    votes: dict[str, dict[str, Vote]] = defaultdict(dict)
    for answer in sorted(answers, key=lambda a: (a.submitted_at, a.reviewer)):
        for decision in answer.decisions:
            votes[decision.image_id][answer.reviewer] = (answer, decision)
    return {image_id: _majority(list(cast.values()), desk) for image_id, cast in votes.items()}


def _majority(votes: list[Vote], desk: str) -> tuple[ReviewFacts, Decision]:
    approving = [vote for vote in votes if vote[1].decision == "approve"]
    rejecting = [vote for vote in votes if vote[1].decision == "reject"]
    if len(approving) <= len(rejecting):
        return _combine(rejecting, desk)
    if agreeing := _most_agreeing(approving):
        return _combine(agreeing, desk)
    return _combine(approving, desk, decision="reject", reason=DISAGREED, character="")


def _most_agreeing(approving: list[Vote]) -> list[Vote]:
    """Return the votes for the character named most often; none on a tie."""
    ranks = Counter(decision.character for _, decision in approving).most_common(2)
    if len(ranks) > 1 and ranks[0][1] == ranks[1][1]:
        return []
    return [vote for vote in approving if vote[1].character == ranks[0][0]]


def _combine(winners: list[Vote], desk: str, **instead: str) -> tuple[ReviewFacts, Decision]:
    """Combine the winning votes; ``instead``: fields that replace those of the first vote."""
    answer, first = winners[0]
    edits = {**_edit(winners, "caption"), **_edit(winners, "cut")}
    decision = first.model_copy(update={**edits, **instead})
    facts = ReviewFacts(
        decision=decision.decision,
        reviewer=", ".join(vote[0].reviewer for vote in winners),
        reason=decision.reason,
        desk=desk,
        decided_at=answer.submitted_at,
    )
    return facts, decision


def _edit(winners: list[Vote], field: Literal["caption", "cut"]) -> dict[str, str]:
    """Return the first edit of a field and who made it, as fields of a decision."""
    for answer, decision in winners:
        if edited := getattr(decision, field):
            return {
                field: edited,
                f"{field}_by": getattr(decision, f"{field}_by") or answer.reviewer,
            }
    return {field: "", f"{field}_by": ""}
