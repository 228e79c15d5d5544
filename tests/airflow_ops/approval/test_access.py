"""Who may use the approval page, over real HTTP, and what is refused whoever sends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.airflow_ops.approval.open_review_fixture import DAG_ID, OpenReview, decision

Refuse = Callable[..., None]

PAGES = ["review", "board", "decisions"]


# -- Without permission: no page, no picture, no decision


@pytest.mark.parametrize("path", PAGES)
def test_without_a_login_there_is_no_page(review, path):
    answer = requests.get(review.url(path), timeout=20)
    assert answer.status_code == 401
    assert answer.json()["error"] == "login"


def test_a_browser_without_a_login_is_led_to_it(review):
    answer = requests.get(
        review.url("review"), headers={"Accept": "text/html"}, allow_redirects=False, timeout=20
    )
    assert answer.status_code == 303
    login = urlsplit(answer.headers["Location"])
    assert login.path == "/auth/login"
    assert parse_qs(login.query)["next"] == [review.url("review")]


def test_without_a_login_there_is_no_picture_and_no_decision(review):
    board = review.board("ana")
    for link in (board["items"][0]["thumb_url"], board["items"][0]["picture_url"]):
        assert requests.get(review.url(link), timeout=20).status_code == 401
    sent = requests.post(
        review.url("decisions"),
        json=decision(board),
        headers={"X-Review-Token": board["token"]},
        timeout=20,
    )
    assert sent.status_code == 401
    assert review.log_entries() == 0


@pytest.mark.logs_errors  # Airflow says so itself
def test_a_forged_login_is_refused(review):
    session = requests.Session()
    session.cookies.set("_token", review.server.token("ana")[:-4] + "AAAA")
    assert session.get(review.url("board"), timeout=20).status_code in (401, 403)


def test_a_viewer_looks_but_does_not_decide(review):
    board = review.board("vera")
    assert board["you"] == {"name": "vera", "may_decide": False}
    assert board["token"] == ""
    stolen = review.board("ana")["token"]
    for path, body in (("decisions", decision(board)), ("finish", {}), ("reopen", {})):
        answer = review.post("vera", path, body, token=stolen)
        assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    assert review.log_entries() == 0


@pytest.mark.parametrize("user", ["ana", "olga", "adam"])
def test_user_op_and_admin_decide_under_their_own_name(review, user):
    board = review.board(user)
    answer = review.post(user, "decisions", decision(board))
    assert answer.status_code == 200, answer.text
    (saved,) = answer.json()["decisions"].values()
    assert (saved["reviewer"], saved["decision"], saved["version"]) == (user, "approve", 1)


# -- Permissions of one DAG


@pytest.fixture
def refuse(server, monkeypatch) -> Refuse:
    """Take one right to the DAG away from a user, as an auth manager with roles by DAG does."""
    from airflow.api_fastapi.app import get_auth_manager

    manager = type(get_auth_manager())
    ask = manager.is_authorized_dag

    def refuse(name: str, method: str, entity: str) -> None:
        def asked(self: Any, **about: Any) -> bool:
            right = (about["user"].get_name(), about["method"], str(about.get("access_entity")))
            of_ours = about["details"] is not None and about["details"].id == DAG_ID
            return not (of_ours and right == (name, method, entity)) and ask(self, **about)

        monkeypatch.setattr(manager, "is_authorized_dag", asked)

    return refuse


@pytest.fixture
def listed(review, monkeypatch) -> Callable[[str], list[str]]:
    """The runs that a user finds in the list, were ours waiting."""
    from storyboard_ops.airflow_ops.approval.routes import answers
    from storyboard_ops.airflow_ops.approval.runs import BREAKDOWN_WAIT, REVIEW_WAIT

    runs = {REVIEW_WAIT: [(DAG_ID, review.run_id)], BREAKDOWN_WAIT: []}
    monkeypatch.setattr(answers, "waiting_runs", runs.__getitem__)

    def listed(user: str) -> list[str]:
        answer = review.server.browser(user).get(f"{review.server.url}/storyboard/runs.json")
        return [run["run_id"] for run in answer.json()["runs"]]

    return listed


def test_who_may_not_see_the_runs_of_the_dag_finds_no_review_of_it(review, refuse, listed):
    picture = review.board("ben")["items"][0]["thumb_url"]
    assert listed("ben") == [review.run_id]
    refuse("ben", "GET", "DagAccessEntity.RUN")
    for path in (*PAGES, picture):
        assert review.get("ben", path, allow_redirects=False).status_code == 403, path
    assert listed("ben") == []
    assert listed("ana") == [review.run_id]


def test_who_may_not_answer_the_tasks_of_the_dag_looks_and_no_more(review, refuse):
    token = review.board("ben")["token"]
    refuse("ben", "PUT", "DagAccessEntity.HITL_DETAIL")
    board = review.board("ben")
    assert (board["you"]["may_decide"], board["token"]) == (False, "")
    assert review.post("ben", "decisions", decision(board), token=token).status_code == 403
    assert review.post("ana", "decisions", decision(board)).status_code == 200


# -- Forged, replayed, cross-site


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_a_request_of_another_site_is_refused_even_with_login_and_token(review, headers):
    answer = review.post("ana", "decisions", decision(review.board("ana")), **headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "origin")
    assert review.log_entries() == 0


def test_a_request_of_our_own_page_passes(review):
    answer = review.post(
        "ana",
        "decisions",
        decision(review.board("ana")),
        **{"Origin": review.server.url, "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_form_of_another_site_can_send_is_refused(review, kind):
    board = review.board("ana")
    answer = review.server.browser("ana").post(
        review.url("decisions"),
        data=str(decision(board)).replace("'", '"'),
        headers={"X-Review-Token": board["token"], "Content-Type": kind},
        timeout=20,
    )
    assert answer.status_code in (415, 422)
    assert review.log_entries() == 0


@pytest.mark.parametrize("token", ["", "forged", "WyJhbmEiXQ.aaaa.bbbb"])
def test_without_the_pages_token_nothing_is_saved(review, token):
    answer = review.post("ana", "decisions", decision(review.board("ana")), token=token)
    assert (answer.status_code, answer.json()["error"]) == (403, "token")
    assert review.log_entries() == 0


def test_a_token_is_good_for_its_user_and_its_run_only(review, server, studio):
    body = decision(review.board("ana"))
    of_ben = review.board("ben")["token"]
    assert review.post("ana", "decisions", body, token=of_ben).json()["error"] == "token"
    other_run = OpenReview(server, studio).board("ana")["token"]
    assert review.post("ana", "decisions", body, token=other_run).json()["error"] == "token"
    assert review.log_entries() == 0


def test_a_token_ends(review, monkeypatch):
    from storyboard_ops.airflow_ops.approval import access as approval_access

    token = review.board("ana")["token"]
    monkeypatch.setattr(approval_access, "TOKEN_SECONDS", -1)
    body = decision({**review.board("ana")})
    assert review.post("ana", "decisions", body, token=token).json()["error"] == "token"


def test_a_replayed_save_is_refused(review):
    board = review.board("ana")
    body = decision(board)
    first = review.post("ana", "decisions", body, token=board["token"])
    replayed = review.post("ana", "decisions", body, token=board["token"])
    by_another = review.post("ben", "decisions", body)
    assert first.status_code == 200
    assert {replayed.json()["error"], by_another.json()["error"]} == {"repeated"}
    assert review.log_entries() == 1


def test_a_body_without_end_is_not_read(review):
    answer = review.post("ana", "decisions", "x" * (4 * 1024 * 1024 + 1), token="any")
    assert (answer.status_code, answer.json()["error"]) == (413, "too large")
    chunks = iter([b"{}"])
    answer = requests.post(review.url("decisions"), data=chunks, timeout=20)
    assert answer.status_code == 413


def test_what_is_out_of_form_is_named_but_not_repeated(review):
    body = decision(review.board("ana"), decision="perhaps", caption="secret words")
    answer = review.post("ana", "decisions", body)
    assert (answer.status_code, answer.json()["error"]) == (422, "form")
    assert "decision" in answer.json()["message"]
    assert "secret words" not in answer.text


# -- Short addresses


@pytest.mark.parametrize(
    ("short", "page"),
    [
        ("review", "/storyboard/runs/{dag_id}/{run_id}/review"),
        ("run", "/dags/{dag_id}/runs/{run_id}"),
    ],
)
def test_the_address_in_a_terminal_leads_to_the_page_of_the_run(review, short, page):
    answer = open_short(review, short, review.run_id)
    assert answer.status_code == 307
    assert answer.headers["Location"] == page.format(dag_id=DAG_ID, run_id=review.run_id)


@pytest.mark.parametrize("short", ["review", "run"])
def test_a_short_address_of_no_run_says_so(review, short):
    answer = open_short(review, short, "lantern-20261129t215300")
    assert (answer.status_code, answer.json()["message"]) == (
        404,
        "Airflow has no run 'lantern-20261129t215300'.",
    )


@pytest.mark.parametrize("short", ["review", "run"])
def test_a_short_address_asks_for_a_login_before_it_tells_of_a_run(review, short):
    place = f"{review.server.url}/storyboard/{short}/{review.run_id}"
    page = requests.get(place, headers={"Accept": "text/html"}, timeout=20, allow_redirects=False)
    assert page.status_code == 303 and "/login" in page.headers["Location"]
    assert requests.get(place, timeout=20).status_code == 401


def open_short(review: OpenReview, short: str, run_id: str) -> requests.Response:
    place = f"{review.server.url}/storyboard/{short}/{run_id}"
    return review.server.browser("vera").get(place, timeout=20, allow_redirects=False)
