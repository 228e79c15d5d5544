"""Several reviewers: the majority decides, a tie rejects, a second answer replaces the first."""

from storyboard_ops.core.review.merge import merge_answers
from storyboard_ops.domain.review.review_records import Decision, ReviewerAnswer

PICTURE = "a" * 64


def vote(reviewer: str, decision: str, at: str = "2026-11-23T10:00:00", **edits) -> ReviewerAnswer:
    made = Decision(image_id=PICTURE, decision=decision, **edits)
    return ReviewerAnswer(loop="l1", reviewer=reviewer, submitted_at=at, decisions=(made,))


def test_two_against_one():
    facts, _ = merge_answers(
        [vote("a", "approve"), vote("b", "reject"), vote("c", "approve")], "a2i"
    )[PICTURE]
    assert (facts.decision, facts.reviewer) == ("approve", "a, c")


def test_a_tie_rejects_with_the_reason_given():
    answers = [vote("a", "approve"), vote("b", "reject", reason="blurred")]
    facts, _ = merge_answers(answers, "a2i")[PICTURE]
    assert (facts.decision, facts.reason) == ("reject", "blurred")


def test_a_reviewer_who_answers_twice_counts_once_with_the_later_answer():
    answers = [
        vote("a", "reject", at="2026-11-23T10:00:00"),
        vote("a", "approve", at="2026-11-23T11:00:00"),
    ]
    facts, _ = merge_answers(answers, "a2i")[PICTURE]
    assert facts.decision == "approve"


def test_edits_of_the_losing_side_do_not_count():
    answers = [
        vote("a", "reject", caption="wrong"),
        vote("b", "approve", caption="right"),
        vote("c", "approve"),
    ]
    _, decision = merge_answers(answers, "a2i")[PICTURE]
    assert decision.caption == "right"


def test_an_edited_caption_wins_over_one_that_was_left_alone():
    answers = [vote("a", "approve"), vote("b", "approve", caption="Mira waves.")]
    _, decision = merge_answers(answers, "a2i")[PICTURE]
    assert decision.caption == "Mira waves."


def test_the_character_is_the_one_that_most_of_those_who_approve_name():
    answers = [
        vote("a", "approve", character="bram", caption="Bram waves."),
        vote("b", "approve"),
        vote("c", "approve"),
    ]
    facts, decision = merge_answers(answers, "a2i")[PICTURE]
    assert (facts.decision, facts.reviewer) == ("approve", "b, c")
    assert (decision.character, decision.caption) == ("", "")


def test_who_it_is_without_a_majority_rejects():
    answers = [vote("a", "approve", character="bram"), vote("b", "approve")]
    facts, decision = merge_answers(answers, "a2i")[PICTURE]
    assert (facts.decision, facts.reviewer) == ("reject", "a, b")
    assert facts.reason == "reviewers name different characters"
    assert decision.character == ""


def test_one_against_none_and_none_against_one():
    assert merge_answers([vote("a", "approve")], "page")[PICTURE][0].decision == "approve"
    facts, decision = merge_answers([vote("a", "reject", reason="blurred")], "page")[PICTURE]
    assert (facts.decision, facts.reason, facts.desk) == ("reject", "blurred", "page")
    assert (facts.decided_at, decision.reason) == ("2026-11-23T10:00:00", "blurred")


def test_two_against_two_rejects_and_three_against_two_approves():
    two = [vote(reviewer, "approve") for reviewer in "ab"]
    against = [vote(reviewer, "reject", reason="blurred") for reviewer in "cd"]
    assert merge_answers([*two, *against], "a2i")[PICTURE][0].decision == "reject"
    three = [*two, vote("e", "approve")]
    assert merge_answers([*three, *against], "a2i")[PICTURE][0].reviewer == "a, b, e"


def test_two_characters_named_equally_often_above_a_third_are_no_majority():
    named = [("a", "bram"), ("b", "bram"), ("c", "pip"), ("d", "pip"), ("e", "")]
    votes = [vote(reviewer, "approve", character=who) for reviewer, who in named]
    facts, _ = merge_answers(votes, "a2i")[PICTURE]
    assert (facts.decision, facts.reviewer) == ("reject", "a, b, c, d, e")
