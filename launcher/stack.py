"""Starts the embedded Airflow with what belongs beside it, and watches over them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

from launcher import airflow_components, secret_store, state_lock
from launcher.airflow_client import AirflowClient
from launcher.airflow_settings import HEALTH_SECONDS, embedded_settings, sqlite_url
from launcher.clouds import Cloud
from launcher.environment import airflow_environment, base_environment
from launcher.errors import ComponentFailed, StartFailed
from launcher.interrupts import Interrupts
from launcher.layout import Project, StateFolder
from launcher.ports import ApiPorts, free_ports
from launcher.secret_store import Secrets
from launcher.supervisor import Supervisor, tail

START_TIMEOUT = 240.0
HEALTH_INTERVAL = 5.0
COMPONENT_OF_BEAT = {"dag_processor": "dag-processor"}


@dataclass
class Stack:
    """A running Airflow and what is needed to use it."""

    supervisor: Supervisor
    state: StateFolder
    client: AirflowClient
    url: str
    secrets: Secrets
    environment: Mapping[str, str]
    started: datetime
    _sick_since: float | None = None
    _next_health: float = 0.0

    def check(self) -> None:
        """Raise when a component is gone, or has been without heartbeat for too long."""
        self.supervisor.check()
        if time.monotonic() >= self._next_health:
            self._next_health = time.monotonic() + HEALTH_INTERVAL
            self._check_heartbeats()

    def _check_heartbeats(self) -> None:
        try:
            sick = self.client.health().unhealthy
        except requests.RequestException:
            sick = ("api-server",)
        if not sick:
            self._sick_since = None
        elif self._sick_since is None:
            self._sick_since = time.monotonic()
        elif time.monotonic() - self._sick_since > HEALTH_SECONDS:
            raise ComponentFailed(self._explain(sick))

    def _explain(self, sick: tuple[str, ...]) -> str:
        names = [COMPONENT_OF_BEAT.get(name, name) for name in sick]
        logs = "\n".join(
            f"Last lines of {log}:\n{tail(log)}"
            for log in (self.state.logs / f"{name}.log" for name in names)
        )
        return (
            f"Airflow's {' and '.join(names)} has not answered for {HEALTH_SECONDS} s, though "
            f"its process is alive. {logs}"
        )

    def is_healthy(self) -> bool:
        """Whether both API servers answer and each other component has sent a heartbeat by now.

        The task API builds its routes on its first request, which takes seconds: asking it here
        spares the first task that wait.
        """
        try:
            self.client.ping_task_api()
            health = self.client.health()
        except requests.RequestException:
            return False
        beats = health.beats.values()
        return not health.unhealthy and all(beat and beat > self.started for beat in beats)

    def wait_for_dag(self, dag_id: str) -> None:
        """Return when Airflow has parsed the DAG as it is now, whatever an earlier stack knew.

        Raises:
            StartFailed: a DAG file cannot be imported, or the DAG does not appear in time.
        """

        def known() -> bool:
            errors = self.client.import_errors(since=self.started)
            if errors:
                lines = [explain_import_error(file, trace) for file, trace in errors.items()]
                raise StartFailed("\n".join(lines))
            parsed = self.client.last_parsed(dag_id)
            return parsed is not None and parsed > self.started

        self.supervisor.wait_until(f"The DAG {dag_id}", known, START_TIMEOUT)


def explain_import_error(file: str, trace: str) -> str:
    """The file and the last line of the trace, which is the error itself."""
    return f"Airflow cannot import {file}: {trace.strip().splitlines()[-1]}"


@contextmanager
def running(
    project: Project,
    state: StateFolder,
    cloud: Cloud,
    interrupts: Interrupts,
) -> Iterator[Stack]:
    """A healthy stack on `state`, ended again with everything it started."""
    with state_lock.held(state), Supervisor(interrupts) as supervisor:
        started = datetime.now(UTC)
        secrets = secret_store.load_or_create(state.secrets)
        ports = ApiPorts(*free_ports(2))
        settings = embedded_settings(project, state, secrets, ports, sqlite_url(state.airflow_home))
        cloud.start(supervisor, project, state)
        airflow_components.write_password(state, secrets)
        airflow_components.prepare_database(
            supervisor, project, state, airflow_environment(base_environment(), state, settings)
        )
        environment = airflow_environment(cloud.environment(supervisor), state, settings)
        for spec in airflow_components.process_specs(project, state, environment, ports):
            supervisor.start(spec)
        client = AirflowClient(ports, secrets.user, secrets.password)
        stack = Stack(supervisor, state, client, ports.url, secrets, environment, started)
        supervisor.wait_until("Airflow", stack.is_healthy, START_TIMEOUT)
        client.log_in()
        yield stack


def renew(state: StateFolder) -> None:
    """Forget what a former stack left in the folder; the lock guards against a running one."""
    with state_lock.held(state):
        shutil.rmtree(state.path, ignore_errors=True)
