"""HEAVY=ecs: the heavy tasks of the embedded Airflow go to the ECS of the local endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from launcher.aws.clouds import UsersCloud
from launcher.aws.ecs import settings
from launcher.aws.endpoint import Endpoint
from launcher.embedded.heavy_tasks import place_heavy_tasks, send_to_ecs, sends_to_ecs
from launcher.errors import UsageError
from tests.studio.endpoint_fixture import RunningEndpoint

#: Some of the variables of an embedded Airflow.
AIRFLOW: Mapping[str, str] = {
    "AIRFLOW_HOME": "/state/airflow",
    "AIRFLOW__API_AUTH__JWT_SECRET": "secret-1",
    "AIRFLOW__CORE__DAGS_FOLDER": "/code/dags",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "http://127.0.0.1:9/execution/",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__FERNET_KEY": "secret-2",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:////state/airflow.db",
    "STORYBOARD_WORKSPACES": "s3://storyboard-studio",
}


@pytest.mark.parametrize(
    ("given", "sent"), [({}, False), ({"HEAVY": "here"}, False), ({"HEAVY": "ecs"}, True)]
)
def test_heavy_tasks_stay_here_unless_they_are_sent(given, sent):
    assert sends_to_ecs(given) is sent


def test_another_place_is_refused_with_the_places_there_are(monkeypatch):
    with pytest.raises(UsageError, match=r"HEAVY is 'esc'\. .*ecs.* It is here or ecs"):
        sends_to_ecs({"HEAVY": "esc"})
    monkeypatch.setenv("HEAVY", "ecs")
    with pytest.raises(UsageError, match="no container reaches an Airflow on this machine"):
        place_heavy_tasks(AIRFLOW, UsersCloud(), Path("/state/containers"))


def test_without_a_place_the_environment_stays_as_it_is(monkeypatch):
    monkeypatch.delenv("HEAVY", raising=False)
    assert place_heavy_tasks(AIRFLOW, UsersCloud(), Path("/state/containers")) == AIRFLOW


def test_containers_get_what_they_need_and_no_secret(local_endpoint: RunningEndpoint):
    ready = local_endpoint.ready
    names = ("url", "access_key_id", "secret_access_key", "region", "portal_url")
    endpoint = Endpoint(**{name: ready[name] for name in names})
    environment = send_to_ecs(AIRFLOW, endpoint, Path("/state/containers"))
    assert (
        environment.items()
        >= {
            "AIRFLOW__CORE__EXECUTOR": f"LocalExecutor,{settings.HEAVY_EXECUTOR}",
            "AIRFLOW__AWS_ECS_EXECUTOR__TASK_DEFINITION": settings.FAMILY,
            "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": "s3://storyboard-studio/logs",
            "AIRFLOW__CORE__FERNET_KEY": "secret-2",
        }.items()
    )
    ecs = local_endpoint.client("ecs")
    found = ecs.describe_task_definition(taskDefinition=settings.FAMILY)["taskDefinition"]
    [container] = found["containerDefinitions"]
    given = {item["name"]: item["value"] for item in container["environment"]}
    assert (
        given.items()
        >= {
            "AIRFLOW_HOME": "/state/containers",
            "AIRFLOW__CORE__DAGS_FOLDER": "/code/dags",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "http://127.0.0.1:9/execution/",
            "STORYBOARD_WORKSPACES": "s3://storyboard-studio",
        }.items()
    )
    assert not {"secret-1", "secret-2"} & set(given.values())
    assert not any("DATABASE" in name for name in given)
    send_to_ecs(AIRFLOW, endpoint, Path("/state/containers"))  # a second start changes nothing
