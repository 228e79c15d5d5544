"""
### An upload starts a run

Upload a film to `s3://<workspace>/incoming/<production>/`. S3 notifies a queue, itself or through
SNS or EventBridge; the queue starts this DAG, and every film gets one run of
`train_character_model`, exactly one for each version of the object: the run's id derives from
bucket, key and ETag, and the message leaves the queue only when the run exists.

The workspace must be in `include/deployment.yaml`, with `uploads`: that file also sets the
parameters of these runs, such as budget and review desk. `<production>` is a folder
`productions/<production>/` of the workspace with a `production.yaml`, or the name of a production
that comes with the pipeline. Everything else, such as files that are not films, goes to the queue
`storyboard-uploads-rejected`, with the reason.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, AssetWatcher, dag, task_group

from storyboard_ops.airflow_ops.ingest.tasks import (
    StartFilmRunOperator,
    forget_upload,
    receive_uploads,
)
from storyboard_ops.airflow_ops.ingest.trigger import UploadsTrigger
from storyboard_ops.airflow_ops.task_bridge import TASK_DEFAULTS
from storyboard_ops.domain.ingest.upload_records import UPLOADS_QUEUE

UPLOADED_FILMS = Asset(
    name="uploaded_films",
    uri="x-storyboard://uploaded-films",
    watchers=[AssetWatcher(name="uploads_queue", trigger=UploadsTrigger(UPLOADS_QUEUE))],
)


@task_group(group_display_name="Each upload")
def upload(film: Any) -> None:
    """Start the run of one film, and take its message from the queue."""
    run = StartFilmRunOperator(
        task_id="start_run", trigger_dag_id="train_character_model", film=film
    )
    run >> forget_upload(film)


@dag(
    description="An uploaded film starts one run of train_character_model.",
    doc_md=__doc__,
    schedule=[UPLOADED_FILMS],
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    dagrun_timeout=timedelta(hours=12),  # another run of it must not wait longer
    tags=["storyboard", "film", "uploads"],
)
def ingest_video() -> None:
    upload.expand(film=receive_uploads())


ingest_video()
