"""How the stages of a run are shown."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace

import pytest
from rich.console import Console

from launcher.runs import progress
from launcher.runs.progress import PlainProgress, build_stage_table, format_seconds
from launcher.runs.stages import Stage, StageState


def test_only_changes_are_printed_without_a_terminal() -> None:
    out = StringIO()
    shown = PlainProgress(Console(file=out, width=100))
    running = Stage("film.sample_frames", StageState.RUNNING, 1, 12, 2.0)
    for stage in (running, running, Stage("film.sample_frames", StageState.DONE, 12, 12, 7.25)):
        shown.show([stage])
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert lines == [
        ["0:00", "sample", "frames", "running", "1/12"],
        ["0:00", "sample", "frames", "done", "12/12", "7.2", "s"],
    ]


def test_the_table_shows_state_count_and_time() -> None:
    out = StringIO()
    stage = Stage("film.detect_characters", StageState.RUNNING, 12, 40, 75.2)
    Console(file=out, width=100).print(build_stage_table([stage]))
    row = out.getvalue().splitlines()[1].split()
    assert row == ["detect", "characters", "running", "12/40", "1:15"]


def test_a_long_wait_says_what_is_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    moments: list[float] = []
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: moments[-1]))
    out = StringIO()
    shown = PlainProgress(Console(file=out, width=100), began=0.0, _spoke=0.0)
    stage = Stage("wait_for_approval", StageState.DEFERRED, 0, 1, 61.0)
    for now in range(0, 70, 5):
        moments.append(now)
        shown.show([stage])
    waiting = "still at work: wait for approval (waiting outside, 1:01)"
    assert [line.split(maxsplit=1) for line in out.getvalue().splitlines()][1:] == [
        ["0:30", waiting],
        ["1:00", waiting],
    ]


@pytest.mark.parametrize(("seconds", "shown"), [(None, ""), (0.4, "0:00"), (75.9, "1:15")])
def test_time_is_shown_in_minutes_and_seconds(seconds: float | None, shown: str) -> None:
    assert format_seconds(seconds) == shown
