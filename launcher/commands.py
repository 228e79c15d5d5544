"""The commands that run the DAG, each a short story of what it does."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console

from launcher import dag_run, stack
from launcher.aws_run import AwsRun
from launcher.background import STUDIO
from launcher.clouds import LocalCloud
from launcher.inputs import Request, read_production, read_request
from launcher.interrupts import Interrupts
from launcher.layout import SAMPLE_PRODUCTION, Project
from launcher.local_run import LocalRun, local_defaults

STARTING = "Starting Airflow and the local AWS endpoint …"


@dataclass(frozen=True)
class Inputs:
    """What `run` is given on the command line, unchecked."""

    videos: str
    production: str
    params: str
    agreed: bool


#: Nobody draws with the demo's model again.
DEMO_PARAMS = {"keep_model": False}


def demo(project: Project, console: Console, interrupts: Interrupts) -> None:
    """Run the DAG on the sample film from an empty state and write `out/demo/`."""
    production = read_production(project, SAMPLE_PRODUCTION)
    state = project.state("demo")
    stack.renew(state)
    request = Request((project.sample_film,), production, local_defaults() | DEMO_PARAMS)
    cloud = LocalCloud()
    console.print(STARTING)
    with stack.running(project, state, cloud, interrupts) as running:
        running.wait_for_dag(dag_run.DAG_ID)
        run = LocalRun(project, running, cloud.ready_endpoint(), console)
        run.carry_out(request, dag_run.new_run_id("demo"), project.out / "demo")


def run_locally(project: Project, console: Console, interrupts: Interrupts, inputs: Inputs) -> None:
    """Run the DAG on the user's own films with the local endpoint, leave `out/<run>/`."""
    request = read_request(
        project, inputs.videos, inputs.production, inputs.params, local_defaults()
    )
    run_id = dag_run.new_run_id("run")
    cloud = LocalCloud()
    console.print(STARTING)
    with stack.running(project, project.state(STUDIO), cloud, interrupts) as running:
        run = LocalRun(project, running, cloud.ready_endpoint(), console)
        run.carry_out(request, run_id, project.out / run_id)


def run_on_aws(project: Project, console: Console, interrupts: Interrupts, inputs: Inputs) -> None:
    """Run the DAG on the user's own films and AWS account, leave `out/<run>/`."""
    request = read_request(project, inputs.videos, inputs.production, inputs.params, {})
    run_id = dag_run.new_run_id("run")
    aws = AwsRun(project, console, interrupts)
    aws.carry_out(request, run_id, project.out / run_id, inputs.agreed)
