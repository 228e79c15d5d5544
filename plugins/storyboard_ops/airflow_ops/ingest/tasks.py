"""The tasks that turn uploads into runs."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Context, TriggerRule

from storyboard_ops.airflow_ops.step_task import step_task
from storyboard_ops.airflow_ops.task_bridge import aws_client, label, most_mapped_tasks
from storyboard_ops.domain.ingest.upload_records import UploadedFilm


@step_task
def receive_uploads() -> list[UploadedFilm]:
    """Read the uploads; files that are not films go to the dead-letter queue with the reason."""
    from storyboard_ops.steps.ingest.ingest_uploads import MOST_FILMS, receive_films

    return receive_films(aws_client, min(MOST_FILMS, most_mapped_tasks()))


class StartFilmRunOperator(TriggerDagRunOperator):
    """Start the run of an uploaded film; skip when that run exists.

    :param film: UploadedFilm as a dict, an item of the XCom of ``receive_uploads``.
    """

    template_fields = ("film",)
    ui_color = "#d7e8d3"

    def __init__(self, *, film: Any, **kwargs: Any) -> None:
        # Without a logical date, films uploaded at the same moment do not collide.
        super().__init__(
            logical_date=None,
            skip_when_already_exists=True,
            doc_md="Start the run of an uploaded film; skip when that run exists.",
            **kwargs,
        )
        self.film = film

    def execute(self, context: Context) -> None:
        self.trigger_run_id = self.film["run_id"]
        self.conf = self.film["conf"]
        super().execute(context)


# The run exists, whether it was started just now or by an earlier message.
@step_task(map_index_template="{{ label }}", trigger_rule=TriggerRule.NONE_FAILED)
def forget_upload(film: UploadedFilm) -> None:
    """Delete the message from the queue."""
    from storyboard_ops.steps.ingest.ingest_uploads import delete_message

    label(film.run_id)
    delete_message(aws_client, film)
