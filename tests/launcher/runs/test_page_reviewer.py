"""The scripted reviewer on the approval page: what it sends, and when it leaves a review alone.

That the real page takes it is tested with a real run (tests/airflow_ops/dags/test_run_of_today.py).
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
import responses

from launcher.errors import RunFailed
from launcher.runs.page_reviewer import PageReviewer

URL = "http://127.0.0.1:8"
PAGE = "runs/train/r1/review"
REVIEW = f"{URL}/storyboard/runs/train/r1"


def item(name: str, question: bool = False) -> dict[str, Any]:
    return {
        "id": name,
        "character": "mira",
        "caption": f"Mira {name}",
        "score": 0.9,
        "question": question,
    }


def record_page(state: str = "open", consent_usd: float | None = None, **decided: int) -> None:
    """Record a page with three pictures, some of them decided at a version."""
    responses.post(f"{URL}/auth/token", json={"access_token": "jwt"})
    listed = [{"state": state, "page": PAGE}]
    responses.get(f"{URL}/storyboard/runs.json", json={"runs": listed})
    board = {
        "version": 3,
        "token": "of-the-page",
        "items": [item("a"), item("b"), item("c", question=True)],
        "decisions": {
            name: {"version": version, "decision": "approve"} for name, version in decided.items()
        },
        "limits": {"batch_max": 2},
        "cost": {"consent_usd": consent_usd},
    }
    responses.get(f"{REVIEW}/board", json=board)
    responses.post(f"{REVIEW}/decisions", json={"version": 4})
    responses.post(f"{REVIEW}/finish", json={"version": 5})


def sent_to(path: str) -> list[dict[str, Any]]:
    """The bodies of the requests to a path of the review; each carries the token of the page."""
    calls = [call.request for call in responses.calls if call.request.url == f"{REVIEW}/{path}"]
    assert {call.headers["X-Review-Token"] for call in calls} <= {"of-the-page"}
    assert {call.headers["Cookie"] for call in calls} <= {"_token=jwt"}
    return [json.loads(call.body) for call in calls]


def review(notes: list[str]) -> PageReviewer:
    return PageReviewer(URL, "script", "secret", notes.append)


@responses.activate
def test_it_decides_in_batches_finishes_and_says_that_it_is_a_script() -> None:
    record_page()
    notes: list[str] = []
    review(notes).answer_open_reviews()
    first, second = (batch["decisions"] for batch in sent_to("decisions"))
    assert [(one["image_id"], one["decision"]) for one in (*first, *second)] == [
        ("a", "approve"),
        ("b", "approve"),
        ("c", "reject"),
    ]
    unchanged = {(one["caption"], one["character"], one["based_on"]) for one in (*first, *second)}
    assert unchanged == {("", "", 0)}
    (final,) = sent_to("finish")
    assert (final["based_on"], final["open"], final["consent_usd"]) == (4, 0, None)
    assert notes == ["A script, not a person, answered the page: 2 approved, 1 rejected."]
    assert len(notes[0]) <= 72  # with the time in front, it fits a line of 80 columns


@responses.activate
def test_what_people_have_decided_stays() -> None:
    record_page(a=2, c=3)
    review([]).answer_open_reviews()
    (batch,) = sent_to("decisions")
    assert [one["image_id"] for one in batch["decisions"]] == ["b"]


@responses.activate
def test_it_does_not_agree_to_costs_but_says_once_that_a_person_has_to() -> None:
    record_page(consent_usd=61.2)
    notes: list[str] = []
    reviewer = review(notes)
    reviewer.answer_open_reviews()
    reviewer.answer_open_reviews()
    assert sent_to("finish") == []
    assert notes == [f"A person has to agree to 61.20 USD and finish: {URL}/storyboard/{PAGE}"]


@responses.activate
def test_a_finished_review_is_left_alone() -> None:
    record_page(state="finished")
    review([]).answer_open_reviews()
    assert sent_to("decisions") == []


@responses.activate
@pytest.mark.parametrize("failure", [requests.ConnectionError(), requests.Timeout()])
def test_a_page_that_does_not_answer_now_is_tried_again(failure: Exception) -> None:
    responses.post(f"{URL}/auth/token", body=failure)
    reviewer = review([])
    reviewer.answer_open_reviews()
    responses.reset()
    record_page()
    reviewer.answer_open_reviews()
    assert len(sent_to("finish")) == 1


@responses.activate
@pytest.mark.parametrize("status", [401, 409])
def test_after_a_refusal_that_passes_it_looks_again(status: int) -> None:
    record_page()
    responses.replace(responses.POST, f"{REVIEW}/decisions", status=status, json={})
    reviewer = review([])
    reviewer.answer_open_reviews()
    assert sent_to("finish") == []
    responses.replace(responses.POST, f"{REVIEW}/decisions", json={"version": 4})
    reviewer.answer_open_reviews()
    assert len(sent_to("finish")) == 1


@responses.activate
def test_a_login_that_is_refused_ends_the_run_and_is_not_tried_for_ever() -> None:
    responses.post(f"{URL}/auth/token", status=401, json={"detail": "Invalid credentials"})
    with pytest.raises(RunFailed, match=r"refuses the login of the user script\."):
        review([]).answer_open_reviews()


@responses.activate
def test_a_page_that_refuses_ends_the_run_clearly() -> None:
    record_page()
    responses.replace(
        responses.POST, f"{REVIEW}/finish", status=403, json={"message": "not permitted"}
    )
    with pytest.raises(RunFailed, match=r"could not use the approval page: 403 .*not permitted"):
        review([]).answer_open_reviews()


@responses.activate
def test_an_airflow_without_the_plugin_ends_the_run_clearly() -> None:
    responses.post(f"{URL}/auth/token", json={"access_token": "jwt"})
    responses.get(f"{URL}/storyboard/runs.json", body="<!doctype html><title>Airflow</title>")
    with pytest.raises(RunFailed, match=r"serves no approval page at .*: the plugin is not loaded"):
        review([]).answer_open_reviews()


@responses.activate
def test_it_approves_the_panels_of_a_script_as_they_are() -> None:
    page = f"{URL}/storyboard/runs/draw/r1/breakdown"
    responses.post(f"{URL}/auth/token", json={"access_token": "jwt"})
    listed = [{"state": "open", "kind": "breakdown", "page": "runs/draw/r1/breakdown/view"}]
    responses.get(f"{URL}/storyboard/runs.json", json={"runs": listed})
    edited = {"version": 2, "decision": "open", "content": "{}"}
    board = {
        "version": 3,
        "token": "of-the-page",
        "items": [{"id": "0001"}, {"id": "0002"}, {"id": "0003"}],
        "decisions": {"0001": {"version": 1, "decision": "approve"}, "0002": edited},
        "limits": {"batch_max": 200},
        "cost": {"consent_usd": 3},
    }
    responses.get(f"{page}/board", json=board)
    responses.get(f"{page}/cost", json={"consent_usd": None})
    responses.post(f"{page}/decisions", json={"version": 4})
    responses.post(f"{page}/finish", json={"version": 5})
    notes: list[str] = []
    review(notes).answer_open_reviews()
    bodies = [json.loads(call.request.body) for call in responses.calls if call.request.body]
    _, batch, final = bodies
    assert [tuple(one.values()) for one in batch["decisions"]] == [
        ("0002", 2, "approve", "{}"),
        ("0003", 0, "approve", ""),
    ]
    assert (final["based_on"], final["open"], final["consent_usd"]) == (4, 0, None)
    assert notes == ["A script, not a person, approved the panels of 2 scenes."]
