"""Triggers one DAG run and follows it to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from launcher.airflow_client import ACTIVE_RUN_STATES
from launcher.errors import BadInput
from launcher.product import review_page
from launcher.progress import Progress
from launcher.stack import Stack
from launcher.stages import fold, in_order

DAG_ID = "train_character_model"
POLL_SECONDS = 1.0
SUCCESS = "success"


@dataclass(frozen=True)
class DagRun:
    """A run that has been triggered, on the stack that runs it."""

    stack: Stack
    dag_id: str
    run_id: str

    @property
    def page(self) -> str:
        """The run's page in the Airflow UI."""
        return f"{self.stack.url}/dags/{self.dag_id}/runs/{self.run_id}"

    @property
    def review_page(self) -> str:
        """The run's approval page, by itself; in the UI it is a tab of the run."""
        return self.stack.url + review_page("", self.dag_id, self.run_id)

    def returned(self, task_id: str) -> list[Any]:
        """What each succeeded instance of a task returned, in the order of the map; JSON values."""
        client = self.stack.client
        tasks = client.task_states(self.dag_id, self.run_id)
        done = [task for task in tasks if task.task_id == task_id and task.state == SUCCESS]
        indexes = sorted(task.map_index for task in done)
        return [client.xcom(self.dag_id, self.run_id, task_id, index) for index in indexes]


def new_run_id(name: str) -> str:
    """`name` and the second, in UTC."""
    return f"{name}-{datetime.now(UTC):%Y%m%dt%H%M%S}"


def trigger(stack: Stack, run_id: str, conf: Mapping[str, Any], dag_id: str = DAG_ID) -> DagRun:
    """Start a run of a DAG that Airflow knows.

    Raises:
        BadInput: Airflow refused the parameters; the message is Airflow's own.
    """
    stack.client.unpause(dag_id)
    try:
        stack.client.trigger(dag_id, run_id, conf)
    except requests.HTTPError as error:
        if error.response.status_code not in (400, 422):
            raise
        raise BadInput(f"Airflow refused the parameters: {error.response.text}") from error
    return DagRun(stack, dag_id, run_id)


def end_abandoned(stack: Stack, dag_id: str = DAG_ID) -> list[str]:
    """Mark failed what a launcher that was interrupted has left unfinished; the ids of those runs.

    Their teardown still runs, so that nothing they bought goes on billing.
    """
    abandoned = stack.client.active_runs(dag_id)
    for run_id in abandoned:
        stack.client.fail_run(dag_id, run_id)
    return abandoned


def follow(run: DagRun, progress: Progress, visits: Sequence[Callable[[], None]] = ()) -> str:
    """Show progress until the run ends; its last state.

    `visits` are called about once a second: what a person would do meanwhile, such as reviewing.
    An API server that is slow to answer is asked again; one that stays silent ends the wait with
    ComponentFailed, as any dead component does.
    """
    order = in_order(run.stack.client.downstream(run.dag_id))
    while True:
        run.stack.check()
        with suppress(requests.ConnectionError, requests.Timeout):
            state = run.stack.client.run_state(run.dag_id, run.run_id)
            tasks = run.stack.client.task_states(run.dag_id, run.run_id)
            progress.show(fold(order, tasks, datetime.now(UTC)))
            if state not in ACTIVE_RUN_STATES:
                return state
        for visit in visits:
            visit()
        time.sleep(POLL_SECONDS)
