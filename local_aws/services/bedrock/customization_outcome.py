"""The outcome of a customization job: its model, metrics file and metered images.

Everything is derived from the job's document, so that a retry after a kill has the same result. The
job is marked as settled in the same transaction.
"""

import csv
import io
import math
from collections.abc import Iterator
from datetime import datetime

from local_aws.account.price_table import HOURS_PER_MONTH
from local_aws.operations.context import Context
from local_aws.protocol.errors import ServiceError
from local_aws.services.bedrock import customization_timeline as timeline
from local_aws.services.bedrock import resources, training_store
from local_aws.services.bedrock.customization_timeline import JobView
from local_aws.services.s3.encryption import write_as_role
from local_aws.storage.state_store import Document

METRICS_ROWS = 100
"""The metrics file has at most this many steps, evenly spaced."""

LOSS_AT_START = 0.5
LOSS_AT_END = 0.1
DECAY_STEPS = 400


def settle_job(context: Context, job: Document, now: datetime) -> None:
    """Write the outcome of `job` if it has ended at `now`; otherwise do nothing."""
    view = timeline.view(job, now)
    if view.ended is None:
        return
    if view.status == timeline.COMPLETED:
        job = _write_metrics_file(context, job)
    with context.state.transaction():
        stored = context.state.get(resources.JOB, job["arn"])
        if stored is None or stored["settled"]:
            return
        view = timeline.view(job, now)
        if view.status == timeline.COMPLETED:
            _create_model(context, job, view.modified)
        _meter_images(context, job, view)
        context.state.put(resources.JOB, job["arn"], {**job, "settled": True})
    if view.status != timeline.COMPLETED:
        training_store.forget(context, job["arn"])


def _write_metrics_file(context: Context, job: Document) -> Document:
    """Write the metrics file; return the job with its loss, or with the reason of its failure."""
    rows = list(_simulate_metrics(job))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("step_number", "epoch_number", "training_loss", "perplexity"))
    writer.writerows(rows)
    bucket, _, prefix = job["output_data"]["s3Uri"].removeprefix("s3://").partition("/")
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    job_id = job["arn"].rpartition("/")[2]
    key = (
        f"{folder}model-customization-job-{job_id}"
        "/training_artifacts/step_wise_training_metrics.csv"
    )
    try:
        body = text.getvalue().encode()
        write_as_role(context, job["role_arn"], bucket, key, body, "text/csv")
    except ServiceError as error:
        reason = f"The output s3://{bucket}/{key} cannot be written: {error.message}"
        return {**job, "failure": {"stage": timeline.TRAINING, "reason": reason}}
    return {**job, "training_loss": rows[-1][2]}


def _simulate_metrics(job: Document) -> Iterator[tuple[int, int, float, float]]:
    """Yield (step, epoch, loss, perplexity) by a formula: nothing is trained here."""
    steps = int(job["hyperparameters"]["stepCount"])
    batch = int(job["hyperparameters"]["batchSize"])
    stride = max(1, steps // METRICS_ROWS)
    for step in (*range(0, steps - 1, stride), steps - 1):
        loss = LOSS_AT_END + (LOSS_AT_START - LOSS_AT_END) * math.exp(-step / DECAY_STEPS)
        yield step, step * batch // job["records"], round(loss, 6), round(math.exp(loss), 6)


def _create_model(context: Context, job: Document, at: datetime) -> None:
    model = {
        "arn": job["model_arn"],
        "name": job["model_name"],
        "job_name": job["name"],
        "job_arn": job["arn"],
        "base_model_arn": job["base_model_arn"],
        "customization_type": job["customization_type"],
        "kms_key_arn": job["kms_key_arn"],
        "hyperparameters": job["hyperparameters"],
        "training_data": job["training_data"],
        "output_data": job["output_data"],
        "training_loss": job["training_loss"],
        "tags": job["model_tags"],
        "created": at.isoformat(),
    }
    context.state.put(resources.CUSTOM_MODEL, model["arn"], model)
    context.meter.start(
        "bedrock", "custom_model", "month", model["arn"], per_hour=1 / HOURS_PER_MONTH, at=at
    )


def _meter_images(context: Context, job: Document, view: JobView) -> None:
    """Meter the images seen: steps x batch, or the trained share of that for a stopped job."""
    numbers = job["hyperparameters"]
    images = int(int(numbers["stepCount"]) * int(numbers["batchSize"]) * view.trained_share)
    if images:
        context.meter.record(
            "bedrock",
            "CreateModelCustomizationJob",
            {"training_image": images},
            resource=job["base_model_arn"].rpartition("/")[2],
        )
