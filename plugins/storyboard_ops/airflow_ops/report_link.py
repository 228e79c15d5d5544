"""A link to the report on the tasks that write it."""

from __future__ import annotations

from typing import Any

from airflow.configuration import conf
from airflow.sdk import BaseOperatorLink

from storyboard_ops.airflow_ops.approval.paths import report_page


class ReportLink(BaseOperatorLink):
    """The report of the run."""

    name = "Report"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the path of the report in the Airflow UI."""
        base_url = conf.get("api", "base_url", fallback="")
        return report_page(base_url, ti_key.dag_id, ti_key.run_id)


def with_report_link(task: Any) -> Any:
    """Add the link to a task that was made by a decorator; returns the task."""
    task.operator.operator_extra_links = (ReportLink(),)
    return task
