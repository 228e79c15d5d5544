"""The stretch of tasks that every DAG which draws shares: from a model to the receipt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from airflow.sdk import chain

from storyboard_ops.airflow_ops.task_bridge import RELEASE_RETRIES
from storyboard_ops.airflow_ops.tasks.pipeline import (
    confirm_released,
    draw_storyboard,
    release_throughput,
)
from storyboard_ops.airflow_ops.training.operators import ProvisionThroughputOperator


def draw_and_release(
    checked: Any, model: Any, report: Any, after_drawing: Callable[[Any], Sequence[Any]]
) -> None:
    """Provision, draw, report, and release whatever happened.

    ``checked``: the preflight task; from its success on there may be something to release.
    ``model``: XCom of a CustomizedModel. ``report``: the task that writes the page.
    ``after_drawing``: from the XCom of the panels to the tasks between drawing and report.
    """
    capacity: Any = ProvisionThroughputOperator(task_id="provision_throughput", model=model)
    panels = draw_storyboard(capacity.output)
    # Both are set-ups of the release: clearing a task in between provisions and releases again,
    # and the release also runs when provisioning itself has failed half-way.
    release = release_throughput.override(**RELEASE_RETRIES)
    released = release().as_teardown(setups=[checked, capacity])
    # An ordinary task at the end: Airflow judges a run by its last tasks, and a teardown that
    # succeeds would make a failed run look green.
    confirmed = confirm_released.override(**RELEASE_RETRIES)()
    chain(model, capacity, panels, *after_drawing(panels), report, released, confirmed)
    report >> confirmed
