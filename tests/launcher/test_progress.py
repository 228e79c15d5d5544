"""Task instances folded into stages, and how they are shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from launcher.airflow_client import TaskState
from launcher.progress import PlainProgress, clock, stage_table
from launcher.stages import Stage, StageState, fold, in_order

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def instance(
    state: str | None, index: int = -1, start: float | None = None, end: float | None = None
) -> TaskState:
    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else NOON + timedelta(seconds=seconds)

    return TaskState("film.sample_frames", index, state, 1, moment(start), moment(end), str(index))


def folded(*instances: TaskState, after: float = 60) -> Stage:
    (stage,) = fold(["film.sample_frames"], instances, NOON + timedelta(seconds=after))
    return stage


def test_stages_stand_after_what_they_depend_on() -> None:
    order = in_order({"report": [], "crop": ["report"], "plan": ["crop"]})
    assert order == ["plan", "crop", "report"]


def test_a_stage_without_instances_waits() -> None:
    assert folded() == Stage("film.sample_frames", StageState.WAITING, 0, 1, None)


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
    stage = folded(*(instance(state, index) for index, state in enumerate(states)))
    assert (stage.state, stage.done, stage.total) == (expected, done, len(states))


def test_a_stage_takes_from_its_first_start_to_its_last_end() -> None:
    ended = [instance("success", 0, 10, 12), instance("success", 1, 11, 15.5)]
    assert folded(*ended).seconds == 5.5
    assert folded(*ended, instance("running", 2, 14), after=20).seconds == 10


def test_only_changes_are_printed_without_a_terminal() -> None:
    out = StringIO()
    progress = PlainProgress(Console(file=out, width=100))
    running = Stage("film.sample_frames", StageState.RUNNING, 1, 12, 2.0)
    for stage in (running, running, Stage("film.sample_frames", StageState.DONE, 12, 12, 7.25)):
        progress.show([stage])
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert lines == [
        ["0:00", "sample", "frames", "running", "1/12"],
        ["0:00", "sample", "frames", "done", "12/12", "7.2", "s"],
    ]


def test_the_table_shows_state_count_and_time() -> None:
    out = StringIO()
    stage = Stage("film.detect_characters", StageState.RUNNING, 12, 40, 75.2)
    Console(file=out, width=100).print(stage_table([stage]))
    row = out.getvalue().splitlines()[1].split()
    assert row == ["detect", "characters", "running", "12/40", "1:15"]


@pytest.mark.parametrize(("seconds", "shown"), [(None, ""), (0.4, "0:00"), (75.9, "1:15")])
def test_time_is_shown_in_minutes_and_seconds(seconds: float | None, shown: str) -> None:
    assert clock(seconds) == shown
