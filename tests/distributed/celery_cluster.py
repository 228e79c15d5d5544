"""PostgreSQL, Redis and an Airflow with Celery workers, thrown away afterwards.

The variables are those of ``docker-compose.yaml``; ports and passwords are this machine's.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from launcher.embedded import components
from launcher.embedded.client import AirflowClient
from launcher.embedded.settings import airflow_environment
from launcher.embedded.stack import Stack
from launcher.processes.interrupts import Interrupts
from launcher.processes.ports import ApiPorts, find_free_ports
from launcher.processes.sessions import processes_in
from launcher.processes.supervisor import Component, ProcessSpec, Supervisor, spawn
from launcher.state.layout import Project, StateFolder
from launcher.state.secret_store import Secrets
from tests.distributed.model_runs import DAG_ID, SlowCloud

START_SECONDS = 180.0
AIRFLOW = (sys.executable, "-m", "airflow")
POSTGRES_USER = "postgres"
#: So that a lost worker is noticed within seconds and not within minutes.
NOTICE_SOON = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",  # its port is fixed, and tests run at once
}


def missing() -> str:
    """What keeps the cluster from being started here, as a reason to skip; empty: nothing."""
    if postgres_folder() is None:
        return "no PostgreSQL server on this machine (Debian: apt-get install postgresql)"
    if shutil.which("redis-server") is None:
        return "no redis-server on this machine (Debian: apt-get install redis-server)"
    if os.getuid() == 0 and not _has_user(POSTGRES_USER):
        return f"PostgreSQL does not run as root, and there is no user {POSTGRES_USER}"
    return ""


def postgres_folder() -> Path | None:
    """Where Debian and others keep initdb and postgres; the newest version."""
    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return Path(on_path).resolve().parent if on_path else (found[-1] if found else None)


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def as_postgres(*command: str) -> tuple[str, ...]:
    """The command as the database's own user: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return command
    return ("runuser", "-u", POSTGRES_USER, "--", *command)


def cluster_settings(
    secrets: Secrets, api_port: int, database_port: int, redis_port: int
) -> dict[str, str]:
    """The same variables that ``docker-compose.yaml`` gives every Airflow container."""
    database = f"127.0.0.1:{database_port}/postgres"
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__PARALLELISM": "16",
        "AIRFLOW__CORE__FERNET_KEY": secrets.fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{api_port}/execution/",
        "AIRFLOW__API__SECRET_KEY": secrets.session_key,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.jwt_secret,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow@{database}",
        "AIRFLOW__CELERY__BROKER_URL": f"redis://127.0.0.1:{redis_port}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://airflow@{database}",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": "4",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "14",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "30",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
        "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS": "60",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "300",
        "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": (
            '{"task_publish_retry_policy": {"max_retries": null}}'
        ),
        "AIRFLOW__CELERY__OPERATION_TIMEOUT": "5",
        "AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES": "60",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "300",
        "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": "288",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "True",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": "127.0.0.1",
    }


@dataclass
class Cluster:
    """A running Airflow without workers; they are started and killed by the test."""

    stack: Stack
    project: Project
    worker_environment: Mapping[str, str]

    def start_worker(self, name: str) -> Component:
        """Start a Celery worker with two slots."""
        spec = ProcessSpec(
            name=f"Celery worker {name}",
            command=(
                *AIRFLOW,
                *("celery", "worker", "--skip-serve-logs", "--without-mingle"),
                *("--without-gossip", "--concurrency", "2"),
                *("--celery-hostname", f"{name}@%h"),
                *("--pid", str(self.stack.state.path / f"{name}.pid")),
            ),
            environment=self.worker_environment,
            log=self.stack.state.logs / f"{name}.log",
            folder=self.project.root,
        )
        return Component(spec, spawn(spec))


def kill(worker: Component) -> None:
    """SIGKILL for a worker with everything it runs, as when its machine is gone."""
    for process in processes_in([worker.process.pid]):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    worker.process.wait()


