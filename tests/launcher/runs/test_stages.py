"""Task instances summed up into stages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from launcher.embedded.client import TaskState
from launcher.runs.stages import Stage, StageState, sort_tasks, summarize

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def instance(
    state: str | None, index: int = -1, start: float | None = None, end: float | None = None
) -> TaskState:
    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else NOON + timedelta(seconds=seconds)

    return TaskState("film.sample_frames", index, state, 1, moment(start), moment(end), str(index))


def summarized(*instances: TaskState, after: float = 60) -> Stage:
    (stage,) = summarize(["film.sample_frames"], instances, NOON + timedelta(seconds=after))
    return stage


def test_stages_follow_what_they_depend_on() -> None:
    order = sort_tasks({"report": [], "crop": ["report"], "plan": ["crop"]})
    assert order == ["plan", "crop", "report"]


def test_a_stage_without_instances_waits() -> None:
    assert summarized() == Stage("film.sample_frames", StageState.WAITING, 0, 1, None)


@pytest.mark.parametrize(
    ("states", "expected", "done"),
    [
        (["success", "success"], StageState.DONE, 2),
        (["success", None], StageState.RUNNING, 1),
        (["success", "running"], StageState.RUNNING, 1),
        (["success", "deferred"], StageState.DEFERRED, 1),
        (["failed", "running"], StageState.FAILED, 1),
        (["up_for_retry", "success"], StageState.RETRYING, 1),
        (["skipped", "skipped"], StageState.SKIPPED, 2),
        (["upstream_failed"], StageState.NOT_REACHED, 1),
        (["a state of a later Airflow"], StageState.WAITING, 0),
    ],
)
def test_a_stage_is_what_its_most_urgent_instance_is(
    states: list[str | None], expected: StageState, done: int
) -> None:
    stage = summarized(*(instance(state, index) for index, state in enumerate(states)))
    assert (stage.state, stage.done, stage.total) == (expected, done, len(states))


def test_a_stage_takes_from_its_first_start_to_its_last_end() -> None:
    ended = [instance("success", 0, 10, 12), instance("success", 1, 11, 15.5)]
    assert summarized(*ended).seconds == 5.5
    assert summarized(*ended, instance("running", 2, 14), after=20).seconds == 10
