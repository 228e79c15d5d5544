"""Many reviewers, one decision per picture: majority, and a tie rejects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from storyboard_ops.domain.image_records import ReviewFacts
from storyboard_ops.domain.review_records import Decision, ReviewerAnswer

Vote = tuple[ReviewerAnswer, Decision]


def merge_answers(
    answers: Iterable[ReviewerAnswer], desk: str
) -> dict[str, tuple[ReviewFacts, Decision]]:
    """Decision by image id, with the edits of the first reviewer on the winning side.

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
    winners = approving if len(approving) > len(rejecting) else rejecting
    answer, decision = winners[0]
    facts = ReviewFacts(
        decision=decision.decision,
        reviewer=", ".join(vote[0].reviewer for vote in winners),
        reason=decision.reason,
        desk=desk,
        decided_at=answer.submitted_at,
    )
    return facts, decision
