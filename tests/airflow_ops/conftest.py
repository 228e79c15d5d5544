"""Airflow for tests: a home of its own for every xdist worker, set before Airflow is imported."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.airflow_ops.approval.api_server_fixture import ApiServer
    from tests.airflow_ops.approval.asked_fixture import Asked
    from tests.airflow_ops.approval.open_review_fixture import OpenReview
    from tests.studio.endpoint_fixture import RunningEndpoint
    from tests.studio.studio_fixture import Studio

PROJECT = Path(__file__).resolve().parents[2]
HOME = Path(tempfile.mkdtemp(prefix="airflow-tests-"))

os.environ.update(
    {
        "AIRFLOW_HOME": str(HOME),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "true",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME}/airflow.db",
    }
)


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's tables, made once for each worker."""
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture
def aws(local_endpoint: RunningEndpoint, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """Airflow's AWS connection leads to the local endpoint, as it does for users."""
    from tests.studio.studio_fixture import Studio

    for name, value in local_endpoint.environment.items():
        monkeypatch.setenv(name, value)
    return Studio.opened(local_endpoint)


@pytest.fixture(scope="module")
def server(airflow_database, local_endpoint, tmp_path_factory) -> Iterator[ApiServer]:
    """Airflow's API server with the approval page."""
    from tests.airflow_ops.approval.api_server_fixture import running_api_server

    with running_api_server(tmp_path_factory.mktemp("api"), local_endpoint) as server:
        yield server


@pytest.fixture
def review(server: ApiServer, studio: Studio) -> OpenReview:
    """A run of its own whose review waits on the page."""
    from tests.airflow_ops.approval.open_review_fixture import OpenReview

    return OpenReview(server, studio)


@pytest.fixture
def asked(aws: Studio) -> Asked:
    """Pictures of a run of its own before people, in three human loops."""
    from tests.airflow_ops.approval.asked_fixture import Asked

    return Asked(aws)


@pytest.fixture(autouse=True)
def own_clients() -> Iterator[None]:
    """Airflow's connection leads to the endpoint of the test at hand, not to an earlier one's."""
    from storyboard_ops.airflow_ops import task_bridge

    yield
    task_bridge._hook.cache_clear()
