"""What the containers of heavy tasks cost, from the executor to the meters of their runs.

The executor alone sees every container to its end, also one that was killed or did not start. It
works in the scheduler, so little is done at each beat, and nothing for a while after a failure.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from botocore.config import Config

from storyboard_ops.airflow_ops.metrics import emitter
from storyboard_ops.domain.money.container_time import ContainerTask
from storyboard_ops.domain.object_keys import run_key
from storyboard_ops.domain.settings.run import RunSettings
from storyboard_ops.gateways.money.fargate import MOST_TASKS, Fargate
from storyboard_ops.steps.money.container_bills import book_container, note_container
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

AWS_CONN_ID = "aws_default"
#: Objects that are written at each beat, at most, and that may wait to be.
WRITES_PER_BEAT, MOST_WAITING = 10, 10_000
#: Seconds without a try after a failure, and tries of one object.
PAUSE, MOST_TRIES = 60.0, 3
#: A call takes at most twice this many seconds.
QUICK = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})


class ContainerBills:
    """Notes each container of a run at its start, and books it once it has stopped.

    What is not booked here, the release of the run finds out by the note.
    """

    def __init__(self) -> None:
        self._ended: dict[str, Any] = {}  # keys of tasks by ARN, until ECS knows when they stopped
        self._writes: deque[tuple[int, Callable[[], None]]] = deque(maxlen=MOST_WAITING)
        self._resume_at = 0.0
        self._client = cache(_quick_client)

    def begin(self, key: Any, arn: str) -> None:
        """Remember that a container was started for a task."""
        self._writes.append((1, partial(self._note, key, arn)))

    def end(self, key: Any, arn: str) -> None:
        """Remember that the command of a container has ended; it stops, and bills, a bit later."""
        self._ended[arn] = key

    def work(self, ecs: Any) -> None:
        """Ask about containers that are stopping, and write some of what waits; never raises.

        ``ecs`` is a boto3 client.
        """
        if time.monotonic() < self._resume_at:
            return
        try:
            self._find_stopped(Fargate(ecs))
            for _ in range(min(WRITES_PER_BEAT, len(self._writes))):
                self._write_next()
        except Exception:
            # The scheduler must go on, whatever AWS answers.
            log.exception("The cost of containers cannot be written; next try in %d s.", PAUSE)
            self._resume_at = time.monotonic() + PAUSE
            self._client.cache_clear()  # their credentials may be too old

    def _find_stopped(self, fargate: Fargate) -> None:
        asked = list(self._ended)[:MOST_TASKS]
        known = {task.arn: task for task in fargate.describe(asked)}
        for arn in asked:
            key, task = self._ended.pop(arn), known.get(arn)
            if task is not None and task.stopped is None:
                self._ended[arn] = key  # behind the others
            elif task is not None:
                self._writes.append((1, partial(self._book, key, task)))

    def _write_next(self) -> None:
        tries, write = self._writes.popleft()
        try:
            write()
        except Exception:
            if tries < MOST_TRIES:
                self._writes.append((tries + 1, write))
            raise

    def _note(self, key: Any, arn: str) -> None:
        if tools := self._tools_of(key):
            note_container(tools, arn)

    def _book(self, key: Any, task: ContainerTask) -> None:
        if tools := self._tools_of(key):
            book_container(tools, task)

    def _tools_of(self, key: Any) -> ToolBox[RunSettings] | None:
        """Return what writes to the workspace of a task's run; None: its DAG has no workspace."""
        place: dict[str, Any] = {"workspace": find_workspace(key.dag_id, key.run_id)}
        if not place["workspace"]:
            return None
        settings = RunSettings.model_construct(**place)
        return ToolBox(run_key(key.dag_id, key.run_id), settings, self._client, emit=emitter())


def _quick_client(service: str, region: str | None = None) -> Any:
    hook = AwsBaseHook(
        aws_conn_id=AWS_CONN_ID, client_type=service, region_name=region, config=QUICK
    )
    return hook.get_conn()


def find_workspace(dag_id: str, run_id: str) -> str:
    """Return the parameter ``workspace`` of a run; empty where its DAG has none."""
    # Imported here, because only the scheduler has a database.
    from airflow.models.dagrun import DagRun
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    # A session of its own: the scheduler's is in use.
    with create_session(scoped=False) as session:
        given = session.scalar(
            select(DagRun.conf).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        )
        if given and given.get("workspace"):
            return str(given["workspace"])
        serialized = SerializedDagModel.get(dag_id, session=session)
        params = serialized.dag.params if serialized else {}
        return str(params.get("workspace") or "")
