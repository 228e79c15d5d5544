"""The Airflow REST API, as far as the launcher uses it: a method is one call and a conversion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from launcher.processes.ports import ApiPorts

TIMEOUT_SECONDS = 10
PAGE = 500

ACTIVE_RUN_STATES = frozenset({"queued", "running"})


@dataclass(frozen=True)
class TaskState:
    """One task instance; `map_index` is -1 for a task that is not mapped (or not expanded yet)."""

    task_id: str
    map_index: int
    state: str | None
    try_number: int
    start: datetime | None
    end: datetime | None
    label: str


@dataclass(frozen=True)
class Health:
    """Last heartbeats of `scheduler`, `triggerer` and `dag_processor`, and the unhealthy ones."""

    beats: Mapping[str, datetime | None]
    unhealthy: tuple[str, ...]


class AirflowClient:
    """Calls the API servers of one Airflow on loopback.

    Every method raises `requests.RequestException` if the server cannot be reached or refuses.
    """

    def __init__(self, ports: ApiPorts, user: str, password: str) -> None:
        self._url = ports.url
        self._tasks_url = ports.tasks_url
        self._login = {"username": user, "password": password}
        self._session = requests.Session()
        self._session.trust_env = False

    def get_health(self) -> Health:
        """`GET /monitor/health`; no login needed."""
        answer = self._session.get(f"{self._url}/api/v2/monitor/health", timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        parts = {k: v for k, v in answer.json().items() if k != "metadatabase"}
        return Health(
            beats={k: _moment(v.get(f"latest_{k}_heartbeat")) for k, v in parts.items()},
            unhealthy=tuple(k for k, v in answer.json().items() if v["status"] != "healthy"),
        )

    def ping_task_api(self) -> None:
        """`GET health` of the API that tasks use; no login needed."""
        self._session.get(f"{self._tasks_url}health", timeout=TIMEOUT_SECONDS).raise_for_status()

    def log_in(self) -> None:
        """Get a token and use it for every later call."""
        answer = self._session.post(
            f"{self._url}/auth/token", json=self._login, timeout=TIMEOUT_SECONDS
        )
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get_last_parsed(self, dag_id: str) -> datetime | None:
        """Return when the DAG was last parsed and stored; None if Airflow does not know it."""
        answer = self._call("GET", f"/dags/{dag_id}", ok=(200, 404))
        return _moment(answer.json()["last_parsed_time"]) if answer.status_code == 200 else None

    def get_import_errors(self, since: datetime) -> dict[str, str]:
        """Map each DAG file that could not be imported after `since` to its stack trace."""
        rows = self._call("GET", "/importErrors").json()["import_errors"]
        recent = [row for row in rows if datetime.fromisoformat(row["timestamp"]) > since]
        return {row["filename"]: row["stack_trace"] for row in recent}

    def unpause(self, dag_id: str) -> None:
        """Let runs of the DAG start."""
        self._call("PATCH", f"/dags/{dag_id}", json={"is_paused": False})

    def get_downstream(self, dag_id: str) -> dict[str, list[str]]:
        """Map each task id to the ids of the tasks directly after it."""
        tasks = self._call("GET", f"/dags/{dag_id}/tasks").json()["tasks"]
        return {task["task_id"]: task["downstream_task_ids"] or [] for task in tasks}

    def trigger(self, dag_id: str, run_id: str, conf: Mapping[str, Any]) -> None:
        """Start a run.

        Raises:
            requests.HTTPError: 400 if `conf` breaks a parameter's bounds; the body says which.
        """
        body = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)}
        self._call("POST", f"/dags/{dag_id}/dagRuns", json=body)

    def get_run_state(self, dag_id: str, run_id: str) -> str:
        """Return the state of a run, such as `running`."""
        return str(self._call("GET", f"/dags/{dag_id}/dagRuns/{run_id}").json()["state"])

    def list_active_runs(self, dag_id: str) -> list[str]:
        """List the ids of the runs that are queued or running, oldest first."""
        page = self._call(
            "GET",
            f"/dags/{dag_id}/dagRuns",
            params={"state": sorted(ACTIVE_RUN_STATES), "order_by": "run_after", "limit": PAGE},
        ).json()
        return [run["dag_run_id"] for run in page["dag_runs"]]

    def fail_run(self, dag_id: str, run_id: str) -> None:
        """Mark a run as failed: running tasks are stopped, teardown tasks still run."""
        self._call("PATCH", f"/dags/{dag_id}/dagRuns/{run_id}", json={"state": "failed"})

    def list_task_states(self, dag_id: str, run_id: str) -> list[TaskState]:
        """List all task instances of the run."""
        found: list[TaskState] = []
        while True:
            page = self._call(
                "GET",
                f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances",
                params={"limit": PAGE, "offset": len(found)},
            ).json()
            found += [_task_state(row) for row in page["task_instances"]]
            if len(found) >= page["total_entries"] or not page["task_instances"]:
                return found

    def get_xcom(self, dag_id: str, run_id: str, task_id: str, map_index: int) -> Any:
        """Return what a task instance returned, as a JSON value."""
        entry = self._call(
            "GET",
            f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/xcomEntries/return_value",
            params={"map_index": map_index},
        )
        return entry.json()["value"]

    def get_log_events(self, dag_id: str, run_id: str, task: TaskState) -> list[dict[str, Any]]:
        """Return the structured log lines of the task's last try, oldest first."""
        answer = self._call(
            "GET",
            f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{task.try_number}",
            params={"map_index": task.map_index, "full_content": "true"},
            headers={"Accept": "application/json"},
        )
        content = answer.json()["content"]
        return [line if isinstance(line, dict) else {"event": str(line)} for line in content]

    def _call(
        self, method: str, path: str, ok: tuple[int, ...] = (), **options: Any
    ) -> requests.Response:
        answer = self._request(method, path, **options)
        if answer.status_code == requests.codes.unauthorized:
            self.log_in()
            answer = self._request(method, path, **options)
        if answer.status_code not in ok:
            answer.raise_for_status()
        return answer

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        url = f"{self._url}/api/v2{path}"
        return self._session.request(method, url, timeout=TIMEOUT_SECONDS, **options)


def _task_state(row: Mapping[str, Any]) -> TaskState:
    return TaskState(
        task_id=row["task_id"],
        map_index=row["map_index"],
        state=row["state"],
        try_number=row["try_number"],
        start=_moment(row["start_date"]),
        end=_moment(row["end_date"]),
        label=str(row.get("rendered_map_index") or row["map_index"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
