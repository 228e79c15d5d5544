"""The Airflow REST client and what is made of a failed run, against recorded answers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import responses
from responses import matchers

from launcher import dag_run, failures
from launcher.airflow_client import AirflowClient, TaskState
from launcher.dag_run import DagRun
from launcher.errors import BadInput
from launcher.layout import StateFolder
from launcher.ports import ApiPorts

API = "http://127.0.0.1:8/api/v2"
RUN = f"{API}/dags/film/dagRuns/r1"
ENDED = "2026-03-02T12:00:05Z"


@pytest.fixture
def client() -> AirflowClient:
    return AirflowClient(ApiPorts(8, 9), "admin", "secret")


def row(task_id: str, state: str, map_index: int = -1) -> dict[str, Any]:
    return {
        "task_id": task_id,
        "map_index": map_index,
        "state": state,
        "try_number": 2,
        "start_date": "2026-03-02T12:00:00Z",
        "end_date": ENDED,
        "rendered_map_index": "film.mp4 0:00-0:10" if map_index >= 0 else None,
    }


def answer_tasks(*rows: dict[str, Any]) -> None:
    page = {"task_instances": list(rows), "total_entries": len(rows)}
    responses.get(f"{RUN}/taskInstances", json=page)


@responses.activate
def test_an_expired_token_is_renewed(client: AirflowClient) -> None:
    responses.get(RUN, status=401)
    login = responses.post("http://127.0.0.1:8/auth/token", json={"access_token": "new"})
    responses.get(
        RUN,
        json={"state": "running"},
        match=[matchers.header_matcher({"Authorization": "Bearer new"})],
    )
    assert client.run_state("film", "r1") == "running"
    assert login.call_count == 1


@responses.activate
def test_every_page_of_task_instances_is_read(client: AirflowClient) -> None:
    for offset, name in ((0, "plan"), (1, "crop")):
        responses.get(
            f"{RUN}/taskInstances",
            json={"task_instances": [row(name, "success")], "total_entries": 2},
            match=[matchers.query_param_matcher({"limit": "500", "offset": str(offset)})],
        )
    assert [task.task_id for task in client.task_states("film", "r1")] == ["plan", "crop"]


@responses.activate
def test_health_tells_heartbeats_and_who_is_unhealthy(client: AirflowClient) -> None:
    document = {
        "metadatabase": {"status": "healthy"},
        "scheduler": {"status": "healthy", "latest_scheduler_heartbeat": ENDED},
        "triggerer": {"status": "unhealthy", "latest_triggerer_heartbeat": None},
    }
    responses.get(f"{API}/monitor/health", json=document)
    health = client.health()
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
    assert client.import_errors(since) == {"new.py": "y"}


def run_on(client: AirflowClient) -> DagRun:
    stack: Any = SimpleNamespace(
        client=client,
        url="http://127.0.0.1:8",
        state=StateFolder(Path("/state")),
    )
    return DagRun(stack, "film", "r1")


@responses.activate
def test_refused_parameters_are_a_bad_input_in_airflows_words(client: AirflowClient) -> None:
    responses.patch(f"{API}/dags/film", json={})
    responses.post(f"{API}/dags/film/dagRuns", status=400, json={"detail": "seed: 9999 > 1000"})
    with pytest.raises(BadInput, match="seed: 9999 > 1000"):
        dag_run.trigger(run_on(client).stack, "r1", {"seed": 9999}, "film")


@responses.activate
def test_what_an_interrupted_launcher_left_running_is_marked_failed(client: AirflowClient) -> None:
    responses.get(f"{API}/dags/film/dagRuns", json={"dag_runs": [{"dag_run_id": "r1"}]})
    marked = responses.patch(RUN, match=[matchers.json_params_matcher({"state": "failed"})])
    assert dag_run.end_abandoned(run_on(client).stack, "film") == ["r1"]
    assert marked.call_count == 1


@responses.activate
def test_a_failed_run_is_explained_by_task_item_message_and_log(client: AirflowClient) -> None:
    answer_tasks(row("film.sample", "failed", 3), row("crop", "upstream_failed"))
    content = [
        {"event": "starting"},
        {
            "event": "Task failed with exception",
            "error_detail": [
                {"exc_type": "VideoUnreadable", "exc_value": "film.mp4 holds no picture"},
                {"exc_type": "InvalidDataError", "exc_value": "moov atom not found"},
            ],
        },
        {"event": "::endgroup::"},
    ]
    responses.get(f"{RUN}/taskInstances/film.sample/logs/2", json={"content": content})
    assert failures.explain(run_on(client)) == (
        "film.sample [film.mp4 0:00-0:10] failed: film.mp4 holds no picture\n"
        "    Its log: /state/airflow/logs/dag_id=film/run_id=r1/task_id=film.sample/"
        "map_index=3/attempt=2.log"
    )


@responses.activate
def test_what_tasks_returned_comes_in_the_order_of_the_map(client: AirflowClient) -> None:
    answer_tasks(row("sample", "success", 1), row("sample", "success", 0), row("plan", "success"))
    for index in (0, 1):
        responses.get(
            f"{RUN}/taskInstances/sample/xcomEntries/return_value",
            json={"value": {"shard": index}},
            match=[matchers.query_param_matcher({"map_index": str(index)})],
        )
    assert run_on(client).returned("sample") == [{"shard": 0}, {"shard": 1}]


def test_a_task_without_an_exception_is_said_to_have_been_killed() -> None:
    assert failures.error_message([{"event": "starting"}]) == ""


def test_a_mapped_task_is_named_with_its_item() -> None:
    task = TaskState("sample", 0, "failed", 1, None, None, "film.mp4")
    assert failures.name_of(task) == "sample [film.mp4]"
