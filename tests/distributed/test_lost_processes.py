"""A run stopped by hand and a scheduler killed, while a model trains: nothing is left billing."""

from __future__ import annotations

import time

import pytest

from launcher.embedded import stack
from launcher.errors import ComponentFailed
from launcher.processes.interrupts import Interrupts
from tests.distributed.model_runs import (
    DAG_ID,
    PYTHON_PATH,
    ModelRuns,
    SlowCloud,
    model_project,
    studio_of,
)

pytestmark = pytest.mark.slow

TRAINING_SECONDS = 25


def kill(running: stack.Stack, name: str) -> None:
    """End a component as a crash does."""
    [found] = [each for each in running.supervisor.started if name in each.spec.name]
    found.process.kill()


@pytest.mark.long
def test_stopping_a_run_stops_its_training_and_a_run_outlives_the_scheduler(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", PYTHON_PATH)
    project = model_project(tmp_path)
    state, cloud = project.state("test"), SlowCloud(TRAINING_SECONDS)
    with (
        pytest.raises(ComponentFailed, match="Airflow's scheduler ended with signal 9"),
        stack.running(project, state, cloud, Interrupts()) as running,
    ):
        running.wait_for_dag(DAG_ID)
        runs = ModelRuns(running.client, studio_of(state))

        runs.trigger("stopped")
        runs.wait_for_task("stopped", "customize_model", "deferred")
        assert runs.jobs("stopped") == ["InProgress"]
        running.client.fail_run(DAG_ID, "stopped")
        runs.wait_for_task("stopped", "release_throughput", "success")
        assert runs.jobs("stopped") == ["Stopped"]
        assert runs.bill()["running"] == []

        runs.trigger("survives")
        runs.wait_for_task("survives", "customize_model", "deferred")
        kill(running, "scheduler")
        while True:
            running.check()
            time.sleep(0.2)

    with stack.running(project, state, SlowCloud(TRAINING_SECONDS), Interrupts()) as running:
        runs = ModelRuns(running.client, studio_of(state, runs.studio.bucket))
        assert runs.end_of("survives") == "success"
        assert runs.jobs("survives") == ["Completed"]
        assert runs.throughputs_billed() == 1
        assert runs.bill()["running"] == []
