"""The client of the Airflow REST API, against recorded answers."""

from __future__ import annotations

from datetime import UTC, datetime

import responses
from responses import matchers

from launcher.embedded.client import AirflowClient
from tests.launcher.recorded_answers import API, ENDED, RUN, row


@responses.activate
def test_an_expired_token_is_renewed(client: AirflowClient) -> None:
    responses.get(RUN, status=401)
    login = responses.post("http://127.0.0.1:8/auth/token", json={"access_token": "new"})
    responses.get(
        RUN,
        json={"state": "running"},
        match=[matchers.header_matcher({"Authorization": "Bearer new"})],
    )
    assert client.get_run_state("film", "r1") == "running"
    assert login.call_count == 1


@responses.activate
def test_every_page_of_task_instances_is_read(client: AirflowClient) -> None:
    for offset, name in ((0, "plan"), (1, "crop")):
        responses.get(
            f"{RUN}/taskInstances",
            json={"task_instances": [row(name, "success")], "total_entries": 2},
            match=[matchers.query_param_matcher({"limit": "500", "offset": str(offset)})],
        )
    assert [task.task_id for task in client.list_task_states("film", "r1")] == ["plan", "crop"]


@responses.activate
def test_health_lists_heartbeats_and_unhealthy_components(client: AirflowClient) -> None:
    document = {
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": ENDED},
        "triggerer": {"status": "unhealthy", "latest_triggerer_heartbeat": None},
    }
    responses.get(f"{API}/monitor/health", json=document)
    health = client.get_health()
    assert health.unhealthy == ("triggerer",)
    assert health.beats == {
        "scheduler": datetime(2026, 3, 2, 12, 0, 5, tzinfo=UTC),
        "triggerer": None,
    }


@responses.activate
def test_import_errors_of_an_earlier_stack_do_not_count(client: AirflowClient) -> None:
    rows = [
        {"filename": "old.py", "stack_trace": "x", "timestamp": "2026-03-02T11:00:00Z"},
        {"filename": "new.py", "stack_trace": "y", "timestamp": "2026-03-02T13:00:00Z"},
    ]
    responses.get(f"{API}/importErrors", json={"import_errors": rows})
    since = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert client.get_import_errors(since) == {"new.py": "y"}
