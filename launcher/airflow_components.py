"""The four processes of the embedded Airflow, and the database they share."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from launcher import secret_store
from launcher.layout import Project, StateFolder
from launcher.ports import ApiPorts
from launcher.secret_store import Secrets
from launcher.supervisor import ProcessSpec, Supervisor

AIRFLOW = (sys.executable, "-m", "airflow")
MIGRATE_TIMEOUT = 300.0


def process_specs(
    project: Project, state: StateFolder, environment: Mapping[str, str], ports: ApiPorts
) -> list[ProcessSpec]:
    """One spec per Airflow process.

    The API is served by two processes. In one, SQLite stalls it: each changing call of a person
    writes its audit log on the event loop and waits there for the database lock, while the task
    request that holds the lock cannot commit without the event loop.

    Task and trigger logs lie on this machine and the API server reads them as files, so the two
    log servers, which would listen on every interface, are left out.
    """
    commands = {
        "api-server": ("api-server", "--apps", "core", "--port", str(ports.people)),
        "task-api-server": ("api-server", "--apps", "execution", "--port", str(ports.tasks)),
        "scheduler": ("scheduler", "--skip-serve-logs"),
        "dag-processor": ("dag-processor",),
        "triggerer": ("triggerer", "--skip-serve-logs"),
    }
    return [
        ProcessSpec(
            name=f"Airflow's {name}",
            command=(*AIRFLOW, *arguments),
            environment=environment,
            log=state.logs / f"{name}.log",
            folder=project.root,
        )
        for name, arguments in commands.items()
    ]


def write_password(state: StateFolder, secrets: Secrets) -> None:
    """The password file of Airflow's simple auth manager: JSON, user to password, mode 0600."""
    passwords = json.dumps({secrets.user: secrets.password})
    secret_store.write_private(state.airflow_home / "passwords.json", passwords)


def prepare_database(
    supervisor: Supervisor, project: Project, state: StateFolder, environment: Mapping[str, str]
) -> None:
    """Give the state folder an SQLite database of this Airflow's schema.

    Creating one takes seconds, so an empty one is kept in the cache, per Airflow version, and
    copied. A database that is already there is migrated only if another version wrote it last.
    """
    database = state.airflow_home / "airflow.db"
    written_by = state.airflow_home / "airflow_version"
    wanted = version("apache-airflow")
    empty = project.cache / "airflow" / wanted / "airflow.db"
    if written_by.exists() and written_by.read_text() == wanted:
        return
    if database.exists():
        migrate(supervisor, project, state, environment)
    elif empty.exists():
        copy_atomically(empty, database)
    else:
        migrate(supervisor, project, state, environment)
        copy_atomically(database, empty)
    written_by.write_text(wanted)


def migrate(
    supervisor: Supervisor, project: Project, state: StateFolder, environment: Mapping[str, str]
) -> None:
    """Run `airflow db migrate`; raises ComponentFailed with the end of its log."""
    job = supervisor.start_job(
        ProcessSpec(
            name="`airflow db migrate`",
            command=(*AIRFLOW, "db", "migrate"),
            environment=environment,
            log=state.logs / "db-migrate.log",
            folder=project.root,
        )
    )
    supervisor.wait_until("The Airflow database", job.is_done, MIGRATE_TIMEOUT)


def copy_atomically(source: Path, target: Path) -> None:
    """Copy one file so that `target` is either absent or complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(source, partial)
    partial.replace(target)
