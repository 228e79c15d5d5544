"""Runs from preflight to release: the watch finds late ones, and people hear of each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storyboard_ops.domain.monitoring.metrics import Metric
from storyboard_ops.domain.monitoring.run_under_way import RunUnderWay
from storyboard_ops.domain.object_keys import Workspace
from storyboard_ops.steps.release.late_runs import report_late_runs
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.run.under_way import begin_run, begin_wait, end_run, end_wait
from tests.studio.studio_fixture import Studio

BEGAN = datetime(2026, 11, 23, 8, tzinfo=UTC)
TASK = "wait_for_approval"


class Watch:
    """Runs of a workspace, the hourly look at them, and a clock in our hands."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.now = BEGAN
        self.notified: list[str] = []
        self.gauges: dict[tuple[str, ...], float] = {}

    def tools(self, run_key: str = "run-1") -> ToolBox:
        return replace(self.studio.tools(run_key), clock=lambda: self.now, emit=self.emit)

    def begin(self, run_key: str = "run-1", hours: float = 2) -> ToolBox:
        tools = self.tools(run_key)
        begin_run(tools, "train_character_model", f"id of {run_key}", "Tiny", hours)
        return tools

    def emit(self, metric: Metric, value: float, labels: Mapping[str, str] = {}, /) -> None:
        self.gauges[metric.name.removeprefix("storyboard."), *labels.values()] = value

    def look(self, hours: float, *more: Workspace) -> list[str]:
        """Look when this many hours have passed since the first run began."""
        self.now = BEGAN + timedelta(hours=hours)
        workspaces = (self.studio.workspace, *more)
        clock = lambda: self.now  # noqa: E731
        late = report_late_runs(self.studio.client, workspaces, self.notify, self.emit, clock)
        return [run.run_key for run in late]

    def notify(self, run: RunUnderWay) -> None:
        self.notified.append(run.run_id)


@pytest.fixture
def watch(studio: Studio) -> Watch:
    return Watch(studio)


def test_people_hear_once_of_a_run_that_takes_longer_than_estimated(watch: Watch) -> None:
    watch.begin()
    watch.begin("run-2", hours=9)
    assert watch.look(1.9) == []
    assert watch.look(2.1) == ["run-1"]
    assert watch.look(3.1) == ["run-1"]
    assert watch.notified == ["id of run-1"]


def test_a_run_that_has_released_everything_is_not_watched(watch: Watch) -> None:
    end_run(watch.begin())
    end_run(watch.tools("never-begun"))
    assert watch.look(99) == []
    assert watch.gauges["run_expected_end_seconds", "run-1"] == 0


def test_a_wait_for_people_moves_the_expected_end(watch: Watch) -> None:
    tools = watch.begin()
    watch.now = BEGAN + timedelta(hours=1)
    begin_wait(tools, TASK)
    assert watch.look(30) == []
    began_waiting = (BEGAN + timedelta(hours=1)).timestamp()
    assert watch.gauges["review_waiting_since_seconds", "run-1", TASK] == began_waiting
    end_wait(tools)
    assert watch.gauges["review_waiting_since_seconds", "run-1", TASK] == 0
    expected = (BEGAN + timedelta(hours=2 + 29)).timestamp()
    assert watch.gauges["run_expected_end_seconds", "run-1"] == expected
    assert watch.look(30.9) == []
    assert watch.look(31.1) == ["run-1"]


def test_a_run_that_ends_while_it_waits_waits_no_more(watch: Watch) -> None:
    tools = watch.begin()
    begin_wait(tools, TASK)
    end_run(tools)
    assert watch.gauges["review_waiting_since_seconds", "run-1", TASK] == 0


def test_a_workspace_that_cannot_be_read_does_not_stop_the_others(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    watch.begin()
    studio = watch.studio
    odd = replace(studio.workspace, root=studio.workspace.root / "odd")
    key = odd.under_way("run-3").key
    studio.client("s3").put_object(Bucket=studio.bucket, Key=key, Body=b"{}")
    missing = Workspace.at("s3://no-such-bucket-of-ours")
    assert watch.look(3, odd, missing) == ["run-1"]
    assert f"The runs of workspace {odd.root} cannot be read" in caplog.text
