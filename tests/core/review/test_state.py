"""The log of a review and what follows from it: nothing is lost, nothing is overwritten."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard_ops.core.review.state import (
    Progress,
    answers_of,
    entries_of,
    fold,
    overall,
    progress,
)
from storyboard_ops.domain.error_tree import ManifestCorrupt
from storyboard_ops.domain.review.review_records import (
    BoardItem,
    Closing,
    Decision,
    LogEntry,
    LoggedDecision,
)
from tests.material.factories import sha

A, B = sha("a"), sha("b")


def decided(image_id: str, decision: str = "approve", based_on: int = 0, **more: Any) -> Any:
    return LoggedDecision(image_id=image_id, decision=decision, based_on=based_on, **more)


def entry(version: int, *decisions: LoggedDecision, by: str = "ana", **more: Any) -> LogEntry:
    values: dict[str, Any] = {
        "version": version,
        "id": str(uuid.UUID(int=version)),
        "kind": "decisions",
        "reviewer": by,
        "at": f"2026-11-23T07:00:{version:02d}+00:00",
        "decisions": decisions,
    }
    return LogEntry(**(values | more))


def item(image_id: str, character: str = "mira") -> BoardItem:
    return BoardItem(
        id=image_id, character=character, caption="", video="film.mp4", shot=0, timecode="",
        score=0.9, width=512, height=512, picture_uri="s3://studio/a.png", thumb_uri="",
    )  # fmt: skip


def test_the_last_decision_about_a_picture_holds_and_says_who_made_it():
    state = fold(
        [
            entry(1, decided(A), decided(B, "reject", reason="blurred")),
            entry(2, decided(A, "reject", 1, reason="cut off"), by="ben"),
        ]
    )
    assert state.version == 2
    assert (state.items[A].decision, state.items[A].reviewer) == ("reject", "ben")
    assert (state.items[B].decision, state.items[B].version) == ("reject", 1)


def test_undo_is_an_entry_of_its_own():
    state = fold([entry(1, decided(A)), entry(2, decided(A, "open", 1))])
    assert state.items[A].decision == "open"
    assert answers_of(state) == ()


def test_a_decision_is_stale_when_somebody_else_has_decided_since():
    state = fold([entry(1, decided(A)), entry(2, decided(A, "reject", 1), by="ben")])
    assert state.stale([decided(A, based_on=2), decided(B)]) == {}
    assert state.stale([decided(A, based_on=1)]) == {A: state.items[A]}
    assert state.stale([decided(A, based_on=0)]) == {A: state.items[A]}


def test_what_changed_since_a_version():
    state = fold([entry(1, decided(A)), entry(2, decided(B))])
    assert set(state.since(1)) == {B}
    assert state.since(2) == {}


@pytest.mark.parametrize("versions", [[2], [1, 1], [1, 3]])
def test_a_log_with_a_gap_or_a_double_is_refused(versions):
    with pytest.raises(ManifestCorrupt, match="follows entry"):
        fold([entry(version) for version in versions])


def test_finishing_closes_and_reopening_opens():
    closed = fold([entry(1, decided(A)), entry(2, kind="finish", consent_usd=61.2)])
    assert closed.closed == Closing(by="ana", at="2026-11-23T07:00:02+00:00", consent_usd=61.2)
    assert fold([entry(3, kind="reopen")], closed).closed is None


def test_progress_counts_by_character_and_in_all():
    items = [item(A), item(B), item(sha("c"), "pip")]
    by_character = progress(items, fold([entry(1, decided(A), decided(B, "reject"))]))
    assert by_character == {
        "mira": Progress(approved=1, rejected=1, open=0),
        "pip": Progress(open=1),
    }
    assert str(overall(by_character)) == "1 approved, 1 rejected, 1 open"


def test_a_review_of_nothing_is_all_noughts():
    assert Progress() == Progress(approved=0, rejected=0, open=0)
    assert str(overall({})) == "0 approved, 0 rejected, 0 open"


def test_answers_have_the_form_of_a2i_one_for_each_save():
    state = fold(
        [
            entry(1, decided(A, caption="Mira waits.", character="pip")),
            entry(2, decided(B, "reject", reason="blurred"), by="ben"),
        ]
    )
    first, second = answers_of(state)
    assert (first.reviewer, first.submitted_at) == ("ana", "2026-11-23T07:00:01+00:00")
    assert first.decisions == (
        Decision(image_id=A, decision="approve", caption="Mira waits.", character="pip"),
    )
    assert second.decisions == (Decision(image_id=B, decision="reject", reason="blurred"),)


def test_another_log_begins_with_what_holds_for_its_pictures():
    state = fold(
        [
            entry(1, decided(A), decided(B)),
            entry(2, decided(A, "reject", reason="blurred"), by="ben"),
            entry(3, decided(B, "open", caption="Mira waits."), decided(sha("c"))),
        ]
    )
    about = {id: state.items[id] for id in (A, B)}
    begun = entries_of(about)
    assert [(one.version, one.reviewer, one.at[-8:]) for one in begun] == [
        (1, "ben", "02+00:00"),
        (2, "ana", "03+00:00"),
    ]
    assert [[d.image_id for d in one.decisions] for one in begun] == [[A], [B]]
    for image_id, version in ((A, 1), (B, 2)):
        expected = state.items[image_id].model_copy(update={"version": version})
        assert fold(begun).items[image_id] == expected
    assert entries_of(about) == begun


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from(["approve", "reject", "open"]))))
def test_folding_in_two_parts_is_folding_at_once(made):
    entries = [entry(n, decided(*each)) for n, each in enumerate(made, start=1)]
    half = len(entries) // 2
    assert fold(entries[half:], fold(entries[:half])) == fold(entries)
