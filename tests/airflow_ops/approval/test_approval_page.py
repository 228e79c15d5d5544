"""The approval page over real HTTP: its document, its pictures, its runs, several reviewers."""

from __future__ import annotations

import time
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.steps.review.desk import open_desk_of_run
from tests.airflow_ops.approval.open_review_fixture import (
    DAG_ID,
    OpenReview,
    decision,
    set_run_state,
)
from tests.steps.review.test_review_steps import stored_images

SCRIPT = "<script>alert(1)</script><b>Mira</b> & \u2028 friends"


# -- Two reviewers


def test_the_second_of_two_sees_what_the_first_decided(review):
    seen_by_ben = review.board("ben")
    review.post("ana", "decisions", decision(review.board("ana"), decision="reject", reason="b"))
    answer = review.post("ben", "decisions", decision(seen_by_ben))
    assert (answer.status_code, answer.json()["error"]) == (409, "stale")
    (theirs,) = answer.json()["decisions"].values()
    assert (theirs["reviewer"], theirs["decision"]) == ("ana", "reject")
    again = review.post("ben", "decisions", decision(review.board("ben"), reason=""))
    assert again.status_code == 200


def test_what_others_decided_comes_in_by_version(review):
    review.post("ana", "decisions", decision(review.board("ana"), 0))
    review.post("ana", "decisions", decision(review.board("ana"), 1))
    answer = review.get("vera", "decisions?since=1").json()
    assert answer["version"] == 2
    assert [d["version"] for d in answer["decisions"].values()] == [2]


# -- Text is data


def test_a_caption_with_script_comes_back_as_the_same_text_in_json(review):
    body = decision(review.board("ana"), caption=SCRIPT)
    assert review.post("ana", "decisions", body).status_code == 200
    answer = review.get("ben", "board")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (saved,) = answer.json()["decisions"].values()
    assert saved["caption"] == SCRIPT


def test_the_page_itself_holds_no_data_and_runs_only_our_scripts(review):
    review.post("ana", "decisions", decision(review.board("ana"), caption=SCRIPT))
    answer = review.get("ana", "review")
    assert "Mira" not in answer.text
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in answer.headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["img-src"] == f"'self' {review.studio.endpoint.url}"
    assert policy["frame-ancestors"] == "'self'"


# -- Pictures


def test_a_picture_is_reached_by_a_link_that_ends(review, monkeypatch):
    from storyboard_ops.airflow_ops.approval.routes import review as review_routes

    thumb = review.board("vera")["items"][0]["thumb_url"]

    def link() -> str:
        answer = review.get("vera", thumb, allow_redirects=False)
        assert answer.status_code == 307
        return str(answer.headers["Location"])

    living = link()
    assert parse_qs(urlsplit(living).query)["X-Amz-Expires"] == ["60"]
    picture = requests.get(living, timeout=20)
    assert (picture.status_code, picture.content[:3]) == (200, b"\xff\xd8\xff")
    monkeypatch.setattr(review_routes, "LINK_SECONDS", 1)
    ending = link()
    time.sleep(2.1)
    assert requests.get(ending, timeout=20).status_code == 403
    # The app's own link is as good as ever, for those who may.
    assert review.get("vera", thumb, allow_redirects=False).status_code == 307


def test_reference_pictures_are_reached_by_links_too(review):
    (mira,) = review.board("vera")["characters"]
    assert mira["references"] == ["characters/mira/references/0"]
    link = review.get("vera", mira["references"][0], allow_redirects=False)
    assert link.status_code == 307
    picture = requests.get(link.headers["Location"], timeout=20)
    assert picture.content[:4] == b"\x89PNG"
    for other in ("characters/mira/references/1", "characters/bram/references/0"):
        assert review.get("vera", other, allow_redirects=False).status_code == 404


