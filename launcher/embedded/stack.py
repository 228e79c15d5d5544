"""Starts the embedded Airflow and what runs beside it, and watches their health."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests

from launcher.aws.clouds import Cloud
from launcher.embedded import components
from launcher.embedded.background_stack import BackgroundStack
from launcher.embedded.client import AirflowClient
from launcher.embedded.heavy_tasks import place_heavy_tasks
from launcher.embedded.settings import (
    HEALTH_SECONDS,
    airflow_environment,
    embedded_settings,
    sqlite_url,
)
from launcher.errors import ComponentFailed, StartFailed
from launcher.processes.environment import base_environment
from launcher.processes.interrupts import Interrupts
from launcher.processes.ports import ApiPorts, find_free_ports
from launcher.processes.supervisor import Supervisor, tail
from launcher.processes.waiting import say_nothing
from launcher.state.layout import Project, StateFolder
from launcher.state.lock import hold_lock
from launcher.state.reviewers import reviewers_from
from launcher.state.secret_store import Secrets, load_or_create_secrets

START_TIMEOUT = 240.0
HEALTH_INTERVAL = 5.0
#: Where the health report names a component otherwise than its process.
PROCESS_NAMES = {"dag_processor": "dag-processor"}


@dataclass
class Stack:
    """A running Airflow and how to use it."""

    supervisor: Supervisor
    state: StateFolder
    client: AirflowClient
    url: str
    secrets: Secrets
    environment: Mapping[str, str]
    started: datetime
    reviewers: Mapping[str, str] = field(default_factory=dict)  # their passwords
    is_ours: bool = True  # False: `make up` started it, other runs may be going on, it stays up
    _unhealthy_since: float | None = None
    _next_health: float = 0.0

    def check(self) -> None:
        """Raise ComponentFailed if a component has ended, or has sent no heartbeat for too long."""
        self.supervisor.check()
        if time.monotonic() >= self._next_health:
            self._next_health = time.monotonic() + HEALTH_INTERVAL
            self._check_heartbeats()

    def _check_heartbeats(self) -> None:
        try:
            unhealthy = self.client.get_health().unhealthy
        except requests.RequestException:
            unhealthy = ("api-server",)
        if not unhealthy:
            self._unhealthy_since = None
        elif self._unhealthy_since is None:
            self._unhealthy_since = time.monotonic()
        elif time.monotonic() - self._unhealthy_since > HEALTH_SECONDS:
            raise ComponentFailed(_explain_silence(self.state, unhealthy))

    def is_healthy(self) -> bool:
        """Whether both API servers answer and every other component has sent a heartbeat.

        The task API builds its routes on its first request, which takes seconds: this request
        saves the first task that wait.
        """
        try:
            self.client.ping_task_api()
            health = self.client.get_health()
        except requests.RequestException:
            return False
        beats = health.beats.values()
        return not health.unhealthy and all(beat and beat > self.started for beat in beats)

    def wait_for_dag(self, dag_id: str) -> None:
        """Wait until this stack has parsed the DAG; what an earlier stack parsed does not count.

        Raises:
            StartFailed: a DAG file cannot be imported, or the DAG does not appear in time.
        """

        def is_parsed() -> bool:
            errors = self.client.get_import_errors(since=self.started)
            if errors:
                lines = [explain_import_error(file, trace) for file, trace in errors.items()]
                raise StartFailed("\n".join(lines))
            parsed = self.client.get_last_parsed(dag_id)
            return parsed is not None and parsed > self.started

        self.supervisor.wait_until(f"The DAG {dag_id}", is_parsed, START_TIMEOUT)


def _explain_silence(state: StateFolder, unhealthy: Sequence[str]) -> str:
    names = [PROCESS_NAMES.get(name, name) for name in unhealthy]
    logs = [state.logs / f"{name}.log" for name in names]
    tails = "\n".join(f"Last lines of {log}:\n{tail(log)}" for log in logs)
    return (
        f"Airflow's {' and '.join(names)} has neither answered nor sent a heartbeat for "
        f"{HEALTH_SECONDS} s, though its process is alive. {tails}"
    )


def explain_import_error(file: str, trace: str) -> str:
    """Name the file and the last line of the trace, which is the error itself."""
    return f"Airflow cannot import {file}: {trace.strip().splitlines()[-1]}"


@contextmanager
def running(
    project: Project,
    state: StateFolder,
    cloud: Cloud,
    interrupts: Interrupts,
    say: Callable[[str], None] = say_nothing,
) -> Iterator[Stack]:
    """Start a healthy stack on `state`; stop everything it started when the block ends.

    `say` is told what a long wait is for.

    Raises:
        StateInUse: another launcher uses the state.
        StartFailed, ComponentFailed: the stack did not become healthy.
        UsageError: HEAVY names no place where this stack's heavy tasks can run.
    """
    with hold_lock(state), Supervisor(interrupts, say) as supervisor:
        started = datetime.now(UTC)
        secrets = load_or_create_secrets(state.secrets)
        ports = ApiPorts(*find_free_ports(2))
        database = sqlite_url(state.airflow_home)
        settings = embedded_settings(project, state, secrets, ports, database, users=cloud.users)
        cloud.start(supervisor, project, state)
        components.write_passwords(state, secrets, cloud.users)
        components.prepare_database(
            supervisor, project, state, airflow_environment(base_environment(), state, settings)
        )
        environment = place_heavy_tasks(
            airflow_environment(cloud.environment(supervisor), state, settings),
            cloud,
            state.path / "containers",
        )
        for spec in components.process_specs(project, state, environment, ports):
            supervisor.start(spec)
        client = AirflowClient(ports, secrets.user, secrets.password)
        reviewers = {name: secrets.password_of(name) for name in reviewers_from()}
        stack = Stack(
            supervisor, state, client, ports.url, secrets, environment, started, reviewers
        )
        supervisor.wait_until("Airflow", stack.is_healthy, START_TIMEOUT)
        client.log_in()
        yield stack


@contextmanager
def attached(
    state: StateFolder,
    background: BackgroundStack,
    interrupts: Interrupts,
    say: Callable[[str], None] = say_nothing,
) -> Iterator[Stack]:
    """Use the stack that `make up` started on `state`; it keeps running after the block.

    Raises:
        StartFailed: it does not answer.
    """
    port = urlsplit(background.airflow_url).port or 0
    client = AirflowClient(ApiPorts(port, port), background.user, background.password)
    secrets = load_or_create_secrets(state.secrets)
    started = datetime.min.replace(tzinfo=UTC)
    with Supervisor(interrupts, say) as supervisor:
        url = background.airflow_url
        stack = Stack(
            supervisor,
            state,
            client,
            url,
            secrets,
            {},
            started,
            background.reviewers,
            is_ours=False,
        )
        try:
            client.log_in()
        except requests.RequestException as error:
            raise StartFailed(
                f"The Airflow of `make up` does not answer: {error}. Its logs are in {state.logs}; "
                "`make down` stops it."
            ) from error
        yield stack


def clear(state: StateFolder) -> None:
    """Delete what an earlier stack left in the folder; raises StateInUse if one still runs."""
    with hold_lock(state):
        shutil.rmtree(state.path, ignore_errors=True)
