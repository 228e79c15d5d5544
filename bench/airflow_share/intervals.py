"""Wall time of a run, divided into our steps, Airflow around them, and nothing at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: Begin and end in Unix time.
Interval = tuple[float, float]


def covered(intervals: Iterable[Interval]) -> float:
    """The seconds that are in at least one interval."""
    seconds, reached = 0.0, float("-inf")
    for begin, end in sorted(intervals):
        seconds += max(0.0, end - max(begin, reached))
        reached = max(reached, end)
    return seconds


@dataclass(frozen=True)
class Shares:
    """Seconds of a run: of the whole, in a step of ours, in a task, and between the tasks."""

    wall: float
    in_steps: float
    in_tasks: float

    @classmethod
    def of(cls, tasks: Iterable[Interval], steps: Iterable[Interval]) -> Shares:
        """``steps``: intervals in which a step ran; they are parts of those of ``tasks``."""
        tasks = list(tasks)
        wall = max(end for _, end in tasks) - min(begin for begin, _ in tasks)
        return cls(wall, covered(steps), covered(tasks))

    @property
    def around_steps(self) -> float:
        """Seconds in which tasks ran, and none of them was in a step."""
        return max(0.0, self.in_tasks - self.in_steps)

    @property
    def between_tasks(self) -> float:
        """Seconds in which no task ran."""
        return self.wall - self.in_tasks

    @property
    def outside(self) -> float:
        """The share of the wall time outside our steps, 0..1."""
        return max(0.0, self.wall - self.in_steps) / self.wall
