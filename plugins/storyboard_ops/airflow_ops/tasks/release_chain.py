"""The end of every DAG that buys capacity: a release that runs whatever happened."""

from __future__ import annotations

from typing import Any

from airflow.sdk import TriggerRule

from storyboard_ops.airflow_ops.report_link import with_report_link
from storyboard_ops.airflow_ops.task_bridge import RELEASE_RETRIES
from storyboard_ops.airflow_ops.tasks.pipeline import confirm_released, release_throughput


def release_after(report: Any, checked: Any) -> None:
    """Add the release and its confirmation after the report, whatever happened before.

    :param report: the task that writes the report, the last one before the release.
    :param checked: the preflight, after whose success there may be something to release. It is the
        only set-up, so that clearing a task after it releases again. The capacity is none: Airflow
        skips whatever a skipped set-up precedes, and drawing buys it again when it is gone.
    """
    released = with_report_link(release_throughput.override(**RELEASE_RETRIES)())
    released = released.as_teardown(setups=checked)
    # The last task is not a teardown: Airflow judges a run by its last tasks, and a teardown
    # that succeeds would hide a failure. It runs where a run ends with its dataset too, because
    # detectors bill as well; a night's report is skipped there.
    confirmed = confirm_released.override(
        trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, **RELEASE_RETRIES
    )()
    for task in (checked, report):
        with_report_link(task)
    report >> released >> confirmed
    report >> confirmed
