"""Many reviewers, one decision per picture: the majority decides, and a tie rejects.

Those who approve also say who it is. Where they name different characters, the one that most of
them name holds; when none is named most often, nobody has a majority, and the picture is rejected.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from storyboard_ops.domain.image_records import ReviewFacts
from storyboard_ops.domain.review.review_records import Decision, ReviewerAnswer

Vote = tuple[ReviewerAnswer, Decision]
DISAGREED = "reviewers name different characters"


def merge_answers(
    answers: Iterable[ReviewerAnswer], desk: str
) -> dict[str, tuple[ReviewFacts, Decision]]:
    """Decision by image id, with the first edited caption of the winning side.

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
        return _settled(rejecting, desk)
    if agreeing := _most_agreeing(approving):
        return _settled(agreeing, desk)
    return _settled(approving, desk, decision="reject", reason=DISAGREED, character="")


def _most_agreeing(approving: list[Vote]) -> list[Vote]:
    """Those who name the character that is named most often; none when several are."""
    ranks = Counter(decision.character for _, decision in approving).most_common(2)
    if len(ranks) > 1 and ranks[0][1] == ranks[1][1]:
        return []
    return [vote for vote in approving if vote[1].character == ranks[0][0]]


def _settled(winners: list[Vote], desk: str, **instead: str) -> tuple[ReviewFacts, Decision]:
    """What the winners have decided; ``instead``: fields that hold in place of the first's."""
    answer, first = winners[0]
    captions = (decision.caption for _, decision in winners if decision.caption)
    decision = first.model_copy(update={"caption": next(captions, ""), **instead})
    facts = ReviewFacts(
        decision=decision.decision,
        reviewer=", ".join(vote[0].reviewer for vote in winners),
        reason=decision.reason,
        desk=desk,
        decided_at=answer.submitted_at,
    )
    return facts, decision
