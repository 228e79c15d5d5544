"""How the stages of a run are shown."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from launcher.runs.progress import PlainProgress, build_stage_table, format_seconds
from launcher.runs.stages import Stage, StageState


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
    Console(file=out, width=100).print(build_stage_table([stage]))
    row = out.getvalue().splitlines()[1].split()
    assert row == ["detect", "characters", "running", "12/40", "1:15"]


@pytest.mark.parametrize(("seconds", "shown"), [(None, ""), (0.4, "0:00"), (75.9, "1:15")])
def test_time_is_shown_in_minutes_and_seconds(seconds: float | None, shown: str) -> None:
    assert format_seconds(seconds) == shown
