"""Where AWS calls go, as the variables that every Airflow process gets."""

import json

import pytest

from launcher.clouds import LocalCloud, UsersCloud
from launcher.layout import Project, StateFolder

PAUSES = "AIRFLOW__CORE__MAX_TASK_RETRY_DELAY"
ENDPOINT = {
    "url": "http://127.0.0.1:4566",
    "access_key_id": "local",
    "secret_access_key": "local",
    "region": "us-east-1",
    "portal_url": "http://127.0.0.1:4567",
}


class ReadyAtOnce:
    """In place of the supervisor: the endpoint is there as soon as it is asked for."""

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


def test_everything_asks_the_local_endpoint(local):
    assert (local["AWS_ENDPOINT_URL"], local["AWS_REGION"]) == (ENDPOINT["url"], "us-east-1")


def test_a_release_that_fails_is_tried_again_soon_where_no_outage_can_be(local):
    assert local[PAUSES] == "10"


def test_in_an_account_the_pauses_of_the_dags_hold():
    assert PAUSES not in UsersCloud().environment(None)
