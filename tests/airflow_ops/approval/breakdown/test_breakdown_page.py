"""The breakdown page over real HTTP, and its wait: permissions, log, refusals, the panels after."""

from __future__ import annotations

import json
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from airflow.sdk.exceptions import TaskAwaitingInput
from airflow.utils.state import DagRunState

from storyboard_ops.airflow_ops.approval import breakdown_sensor, page_wait
from storyboard_ops.airflow_ops.approval.breakdown_sensor import BreakdownApprovalSensor
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.domain.production_sheet import Production
from tests.airflow_ops.approval.api_server_fixture import ApiServer
from tests.airflow_ops.approval.open_review_fixture import DAG_ID, add_run, set_run_state
from tests.browser.breakdown.breakdown_page import broken_down
from tests.studio.studio_fixture import Studio


class OpenBreakdown:
    """A run in Airflow's database whose breakdown waits for people."""

    def __init__(self, server: ApiServer, studio: Studio) -> None:
        self.server = server
        self.run_id = f"manual__{uuid.uuid4()}"
        self.tools = broken_down(studio, key=run_key(DAG_ID, self.run_id))
        add_run(self.run_id, f"s3://{studio.bucket}")

    def url(self, path: str) -> str:
        run = f"{self.server.url}/storyboard/runs/{DAG_ID}/{self.run_id}"
        return f"{run}/breakdown/{path}"

    def get(self, user: str, path: str) -> requests.Response:
        return self.server.browser(user).get(self.url(path), timeout=20)

    def board(self, user: str) -> dict[str, Any]:
        answer = self.get(user, "board")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(self, user: str, path: str, body: Any, token: str | None = None) -> requests.Response:
        sent = token if token is not None else self.board(user)["token"]
        return self.server.browser(user).post(
            self.url(path), json=body, headers={"X-Review-Token": sent}, timeout=20
        )

    def production(self) -> Production:
        return self.tools.objects.record(self.tools.run_root / "production.json", Production)


@pytest.fixture
def breakdown(server: ApiServer, studio: Studio) -> OpenBreakdown:
    return OpenBreakdown(server, studio)


def edit(scene: str = "0001", based_on: int = 0, content: Any = "", **more: Any) -> dict[str, Any]:
    text = content if isinstance(content, str) else json.dumps(content)
    decided = {"image_id": scene, "based_on": based_on, "decision": "approve", "content": text}
    return {"id": str(uuid.uuid4()), "decisions": [{**decided, **more}]}


def final(board: dict[str, Any], **more: Any) -> dict[str, Any]:
    approved = sum(one["decision"] == "approve" for one in board["decisions"].values())
    return {
        "id": str(uuid.uuid4()),
        "based_on": board["version"],
        "open": len(board["items"]) - approved,
        "consent_usd": board["cost"]["consent_usd"],
        **more,
    }


def test_the_document_has_script_panels_cast_and_cost(breakdown: OpenBreakdown) -> None:
    board = breakdown.board("vera")
    assert board["you"] == {"name": "vera", "may_decide": False}
    assert board["token"] == ""
    assert [scene["scene"] for scene in board["items"]] == [
        "INT. LIGHTHOUSE - NIGHT",
        "EXT. QUAY - DAY",
    ]
    assert board["items"][0]["units"][0]["text"] == "Mira lifts the lamp. It will not burn."
    assert board["cost"]["estimate_usd"] > 0
    page = breakdown.get("vera", "view")
    assert "Mira" not in page.text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("user", "token", "status", "code"),
    [
        ("vera", "", 403, "forbidden"),
        ("ana", "of somebody else", 403, "token"),
    ],
)
def test_who_may_not_decide_changes_nothing(
    breakdown: OpenBreakdown, user: str, token: str, status: int, code: str
) -> None:
    answer = breakdown.post(user, "decisions", edit(), token)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert breakdown.board("ana")["version"] == 0


