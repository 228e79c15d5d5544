"""`up`, `down` and `status`: a stack that keeps running after the command has returned.

The process that owns the stack is this launcher again (`serve`), in a session of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from launcher.aws.played_account import PlayedAccount
from launcher.commands.pipeline import starting
from launcher.context import Context
from launcher.embedded.background_stack import BackgroundStack
from launcher.errors import StartFailed, StateInUse
from launcher.processes.supervisor import tail
from launcher.processes.waiting import Reminder, wait_until
from launcher.state.layout import PROJECT_ROOT, Project, StateFolder
from launcher.state.lock import is_locked
from launcher.state.private_files import close_folder, open_private
from launcher.state.reviewers import reviewers_from
from launcher.state.room import require_room

START_TIMEOUT = 300.0
STOP_TIMEOUT = 30.0


def up(context: Context) -> None:
    """Start a stack in the background, unless one runs, and print how to use it."""
    state = _state(context)
    reviewers_from()
    if not is_locked(state):
        require_room((context.project.out, context.project.states))
        state.running.unlink(missing_ok=True)
        context.print_line(starting(PlayedAccount.from_environment()))
        _wait_until_running(context, state, _start_serving(context.project, state))
    status(context)


def _state(context: Context) -> StateFolder:
    return context.project.state(PlayedAccount.from_environment().studio)


def _start_serving(project: Project, state: StateFolder) -> subprocess.Popen[bytes]:
    close_folder(state.logs)
    with open(_serve_log(state), "wb", opener=open_private) as log:
        return subprocess.Popen(
            [sys.executable, "-m", "launcher", "--project", str(project.root), "serve"],
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_until_running(
    context: Context, state: StateFolder, server: subprocess.Popen[bytes]
) -> None:
    remind = Reminder("Airflow and the local AWS endpoint", context.print_line)

    def check() -> None:
        remind()
        context.interrupts.check()
        if server.poll() is not None:
            raise StartFailed(f"The stack could not be started:\n{tail(_serve_log(state))}")

    try:
        wait_until(state.running.exists, START_TIMEOUT, check)
    except TimeoutError as error:
        _stop(server)
        raise StartFailed(
            f"The stack was not ready after {START_TIMEOUT:.0f} s:\n{tail(_serve_log(state))}"
        ) from error
    except BaseException:
        _stop(server)
        raise


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait()


def _serve_log(state: StateFolder) -> Path:
    """The output of the process in the background."""
    return state.logs / "launcher.log"


def down(context: Context) -> None:
    """Stop the stack in the background and wait until all its processes have ended.

    Raises:
        StateInUse: a launcher in the foreground uses the state, or the stack did not end in time.
    """
    state = _state(context)
    if not is_locked(state):
        state.running.unlink(missing_ok=True)
        context.print_line("Nothing is running.")
        return
    if not state.running.exists():
        raise StateInUse(f"A launcher in the foreground uses {state.path}. Stop it with Ctrl-C.")
    os.kill(BackgroundStack.read(state.running).pid, signal.SIGTERM)
    remind = Reminder("Airflow and the local AWS endpoint", context.print_line, "ending")

    def check() -> None:
        remind()
        context.interrupts.check()

    try:
        wait_until(lambda: not is_locked(state), STOP_TIMEOUT, check)
    except TimeoutError as error:
        raise StateInUse(
            f"The stack has not ended after {STOP_TIMEOUT:.0f} s. The logs are in {state.logs}."
        ) from error
    context.print_line(f"Stopped. Its state is kept in {state.path}.")


def status(context: Context) -> None:
    """Print what runs in the background and how to use it."""
    state = _state(context)
    if not is_locked(state):
        context.print_line(
            "Nothing is running. `make up` starts Airflow and the local AWS endpoint."
        )
    elif not state.running.exists():
        context.print_line(f"A launcher is starting, or runs in the foreground, on {state.path}.")
    else:
        for line in describe(BackgroundStack.read(state.running)):
            context.print_line(line)


def describe(stack: BackgroundStack) -> list[str]:
    """Return the lines that a person needs: addresses, login, variables to export."""
    played = PlayedAccount(region=stack.endpoint.region)
    return [
        f"Airflow         {stack.airflow_url}",
        f"login           {stack.user} / {stack.password}",
        *(f"reviewer        {name} / {password}" for name, password in stack.reviewers.items()),
        f"approvals       {stack.airflow_url}/storyboard/runs",
        f"worker portal   {stack.endpoint.portal_url}",
        f"AWS endpoint    {stack.endpoint}",
        f"a film to try   {stack.film}",
        "",
        "For the commands `airflow` and `aws` (version 2), and for boto3:",
        f"source {stack.shell}",
        "",
        f"`make down{played.make_variables}` stops it; its state is kept.",
    ]
