"""The provider's executor for Amazon ECS, which says in Airflow why a task did not run.

AwsEcsExecutor of provider 9.39 writes the reason that ECS gives into the scheduler's log only: a
task that never started shows nothing but "failed". This one writes it into the task's log and its
events, with the last lines of the container's output, and shows that output while the task runs.
Configuration is that of the provider, in section ``aws_ecs_executor``.
"""

from __future__ import annotations

import json
from collections import deque
from functools import cached_property
from typing import Any

from airflow.providers.amazon.aws.executors.ecs.ecs_executor import AwsEcsExecutor
from airflow.providers.amazon.aws.hooks.logs import AwsLogsHook
from botocore.exceptions import BotoCoreError, ClientError

from storyboard_ops.airflow_ops.ecs.container_bills import ContainerBills
from storyboard_ops.airflow_ops.ecs.container_output import ContainerOutput, read_line
from storyboard_ops.airflow_ops.ecs.running_tasks import (
    RunningTasks,
    explain_end,
    explain_no_place,
)
from storyboard_ops.airflow_ops.ecs.task_log import write_line

SECTION = "aws_ecs_executor"
EVENT = "ECS"
#: The provider's default of ``max_run_task_attempts``.
MOST_ATTEMPTS = 3
#: Events that are kept until the scheduler has saved them.
MOST_EVENTS = 1_000
#: Lines of the container's output that are shown with the reason of a failure.
LAST_LINES = 15
#: Lines of a running container that its log page shows: what GetLogEvents returns at most.
RUNNING_LINES = 10_000


class EcsTaskExecutor(AwsEcsExecutor):
    """Runs each task in a container on ECS, and reports what happens to the container."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.tasks = RunningTasks(int(self.max_run_task_attempts or MOST_ATTEMPTS))
        self.active_workers = self.tasks
        self._commands: dict[Any, Any] = {}
        self._reasons: dict[Any, str] = {}
        self._events: deque[Any] = deque(maxlen=MOST_EVENTS)
        self._bills = ContainerBills()

    def sync_running_workloads(self) -> None:
        """Ask ECS about every task; report those that it could not start and will place again."""
        super().sync_running_workloads()  # type: ignore[no-untyped-call]
        for key, ended in self.tasks.ended.items():
            self._bills.end(key, ended.task_arn)
        self._bills.work(self.ecs)
        for waiting in self.pending_workloads:
            task = self.tasks.ended.pop(waiting.key, None)
            if task is not None:
                self._report(waiting.key, f"{explain_end(task)} It is tried again.")
        self.tasks.ended.clear()

    def fail(self, key: Any, info: Any = None) -> None:
        """Give a task up; its log and its events say why."""
        if key in self.tasks.key_to_arn:
            self._report(key, self._explain_with_output(key))
        reason = self._reasons.pop(key, None)
        self._commands.pop(key, None)
        super().fail(key, info or reason)

    def success(self, key: Any, info: Any = None) -> None:
        """Note that a container ended well; the task itself may have failed, as Airflow knows."""
        self._reasons.pop(key, None)
        self._commands.pop(key, None)
        super().success(key, info)

    def get_task_log(self, ti: Any, try_number: int) -> tuple[list[str], list[str]]:
        """Return the output of the running container of a task: its sources and its lines."""
        arn = ti.external_executor_id
        if not arn:
            return [], []
        try:
            lines = self._output.read(arn, RUNNING_LINES)
        except ClientError as error:
            return [f"Nothing to read from CloudWatch Logs yet: {error}"], []
        return [f"Output of the ECS task {arn}"], ["\n".join(lines)]

    def _run_task(self, task_id: Any, cmd: Any, queue: str | None, exec_config: Any) -> Any:
        self._commands[task_id] = cmd
        try:
            answer = super()._run_task(task_id, cmd, queue, exec_config)
        except (BotoCoreError, ClientError) as error:
            self._report(task_id, explain_no_place(str(error)))
            raise
        for failure in answer["failures"]:
            self._report(task_id, explain_no_place(failure["reason"]))
        for task in answer["tasks"]:
            self._bills.begin(task_id, task.task_arn)
        return answer

    def _report(self, key: Any, text: str) -> None:
        """Write a text into the events and the log of a task; a failure to do so is only logged."""
        self._reasons[key] = text
        self.log_task_event(event=EVENT, extra=text, ti_key=key)
        # The scheduler of Airflow 3.3 drops its last reference before it saves them, and with it
        # what they say; the database then refuses them.
        self._events.extend(self._task_event_logs)
        try:
            write_line(self._log_path(key), text)
        except Exception:
            # The scheduler must go on, whatever remote logging answers.
            self.log.exception("The log of %s cannot be written: %s", key, text)

    def _log_path(self, key: Any) -> str:
        command = self._commands.get(key) or self.tasks.info_by_key(key).cmd
        return str(json.loads(str(command[-1]))["log_path"])

    def _explain_with_output(self, key: Any) -> str:
        task = self.tasks.task_by_key(key)
        reason = explain_end(task)
        if not task.started_at:
            return reason
        try:
            lines = self._output.read(task.task_arn, LAST_LINES)
        except (BotoCoreError, ClientError) as error:
            return f"{reason} Its output cannot be read: {error}"
        shown = [read_line(line) for line in lines]
        return "\n".join([f"{reason} Last lines of its output:", *shown]) if shown else reason

    @cached_property
    def _output(self) -> ContainerOutput:
        hook = AwsLogsHook(
            aws_conn_id=self.conf.get(SECTION, "conn_id", fallback="aws_default"),
            region_name=self.conf.get(SECTION, "region_name", fallback=None),
        )
        definition = self.run_task_kwargs["taskDefinition"]
        return ContainerOutput(self.ecs, hook.get_conn(), definition, str(self.container_name))