@contextmanager
def running_cluster(project: Project, training_seconds: float) -> Iterator[Cluster]:
    """Everything but workers, healthy, with the DAG parsed; ended with the block."""
    state = project.state("cluster")
    secrets = Secrets()
    api_port, database_port, redis_port = find_free_ports(3)
    ports = ApiPorts(api_port, api_port)
    with (
        _postgres_data() as data,
        Supervisor(Interrupts()) as supervisor,
    ):
        cloud = SlowCloud(training_seconds)
        cloud.start(supervisor, project, state)
        for spec in _servers(state, data, database_port, redis_port):
            supervisor.start(spec)
        started = datetime.now(UTC)
        settings = {
            **cluster_settings(secrets, api_port, database_port, redis_port),
            **NOTICE_SOON,
            **_of_this_machine(project, state, secrets, ports),
        }
        environment = {**airflow_environment(cloud.environment(supervisor), state, ()), **settings}
        supervisor.wait_until("PostgreSQL", lambda: _answers(database_port), START_SECONDS)
        components.write_passwords(state, secrets)
        components.migrate(supervisor, project, state, environment)
        commands = {
            "api-server": ("api-server", "--host", "127.0.0.1", "--port", str(api_port)),
            "scheduler": ("scheduler", "--skip-serve-logs"),
            "dag-processor": ("dag-processor",),
            "triggerer": ("triggerer", "--skip-serve-logs"),
        }
        for name, arguments in commands.items():
            log = state.logs / f"{name}.log"
            command = (*AIRFLOW, *arguments)
            supervisor.start(ProcessSpec(name, command, environment, log, project.root))
        client = AirflowClient(ports, secrets.user, secrets.password)
        stack = Stack(supervisor, state, client, ports.url, secrets, environment, started)
        supervisor.wait_until("Airflow", stack.is_healthy, START_SECONDS)
        client.log_in()
        stack.wait_for_dag(DAG_ID)
        yield Cluster(stack, project, {**environment, "C_FORCE_ROOT": "1"})


def _of_this_machine(
    project: Project, state: StateFolder, secrets: Secrets, ports: ApiPorts
) -> dict[str, str]:
    """What an image or the defaults say in a container."""
    return {
        "AIRFLOW__CORE__DAGS_FOLDER": str(project.dags),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(project.plugins),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{secrets.user}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(
            state.airflow_home / "passwords.json"
        ),
        "AIRFLOW__API__PORT": str(ports.people),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
    }


@contextmanager
def _postgres_data() -> Iterator[Path]:
    """A folder with an empty database, owned by the database's user."""
    with tempfile.TemporaryDirectory(prefix="storyboard-pg-") as folder:
        if os.getuid() == 0:
            shutil.chown(folder, POSTGRES_USER)
        data = Path(folder) / "data"
        bin_folder = postgres_folder()
        assert bin_folder is not None
        initdb = (str(bin_folder / "initdb"), "-D", str(data), "-U", "airflow", "-A", "trust")
        options = ("--no-sync", "-E", "UTF8", "--locale", "C")
        subprocess.run(as_postgres(*initdb, *options), check=True, capture_output=True, cwd="/")
        yield data


def _servers(
    state: StateFolder, data: Path, database_port: int, redis_port: int
) -> Iterator[ProcessSpec]:
    bin_folder = postgres_folder()
    assert bin_folder is not None
    plain = {"PATH": os.environ["PATH"], "LANG": "C"}
    database = (
        *(str(bin_folder / "postgres"), "-D", str(data), "-h", "127.0.0.1"),
        *("-p", str(database_port), "-k", str(data), "-F"),
    )
    log = state.logs / "postgres.log"
    yield ProcessSpec("PostgreSQL", as_postgres(*database), plain, log, Path("/"))
    redis = (
        *("redis-server", "--bind", "127.0.0.1", "--port", str(redis_port)),
        *("--save", "", "--appendonly", "no"),
    )
    yield ProcessSpec("Redis", redis, plain, state.logs / "redis.log", Path("/"))


def _answers(database_port: int) -> bool:
    bin_folder = postgres_folder()
    assert bin_folder is not None
    asked = (str(bin_folder / "pg_isready"), "-h", "127.0.0.1", "-p", str(database_port))
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0
