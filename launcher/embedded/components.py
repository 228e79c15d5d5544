"""The five processes of the embedded Airflow, and the database they share."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from launcher.processes.ports import ApiPorts
from launcher.processes.supervisor import ProcessSpec, Supervisor
from launcher.state.layout import Project, StateFolder
from launcher.state.private_files import close_folder, open_private, write_private
from launcher.state.secret_store import Secrets

AIRFLOW = (sys.executable, "-m", "airflow")
MIGRATE_TIMEOUT = 300.0


def process_specs(
    project: Project, state: StateFolder, environment: Mapping[str, str], ports: ApiPorts
) -> list[ProcessSpec]:
    """Describe each Airflow process.

    Two processes serve the API. A single one stalls on SQLite: each write request of a person
    writes its audit log on the event loop and waits there for the database lock, while the task
    request that holds the lock needs the same event loop to commit.

    Task and trigger logs are on this machine and the API server reads them as files, so the two
    log servers, which would listen on every interface, do not run.
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


def write_passwords(state: StateFolder, secrets: Secrets, users: Iterable[str] = ()) -> None:
    """Write the password file of Airflow's simple auth manager: a JSON object, mode 0600.

    Args:
        users: those besides the owner.
    """
    passwords = {user: secrets.password_of(user) for user in (secrets.user, *users)}
    write_private(state.airflow_home / "passwords.json", json.dumps(passwords))


def prepare_database(
    supervisor: Supervisor, project: Project, state: StateFolder, environment: Mapping[str, str]
) -> None:
    """Make sure that the state folder has an SQLite database with the schema of this Airflow.

    Creating one takes seconds, so the cache keeps an empty one per Airflow version, to be copied.
    An existing database is migrated only if another version wrote it last.
    """
    database = state.airflow_home / "airflow.db"
    written_by = state.airflow_home / "airflow_version"
    wanted = version("apache-airflow")
    close_folder(project.cache)  # another user's database must not be copied
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
    write_private(written_by, wanted)


def migrate(
    supervisor: Supervisor, project: Project, state: StateFolder, environment: Mapping[str, str]
) -> None:
    """Run `airflow db migrate`; raises ComponentFailed with the last lines of its log."""
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
    """Copy a file so that `target` is either absent or complete; only the owner can read it."""
    close_folder(target.parent)
    partial = target.with_name(f".{target.name}.partial")
    with source.open("rb") as read, open(partial, "wb", opener=open_private) as written:
        shutil.copyfileobj(read, written)
    partial.replace(target)
