"""Several machines: PostgreSQL, Redis and Celery; a worker is lost in the middle of a purchase."""

from __future__ import annotations

import re

import pytest
import yaml

from launcher.state.layout import PROJECT_ROOT
from launcher.state.secret_store import Secrets
from tests.distributed.celery_cluster import (
    Cluster,
    cluster_settings,
    kill,
    missing,
    running_cluster,
)
from tests.distributed.model_runs import (
    PYTHON_PATH,
    ModelRuns,
    model_project,
    studio_of,
    until,
)

#: The answer to the purchase comes this late: its worker is gone by then.
SLOW_ANSWER = {
    "kind": "delay",
    "operation": "CreateModelCustomizationJob",
    "delay_ms": 8000,
    "times": 1,
}
SECRETS = ("CORE__FERNET_KEY", "API__SECRET_KEY", "API_AUTH__JWT_SECRET")


def without_login(url: str) -> str:
    return re.sub(r"//[^@]*@", "//", url)


def test_the_cluster_is_set_up_as_docker_compose_sets_it_up():
    compose = yaml.safe_load((PROJECT_ROOT / "docker-compose.yaml").read_text())
    composed = {
        name: value
        for name, value in compose["x-airflow"]["environment"].items()
        if name.startswith("AIRFLOW__")
    }
    tested = cluster_settings(Secrets(), 8080, 5433, 6380)
    assert set(composed) == set(tested)
    secret = {f"AIRFLOW__{name}" for name in SECRETS}
    for name in set(tested) - secret:
        # User, password and database differ; scheme, host and port do not.
        ours = tested[name].replace("/postgres", "/airflow")
        assert without_login(composed[name]) == without_login(ours), name
    for component in ("api-server", "scheduler", "dag-processor", "triggerer"):
        assert compose["services"][component]["command"][:2] == ["airflow", component]
    assert compose["services"]["worker"]["command"][:3] == ["airflow", "celery", "worker"]


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(missing() != "", reason=missing())
def test_a_run_ends_well_with_one_of_everything_though_its_worker_is_killed(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", PYTHON_PATH)
    with running_cluster(model_project(tmp_path), training_seconds=1) as cluster:
        runs = ModelRuns(cluster.stack.client, studio_of(cluster.stack.state))
        _undisturbed_by(cluster, runs)


def _undisturbed_by(cluster: Cluster, runs: ModelRuns) -> None:
    runs.studio.endpoint.admin("PUT", "faults", {"faults": [SLOW_ANSWER]})
    first = cluster.start_worker("first")
    try:
        runs.trigger("one")
        until(lambda: _asked(runs), "the job has been asked for")
    finally:
        kill(first)
    second = cluster.start_worker("second")
    try:
        assert runs.end_of("one") == "success"
    finally:
        kill(second)
    tries = {task.task_id: task.try_number for task in runs.tasks("one")}
    assert tries["customize_model"] == 2, "the task was begun on one worker, ended on the other"
    assert runs.jobs("one") == ["Completed"]
    assert runs.throughputs_billed() == 1
    assert runs.bill()["running"] == []


def _asked(runs: ModelRuns) -> bool:
    [fault] = runs.studio.endpoint.admin("GET", "faults")["faults"]
    return bool(fault["matches"])
