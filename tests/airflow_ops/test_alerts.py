"""Each alert reaches people by the connection storyboard_reminder, here a webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from storyboard_ops.airflow_ops import alerts
from storyboard_ops.airflow_ops.alerts import alert_late_watch, alert_leases
from storyboard_ops.airflow_ops.tasks import release
from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG, Lease
from storyboard_ops.domain.money.sweep_report import SweepReport, SweptResource
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.gateways.deployment_file import WORKSPACES_VARIABLE
from storyboard_ops.steps.run.under_way import begin_run
from tests.airflow_ops.test_reminder import CONNECTION, serving
from tests.studio.claimed_capacity import buy_capacity
from tests.studio.endpoint_fixture import FAST, running_endpoint
from tests.studio.studio_fixture import Studio

URL = "https://airflow.studio.example"
HOURS = timedelta(hours=1)


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the webhook of the connection has received."""
    received: list[str] = []

    class Webhook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append(json.loads(body)["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    monkeypatch.setenv("AIRFLOW__API__BASE_URL", URL)
    with serving(HTTPServer(("127.0.0.1", 0), Webhook)) as server:
        host = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv(CONNECTION, json.dumps({"conn_type": "http", "host": host}))
        yield received


@pytest.fixture
def account(
    tmp_path: Any, airflow_database: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Studio]:
    """An account of its own, and the hourly DAG's run in it."""
    run = SimpleNamespace(dag_id="release_capacity", run_id="scheduled__1")
    monkeypatch.setattr(release, "get_current_context", lambda: {"dag_run": run})
    with running_endpoint(tmp_path / "data", FAST) as endpoint:
        for name, value in endpoint.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv(WORKSPACES_VARIABLE, "")
        studio = Studio.opened(endpoint)
        monkeypatch.setenv(WORKSPACES_VARIABLE, f"s3://{studio.bucket}")
        yield studio


def test_a_run_takes_longer_than_estimated(account: Studio, texts: list[str]) -> None:
    tools = account.tools()
    begin_run(tools, "train_character_model", "manual__1", "The Paper Lantern", -0.5)
    assert release.report_late_runs.function() == {"late": ["manual__1"]}
    release.report_late_runs.function()
    (text,) = texts
    assert text.startswith(
        "A run takes longer than estimated: The Paper Lantern. The run manual__1"
    )
    assert text.endswith(f"{URL}/dags/train_character_model/runs/manual__1")


@pytest.mark.logs_errors
def test_something_bills_past_its_lease(account: Studio, texts: list[str]) -> None:
    workspace = Workspace.at(f"s3://{account.bucket}")
    now = datetime.now(UTC)
    buy_capacity(account.client, workspace, 1, Lease(run="run-1", expires=now + HOURS).tags)
    release.release_expired.function()
    assert texts == []
    over = Lease(run="run-1", expires=now - HOURS).tags
    buy_capacity(account.client, workspace, 2, over)
    release.release_expired.function()
    (text,) = texts
    assert text.startswith(
        "Something billed past its lease. Released now: provisioned throughput "
        "storyboard-capacity-run-1-00000002 of run run-1."
    )
    buy_capacity(account.client, workspace, 3, {**over, EXPIRES_TAG: "soon"})
    with pytest.raises(Exception, match="1 of 2 resources"):
        release.release_expired.function()
    assert "A person is needed, because it may bill on: provisioned throughput" in texts[-1]
    assert "The tag storyboard:expires is 'soon'" in texts[-1]
    assert texts[-1].endswith(f"{URL}/dags/release_capacity/runs/scheduled__1")


def test_many_resources_are_named_in_part(texts: list[str]) -> None:
    left = [
        SweptResource(kind="custom model", name=f"m-{n}", arn=f"arn:{n}", outcome="overdue")
        for n in range(alerts.MOST_NAMED + 5)
    ]
    alert_leases(SweepReport(resources=tuple(left)), "release_capacity", "scheduled__1")
    assert "; and 5 more. " in texts[0]
    assert texts[0].count("custom model m-") == alerts.MOST_NAMED


async def test_the_watch_itself_is_late(texts: list[str], airflow_database: None) -> None:
    run = {"dag_id": "release_capacity", "dag_run_id": "scheduled__2026-11-23T08:17:00+00:00"}
    await alert_late_watch({"dag_run": run})
    (text,) = texts
    assert text.startswith("The watch over leases and runs is late.")
    assert text.endswith("/runs/scheduled__2026-11-23T08%3A17%3A00%2B00%3A00")
