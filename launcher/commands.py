"""The commands, each a short story of what it does."""

from __future__ import annotations

from rich.console import Console

import sample_film
from launcher import dag_run, stack
from launcher.clouds import LocalCloud
from launcher.inputs import Request, read_production, read_request
from launcher.interrupts import Interrupts
from launcher.layout import Project
from launcher.local_run import LOCAL_DEFAULTS, LocalRun
from launcher.sample import SampleFilm


def demo(project: Project, console: Console, interrupts: Interrupts) -> None:
    """Draw the sample film, run the DAG on it from an empty state, leave `out/demo/`."""
    production = read_production(project, sample_film.SLUG)
    state = project.state("demo")
    stack.renew(state)
    film, cloud = SampleFilm(project), LocalCloud()
    console.print("Starting Airflow and the local AWS endpoint …")
    with stack.running(project, state, cloud, interrupts, [film]) as running:
        request = Request((film.wait(running.supervisor),), production, LOCAL_DEFAULTS)
        run = LocalRun(running, cloud.ready_endpoint(), console)
        run.carry_out(request, dag_run.new_run_id("demo"), project.out / "demo")


def run(
    project: Project,
    console: Console,
    interrupts: Interrupts,
    videos: str,
    production: str,
    params: str,
) -> None:
    """Run the DAG on the user's own films with the local endpoint, leave `out/<run>/`."""
    request = read_request(project, videos, production, params, LOCAL_DEFAULTS)
    run_id = dag_run.new_run_id("run")
    cloud = LocalCloud()
    console.print("Starting Airflow and the local AWS endpoint …")
    with stack.running(project, project.state("studio"), cloud, interrupts) as running:
        LocalRun(running, cloud.ready_endpoint(), console).carry_out(
            request, run_id, project.out / run_id
        )
