"""Keep a record of every run from preflight to release, in one folder of the workspace.

So an hourly task finds the runs that take longer than estimated, and those that wait for people,
without Airflow's database and without listing all runs that there ever were.
"""

from __future__ import annotations

from typing import Any

from storyboard_ops.domain.base_record import canonical_json
from storyboard_ops.domain.monitoring.metrics import (
    REVIEW_WAITING_SINCE,
    RUN_EXPECTED_END,
    Emit,
)
from storyboard_ops.domain.monitoring.run_under_way import RunUnderWay
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.storage.object_store import ObjectStore
from storyboard_ops.steps.run.tool_box import ToolBox


def begin_run(tools: ToolBox[Any], dag_id: str, run_id: str, production: str, hours: float) -> None:
    """Record that this run is under way; ``hours``: how long it should work."""
    run = RunUnderWay(
        run_key=tools.run_key,
        dag_id=dag_id,
        run_id=run_id,
        production=production,
        began_at=tools.clock(),
        hours=hours,
    )
    _write(tools, run)


def end_run(tools: ToolBox[Any]) -> None:
    """Forget this run, because it has released everything."""
    if run := _read(tools):
        tools.objects.delete([_place(tools)])
        tools.emit(RUN_EXPECTED_END, 0, {"run": run.run_key})
        if run.waiting_in:
            tools.emit(REVIEW_WAITING_SINCE, 0, {"run": run.run_key, "task": run.waiting_in})


def begin_wait(tools: ToolBox[Any], task: str) -> None:
    """Record that this run waits for people in a task, from now on or since an earlier try."""
    if run := _read(tools):
        _write(tools, run.begin_wait(task, tools.clock()))


def end_wait(tools: ToolBox[Any]) -> None:
    """Record that this run does not wait any more; its estimate grows by the time it waited."""
    run = _read(tools)
    if run and run.waiting_in:
        waited = {"run": run.run_key, "task": run.waiting_in}
        tools.emit(REVIEW_WAITING_SINCE, 0, waited)
        _write(tools, run.end_wait(tools.clock()))


def report_run(emit: Emit, run: RunUnderWay) -> None:
    """Report until when a run should have ended, and since when it waits for people."""
    emit(RUN_EXPECTED_END, run.expected_end.timestamp(), {"run": run.run_key})
    if run.waiting_since:
        labels = {"run": run.run_key, "task": run.waiting_in}
        emit(REVIEW_WAITING_SINCE, run.waiting_since.timestamp(), labels)


def write_run_under_way(objects: ObjectStore, place: S3Uri, run: RunUnderWay) -> None:
    """Write the record of a run."""
    objects.put(place, canonical_json(run).encode(), "application/json")


def _read(tools: ToolBox[Any]) -> RunUnderWay | None:
    if tools.objects.head(_place(tools)) is None:
        return None
    return tools.objects.record(_place(tools), RunUnderWay)


def _write(tools: ToolBox[Any], run: RunUnderWay) -> None:
    write_run_under_way(tools.objects, _place(tools), run)
    report_run(tools.emit, run)


def _place(tools: ToolBox[Any]) -> S3Uri:
    return tools.workspace.under_way(tools.run_key)
