"""The tasks that turn uploads into runs."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Context, TriggerRule, task

from storyboard_ops.airflow_ops.task_bridge import aws_client, label

Fields = dict[str, Any]


@task
def receive_uploads() -> list[Fields]:
    """Read what was uploaded; what is no film goes to the dead-letter queue with its reason."""
    from storyboard_ops.steps.ingest.ingest_uploads import receive_films

    return [film.model_dump(mode="json") for film in receive_films(aws_client)]


class StartFilmRunOperator(TriggerDagRunOperator):
    """Start the run of an uploaded film; it skips when that run exists.

    :param film: UploadedFilm as a dict, an item of what ``receive_uploads`` returns.
    """

    template_fields = ("film",)
    ui_color = "#d7e8d3"

    def __init__(self, *, film: Any, **kwargs: Any) -> None:
        # Without a logical date two films of one moment do not collide.
        super().__init__(logical_date=None, skip_when_already_exists=True, **kwargs)
        self.film = film

    def execute(self, context: Context) -> None:
        self.trigger_run_id = self.film["run_id"]
        self.conf = self.film["conf"]
        super().execute(context)


# The run is there, whether it was started just now or is known from an earlier message.
@task(map_index_template="{{ label }}", trigger_rule=TriggerRule.NONE_FAILED)
def forget_upload(film: Fields) -> None:
    """Take the message off the queue."""
    from storyboard_ops.domain.ingest.upload_records import UploadedFilm
    from storyboard_ops.steps.ingest.ingest_uploads import forget_message

    parsed = UploadedFilm.model_validate(film)
    label(parsed.run_id)
    forget_message(aws_client, parsed)
