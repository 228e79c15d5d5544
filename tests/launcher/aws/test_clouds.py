"""Where AWS calls go, by the variables of every Airflow process."""

import json

import pytest

from launcher.aws.clouds import SCRIPTED_REVIEWER, LocalCloud, UsersCloud
from launcher.state.layout import Project, StateFolder

RETRY_DELAY = "AIRFLOW__CORE__MAX_TASK_RETRY_DELAY"
ENDPOINT = {
    "url": "http://127.0.0.1:4566",
    "access_key_id": "local",
    "secret_access_key": "local",
    "region": "us-east-1",
    "portal_url": "http://127.0.0.1:4567",
}


class ReadyAtOnce:
    """A supervisor whose endpoint is ready at once."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state

    def start(self, _spec) -> None:
        self._state.endpoint_ready.write_text(json.dumps(ENDPOINT))

    def wait_until(self, _what, ready, _timeout) -> None:
        assert ready()


@pytest.fixture
def local(tmp_path) -> dict[str, str]:
    """The environment of Airflow beside the local endpoint."""
    state, cloud = StateFolder(tmp_path), LocalCloud()
    supervisor = ReadyAtOnce(state)
    cloud.start(supervisor, Project(tmp_path), state)
    return cloud.environment(supervisor)


def test_every_process_calls_the_local_endpoint(local):
    assert (local["AWS_ENDPOINT_URL"], local["AWS_REGION"]) == (ENDPOINT["url"], "us-east-1")


def test_retry_delays_are_short_on_the_local_endpoint(local):
    assert local[RETRY_DELAY] == "10"


def test_on_aws_the_retry_delays_of_the_dags_apply():
    assert RETRY_DELAY not in UsersCloud().environment(None)


def test_a_script_has_a_user_of_airflow_beside_the_local_endpoint_only():
    assert dict(LocalCloud().users) == {SCRIPTED_REVIEWER: "user"}
    assert dict(UsersCloud().users) == {}
