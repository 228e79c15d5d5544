"""The progress of a DAG run: one stage per task, summed up from its task instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from graphlib import TopologicalSorter

from launcher.embedded.client import TaskState


class StageState(StrEnum):
    """The state of a stage, as shown."""

    WAITING = "waiting"
    RUNNING = "running"
    DEFERRED = "waiting outside"
    RETRYING = "retrying"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    NOT_REACHED = "not reached"


#: Airflow's task state to ours, most urgent first: the first state that any instance has wins.
STATE_OF: Mapping[str | None, StageState] = {
    "failed": StageState.FAILED,
    "up_for_retry": StageState.RETRYING,
    "restarting": StageState.RETRYING,
    "running": StageState.RUNNING,
    "queued": StageState.RUNNING,
    "deferred": StageState.DEFERRED,
    "awaiting_input": StageState.DEFERRED,
    "up_for_reschedule": StageState.DEFERRED,
    "upstream_failed": StageState.NOT_REACHED,
    "scheduled": StageState.WAITING,
    None: StageState.WAITING,
    "removed": StageState.SKIPPED,
    "success": StageState.DONE,
    "skipped": StageState.SKIPPED,
}
URGENCY = tuple(dict.fromkeys(STATE_OF.values()))
FINISHED = frozenset(
    {StageState.DONE, StageState.SKIPPED, StageState.FAILED, StageState.NOT_REACHED}
)


@dataclass(frozen=True)
class Stage:
    """One task of the DAG; `total` is 1 for a task that is not mapped."""

    task_id: str
    state: StageState
    done: int
    total: int
    seconds: float | None

    @property
    def label(self) -> str:
        """The task id in words, without its group."""
        return self.task_id.rsplit(".", 1)[-1].replace("_", " ")

    @property
    def count(self) -> str:
        """Finished and all instances of a mapped task, as `3/12`."""
        return f"{self.done}/{self.total}" if self.total > 1 else ""


def sort_tasks(downstream: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the task ids, each after everything it depends on."""
    sorter: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(downstream, ()))
    for task, followers in downstream.items():
        for follower in followers:
            sorter.add(follower, task)
    return list(sorter.static_order())


def summarize(order: Iterable[str], tasks: Iterable[TaskState], now: datetime) -> list[Stage]:
    """Return one stage per task id of `order`; a stage without task instances is waiting."""
    by_id: dict[str, list[TaskState]] = {task_id: [] for task_id in order}
    for task in tasks:
        by_id.setdefault(task.task_id, []).append(task)
    return [_stage(task_id, instances, now) for task_id, instances in by_id.items()]


def _stage(task_id: str, instances: list[TaskState], now: datetime) -> Stage:
    states = Counter(STATE_OF.get(task.state, StageState.WAITING) for task in instances)
    state = next((each for each in URGENCY if states[each]), StageState.WAITING)
    done = sum(states[each] for each in FINISHED)
    if state not in FINISHED and done and not _is_active(states):
        state = StageState.RUNNING
    return Stage(task_id, state, done, max(len(instances), 1), _seconds(instances, now))


def _is_active(states: Counter[StageState]) -> bool:
    active = (StageState.RUNNING, StageState.DEFERRED, StageState.RETRYING)
    return any(states[each] for each in active)


def _seconds(instances: list[TaskState], now: datetime) -> float | None:
    """Seconds from the first start to the last end, or to `now` while one is unfinished."""
    starts = [task.start for task in instances if task.start]
    if not starts:
        return None
    unfinished = any(STATE_OF.get(task.state) not in FINISHED for task in instances)
    end = now if unfinished else max((task.end for task in instances if task.end), default=now)
    return max((end - min(starts)).total_seconds(), 0.0)
