"""`demo` and `run`: the whole pipeline, from the inputs to `out/<run>/`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from launcher.aws.clouds import LocalCloud
from launcher.aws.local_account import STUDIO_WORKSPACE, configure_workspaces
from launcher.aws.played_account import PlayedAccount
from launcher.aws.small_model import configure_machine, require_installed
from launcher.context import Context
from launcher.embedded import stack
from launcher.embedded.background_stack import BackgroundStack
from launcher.errors import UsageError
from launcher.processes.interrupts import Interrupted
from launcher.runs.aws_run import AwsRun
from launcher.runs.dag_run import DAG_ID, make_run_id
from launcher.runs.inputs import (
    Arguments,
    Request,
    check_params,
    read_production,
    read_request,
    refuse_unreadable_films,
)
from launcher.runs.local_run import LocalRun, local_defaults
from launcher.state.layout import SAMPLE_PRODUCTION, StateFolder
from launcher.state.lock import is_locked
from launcher.state.room import require_room

#: Nobody draws with the demo's model again.
DEMO_PARAMS = {"keep_model": False}


def demo(context: Context, trainer: str = "") -> None:
    """Run the DAG on the sample film, starting from an empty state; leave `out/demo/`.

    Raises:
        UsageError: there is no such trainer, or it is not installed, or the endpoint is to play
            no day, or no region.
        RunFailed: the run ended in another state than success.
    """
    project, cloud = context.project, LocalCloud(PlayedAccount.from_environment())
    production = read_production(project, SAMPLE_PRODUCTION)
    params = local_defaults(project) | DEMO_PARAMS | ({"trainer": trainer} if trainer else {})
    check_params(params)
    require_installed(project, trainer)
    state = project.state("demo")
    require_room((project.out, project.states))
    stack.clear(state)
    request = Request((project.sample_film,), production, params)
    configure_workspaces(STUDIO_WORKSPACE)
    configure_machine(project, state)
    context.print_line(starting(cloud.played))
    with stack.running(project, state, cloud, context.interrupts, context.print_line) as running:
        running.wait_for_dag(DAG_ID)
        run = LocalRun(context, running, cloud.ready_endpoint())
        run.carry_out(request, make_run_id("demo"), project.out / "demo")


def run_locally(context: Context, arguments: Arguments) -> None:
    """Run the DAG on the user's films with the local endpoint; leave `out/<run>/`."""
    project = context.project
    request = read_request(project, arguments, local_defaults(project))
    print_remarks(context, request)
    refuse_unreadable_films(request)
    require_installed(project, request.params.get("trainer", ""))
    run_id, played = make_run_id(request.name), PlayedAccount.from_environment()
    cloud, state = LocalCloud(played), project.state(played.studio)
    # The local endpoint keeps a copy of each film.
    require_room((project.out, project.states), more=_bytes_of(request))
    configure_workspaces(STUDIO_WORKSPACE, str(request.workspace.root))
    configure_machine(project, state)
    if is_locked(state) and state.running.exists():
        run_in_background(context, request, run_id, state)
        return
    context.print_line(starting(cloud.played))
    with stack.running(project, state, cloud, context.interrupts, context.print_line) as running:
        run = LocalRun(context, running, cloud.ready_endpoint())
        run.carry_out(request, run_id, project.out / run_id)


def run_in_background(context: Context, request: Request, run_id: str, state: StateFolder) -> None:
    """Run the DAG in the Airflow that `make up` started, and follow it until Ctrl-C.

    Raises:
        UsageError: that Airflow does not know the workspace.
    """
    if str(request.workspace.root) != STUDIO_WORKSPACE:
        raise UsageError(
            f"The Airflow of `make up` runs in {STUDIO_WORKSPACE}, not in "
            f"{request.workspace.root}. Leave the parameter workspace out, or `make down` first."
        )
    background = BackgroundStack.read(state.running)
    context.print_line(f"Using the Airflow of `make up`: {background.airflow_url}")
    interrupts, say = context.interrupts, context.print_line
    with stack.attached(state, background, interrupts, say) as running:
        run = LocalRun(context, running, background.endpoint)
        try:
            run.carry_out(request, run_id, context.project.out / run_id)
        except Interrupted:
            say(
                f"Left; the run {run_id} goes on, unless it was interrupted before it started. "
                f"Its results, when it has ended: make results RUN={run_id}"
            )


def run_on_aws(context: Context, arguments: Arguments) -> None:
    """Run the DAG on the user's films and AWS account; leave `out/<run>/`."""
    request = read_request(context.project, arguments, {})
    print_remarks(context, request)
    refuse_unreadable_films(request)
    run_id = make_run_id(request.name)
    require_room((context.project.out, context.project.states))
    AwsRun(context).carry_out(request, run_id, context.project.out / run_id, arguments.agreed)


def starting(played: PlayedAccount) -> str:
    """Return the line with which a stack on the local endpoint begins."""
    return f"Starting Airflow and the local AWS endpoint, which plays {played.day} …"


def print_remarks(context: Context, request: Request) -> None:
    """Print what people should know about the inputs."""
    for remark in request.remarks:
        context.print_line(f"Note: {remark}")


def _bytes_of(request: Request) -> int:
    """The size of the films on this machine."""
    return sum(video.stat().st_size for video in request.videos if isinstance(video, Path))


#: By the command line's `--target`.
RUNS: dict[str, Callable[[Context, Arguments], None]] = {
    "local": run_locally,
    "aws": run_on_aws,
}
