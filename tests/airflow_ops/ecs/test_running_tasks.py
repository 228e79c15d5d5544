"""What the end of a container means for its task, and what people read about it."""

from __future__ import annotations

from typing import Any

import pytest
from airflow.providers.amazon.aws.executors.ecs.utils import EcsExecutorTask

from storyboard_ops.airflow_ops.ecs.running_tasks import (
    MOST_STARTS,
    RunningTasks,
    explain_end,
    explain_no_place,
)

ARN = "arn:aws:ecs:us-east-1:000000000000:task/storyboard/1"
MOST = 18
EXITED = "Essential container in task exited"


def stopped(reason: str = EXITED, started: bool = True, **container: Any) -> EcsExecutorTask:
    """A task that has stopped, as the provider reads it from DescribeTasks."""
    return EcsExecutorTask(
        ARN, "STOPPED", "STOPPED", [container], "now" if started else None, reason
    )


def attempts(task: EcsExecutorTask, attempt: int) -> int:
    """How many attempts count for a task that has ended in its ``attempt``."""
    tasks = RunningTasks(MOST)
    tasks.add_task(task, "key", None, [], {}, attempt)
    tasks.update_task(task)
    return tasks.failure_count_by_key("key")


def test_a_task_that_has_started_is_not_started_again_under_the_same_try():
    assert attempts(stopped(exit_code=1), 1) == MOST


@pytest.mark.parametrize(("attempt", "counted"), [(1, 1), (2, 2), (MOST_STARTS, MOST), (9, MOST)])
def test_a_task_that_cannot_start_is_given_up_soon(attempt, counted):
    assert attempts(stopped("CannotPullContainerError: no", started=False), attempt) == counted


def test_a_container_that_is_lost_without_an_exit_code_has_failed():
    """The provider reads such a task as running, and would wait for it forever."""
    tasks, lost = RunningTasks(MOST), stopped("Host EC2 terminated")
    assert lost.get_task_state() == "running"
    tasks.add_task(lost, "key", None, [], {}, 1)
    tasks.update_task(lost)
    assert tasks.task_by_key("key").get_task_state() == "failed"


def test_a_removed_task_is_kept_for_its_report():
    tasks, task = RunningTasks(MOST), stopped(exit_code=0)
    tasks.add_task(task, "key", None, [], {}, 1)
    assert tasks.pop_by_key("key") is task
    assert (tasks.ended, len(tasks)) == ({"key": task}, 0)


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (
            stopped("CannotPullContainerError: studio:1: not found", started=False),
            ["could not start", "CannotPullContainerError: studio:1: not found", "Push the image"],
        ),
        (
            stopped("ResourceInitializationError: no group", started=False),
            ["could not start", "Check the log group"],
        ),
        (stopped("", started=False), ["it gave no reason", "ECS console"]),
        (
            stopped(exit_code=137, reason="OutOfMemoryError: Container killed"),
            ["exit code 137", "more of it", "OutOfMemoryError"],
        ),
        (stopped(exit_code=143), ["was stopped (exit code 143)"]),
        (stopped(exit_code=2), [f"ended with exit code 2: {EXITED}."]),
        (stopped("Host EC2 terminated"), ["is lost: Host EC2 terminated."]),
    ],
)
def test_the_end_is_explained_with_the_next_step(task, words):
    assert [word for word in words if word not in explain_end(task)] == []


def test_a_reason_that_task_and_container_share_is_said_once():
    reason = "CannotPullContainerError: not found"
    task = stopped(reason, started=False)
    task.containers[0]["reason"] = reason
    assert explain_end(task).count(reason) == 1


@pytest.mark.parametrize(
    ("reason", "advised"),
    [
        ("RESOURCE:MEMORY", True),
        ("Capacity is unavailable at this time. Please try again later", True),
        ("You've reached the limit on the number of vCPUs you can run concurrently", True),
        ("AccessDeniedException: not authorized to perform: ecs:RunTask", False),
    ],
)
def test_only_a_lack_of_places_is_answered_with_more_places(reason, advised):
    assert reason in explain_no_place(reason)
    assert ("quota of vCPUs" in explain_no_place(reason)) is advised
