"""`serve`: the process that owns the stack in the background; `up` starts it."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from pathlib import Path

from launcher.aws.clients import local_client
from launcher.aws.clouds import LocalCloud
from launcher.aws.endpoint import Endpoint
from launcher.aws.local_account import STUDIO_WORKSPACE, configure_workspaces, prepare_account
from launcher.aws.played_account import PlayedAccount
from launcher.aws.small_model import configure_machine
from launcher.context import Context
from launcher.embedded import stack
from launcher.embedded.background_stack import BackgroundStack
from launcher.embedded.stack import Stack
from launcher.product import Workspace
from launcher.runs.dag_run import DAG_ID
from launcher.runs.uploads import upload_video
from launcher.state.layout import Project, StateFolder
from launcher.state.private_files import write_private

CHECK_SECONDS = 1.0


def serve(context: Context) -> None:
    """Own a stack until a signal arrives or a component fails.

    `running.json` describes the stack from the moment it can be used until it ends.
    """
    project, played = context.project, PlayedAccount.from_environment()
    state, cloud = project.state(played.studio), LocalCloud(played)
    configure_workspaces(STUDIO_WORKSPACE)
    configure_machine(project, state)
    try:
        with stack.running(
            project, state, cloud, context.interrupts, context.print_line
        ) as running:
            running.wait_for_dag(DAG_ID)
            running.client.unpause(DAG_ID)
            endpoint = cloud.ready_endpoint()
            prepare_account(endpoint, project)
            description = BackgroundStack(
                pid=os.getpid(),
                airflow_url=running.url,
                user=running.secrets.user,
                password=running.secrets.password,
                endpoint=endpoint,
                shell=str(_write_shell_script(state, running)),
                film=_upload_sample_film(project, endpoint),
                reviewers=dict(running.reviewers),
            )
            description.write(state.running)
            while True:
                running.check()
                time.sleep(CHECK_SECONDS)
    finally:
        state.running.unlink(missing_ok=True)


def _write_shell_script(state: StateFolder, running: Stack) -> Path:
    """Write the file to source for this Airflow and this endpoint, readable by the owner only."""
    environment, secrets = running.environment, running.secrets
    ours = {
        k: v for k, v in environment.items() if k.startswith(("AIRFLOW_", "AWS_", "STORYBOARD_"))
    }
    exports = {
        **dict(sorted(ours.items())),
        # For the REST API: the body of POST $AIRFLOW_URL/auth/token.
        "AIRFLOW_URL": running.url,
        "AIRFLOW_LOGIN": json.dumps({"username": secrets.user, "password": secrets.password}),
        "PYTHONPATH": environment.get("PYTHONPATH", ""),
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in exports.items()]
    lines.append(f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH")
    write_private(state.shell, "\n".join(lines) + "\n")
    return state.shell


def _upload_sample_film(project: Project, endpoint: Endpoint) -> str:
    """Upload the sample film, unless the endpoint has it; return its URI."""
    s3, workspace = local_client("s3", endpoint=endpoint), Workspace.at(STUDIO_WORKSPACE)
    return str(upload_video(s3, project.sample_film, workspace))
