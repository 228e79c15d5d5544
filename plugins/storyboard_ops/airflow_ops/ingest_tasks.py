"""The tasks that turn uploads into runs."""

from __future__ import annotations

from typing import Any

from airflow.sdk import TriggerRule, task

from storyboard_ops.airflow_ops.task_bridge import aws_client, label

Fields = dict[str, Any]


@task
def receive_uploads() -> list[Fields]:
    """Read what was uploaded; what is no film goes to the dead-letter queue with its reason."""
    from storyboard_ops.steps.ingest_uploads import receive_films

    return [film.model_dump(mode="json") for film in receive_films(aws_client)]


# The run is there, whether it was started just now or is known from an earlier message.
@task(map_index_template="{{ label }}", trigger_rule=TriggerRule.NONE_FAILED)
def forget_upload(film: Fields) -> None:
    """Take the message off the queue."""
    from storyboard_ops.domain.upload_records import UploadedFilm
    from storyboard_ops.steps.ingest_uploads import forget_message

    parsed = UploadedFilm.model_validate(film)
    label(parsed.run_id)
    forget_message(aws_client, parsed)
