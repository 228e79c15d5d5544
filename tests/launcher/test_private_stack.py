"""Another user of this machine can neither read what a whole stack writes nor call it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from rich.console import Console

from launcher.aws.clouds import LocalCloud
from launcher.context import Context
from launcher.embedded import stack
from launcher.embedded.stack import Stack
from launcher.processes.interrupts import Interrupts
from launcher.processes.sessions import processes_in
from launcher.runs.inputs import Request
from launcher.runs.local_run import LOCAL_DEFAULTS, LocalRun
from launcher.state.layout import PROJECT_ROOT, Project
from tests.studio.other_user import (
    as_another_user,
    can_become_another_user,
    open_paths,
    readable_paths,
    statuses,
)

pytestmark = [pytest.mark.slow, pytest.mark.long]

TOY_DAGS = Path(__file__).parent / "toy_dags"
WRITTEN = (".airflow", ".cache", "out")


@dataclass(frozen=True)
class UsedStack:
    """A stack that runs and has carried out a run; `secrets` by their names."""

    project: Project
    running: Stack
    secrets: dict[str, str]


@pytest.fixture(scope="module")
def used() -> Iterator[UsedStack]:
    """A stack in a folder that everybody may list, started under the usual umask."""
    before = os.umask(0o022)
    try:
        with TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            yield from _run_in(_make_project(Path(folder)))
    finally:
        os.umask(before)


def _make_project(root: Path) -> Project:
    (root / "dags").symlink_to(TOY_DAGS)
    for name in ("local_aws", "include", "plugins"):
        (root / name).symlink_to(PROJECT_ROOT / name)
    for name in WRITTEN:
        (root / name).mkdir()  # as an earlier version has left them: everybody may list them
    return Project(root)


def _run_in(project: Project) -> Iterator[UsedStack]:
    cloud = LocalCloud()
    context = Context(project, Console(file=StringIO(), width=120), Interrupts())
    with stack.running(project, project.state("test"), cloud, Interrupts()) as running:
        LocalRun(context, running, cloud.ready_endpoint()).carry_out(
            Request((), "s3://films/sheet.yaml", LOCAL_DEFAULTS), "run", project.out / "run"
        )
        ready = json.loads(running.state.endpoint_ready.read_text())
        secrets = {
            "secret key": ready["secret_access_key"],
            "admin token": ready["admin_token"],
            "portal token": ready["portal_url"].partition("token=")[2],
            "password": running.secrets.password,
            "JWT secret": running.secrets.jwt_secret,
            "session key": running.secrets.session_key,
            "Fernet key": running.secrets.fernet_key,
        }
        yield UsedStack(project, running, secrets)


def test_no_file_or_folder_gives_others_any_right(used: UsedStack) -> None:
    state = used.running.state
    assert list(state.airflow_home.glob("logs/**/task_id=write_report/*.log"))
    assert (used.project.out / "run" / "report.html").is_file()
    assert list(used.project.cache.glob("airflow/*/airflow.db"))
    assert [line for name in WRITTEN for line in open_paths(used.project.root / name)] == []


def test_no_log_holds_a_secret(used: UsedStack) -> None:
    logs = [*used.running.state.path.rglob("*.log")]
    assert {"local_aws.log", "api-server.log", "scheduler.log"} <= {log.name for log in logs}
    texts = {log: log.read_text(errors="replace") for log in logs}
    found = [
        (name, str(log))
        for log, text in texts.items()
        for name, secret in used.secrets.items()
        if secret in text
    ]
    assert found == []


def test_no_secret_is_in_a_command_line(used: UsedStack) -> None:
    commands = [" ".join(each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"])]
    assert any("scheduler" in command for command in commands)
    found = [name for name, secret in used.secrets.items() if secret in " ".join(commands)]
    assert found == []


def test_everything_listens_on_loopback_only(used: UsedStack) -> None:
    addresses = {
        connection.laddr.ip
        for process in processes_in(used.running.supervisor.session_ids)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses == {"127.0.0.1"}


@can_become_another_user
def test_another_user_can_read_nothing(used: UsedStack) -> None:
    written = [
        path
        for name in WRITTEN
        for path in (used.project.root / name, *(used.project.root / name).rglob("*"))
    ]
    assert len(written) > 300
    assert as_another_user(readable_paths, written) == []


@can_become_another_user
def test_another_user_can_call_nothing(used: UsedStack) -> None:
    dag = "/api/v2/dags/train_character_model"
    guessed = {"authorization": "Bearer guess"}
    requests = [
        ("GET", "/api/v2/dags", {}),
        ("GET", "/api/v2/dags", guessed),
        ("POST", f"{dag}/dagRuns", {}),
        ("POST", f"{dag}/dagRuns", guessed),
        ("GET", f"{dag}/dagRuns/run/taskInstances", {}),
        ("GET", f"{dag}/dagRuns/run/taskInstances/write_report/logs/1", {}),
        ("GET", f"{dag}/dagRuns/run/taskInstances/write_report/xcomEntries/return_value", {}),
        ("GET", "/api/v2/connections", {}),
        ("GET", "/api/v2/variables", {"cookie": "_token=guess"}),
        ("GET", "/api/v2/config", {}),
        ("PATCH", dag, {}),
    ]
    port = int(used.running.url.rpartition(":")[2])
    assert set(as_another_user(statuses, port, requests)) <= {401, 403}
    tasks_url = used.running.environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]
    tasks_port = int(tasks_url.removesuffix("/execution/").rpartition(":")[2])
    task = "/execution/task-instances/00000000-0000-0000-0000-000000000000"
    requests = [
        ("PATCH", f"{task}/run", {}),
        ("PATCH", f"{task}/state", guessed),
        ("GET", "/execution/connections/aws_default", {}),
        ("GET", "/execution/variables/any", guessed),
        ("GET", "/execution/xcoms/train_character_model/run/write_report/return_value", {}),
    ]
    assert set(as_another_user(statuses, tasks_port, requests)) <= {401, 403}
