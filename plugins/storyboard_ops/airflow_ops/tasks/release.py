"""The tasks of ``release_capacity``, which need the account, its tags and the runs' records."""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context

from storyboard_ops.airflow_ops.alerts import alert_late_run, alert_leases
from storyboard_ops.airflow_ops.metrics import emitter
from storyboard_ops.airflow_ops.step_task import step_task
from storyboard_ops.airflow_ops.task_bridge import aws_client
from storyboard_ops.domain.money.sweep_report import SweepReport


@step_task
def release_expired() -> SweepReport:
    """Release everything past its lease; notify people of it, and fail when a release failed."""
    from storyboard_ops.gateways.deployment_file import read_deployment
    from storyboard_ops.steps.release.release_expired import release_expired

    report = release_expired(aws_client, read_deployment().known(), emit=emitter())
    run = get_current_context()["dag_run"]
    alert_leases(report, run.dag_id, run.run_id)
    report.raise_for_failures()
    return report


@step_task
def report_late_runs() -> dict[str, Any]:
    """Notify people of runs that take longer than estimated; also reports what is under way."""
    from storyboard_ops.gateways.deployment_file import read_deployment
    from storyboard_ops.steps.release.late_runs import report_late_runs

    late = report_late_runs(aws_client, read_deployment().known(), alert_late_run, emitter())
    return {"late": [run.run_id for run in late]}
