"""The alias of an executor, and nothing else, moves the heavy tasks of the DAGs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from launcher.aws.ecs.settings import HEAVY_EXECUTOR
from launcher.state.layout import PROJECT_ROOT

#: Prints the executor of each task of each DAG; Airflow refuses one that it does not have.
LIST_TASKS = """
import json, sys
from airflow.dag_processing.dagbag import BundleDagBag
bag = BundleDagBag(dag_folder=sys.argv[1], bundle_path=sys.argv[1], bundle_name="dags")
assert not bag.import_errors, bag.import_errors
print("\\n" + json.dumps({f"{dag.dag_id}.{task.task_id}": task.executor
    for dag in bag.dags.values() for task in dag.tasks}))
"""
#: Their names without those of DAGs and groups.
HEAVY = {
    "assemble_dataset",
    "choose_pictures",
    "crop_characters",
    "detect_characters",
    "draw_storyboard",
    "drop_near_duplicates",
    "measure_consistency",
    "sample_frames",
    "write_captions",
    "write_report",
}


def executors(tmp_path, **variables: str) -> dict[str, str | None]:
    """The executor of each task by the ids of DAG and task, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_TASKS, str(PROJECT_ROOT / "dags")],
        env={
            **{name: value for name, value in os.environ.items() if "STORYBOARD_GPU" not in name},
            "PYTHONPATH": f"{PROJECT_ROOT / 'plugins'}:{PROJECT_ROOT}",
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_ROOT / "plugins"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str | None] = json.loads(done.stdout.splitlines()[-1])
    return found


def heavy_tasks(tmp_path, **variables: str) -> set[str]:
    """The names of the tasks that do not have the default executor."""
    placed = executors(
        tmp_path, AIRFLOW__CORE__EXECUTOR=f"CeleryExecutor,{HEAVY_EXECUTOR}", **variables
    )
    assert set(placed.values()) == {None, "heavy"}
    return {task.rpartition(".")[2] for task, name in placed.items() if name}


def test_the_alias_takes_the_heavy_tasks(tmp_path):
    assert heavy_tasks(tmp_path) == HEAVY


def test_a_studios_own_machine_draws_itself(tmp_path):
    machine = {"where": "process", "python": "/usr/bin/python3", "work_folder": "/tmp"}
    heavy = heavy_tasks(tmp_path, STORYBOARD_GPU=json.dumps(machine))
    assert heavy == HEAVY - {"draw_storyboard"}