def test_a_run_without_a_report_says_so_and_one_with_a_report_leads_there(review):
    missing = review.get("vera", "report", allow_redirects=False)
    assert missing.status_code == 404
    assert "has no report yet" in missing.json()["message"]
    place = review.tools.run_root / "report.html"
    review.tools.objects.put(place, b"<p>a report</p>", "text/html")
    link = review.get("vera", "report", allow_redirects=False)
    assert link.status_code == 307
    assert requests.get(link.headers["Location"], timeout=20).text == "<p>a report</p>"


def test_a_link_cannot_be_turned_to_another_object(review):
    item = review.board("ana")["items"][0]
    link = review.get("ana", item["thumb_url"], allow_redirects=False).headers["Location"]
    settings = f"{review.tools.run_root.key}/settings.json"
    path = urlsplit(link).path
    for turned in (
        link.replace(path, f"/{review.studio.bucket}/{settings}"),
        link.partition("?")[0],
    ):
        assert requests.get(turned, timeout=20).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "pictures/{zeros}/picture",
        "pictures/{id}/settings",
        "pictures/{id}/neighbours/9",
        "pictures/{id}/neighbours/-1",
        "pictures/..%2F..%2Fsettings.json/picture",
        "pictures/{id}/..%2F..%2F..%2Fsettings.json",
        "pictures/s3:%2F%2Fother%2Fsecret/picture",
        "pictures/../settings.json",
    ],
)
def test_nothing_but_the_pictures_of_the_board_can_be_asked_for(review, path):
    ours = review.board("ana")["items"][0]["id"]
    asked = requests.Request("GET", "http://x").prepare()
    asked.url = review.url(path.format(id=ours, zeros="0" * 64))  # as it stands, not tidied up
    asked.headers["Cookie"] = f"_token={review.server.token('ana')}"
    answer = requests.Session().send(asked, timeout=20, allow_redirects=False)
    assert answer.status_code in (404, 422)


def test_a_picture_of_another_run_is_not_shown(review, server, studio):
    other = OpenReview(server, studio)
    foreign = stored_images(other.tools, 5)[4].image_id
    answer = review.get("ana", f"pictures/{foreign}/picture", allow_redirects=False)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "uri",
    [
        "s3://another-bucket/secret.png",
        "s3://another-bucket/",
        "s3://{bucket}/runs/another-run/crops/secret.png",
        "s3://{bucket}/runs/{run}-2/crops/secret.png",
        "s3://{bucket}/library-of-others/secret.png",
        "s3://{bucket}/removed.json",
    ],
)
def test_a_board_that_names_a_path_outside_the_run_and_the_library_gives_no_link(review, uri):
    place = uri.format(bucket=review.studio.bucket, run=review.tools.run_key)
    with pytest.raises(ObjectMissing, match="outside the run and the library"):
        open_desk_of_run(review.tools).link(place, 60)


# -- Runs


def test_a_run_that_does_not_exist_has_no_board(server):
    browser = server.browser("ana")
    answer = browser.get(f"{server.url}/storyboard/runs/{DAG_ID}/nobody/board", timeout=20)
    assert (answer.status_code, answer.json()["error"]) == (404, "missing")
    page = browser.get(f"{server.url}/storyboard/runs/{DAG_ID}/nobody/review", timeout=20)
    assert page.status_code == 200  # the board says that there is nothing to review


def test_a_run_id_with_signs_is_found(server, studio):
    review = OpenReview(server, studio, "manual__2026-11-23T07:00:00+00:00")
    quoted = review.url("board").replace("+", "%2B").replace(":00:00", "%3A00%3A00")
    assert server.browser("ana").get(quoted, timeout=20).json()["run"]["run_id"] == review.run_id


def test_a_log_that_somebody_deleted_from_is_said_to_be_corrupt(review):
    for number in range(2):
        review.post("ana", "decisions", decision(review.board("ana"), number))
    folder = review.tools.run_root / "review/log/"
    first = next(iter(review.tools.objects.list(folder))).uri
    review.studio.client("s3").delete_object(Bucket=first.bucket, Key=first.key)
    fresh_server_process()
    answer = review.get("ana", "board")
    assert (answer.status_code, answer.json()["error"]) == (410, "corrupt")


