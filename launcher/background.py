"""`up`, `down` and `status`: a stack that goes on after the command has returned.

The process that owns the stack is this launcher again (`serve`), in a session of its own. It writes
`running.json` once everything answers and removes it when it ends.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from launcher import dag_run, local_account, stack, state_lock, uploads
from launcher.aws_clients import local_client
from launcher.clouds import LocalCloud
from launcher.environment import Endpoint
from launcher.errors import StartFailed, StateInUse
from launcher.interrupts import Interrupts
from launcher.layout import PROJECT_ROOT, Project, StateFolder
from launcher.local_run import BUCKET
from launcher.product import Workspace
from launcher.secret_store import write_private
from launcher.supervisor import tail

STUDIO = "studio"
START_TIMEOUT = 300.0
STOP_TIMEOUT = 30.0
POLL_SECONDS = 0.2
CHECK_SECONDS = 1.0


@dataclass(frozen=True)
class Running:
    """A stack in the background: who owns it and how to use it."""

    pid: int
    airflow_url: str
    user: str
    password: str
    endpoint: Endpoint
    shell: str  # a file to source, for the commands `airflow` and `aws`
    film: str  # S3 URI of the sample film

    def write(self, path: Path) -> None:
        """Write it for `status` and `down`, readable by the owner only."""
        write_private(path, json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> Running:
        """What `write` wrote."""
        document = json.loads(path.read_text())
        return cls(**{**document, "endpoint": Endpoint(**document["endpoint"])})


def serve(project: Project, console: Console, interrupts: Interrupts) -> None:
    """Own a stack until a signal comes or a component fails."""
    state, cloud = project.state(STUDIO), LocalCloud()
    try:
        with stack.running(project, state, cloud, interrupts) as running:
            running.wait_for_dag(dag_run.DAG_ID)
            running.client.unpause(dag_run.DAG_ID)
            endpoint = cloud.ready_endpoint()
            local_account.prepare(endpoint, BUCKET, project.policies)
            secrets = running.secrets
            about = Running(
                pid=os.getpid(),
                airflow_url=running.url,
                user=secrets.user,
                password=secrets.password,
                endpoint=endpoint,
                shell=str(_write_shell(state, running.environment)),
                film=_sample_film(project, endpoint),
            )
            about.write(state.running)
            while True:
                running.check()
                time.sleep(CHECK_SECONDS)
    finally:
        state.running.unlink(missing_ok=True)


def _write_shell(state: StateFolder, environment: Mapping[str, str]) -> Path:
    """A file that a shell sources to use this Airflow and this endpoint; for the owner only."""
    ours = {k: v for k, v in environment.items() if k.startswith(("AIRFLOW_", "AWS_"))}
    python_path = environment.get("PYTHONPATH", "")
    lines = [f"export {k}={shlex.quote(v)}" for k, v in sorted(ours.items())]
    lines += [
        f"export PYTHONPATH={shlex.quote(python_path)}",
        f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH",
    ]
    write_private(state.shell, "\n".join(lines) + "\n")
    return state.shell


def _sample_film(project: Project, endpoint: Endpoint) -> str:
    """Upload the sample film, unless the endpoint has it; its S3 URI."""
    workspace = Workspace.at(f"s3://{BUCKET}")
    s3 = local_client("s3", endpoint)
    return str(uploads.upload_video(s3, project.sample_film, workspace))


def up(project: Project, console: Console, interrupts: Interrupts) -> None:
    """Start a stack in the background and say how to use it; an existing one is shown."""
    state = project.state(STUDIO)
    if not state_lock.is_held(state):
        state.running.unlink(missing_ok=True)
        console.print("Starting Airflow and the local AWS endpoint …")
        _wait_until_running(state, _start_serving(project, state), interrupts)
    status(project, console)


def _start_serving(project: Project, state: StateFolder) -> subprocess.Popen[bytes]:
    state.logs.mkdir(parents=True, exist_ok=True)
    with serve_log(state).open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "launcher", "--project", str(project.root), "serve"],
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_until_running(
    state: StateFolder, server: subprocess.Popen[bytes], interrupts: Interrupts
) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    try:
        while not state.running.exists():
            interrupts.check()
            if server.poll() is not None or time.monotonic() > deadline:
                raise StartFailed(f"It could not be started:\n{tail(serve_log(state))}")
            time.sleep(POLL_SECONDS)
    except BaseException:
        server.terminate()
        server.wait()
        raise


def serve_log(state: StateFolder) -> Path:
    """What the process in the background has to say, an error above all."""
    return state.logs / "launcher.log"


def down(project: Project, console: Console) -> None:
    """End the stack in the background and wait until everything is gone.

    Raises:
        StateInUse: a launcher in the foreground owns the state; Ctrl-C there ends it.
    """
    state = project.state(STUDIO)
    if not state_lock.is_held(state):
        state.running.unlink(missing_ok=True)
        console.print("Nothing is running.")
        return
    if not state.running.exists():
        raise StateInUse(f"A launcher in the foreground uses {state.path}; end it with Ctrl-C.")
    os.kill(Running.read(state.running).pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT
    while state_lock.is_held(state):
        if time.monotonic() > deadline:
            raise StateInUse(f"It has not ended within {STOP_TIMEOUT:.0f} s; see {state.logs}.")
        time.sleep(POLL_SECONDS)
    console.print(f"Stopped. Its state is kept in {state.path}.", soft_wrap=True)


def status(project: Project, console: Console) -> None:
    """Say what runs in the background and how to use it."""
    state = project.state(STUDIO)
    if not state_lock.is_held(state):
        console.print("Nothing is running. `make up` starts Airflow and the local AWS endpoint.")
        return
    if not state.running.exists():
        console.print(f"A launcher is starting, or runs in the foreground, on {state.path}.")
        return
    for line in usage(Running.read(state.running)):
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def usage(running: Running) -> list[str]:
    """The lines that a person needs: addresses, login, variables to export."""
    return [
        f"Airflow         {running.airflow_url}",
        f"login           {running.user} / {running.password}",
        f"approvals       {running.airflow_url}/storyboard/runs",
        f"worker portal   {running.endpoint.portal_url}",
        f"AWS endpoint    {running.endpoint.url}",
        f"a film to try   {running.film}",
        "",
        "For the commands `airflow` and `aws`, and for boto3:",
        f"source {running.shell}",
        "",
        "`make down` stops it; its state is kept.",
    ]
