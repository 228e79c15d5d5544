"""A whole Airflow, started by the launcher, with a run that waits for people."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from launcher.embedded import stack
from launcher.embedded.stack import Stack
from launcher.processes.environment import base_environment, without_aws
from launcher.processes.interrupts import Interrupts
from launcher.processes.supervisor import Supervisor
from launcher.runs import dag_run
from launcher.runs.dag_run import DagRun
from launcher.state.layout import PROJECT_ROOT, Project, StateFolder
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.gateways.storage.production_files import load_production
from storyboard_ops.steps.preflight.check_preflight import write_run
from storyboard_ops.steps.run.tool_box import ToolBox
from tests.films.tiny_film import tiny_production
from tests.steps.review.test_desk import ESTIMATE
from tests.steps.review.test_review_steps import stored_images
from tests.studio.endpoint_fixture import RunningEndpoint
from tests.studio.studio_fixture import Studio

DAGS = Path(__file__).parent / "waiting_dags"
RUN_ID = "manual__review"
SECOND_REVIEWER = "ben"
WAIT_SECONDS = 120.0


class EndpointOfTests:
    """The launcher's cloud: an endpoint that runs already, and two reviewers."""

    users = MappingProxyType({SECOND_REVIEWER: "user"})

    def __init__(self, endpoint: RunningEndpoint) -> None:
        self._endpoint = endpoint

    def start(self, supervisor: Supervisor, project: Project, state: StateFolder) -> None:
        """Nothing to start."""

    def environment(self, supervisor: Supervisor) -> dict[str, str]:
        """The base environment of every Airflow process."""
        return {**without_aws(base_environment()), **self._endpoint.environment}


@dataclass(frozen=True)
class WaitingRun:
    """A run whose pictures wait for people."""

    stack: Stack
    run: DagRun
    tools: ToolBox
    pictures: tuple[ImageRecord, ...]

    @property
    def review_page(self) -> str:
        """The board by itself, outside Airflow's frame."""
        return f"{self.stack.url}/storyboard/runs/{self.run.dag_id}/{self.run.run_id}/review"

    def password(self, user: str) -> str:
        """The password that Airflow has made for a user."""
        file = self.stack.state.airflow_home / "passwords.json"
        return str(json.loads(file.read_text())[user])

    def wait_until(self, task_id: str, state: str) -> None:
        """Until a task of the run has come to a state."""
        self.stack.supervisor.wait_until(
            f"{task_id} {state}", lambda: self._state_of(task_id) == state, WAIT_SECONDS
        )

    def wait_ended(self) -> str:
        """The last state of the run."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            state = self.stack.client.get_run_state(self.run.dag_id, self.run.run_id)
            if state in ("success", "failed"):
                return state
            time.sleep(0.5)
        return "still running"

    def _state_of(self, task_id: str) -> str | None:
        states = self.stack.client.list_task_states(self.run.dag_id, self.run.run_id)
        return next((one.state for one in states if one.task_id == task_id), None)


@contextmanager
def waiting_run(endpoint: RunningEndpoint, folder: Path, pictures: int) -> Iterator[WaitingRun]:
    """Everything up, and the run parked for the approval page, while the block runs."""
    project = _project(folder)
    studio = Studio.opened(endpoint)
    tools = studio.tools(
        run_key(dag_run.DAG_ID, RUN_ID), review_desk="page", production=tiny_production(studio)
    )
    write_run(tools, load_production(tools.objects, tools.settings.production), ESTIMATE)
    images = stored_images(tools, pictures)
    tools.manifests.commit(tools.run_root / "dataset/candidates.jsonl", "images", "d", images)
    with stack.running(
        project, project.state("test"), EndpointOfTests(endpoint), Interrupts()
    ) as running:
        running.wait_for_dag(dag_run.DAG_ID)
        run = dag_run.trigger(running, RUN_ID, tools.settings.model_dump(mode="json"))
        waiting = WaitingRun(running, run, tools, tuple(images))
        waiting.wait_until("wait_for_approval", "awaiting_input")
        yield waiting


def _project(folder: Path) -> Project:
    """The DAG of these tests with the product's plugin."""
    (PROJECT_ROOT / ".cache").mkdir(exist_ok=True)  # keeps an empty database, which takes long
    (folder / "plugins").mkdir(parents=True)
    (folder / "dags").symlink_to(DAGS)
    for name in ("plugins/.airflowignore", "plugins/storyboard_ops", "include", ".cache"):
        (folder / name).symlink_to(PROJECT_ROOT / name)
    return Project(folder)