def fresh_server_process() -> None:
    """Let the server forget what it has read of logs, as after a restart."""
    from storyboard_ops.airflow_ops.approval.routes.review import desks

    desks._kept.clear()


def test_a_run_of_another_version_is_said_to_be_and_hides_no_other(server, studio, monkeypatch):
    from storyboard_ops.airflow_ops.approval.routes import answers
    from storyboard_ops.airflow_ops.approval.runs import BREAKDOWN_WAIT, REVIEW_WAIT

    older, ours = OpenReview(server, studio), OpenReview(server, studio)
    settings = older.tools.run_root / "settings.json"
    older.tools.objects.put(settings, b'{"no_such_parameter": 1}')
    both = [(DAG_ID, older.run_id), (DAG_ID, ours.run_id)]
    runs = {REVIEW_WAIT: both, BREAKDOWN_WAIT: []}
    monkeypatch.setattr(answers, "waiting_runs", runs.__getitem__)
    answer = older.get("ana", "board")
    assert (answer.status_code, answer.json()["error"]) == (410, "corrupt")
    assert "another version of the pipeline" in answer.json()["message"]
    listed = server.browser("ana").get(f"{server.url}/storyboard/runs.json").json()["runs"]
    assert [run["run_id"] for run in listed] == [ours.run_id]


def test_when_aws_refuses_the_board_reports_it_and_nothing_more(review):
    refusal = {"kind": "error", "service": "s3", "operation": "ListObjectsV2"}
    admin = review.studio.endpoint.admin
    admin("PUT", "faults", {"faults": [refusal | {"code": "AccessDenied"}]})
    try:
        answer = review.get("ana", "decisions")
    finally:
        admin("DELETE", "faults")
    assert (answer.status_code, answer.json()["error"]) == (502, "service")
    assert review.studio.bucket not in answer.text


def test_finishing_closes_and_reopening_waits_for_the_end_of_the_run(review):
    board = review.board("ana")
    body = {"id": str(uuid.uuid4()), "based_on": 0, "open": 3, "consent_usd": None}
    answer = review.post("ana", "finish", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["closed"]["by"] == "ana"
    refused = review.post("ben", "decisions", decision(board))
    assert (refused.status_code, refused.json()["error"]) == (409, "closed")
    assert review.post("ben", "reopen", {}).json()["error"] == "running"
    set_run_state(review.run_id, "failed")
    assert review.board("ben")["may_reopen"] is True
    assert review.post("ben", "reopen", {}).json()["closed"] is None
    assert review.post("ben", "decisions", decision(review.board("ben"))).status_code == 200


def test_static_files_are_the_boards_own_and_nothing_beside_them(server):
    style = requests.get(f"{server.url}/storyboard/static/board_kit/style/board.css", timeout=20)
    assert style.headers["Content-Type"].startswith("text/css")
    assert style.headers["Cache-Control"] == "no-cache"
    script = requests.get(
        f"{server.url}/storyboard/static/boards/review/review_board.js", timeout=20
    )
    assert script.headers["Content-Type"].startswith("text/javascript")
    for path in (
        "prices/aws-us-east-1.yaml",
        "boards/..%2Fprices%2Faws-us-east-1.yaml",
        "board_kit/%2e%2e/iam/review-trust.json",
    ):
        asked = requests.Request("GET", "http://x").prepare()
        asked.url = f"{server.url}/storyboard/static/{path}"
        assert requests.Session().send(asked, timeout=20).status_code == 404


def test_the_log_of_the_server_holds_no_caption_no_token_and_no_link(review, caplog):
    board = review.board("ana")
    review.post("ana", "decisions", decision(board, caption="A secret caption of Mira."))
    review.get("ana", board["items"][0]["picture_url"])
    for secret in ("A secret caption", board["token"], "X-Amz-Signature"):
        assert secret not in caplog.text
