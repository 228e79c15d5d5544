"""The tasks that the executor has on ECS, and what their end means."""

from __future__ import annotations

from typing import Any

from airflow.providers.amazon.aws.executors.ecs.utils import EcsExecutorTask, EcsTaskCollection

#: How often a task is placed that ECS cannot start: an image that cannot be pulled stays so.
MOST_STARTS = 3
#: What RunTask says of a lack of capacity, of an instance or of the account.
NO_PLACE = ("apacity", "RESOURCE:", "vCPU")
#: The exit code of a container that ended without one, as when its machine is lost.
NO_EXIT_CODE = -1
#: The command was ended by SIGKILL: by the kernel when memory runs out, or by ECS.
KILLED = 137
TERMINATED = 143


class RunningTasks(EcsTaskCollection):
    """The provider's collection, with three differences in what a stopped task means.

    - A task that has started is not started again for the same try: Airflow refuses the second
      start, and its own retry makes a new try.
    - One that never starts is given up after ``MOST_STARTS``; only a place is waited for longer.
    - One that stopped without an exit code has failed. The provider takes it for running, forever.
    """

    def __init__(self, most_attempts: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.ended: dict[Any, EcsExecutorTask] = {}
        self._most_attempts = most_attempts

    def update_task(self, task: EcsExecutorTask) -> None:
        """Store what ECS says about a task."""
        if task.last_status == "STOPPED" and task.started_at:
            for container in task.containers:
                container.setdefault("exit_code", NO_EXIT_CODE)
        super().update_task(task)

    def failure_count_by_key(self, task_key: Any) -> int:
        """Return how often a task was attempted; as often as allowed if it must not be again."""
        count = super().failure_count_by_key(task_key)
        is_final = self.task_by_key(task_key).started_at or count >= MOST_STARTS
        return self._most_attempts if is_final else count

    def pop_by_key(self, task_key: Any) -> EcsExecutorTask:
        """Remove a task; ``ended`` keeps it for the report."""
        self.ended[task_key] = super().pop_by_key(task_key)
        return self.ended[task_key]


def explain_end(task: EcsExecutorTask) -> str:
    """Return why a task on ECS has failed, and what to do about it."""
    reasons = [task.stopped_reason, *(container.get("reason") for container in task.containers)]
    said = ". ".join(dict.fromkeys(reason.rstrip(".") for reason in reasons if reason))
    if not task.started_at:
        return f"ECS could not start the task: {said or 'it gave no reason'}. {_advise(said)}"
    (code, *_) = [container.get("exit_code", NO_EXIT_CODE) for container in task.containers]
    return f"The container on ECS {_describe_code(code)}: {said or 'ECS gave no reason'}."


def _describe_code(code: int) -> str:
    if code == NO_EXIT_CODE:
        return "is lost"
    if code == KILLED:
        return (
            "was killed (exit code 137); if its memory was full, give the task definition more of "
            "it. ECS says"
        )
    if code == TERMINATED:
        return "was stopped (exit code 143)"
    return f"ended with exit code {code}"


def _advise(reason: str) -> str:
    """Return the next step for a task that did not start."""
    if "CannotPullContainer" in reason:
        return (
            "Push the image that the task definition names, let the execution role pull it, and "
            "check that the subnets reach the registry."
        )
    if "ResourceInitialization" in reason:
        return (
            "Check the log group of the task definition, the rights of the execution role, and "
            "that the subnets reach the services of AWS."
        )
    return "See the task in the ECS console."


def explain_no_place(reason: str) -> str:
    """Return why RunTask placed no task, and what happens next."""
    advice = "Subnets in more zones and a higher quota of vCPUs help. "
    wanted = any(word in reason for word in NO_PLACE)
    return (
        f"ECS has not placed the task: {reason.rstrip('.')}. {advice if wanted else ''}"
        "It is tried again with growing pauses."
    )
