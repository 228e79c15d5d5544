"""The approval page over real HTTP: Airflow's login and permissions, and what is refused."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from airflow.utils.state import DagRunState

from storyboard_ops.domain.error_tree import ObjectMissing
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.gateways.production_files import load_production
from storyboard_ops.steps.check_preflight import write_run
from storyboard_ops.steps.open_review import open_review
from storyboard_ops.steps.review_desk import desk_of_run
from tests.airflow_ops.api_server_fixture import ApiServer, running_api_server
from tests.steps.test_review_desk import ESTIMATE
from tests.steps.test_review_steps import stored_images
from tests.studio_fixture import Studio
from tests.tiny_film import tiny_production

DAG_ID = "train_character_model"
SCRIPT = "<script>alert(1)</script><b>Mira</b> & \u2028 friends"


@pytest.fixture(scope="module")
def server(airflow_database, local_endpoint, tmp_path_factory) -> Iterator[ApiServer]:
    with running_api_server(tmp_path_factory.mktemp("api"), local_endpoint) as server:
        yield server


class OpenReview:
    """A run in Airflow's database whose review waits on the page, and its addresses."""

    def __init__(self, server: ApiServer, studio: Studio, run_id: str = "") -> None:
        self.server = server
        self.studio = studio
        self.run_id = run_id or f"manual__{uuid.uuid4()}"
        self.tools = studio.tools(
            run_key(DAG_ID, self.run_id), review_desk="page", production=tiny_production(studio)
        )
        write_run(
            self.tools,
            load_production(self.tools.objects, self.tools.settings.production),
            ESTIMATE,
        )
        pictures = stored_images(self.tools, 3)
        candidates = self.tools.manifests.commit(
            self.tools.run_root / "dataset/candidates.jsonl", "images", "d", pictures
        )
        open_review(self.tools, candidates)
        add_run(self.run_id, f"s3://{studio.bucket}")

    def url(self, path: str) -> str:
        return f"{self.server.url}/storyboard/runs/{DAG_ID}/{self.run_id}/{path}"

    def get(self, user: str, path: str, **more: Any) -> requests.Response:
        return self.server.browser(user).get(self.url(path), timeout=20, **more)

    def board(self, user: str) -> dict[str, Any]:
        answer = self.get(user, "board")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(
        self, user: str, path: str, body: Any, token: str | None = None, **headers: str
    ) -> requests.Response:
        """What the board sends; ``token``: of another page than the user's own."""
        sent = {"X-Review-Token": token if token is not None else self.board(user)["token"]}
        return self.server.browser(user).post(
            self.url(path), json=body, headers={**sent, **headers}, timeout=20
        )

    def log_entries(self) -> int:
        return len(list(self.tools.objects.list(self.tools.run_root / "review/log/")))


def add_run(run_id: str, workspace: str, state: DagRunState = DagRunState.RUNNING) -> None:
    """A DAG run as Airflow's database has it."""
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        session.merge(DagBundleModel(name="tests"))
        session.flush()
        if session.get(DagModel, DAG_ID) is None:
            session.add(DagModel(dag_id=DAG_ID, bundle_name="tests", fileloc="dags/x.py"))
            session.flush()
        session.add(
            DagRun(
                dag_id=DAG_ID,
                run_id=run_id,
                run_type="manual",
                state=state,
                conf={"workspace": workspace},
                run_after=datetime.now(UTC),
            )
        )


def set_run_state(run_id: str, state: str) -> None:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import update

    with create_session() as session:
        session.execute(update(DagRun).where(DagRun.run_id == run_id).values(state=state))


@pytest.fixture
def review(server: ApiServer, studio: Studio) -> OpenReview:
    return OpenReview(server, studio)


def decision(board: dict[str, Any], number: int = 0, **more: Any) -> dict[str, Any]:
    """One save about one picture of a document."""
    item = board["items"][number]
    known = board["decisions"].get(item["id"], {"version": 0})
    return {
        "id": str(uuid.uuid4()),
        "decisions": [
            {
                "image_id": item["id"],
                "based_on": known["version"],
                "decision": "approve",
                "reason": "",
                "caption": "",
                "character": "",
                **more,
            }
        ],
    }


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
    from storyboard_ops.airflow_ops import approval_access

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
    from storyboard_ops.airflow_ops import approval_app

    monkeypatch.setattr(approval_app, "LINK_SECONDS", 1)
    item = review.board("vera")["items"][0]
    link = review.get("vera", item["thumb_url"], allow_redirects=False)
    assert link.status_code == 307
    target = link.headers["Location"]
    picture = requests.get(target, timeout=20)
    assert (picture.status_code, picture.content[:3]) == (200, b"\xff\xd8\xff")
    time.sleep(2.1)
    assert requests.get(target, timeout=20).status_code == 403
    # The app's own link is as good as ever, for those who may.
    assert review.get("vera", item["thumb_url"]).status_code == 200


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


@pytest.mark.parametrize("uri", ["s3://another-bucket/secret.png", "s3://another-bucket/"])
def test_a_board_that_names_a_path_outside_the_workspace_gives_no_link(review, uri):
    with pytest.raises(ObjectMissing, match="outside the run's workspace"):
        desk_of_run(review.tools).link(uri, 60)


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
    from storyboard_ops.airflow_ops import approval_app

    approval_app.desks._kept.clear()


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
    style = requests.get(f"{server.url}/storyboard/static/board.css", timeout=20)
    assert style.headers["Content-Type"].startswith("text/css")
    assert style.headers["Cache-Control"] == "no-cache"
    script = requests.get(f"{server.url}/storyboard/static/review_board.js", timeout=20)
    assert script.headers["Content-Type"].startswith("text/javascript")
    for path in ("..%2Fprices%2Faws-us-east-1.yaml", "%2e%2e/iam/review-trust.json"):
        asked = requests.Request("GET", "http://x").prepare()
        asked.url = f"{server.url}/storyboard/static/{path}"
        assert requests.Session().send(asked, timeout=20).status_code == 404


def test_the_log_of_the_server_holds_no_caption_no_token_and_no_link(review, caplog):
    board = review.board("ana")
    review.post("ana", "decisions", decision(board, caption="A secret caption of Mira."))
    review.get("ana", board["items"][0]["picture_url"])
    for secret in ("A secret caption", board["token"], "X-Amz-Signature"):
        assert secret not in caplog.text
