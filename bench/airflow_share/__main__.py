"""The share of a run's wall time that passes outside the pipeline's own steps.

    python -m bench.airflow_share [--minutes 10] [--films 200] [--seconds 4]

Two runs on the embedded Airflow and the local endpoint, from films to the approved dataset, without
people: one of a single film of some minutes, and one of many short films, each of which has three
tasks. Airflow reports when each step of ours ended and how long it took, by StatsD; the rest
of the wall time is Airflow's: the start of a task's process, the parsing of the DAG, scheduling.
The films are of the sample film, one frame a second. The rows and bytes that a run leaves in
Airflow's database are counted, too.
"""

from __future__ import annotations

import argparse
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.airflow_share.database import database_size
from bench.airflow_share.intervals import Interval, Shares
from bench.airflow_share.page import section
from bench.shared.result_files import ROOT, measured, save, show
from launcher.aws.local_account import STUDIO_WORKSPACE
from launcher.commands.pipeline import DEMO_PARAMS
from launcher.context import Context
from launcher.embedded import stack
from launcher.embedded.stack import Stack
from launcher.processes.interrupts import Interrupts
from launcher.runs.dag_run import DAG_ID
from launcher.runs.inputs import Request, read_production
from launcher.runs.local_run import LOCAL_DEFAULTS, LocalRun
from launcher.state.layout import SAMPLE_PRODUCTION, Project
from storyboard_ops.domain.monitoring.metrics import STEP_DURATION
from storyboard_ops.gateways.deployment_file import WORKSPACES_VARIABLE
from tests.distributed.configured_cloud import ConfiguredCloud, reporting_to
from tests.films.short_film import short_film

#: Seconds of the sample film from which frames are taken.
SAMPLE_SECONDS = 64.0
PARAMS = {
    **LOCAL_DEFAULTS,
    **DEMO_PARAMS,
    "trainer": "dataset_only",
    "review_desk": "without_people",
}


class StepClock:
    """Receives StatsD and keeps when each step began and ended."""

    def __init__(self, packets: socket.socket) -> None:
        self.port: int = packets.getsockname()[1]
        self.steps: list[Interval] = []
        self._packets = packets
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        while packet := self._packets.recv(65536):
            now = time.time()
            for line in packet.decode().splitlines():
                name, _, value = line.rpartition(":")
                if STEP_DURATION.name in name:
                    self.steps.append((now - float(value.partition("|")[0]) / 1000, now))

    def end(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()


@contextmanager
def step_clock() -> Iterator[StepClock]:
    """Listen on a free loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.bind(("127.0.0.1", 0))
        clock = StepClock(packets)
        try:
            yield clock
        finally:
            clock.end()


def draw_films(folder: Path, films: int, seconds: int) -> list[Path]:
    """Write films of so many seconds, each second another frame of the sample film."""
    step = SAMPLE_SECONDS / (films * seconds)
    frames = [k * step for k in range(films * seconds)]
    return [short_film(folder / f"film-{n:03d}.mp4", tuple(frames[n::films])) for n in range(films)]


def make_project(root: Path) -> Project:
    """The project with a state of its own."""
    root.mkdir()
    for name in ("dags", "local_aws", "include", "plugins"):
        (root / name).symlink_to(ROOT / name)
    return Project(root)


def measure(films: int, seconds: int) -> dict[str, Any]:
    """Run the pipeline on films of some seconds, and divide its wall time."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        clock = ends.enter_context(step_clock())
        project = make_project(folder / "project")
        drawn = draw_films(folder, films, seconds)
        variables = {**reporting_to(clock.port), WORKSPACES_VARIABLE: STUDIO_WORKSPACE}
        cloud, interrupts = ConfiguredCloud(variables), Interrupts()
        context = Context(project, Console(file=StringIO(), width=120), interrupts)
        state = project.state("bench")
        running = ends.enter_context(stack.running(project, state, cloud, interrupts))
        running.wait_for_dag(DAG_ID)
        before = database_size(state.airflow_home)
        request = Request(tuple(drawn), read_production(project, SAMPLE_PRODUCTION), PARAMS)
        run = LocalRun(context, running, cloud.ready_endpoint())
        run.carry_out(request, "bench", project.out / "bench")
        tasks = task_intervals(running, "bench")
        shares = Shares.of(tasks, clock.steps)
        left = database_size(state.airflow_home).since(before)
    return {
        "films": films,
        "seconds_each": seconds,
        "measured": measured(),
        "tasks": len(tasks),
        "wall_s": round(shares.wall, 1),
        "around_steps_s": round(shares.around_steps, 1),
        "between_tasks_s": round(shares.between_tasks, 1),
        "outside": round(shares.outside, 4),
        **asdict(left),
    }


def task_intervals(running: Stack, run_id: str) -> Sequence[Interval]:
    """When the tasks of a run began and ended."""
    states = running.client.list_task_states(DAG_ID, run_id)
    return [(one.start.timestamp(), one.end.timestamp()) for one in states if one.start and one.end]


def main() -> None:
    """Measure, save the result and print its section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10, help="length of the single film")
    parser.add_argument("--films", type=int, default=200, help="number of short films")
    parser.add_argument("--seconds", type=int, default=4, help="length of a short film")
    given = parser.parse_args()
    runs = [measure(1, round(given.minutes * 60)), measure(given.films, given.seconds)]
    save("airflow_share", {"runs": runs})
    show(section({"runs": runs}))


if __name__ == "__main__":
    main()
