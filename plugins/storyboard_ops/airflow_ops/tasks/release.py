"""The task of ``release_capacity``, which needs the account, its tags and the runs' claims."""

from __future__ import annotations

from storyboard_ops.airflow_ops.step_task import step_task
from storyboard_ops.airflow_ops.task_bridge import aws_client
from storyboard_ops.domain.money.sweep_report import SweepReport


@step_task
def release_expired() -> SweepReport:
    """Release everything past its lease; fail when a release failed."""
    from storyboard_ops.gateways.deployment_file import read_deployment
    from storyboard_ops.steps.release.release_expired import release_expired

    report = release_expired(aws_client, read_deployment().known())
    report.raise_for_failures()
    return report
