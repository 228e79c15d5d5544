"""The same scenarios on one machine, in peace: what the composed runs are compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.aws.clouds import LocalCloud
from launcher.aws.local_account import STUDIO_BUCKET, prepare_account
from launcher.embedded import stack
from launcher.processes.interrupts import Interrupts
from launcher.state.layout import PROJECT_ROOT, Project
from tests.distributed.compose.scenario import Scenario, bought
from tests.distributed.model_runs import studio_of


@dataclass(frozen=True)
class Outcome:
    """What a scenario left and what it bought."""

    datasets: dict[str, dict[str, bytes]]
    bought: Counter[str]


def outcomes_on_one_machine(root: Path, scenarios: Sequence[Scenario]) -> list[Outcome]:
    """Run the scenarios one after the other on an embedded Airflow; its state is below a folder."""
    for name in ("dags", "plugins", "local_aws", "include", "launcher", "trainer"):
        (root / name).symlink_to(PROJECT_ROOT / name)
    project, cloud = Project(root), LocalCloud()
    state = project.state("one-machine")
    with stack.running(project, state, cloud, Interrupts()) as running:
        prepare_account(cloud.ready_endpoint(), project)
        studio = studio_of(state, STUDIO_BUCKET)
        outcomes = []
        for scenario in scenarios:
            before = bought(studio)
            scenario.start(running.client, studio)
            states = scenario.end(running.client)
            assert set(states.values()) == {"success"}
            outcomes.append(Outcome(scenario.datasets(studio), bought(studio) - before))
    return outcomes
