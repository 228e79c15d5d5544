"""People who review besides the owner of the local Airflow."""

from __future__ import annotations

import pytest

from launcher.aws.clouds import LocalCloud
from launcher.errors import UsageError
from launcher.state.reviewers import reviewers_from


def test_reviewers_decide_unless_they_only_look() -> None:
    assert reviewers_from({"REVIEWERS": "ana, ben:viewer,"}) == {"ana": "user", "ben": "viewer"}
    assert reviewers_from({}) == {}


def test_they_are_users_of_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWERS", "ana")
    assert LocalCloud().users == {"scripted-reviewer": "user", "ana": "user"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Ana!", "names 'Ana!', which no reviewer can be called. Write small letters"),
        ("admin:viewer", "none of admin, scripted-reviewer: REVIEWERS=ana,ben:viewer"),
        (":user", "names '', which no reviewer"),
        ("ana:veiwer", "the role 'veiwer'. Roles are: user, who decides, and viewer"),
        ("ana:admin", "the role 'admin'. Roles are"),
    ],
)
def test_who_cannot_review_is_named(given: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        reviewers_from({"REVIEWERS": given})
    assert words in str(refused.value)
