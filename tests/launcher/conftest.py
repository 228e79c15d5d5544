"""Fixtures of the launcher's tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from launcher.embedded.client import AirflowClient
from launcher.processes.interrupts import SIGNALS
from launcher.processes.ports import ApiPorts
from launcher.runs.dag_run import DagRun
from launcher.state.layout import StateFolder


@pytest.fixture
def stop_signals() -> Iterator[None]:
    """Restore the handlers of the stop signals after a test that installs others."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def client() -> AirflowClient:
    """A client of an Airflow that only answers what a test records."""
    return AirflowClient(ApiPorts(8, 9), "admin", "secret")


@pytest.fixture
def dag_run_on_client(client: AirflowClient) -> DagRun:
    """A run of the DAG `film` on that Airflow."""
    state = StateFolder(Path("/state"))
    stack: Any = SimpleNamespace(client=client, url="http://127.0.0.1:8", state=state)
    return DagRun(stack, "film", "r1")
