"""The page's routes: for one draft, one machine, and requests of any form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from launcher.casting.page import CastPage
from launcher.casting.server import serving
from tests.material.cast_desks import DraftFolder


class Client:
    """Calls routes of the page's server by their paths."""

    def __init__(self, address: str) -> None:
        self.origin = address.partition("/secret")[0]

    def get(self, path: str, **more: Any) -> requests.Response:
        return requests.get(f"{self.origin}{path}", timeout=30, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        return requests.post(f"{self.origin}{path}", timeout=30, **more)


@pytest.fixture(scope="module")
def looked_through(tmp_path_factory: pytest.TempPathFactory) -> DraftFolder:
    return DraftFolder.made(tmp_path_factory.mktemp("cast"))


@pytest.fixture
def page(looked_through, tmp_path) -> CastPage:
    return CastPage(looked_through.desk(tmp_path), "secret")


@pytest.fixture
def client(page) -> Iterator[Client]:
    with serving(page) as address:
        yield Client(address)


def named(board: dict, group: int, name: str) -> dict:
    """A request that names a group."""
    ids = [item["id"] for item in board["items"] if item["group"] == group]
    said = {"based_on": 0, "decision": "name", "name": name, "reference": False}
    return {"id": "1", "decisions": [{"image_id": one, **said} for one in ids]}


DETAILS = {
    "title": "Our Film",
    "licence": "CC0",
    "attribution": "",
    "members": {"Ann": {"description": "A woman in red."}},
}


def test_a_production_is_made_by_requests(client, page):
    board = client.get("/secret/board").json()
    assert len(board["items"]) == 16
    assert client.post("/secret/decisions", json=named(board, 0, "Ann")).json()["version"] == 1
    news = client.get("/secret/decisions?since=0").json()
    assert {one["name"] for one in news["decisions"].values()} == {"Ann"}
    assert client.post("/secret/details", json=DETAILS).status_code == 200
    checked = client.post("/secret/check", json={}).json()
    assert checked == {
        "exists": False,
        "characters": [{"id": "ann", "name": "Ann", "references": 5}],
    }
    assert not page.ended.is_set()
    done = client.post("/secret/finish", json={"id": "2", "based_on": 1, "open": 8}).json()
    assert done["closed"]["file"].endswith("out/production.yaml")
    assert client.get("/secret/board").json()["closed"]["pictures"] == 5
    assert page.ended.is_set()


def test_pictures_and_files_are_served(client):
    item = client.get("/secret/board").json()["items"][0]
    for url in (item["thumb_url"], item["picture_url"], item["frame_url"]):
        answer = client.get(f"/secret/{url}")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.content.startswith(b"\xff\xd8")
        assert "private" in answer.headers["Cache-Control"]
    html = client.get("/secret/cast").text
    for link in re.findall(r'(?:href|src)="([^"]+)"', html):
        assert client.get(f"/secret/{link}").status_code == 200, link


def test_only_the_own_page_is_let_in(client):
    policy = client.get("/secret/cast").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert client.get("/secret/cast").headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/wrong/board").status_code == 404
    assert client.get("/board").status_code == 404
    rebound = client.get("/secret/board", headers={"Host": "evil.example"})
    assert rebound.status_code == 400
    assert client.get("/secret/static/board_kit/../../iam/README.md").status_code == 404


@pytest.mark.parametrize(
    ("route", "body", "status", "words"),
    [
        ("decisions", b"not json", 422, "is not JSON"),
        ("decisions", b"{}", 422, "decisions: Field required"),
        ("decisions", b'{"id": "1", "decisions": []}', 422, "the list is empty"),
        ("details", b'{"titel": ""}', 422, "Did you mean 'title'?"),
        ("boxes", b'{"sample": 0, "box": {"x": 0, "y": 0, "w": 9, "h": 1}}', 422, "box.w"),
        ("boxes", b'{"sample": 99, "box": {"x": 0, "y": 0, "w": 1, "h": 1}}', 404, "no frame 99"),
        ("check", b"{}", 422, "Nobody has a name yet"),
        ("finish", b'{"replace": false}', 422, "Nobody has a name yet"),
        ("finish", b"[" * 1000, 422, "The request"),
    ],
)
def test_requests_of_any_form_are_answered(client, route, body, status, words):
    answer = client.post(f"/secret/{route}", data=body)
    assert answer.status_code == status
    assert words in answer.json()["message"]


def test_decisions_about_a_figure_that_is_not_there(client):
    said = {"image_id": "0" * 64, "based_on": 0, "decision": "nobody"}
    answer = client.post("/secret/decisions", json={"id": "1", "decisions": [said]})
    assert (answer.status_code, answer.json()["error"]) == (404, "invalid")
    assert client.get("/secret/decisions?since=x").status_code == 422
    assert client.get("/secret/figures/nothing/thumb").status_code == 404


def test_a_body_without_end_is_refused(client):
    answer = client.post("/secret/decisions", data=b" " * (5 * 1024 * 1024))
    assert answer.status_code == 413


def test_an_existing_file_is_replaced_only_by_agreement(client, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/production.yaml").write_text("mine")
    board = client.get("/secret/board").json()
    assert board["exists"]
    client.post("/secret/decisions", json=named(board, 0, "Ann"))
    client.post("/secret/details", json=DETAILS)
    refused = client.post("/secret/finish", json={})
    assert (refused.status_code, refused.json()["error"]) == (409, "exists")
    assert (tmp_path / "out/production.yaml").read_text() == "mine"
    assert client.post("/secret/finish", json={"replace": True}).json()["closed"]


def test_names_are_data(client):
    board = client.get("/secret/board").json()
    name = "</script><b>O'Hara\u202e"
    client.post("/secret/decisions", json=named(board, 0, name))
    text = client.get("/secret/board").text
    assert name in {one["name"] for one in json.loads(text)["decisions"].values()}
