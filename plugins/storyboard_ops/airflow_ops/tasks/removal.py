"""The tasks of ``remove_everywhere``; when repeated, they continue where they stopped."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from storyboard_ops.airflow_ops.refusals import without_traceback
from storyboard_ops.airflow_ops.task_bridge import aws_client
from storyboard_ops.airflow_ops.tasks.kinds import MATERIAL
from storyboard_ops.domain.removal.removal_records import RemovalRecord, parse_request

if TYPE_CHECKING:
    from storyboard_ops.steps.removal.remove_material import Removal

log = logging.getLogger(__name__)


@task(execution_timeout=MATERIAL, show_return_value_in_logs=False)
@without_traceback
def find_material() -> dict[str, Any]:
    """Report what would be deleted and rewritten, and which models were trained on it."""
    return _summary(_removal().plan())


@task(execution_timeout=MATERIAL, show_return_value_in_logs=False)
@without_traceback
def remove_material() -> dict[str, Any]:
    """Delete and rewrite; skip in a dry run."""
    removal = _removal()
    if removal.request.dry_run:
        raise AirflowSkipException(
            "A dry run: nothing was changed. Switch dry_run off to remove the material."
        )
    return _summary(removal.carry_out())


def _removal() -> Removal:
    from storyboard_ops.steps.removal.remove_material import Removal

    return Removal(parse_request(dict(get_current_context()["params"])), aws_client)


def _summary(record: RemovalRecord) -> dict[str, Any]:
    """Return what XCom stores: names and the sentence, never the lists of objects."""
    log.info("%s", record.sentence)
    return {
        "sentence": record.sentence,
        "removal_id": record.removal_id,
        "runs": list(record.runs),
        "unfinished_runs": list(record.unfinished_runs),
        "models": [model.model_arn or model.job_arn for model in record.models],
        "notes": list(record.notes),
    }
