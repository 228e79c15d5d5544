"""The end of every DAG that buys capacity: a release that runs whatever happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import TriggerRule

from storyboard_ops.airflow_ops.task_bridge import RELEASE_RETRIES
from storyboard_ops.airflow_ops.tasks.pipeline import confirm_released, release_throughput


def release_after(report: Any, setups: Sequence[Any]) -> None:
    """Add the release and its confirmation after the report, whatever happened before.

    :param report: the task that writes the report, the last one before the release.
    :param setups: tasks after whose success there may be something to release. Clearing a task
        between them and the release provisions and releases again, and the release also runs when
        provisioning itself fails half-way.
    """
    released = release_throughput.override(**RELEASE_RETRIES)().as_teardown(setups=setups)
    # The last task is not a teardown: Airflow judges a run by its last tasks, and a teardown
    # that succeeds would hide a failure. It runs where a run ends with its dataset too, because
    # detectors bill as well; Airflow skips the report there, with the capacity that is its setup.
    confirmed = confirm_released.override(
        trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, **RELEASE_RETRIES
    )()
    report >> released >> confirmed
    report >> confirmed
