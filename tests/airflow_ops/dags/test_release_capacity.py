"""release_capacity as Airflow runs it: hourly, unasked, and red when something is left."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.sdk import DAG
from airflow.utils.state import DagRunState

from storyboard_ops.domain.money.resource_lease import EXPIRES_TAG, Lease
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.gateways.deployment_file import WORKSPACES_VARIABLE
from tests.airflow_ops.conftest import PROJECT
from tests.studio.claimed_capacity import buy_capacity
from tests.studio.endpoint_fixture import FAST, RunningEndpoint, running_endpoint

WORKSPACE = "s3://studio/team"
OVER = Lease(run="run-1", expires=datetime.now(UTC) - timedelta(hours=1)).tags


@pytest.fixture(scope="module")
def dag() -> DAG:
    """The DAG as Airflow loads it."""
    folder = PROJECT / "dags"
    file = str(folder / "release_capacity.py")
    bag = BundleDagBag(bundle_path=folder, bundle_name="dags", dag_folder=file)
    return bag.dags["release_capacity"]


@pytest.fixture
def endpoint(tmp_path, monkeypatch) -> Iterator[RunningEndpoint]:
    """An account of its own, which Airflow's AWS connection leads to."""
    with running_endpoint(tmp_path / "data", FAST) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv(WORKSPACES_VARIABLE, WORKSPACE)
        running.client("s3").create_bucket(Bucket="studio")
        yield running


def buy(endpoint: RunningEndpoint, number: int, tags: dict[str, str]) -> str:
    """Buy capacity as a run of the workspace does; returns its ARN."""
    return buy_capacity(endpoint.client, Workspace.at(WORKSPACE), number, tags)


def test_it_runs_every_hour_without_being_switched_on(dag):
    assert dag.timetable.expression == "17 * * * *"
    assert (dag.catchup, dag.max_active_runs, dag.is_paused_upon_creation) == (False, 1, False)


def test_people_hear_of_it_when_the_watch_itself_is_late(dag):
    (deadline,) = dag.deadline
    assert deadline.interval == timedelta(minutes=30)
    assert deadline.callback.path == "storyboard_ops.airflow_ops.alerts.alert_late_watch"


@pytest.mark.logs_errors
def test_it_releases_what_it_can_and_fails_when_a_person_is_needed(dag, endpoint, airflow_database):
    dag.deadline = None  # dag.test() of Airflow 3.3 does not store it and fails to find it
    buy(endpoint, 1, OVER)
    assert dag.test().state == DagRunState.SUCCESS
    assert endpoint.admin("GET", "bill")["running"] == []

    buy(endpoint, 1, OVER)
    unclear = buy(endpoint, 2, {**OVER, EXPIRES_TAG: "soon"})
    dag.get_task("release_expired").retries = 0
    assert dag.test().state == DagRunState.FAILED
    listed = endpoint.client("bedrock").list_provisioned_model_throughputs()
    arns = [found["provisionedModelArn"] for found in listed["provisionedModelSummaries"]]
    assert arns == [unclear]
