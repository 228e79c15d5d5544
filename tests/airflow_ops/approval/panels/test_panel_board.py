"""The panel board over real HTTP: who may look and choose, its pictures, its texts."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from storyboard_ops.airflow_ops.approval import paths
from storyboard_ops.domain.object_keys import run_key
from tests.airflow_ops.approval.open_review_fixture import OpenReview
from tests.airflow_ops.approval.panels.drawn_board_fixture import DrawnBoard

SCRIPT = "<script>alert(1)</script> & \u202eback \u2028 end"


@pytest.fixture
def drawn(server, studio) -> DrawnBoard:
    return DrawnBoard(server, studio)


def redraw(drawn: DrawnBoard, **wanted: object) -> dict[str, object]:
    made = {"panel_id": drawn.panels[0].key, "based_on": 0, "decision": "redraw", **wanted}
    return {"id": str(uuid.uuid4()), "choices": [made]}


# -- Who may


def test_who_may_read_may_look_and_who_may_edit_runs_may_choose(drawn):
    seen = drawn.board("vera")
    assert seen["you"] == {"name": "vera", "may_decide": False, "may_start": False}
    assert seen["token"] == ""
    token = drawn.board("ana")["token"]
    refused = drawn.post("vera", "decisions", drawn.choice(1, 2), token=token)
    assert refused.status_code == 403
    assert drawn.post("ana", "decisions", drawn.choice(1, 2)).status_code == 200
    chosen = drawn.board("vera")["decisions"]["010-010-010"]
    assert (chosen["reviewer"], chosen["decision"]) == ("ana", "choose")


@pytest.mark.parametrize(
    "path", ["view", "board", "decisions", "price", "history/010-010-010", "pictures/{}/thumb"]
)
def test_strangers_see_nothing(drawn, path):
    shown = drawn.panels[0].sha256
    answer = requests.get(drawn.url(path.format(shown)), timeout=20, allow_redirects=False)
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["decisions", "finish", "reopen"])
def test_requests_of_other_pages_change_nothing(drawn, path):
    body = drawn.choice(1, 2)
    other_site = drawn.post("ana", path, body, **{"Sec-Fetch-Site": "cross-site"})
    assert (other_site.status_code, other_site.json()["error"]) == (403, "origin")
    other_user = drawn.post("ana", path, body, token=drawn.board("ben")["token"])
    assert (other_user.status_code, other_user.json()["error"]) == (403, "token")
    assert drawn.board("ana")["version"] == 0


# -- Choosing


def test_the_second_of_two_sees_what_the_first_chose(drawn):
    drawn.post("ana", "decisions", drawn.choice(1, 2))
    answer = drawn.post("ben", "decisions", drawn.choice(1, 3))
    assert (answer.status_code, answer.json()["error"]) == (409, "stale")
    (theirs,) = answer.json()["decisions"].values()
    assert theirs["reviewer"] == "ana"
    assert drawn.post("ben", "decisions", drawn.choice(1, 3, based_on=1)).status_code == 200
    history = drawn.get("vera", "history/010-010-010").json()["history"]
    assert [one["reviewer"] for one in history] == ["ana", "ben"]


def test_a_note_with_script_comes_back_as_the_same_text_in_json(drawn):
    assert drawn.post("ana", "decisions", redraw(drawn, note=SCRIPT)).status_code == 200
    answer = drawn.get("ben", "board")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.json()["decisions"]["010-010-010"]["note"] == SCRIPT
    page = drawn.get("ben", "view")
    assert "alert" not in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert drawn.studio.endpoint.url in page.headers["Content-Security-Policy"]


def test_what_is_impossible_is_refused_in_words(drawn):
    unknown = drawn.post("ana", "decisions", redraw(drawn, panel_id="panel-099"))
    assert (unknown.status_code, unknown.json()["error"]) == (422, "unknown")
    assert "panel-099" in unknown.json()["message"]
    malformed = drawn.post("ana", "decisions", redraw(drawn, seed=-1))
    assert (malformed.status_code, malformed.json()["error"]) == (422, "form")


# -- Pictures


def test_a_picture_is_reached_by_a_link_that_ends_and_no_other_object_is(drawn):
    thumb = drawn.board("vera")["items"][0]["candidates"][1]["thumb_url"]
    answer = drawn.get("vera", thumb, allow_redirects=False)
    assert answer.status_code == 307
    link = answer.headers["Location"]
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["60"]
    assert requests.get(link, timeout=20).content[:3] == b"\xff\xd8\xff"
    for path in (f"pictures/{'0' * 64}/picture", "pictures/settings.json/picture"):
        assert drawn.get("ana", path, allow_redirects=False).status_code in (404, 422)


# -- Publishing


def test_publishing_names_one_run_and_its_price_and_starts_nothing_itself(drawn):
    drawn.post("ana", "decisions", redraw(drawn, note="At night."))
    price = drawn.get("ana", "price").json()
    assert (price["redraws"], price["unpriced"]) == (1, "")
    wanted = {"based_on": price["version"], "redraws": 1, "usd": price["usd"]}
    cheaper = {"id": str(uuid.uuid4()), **wanted, "usd": 0.01}
    refused = drawn.post("ana", "finish", cheaper)
    assert (refused.status_code, refused.json()["error"]) == (409, "consent")
    closed = drawn.post("ana", "finish", {"id": str(uuid.uuid4()), **wanted}).json()["closed"]
    assert (closed["by"], closed["state"]) == ("ana", "")
    assert closed["run"]["conf"]["redraw"] == [{"panel_id": "010-010-010", "note": "At night."}]
    assert closed["run"]["run_key"] == run_key("draw_storyboard", closed["run"]["run_id"])
    late = drawn.post("ben", "decisions", drawn.choice(2, 2))
    assert (late.status_code, late.json()["error"]) == (409, "closed")
    assert drawn.post("ben", "reopen", {}).json()["closed"] is None


# -- Runs without a board


def test_a_run_that_has_not_drawn_has_no_board_and_a_drawing_has_no_review(server, studio, drawn):
    review = OpenReview(server, studio)
    path = f"{server.url}{paths.panels_page('', 'train_character_model', review.run_id)}"
    answer = server.browser("ana").get(path.removesuffix("view") + "board", timeout=20)
    assert (answer.status_code, answer.json()["error"]) == (404, "missing")
    assert "no panel board" in answer.json()["message"]
