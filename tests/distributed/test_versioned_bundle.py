"""A deployment by Git while a run goes on: the run keeps its DAG, and the next one has the new."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from launcher.embedded import stack
from launcher.embedded.stack import Stack
from launcher.processes.interrupts import Interrupts
from launcher.runs.dag_run import DagRun, trigger
from launcher.state.layout import PROJECT_ROOT, Project
from tests.distributed.configured_cloud import ConfiguredCloud

pytest.importorskip("airflow.providers.git")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine"),
]

DAG_ID = "deployed"
PATIENCE_SECONDS = 240.0
#: A DAG whose first task waits for a file, and whose second task has the version in its name.
DAG_FILE = """
import time
from pathlib import Path

from airflow.sdk import dag, task


@dag(schedule=None)
def deployed():
    @task
    def first():
        while not Path("{gate}").exists():
            time.sleep(0.2)
        return "{version}"

    @task
    def {version}(before):
        return before + " {version}"

    {version}(first())


deployed()
"""


@dataclass(frozen=True)
class Repository:
    """What a studio deploys from: a Git repository with its DAGs in ``dags/``."""

    folder: Path
    gate: Path

    def deploy(self, version: str) -> None:
        """Commit another version of the DAG."""
        (self.folder / "dags").mkdir(parents=True, exist_ok=True)
        text = DAG_FILE.format(gate=self.gate, version=version)
        (self.folder / "dags/deployed.py").write_text(text)
        self._git("add", ".")
        self._git("commit", "--quiet", "--message", version)

    def create(self) -> None:
        self.folder.mkdir()
        self._git("init", "--quiet", "--initial-branch", "main")

    def _git(self, *arguments: str) -> None:
        names = ("-c", "user.name=Studio", "-c", "user.email=studio@example.com")
        command = ("git", "-C", str(self.folder), *names, *arguments)
        subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository", tmp_path / "gate")
    made.create()
    made.deploy("version_1")
    return made


@pytest.fixture
def running(repository: Repository, tmp_path: Path) -> Iterator[Stack]:
    """An Airflow that takes its DAGs from the repository, and looks there every second."""
    root = tmp_path / "project"
    (root / "dags").mkdir(parents=True)
    (root / "plugins").mkdir()
    for name in ("local_aws", "include"):
        (root / name).symlink_to(PROJECT_ROOT / name)
    bundle = {
        "name": "studio",
        "classpath": "airflow.providers.git.bundles.git.GitDagBundle",
        "kwargs": {
            "tracking_ref": "main",
            "subdir": "dags",
            "repo_url": str(repository.folder),
            "refresh_interval": 1,
        },
    }
    cloud = ConfiguredCloud(
        {
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
            "AIRFLOW__DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
        }
    )
    project = Project(root)
    with stack.running(project, project.state("deployed"), cloud, Interrupts()) as running:
        running.wait_for_dag(DAG_ID)
        yield running


def test_a_deployment_does_not_change_a_run_in_progress(
    repository: Repository, running: Stack
) -> None:
    begun = trigger(running, "begun-before", {}, DAG_ID)
    until(lambda: tasks(begun).get("first") == "running")
    repository.deploy("version_2")
    until(lambda: "version_2" in running.client.get_downstream(DAG_ID))
    repository.gate.touch()
    until(lambda: has_ended(begun))
    assert tasks(begun) == {"first": "success", "version_1": "success"}
    assert begun.get_returned("version_1") == ["version_1 version_1"]

    after = trigger(running, "begun-after", {}, DAG_ID)
    until(lambda: has_ended(after))
    assert after.get_returned("version_2") == ["version_2 version_2"]


def tasks(run: DagRun) -> dict[str, str | None]:
    found = run.stack.client.list_task_states(run.dag_id, run.run_id)
    return {task.task_id: task.state for task in found}


def has_ended(run: DagRun) -> bool:
    state = run.stack.client.get_run_state(run.dag_id, run.run_id)
    return state in ("success", "failed")


def until(is_so: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < limit, f"not so within {PATIENCE_SECONDS:g} s"
        time.sleep(0.5)
