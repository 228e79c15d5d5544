"""The task of ``release_capacity``: no run, no settings, only the account and its tags."""

from __future__ import annotations

from typing import Any

from airflow.sdk import task

from storyboard_ops.airflow_ops.task_bridge import aws_client


@task
def release_expired() -> dict[str, Any]:
    """End what is past its lease; fails when something needs a person."""
    from storyboard_ops.steps.release.release_expired import release_expired

    report = release_expired(aws_client)
    report.raise_for_failures()
    return report.model_dump(mode="json")