def test_without_login_there_is_nothing(breakdown: OpenBreakdown) -> None:
    assert requests.get(breakdown.url("board"), timeout=20).status_code == 401


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("not json", 422),
        ({"panels": [{"description": ""}]}, 422),
        ({"panels": [{"description": "x", "seconds": 1e9}]}, 422),
        ({"panels": [{"description": "x", "characters": ["ghost"]}]}, 422),
        ({"panels": [{"description": "x", "lines": [9999]}]}, 422),
        ({"panels": [{"description": "x" * 801}]}, 422),
        ({"panels": [], "evil": 1}, 422),
    ],
)
def test_panels_that_cannot_be_drawn_are_refused(
    breakdown: OpenBreakdown, content: Any, status: int
) -> None:
    answer = breakdown.post("ana", "decisions", edit(content=content))
    assert answer.status_code == status, answer.text
    assert breakdown.board("ana")["version"] == 0


def test_the_second_of_two_sees_what_the_first_made(breakdown: OpenBreakdown) -> None:
    assert breakdown.post("ana", "decisions", edit()).status_code == 200
    answer = breakdown.post("ben", "decisions", edit(based_on=0))
    assert (answer.status_code, answer.json()["error"]) == (409, "stale")
    assert answer.json()["decisions"]["0001"]["reviewer"] == "ana"
    unknown = breakdown.post("ben", "decisions", edit("0099"))
    assert (unknown.status_code, unknown.json()["error"]) == (422, "unknown")


def test_a_finished_breakdown_gives_its_panels_to_the_run(
    breakdown: OpenBreakdown, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions: list[dict[str, Any]] = []
    monkeypatch.setattr(breakdown_sensor, "tool_box", lambda: breakdown.tools)
    monkeypatch.setattr(page_wait, "tool_box", lambda: breakdown.tools)
    monkeypatch.setattr(page_wait, "upsert_hitl_detail", lambda **asked: questions.append(asked))
    context: Any = {
        "dag_run": SimpleNamespace(dag_id=DAG_ID, run_id=breakdown.run_id),
        "ti": SimpleNamespace(id="the-task"),
    }
    waits = BreakdownApprovalSensor(task_id="wait_for_breakdown", breakdown={"asked": True})
    with pytest.raises(TaskAwaitingInput) as parked:
        waits.execute(context)
    assert f"{breakdown.run_id}/breakdown/view" in questions[0]["body"]

    board = breakdown.board("ana")
    panel = {**board["items"][0]["panels"][0], "description": "Mira lights the lamp."}
    content = {"panels": [panel], "omitted": []}
    assert breakdown.post("ana", "decisions", edit(content=content)).status_code == 200
    board = breakdown.board("ana")
    refused = breakdown.post("ana", "finish", final(board, open=0))
    assert (refused.status_code, refused.json()["error"]) == (409, "open")
    assert breakdown.post("ana", "finish", final(board)).status_code == 200
    resumed = {**(parked.value.kwargs or {}), "event": {}}
    counts = waits.resume_execution(parked.value.method_name, resumed, context)
    assert counts == {"scenes": 2, "open": 1, "panels": 3}

    scenes = breakdown.production().storyboard
    assert [panel.description for panel in scenes[0].panels] == ["Mira lights the lamp."]
    listed = breakdown.tools.objects.json(breakdown.tools.run_root / "script.json")
    reasons = {one["text"]: one["reason"] for one in listed["omitted"]}
    assert reasons["Mira shakes it."] == "was left out by ana"

    again = breakdown.post("ana", "decisions", edit(based_on=1))
    assert (again.status_code, again.json()["error"]) == (409, "closed")
    assert breakdown.post("ana", "reopen", {}).json()["error"] == "running"
    set_run_state(breakdown.run_id, DagRunState.FAILED)
    assert breakdown.post("ana", "reopen", {}).json()["closed"] is None


def test_nobody_is_asked_where_there_is_no_breakdown() -> None:
    waits = BreakdownApprovalSensor(
        task_id="wait_for_breakdown", breakdown={"asked": False, "panels": 3}
    )
    assert waits.execute({}) == {"panels": 3}  # type: ignore[arg-type]
