"""Runs of the DAG ``train_model_only`` on a real Airflow: trigger, follow, and look at the bill."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from launcher.aws.clouds import LocalCloud
from launcher.embedded.client import AirflowClient, TaskState
from launcher.processes.environment import base_environment, without_aws
from launcher.processes.supervisor import ProcessSpec, Supervisor
from launcher.state.layout import PROJECT_ROOT, Project, StateFolder
from tests.films.tiny_film import tiny_production
from tests.studio.endpoint_fixture import RunningEndpoint
from tests.studio.studio_fixture import QUICK, Studio

DAG_ID = "train_model_only"
MODEL_DAGS = Path(__file__).parent / "model_dags"
#: Airflow's processes find the product and, for the DAG, the tests.
PYTHON_PATH = f"{PROJECT_ROOT / 'plugins'}:{PROJECT_ROOT}"
PATIENCE_SECONDS = 240.0
ENDED = {"success", "failed"}


def model_project(root: Path) -> Project:
    """A project whose only DAG is ``train_model_only``; its plugins are the product's."""
    shutil.copytree(MODEL_DAGS, root / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("plugins", "local_aws", "include", "tests", "launcher"):
        (root / name).symlink_to(PROJECT_ROOT / name)
    return Project(root)


class SlowCloud(LocalCloud):
    """A local endpoint whose training takes as long as a test needs to disturb it."""

    def __init__(self, training_seconds: float) -> None:
        super().__init__()
        self._training_seconds = training_seconds

    def start(self, supervisor: Supervisor, project: Project, state: StateFolder) -> None:
        """Begin; does not wait."""
        state.endpoint_ready.unlink(missing_ok=True)
        self._state = state
        options = {
            "--port": "0",
            "--data": str(state.endpoint_data),
            "--ready-file": str(state.endpoint_ready),
            "--customization-seconds": str(self._training_seconds),
            "--throughput-seconds": "0.5",
        }
        supervisor.start(
            ProcessSpec(
                name="the local AWS endpoint",
                command=(sys.executable, "-m", "local_aws", *_flat(options)),
                environment=without_aws(base_environment()),
                log=state.logs / "local_aws.log",
                folder=project.root,
            )
        )


def _flat(options: dict[str, str]) -> Iterator[str]:
    for pair in options.items():
        yield from pair


@dataclass(frozen=True)
class ModelRuns:
    """An Airflow that has the DAG, and the account that it works on."""

    client: AirflowClient
    studio: Studio

    def trigger(self, run_id: str) -> None:
        """Start a run that keeps nothing."""
        self.client.unpause(DAG_ID)
        conf = {
            **QUICK,
            "videos": [f"s3://{self.studio.bucket}/videos/none.mp4"],
            "workspace": f"s3://{self.studio.bucket}",
            "production": tiny_production(self.studio),
            "keep_model": False,
            "review_desk": "without_people",
        }
        self.client.trigger(DAG_ID, run_id, conf)

    def tasks(self, run_id: str) -> list[TaskState]:
        """Every task of a run."""
        return self.client.list_task_states(DAG_ID, run_id)

    def task_state(self, run_id: str, task_id: str) -> str | None:
        """The state of a task now."""
        return {task.task_id: task.state for task in self.tasks(run_id)}.get(task_id)

    def wait_for_task(self, run_id: str, task_id: str, *states: str) -> None:
        """Return when the task is in one of the states."""
        until(lambda: self.task_state(run_id, task_id) in states, f"{task_id} is {states}")

    def end_of(self, run_id: str) -> str:
        """The state in which the run ends."""
        until(lambda: self.client.get_run_state(DAG_ID, run_id) in ENDED, f"{run_id} ends")
        return self.client.get_run_state(DAG_ID, run_id)

    def jobs(self, run_id: str) -> list[str]:
        """States of the customization jobs of a run."""
        bedrock = self.studio.client("bedrock")
        listed = bedrock.list_model_customization_jobs(nameContains=f"customize-{run_id}")
        return [job["status"] for job in listed["modelCustomizationJobSummaries"]]

    def bill(self) -> dict[str, Any]:
        """The endpoint's bill."""
        found: dict[str, Any] = self.studio.endpoint.admin("GET", "bill")
        return found

    def throughputs_billed(self) -> int:
        """How many purchases of capacity the bill knows."""
        return sum(line["unit"] == "model_unit_hour" for line in self.bill()["lines"])


def until(reached: Callable[[], bool], what: str, patience: float = PATIENCE_SECONDS) -> None:
    """Ask until it is so; an API server that is late is asked again."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        with suppress(requests.ConnectionError, requests.Timeout):
            if reached():
                return
        time.sleep(0.3)
    raise AssertionError(f"not within {patience:.0f} s: {what}")


def studio_of(state: StateFolder, bucket: str = "") -> Studio:
    """A studio on the endpoint of a state folder; ``bucket``: one that was opened before."""
    ready = json.loads(state.endpoint_ready.read_text())
    endpoint = RunningEndpoint(None, state.endpoint_data, ready)  # type: ignore[arg-type]
    return Studio(endpoint, bucket) if bucket else Studio.opened(endpoint)
