"""Triggers a DAG run and follows it to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from launcher.embedded.client import ACTIVE_RUN_STATES
from launcher.embedded.stack import Stack
from launcher.errors import UsageError
from launcher.product import short_review_page, short_run_page
from launcher.runs.progress import Progress
from launcher.runs.stages import sort_tasks, summarize

DAG_ID = "train_character_model"
POLL_SECONDS = 1.0
#: The task that waits for people, and its states meanwhile.
WAIT, WAITING = "wait_for_approval", ("awaiting_input", "deferred")
SUCCESS = "success"


@dataclass(frozen=True)
class DagRun:
    """A triggered run, and the stack that runs it."""

    stack: Stack
    dag_id: str
    run_id: str

    @property
    def page(self) -> str:
        """The address that leads to the run in the Airflow UI."""
        return self.stack.url + short_run_page(self.run_id)

    @property
    def review_page(self) -> str:
        """The address that leads to the run's approval page; in the UI it is a tab of the run."""
        return self.stack.url + short_review_page(self.run_id)

    def waits_for_people(self) -> bool:
        """Whether the task that waits for the review waits now."""
        tasks = self.stack.client.list_task_states(self.dag_id, self.run_id)
        return any(task.task_id == WAIT and task.state in WAITING for task in tasks)

    def get_returned(self, task_id: str) -> list[Any]:
        """Return what each successful instance of a task returned, by map index; JSON values."""
        client = self.stack.client
        tasks = client.list_task_states(self.dag_id, self.run_id)
        done = [task for task in tasks if task.task_id == task_id and task.state == SUCCESS]
        indexes = sorted(task.map_index for task in done)
        return [client.get_xcom(self.dag_id, self.run_id, task_id, index) for index in indexes]


def make_run_id(name: str) -> str:
    """Make a run id of `name` and the current second in UTC."""
    return f"{name}-{datetime.now(UTC):%Y%m%dt%H%M%S}"


def trigger(stack: Stack, run_id: str, conf: Mapping[str, Any], dag_id: str = DAG_ID) -> DagRun:
    """Start a run of a DAG that Airflow has parsed.

    Raises:
        UsageError: Airflow refused the parameters; the message contains Airflow's own.
    """
    stack.client.unpause(dag_id)
    try:
        stack.client.trigger(dag_id, run_id, conf)
    except requests.HTTPError as error:
        if error.response.status_code not in (400, 422):
            raise
        raise UsageError(f"Airflow refused the parameters: {_reason(error.response)}") from error
    return DagRun(stack, dag_id, run_id)


def _reason(answer: requests.Response) -> str:
    """The reason in an answer of Airflow, without JSON and without the schema that it violates."""
    try:
        detail = answer.json()["detail"]
    except (ValueError, KeyError, TypeError):
        detail = answer.text
    return str(detail).partition("\n\nFailed validating")[0]


def fail_abandoned_runs(stack: Stack, dag_id: str = DAG_ID) -> list[str]:
    """Mark the runs that an interrupted launcher left unfinished as failed; return their ids.

    Their teardown still runs, so that nothing they bought keeps billing.
    """
    abandoned = stack.client.list_active_runs(dag_id)
    for run_id in abandoned:
        stack.client.fail_run(dag_id, run_id)
    return abandoned


def follow(run: DagRun, progress: Progress, meanwhile: Callable[[], None] = lambda: None) -> str:
    """Show progress until the run ends; return its final state.

    `meanwhile` is called about once a second, to do what a person would do, such as reviewing.
    A request that times out is repeated; an API server that stays silent ends the wait with
    ComponentFailed, as any dead component does.
    """
    order = sort_tasks(run.stack.client.get_downstream(run.dag_id))
    while True:
        run.stack.check()
        with suppress(requests.ConnectionError, requests.Timeout):
            state = run.stack.client.get_run_state(run.dag_id, run.run_id)
            tasks = run.stack.client.list_task_states(run.dag_id, run.run_id)
            progress.show(summarize(order, tasks, datetime.now(UTC)))
            if state not in ACTIVE_RUN_STATES:
                return state
        meanwhile()
        time.sleep(POLL_SECONDS)
