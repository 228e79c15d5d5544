"""Model customization, idempotent: the job's name derives from its inputs, a retry adopts it."""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import count

from botocore.exceptions import ClientError

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import GateClosed, RemoteFailure
from storyboard_ops.domain.object_keys import aws_name, client_token
from storyboard_ops.domain.training.model_facts import CustomizedModel
from storyboard_ops.gateways.aws.errors import error_code
from storyboard_ops.gateways.training.bedrock_control import (
    NAME_TAKEN,
    BedrockControl,
    JobRequest,
    JobState,
)
from storyboard_ops.steps.money.claims import claim, claims, lease_until
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.settle import enter_job

log = logging.getLogger(__name__)

ENDED_BADLY = frozenset({"Failed", "Stopped", "Stopping"})


def start_customization(tools: ToolBox, dataset: TrainingSet) -> str:
    """Start or adopt the customization job; returns its name.

    A job of the same name with other inputs is refused. A job that failed or was stopped is left
    alone and a new name is taken: this is reached only when a person clears the task, because a
    failed job is not retried by itself.
    """
    control = BedrockControl(tools.clients("bedrock"))
    for attempt in count():
        request = _request(tools, dataset, attempt)
        job = control.find_job(request.job_name)
        if job is None:
            return _create(tools, control, request)
        if job.status not in ENDED_BADLY:
            return _adopt(tools, job, request)
        log.info("Customization job %s is %s; trying anew.", job.name, job.status)
    raise AssertionError("unreachable: count() does not end")


def finish_customization(tools: ToolBox, job_name: str) -> CustomizedModel:
    """Facts of the customized model; raises RemoteFailure with the service's reason."""
    job = BedrockControl(tools.clients("bedrock")).find_job(job_name)
    if job is None or job.status != "Completed":
        state = f"is {job.status}. {job.failure}" if job else "does not exist any more."
        raise RemoteFailure(
            f"Customization job {job_name} {state} The approved dataset is kept; clear "
            "customize_model to train again."
        )
    enter_job(tools, job)
    log.info("Customization job %s completed: %s", job_name, job.metrics)
    model = CustomizedModel(
        job_arn=job.arn,
        job_name=job.name,
        model_arn=job.model_arn,
        base_model_id=tools.settings.base_model_id,
        metrics=job.metrics,
        images_seen=tools.settings.step_count * tools.settings.batch_size,
    )
    tools.write_record("model/model.json", model)
    return model


def stop_customization(tools: ToolBox) -> None:
    """Stop what this run trains, when nobody waits for it any more.

    It goes by the run's claims: a task may be killed before it has learned of its own job.
    """
    control = BedrockControl(tools.clients("bedrock"))
    for claimed in claims(tools):
        if claimed.kind != "customization job":
            continue
        job = control.find_job(claimed.name)
        if job is not None and job.status == "InProgress" and control.stop_job(job.name):
            log.warning("Customization job %s was stopped.", job.name)


def _request(tools: ToolBox, dataset: TrainingSet, attempt: int) -> JobRequest:
    settings = tools.settings
    hyperparameters = {
        "stepCount": str(settings.step_count),
        "batchSize": str(settings.batch_size),
        "learningRate": f"{settings.learning_rate:.10f}".rstrip("0"),
    }
    training_end = tools.clock() + timedelta(hours=settings.training_timeout_h)
    model_end = training_end + timedelta(hours=settings.lease_h)
    inputs = (dataset.training_sha256, settings.base_model_id, hyperparameters)
    # A name holds only the beginning of a long run key: the digest keeps runs apart.
    digest = digest_of(tools.run_key, *inputs, attempt)
    return JobRequest(
        job_name=aws_name("customize", tools.run_key, digest),
        model_name=aws_name("model", tools.run_key, digest),
        role_arn=tools.training_role_arn,
        base_model_id=settings.base_model_id,
        training_uri=dataset.training_uri,
        output_uri=str(tools.run_root / "model/"),
        hyperparameters=hyperparameters,
        client_token=client_token(digest),
        tags=lease_until(tools, training_end),
        model_tags=lease_until(tools, None if settings.keep_model else model_end),
    )


def _create(tools: ToolBox, control: BedrockControl, request: JobRequest) -> str:
    claim(tools, "custom model", request.model_name)
    claim(tools, "customization job", request.job_name)
    try:
        arn = control.create_job(request)
    except ClientError as error:
        # Its name may be taken by a job that was not yet to be seen a moment ago.
        job = control.find_job(request.job_name) if error_code(error) in NAME_TAKEN else None
        if job is None:
            raise
        return _adopt(tools, job, request)
    seen = f"{tools.settings.images_seen:,}"
    log.info("Started customization job %s: %s pictures will be seen.", arn, seen)
    job = control.find_job(request.job_name)
    if job is not None:
        enter_job(tools, job)
    return request.job_name


def _adopt(tools: ToolBox, job: JobState, request: JobRequest) -> str:
    _refuse_other_inputs(job, request)
    log.info("Adopting customization job %s (%s).", job.name, job.status)
    enter_job(tools, job)
    return job.name


def _refuse_other_inputs(job: JobState, request: JobRequest) -> None:
    if job.training_uri != request.training_uri or request.base_model_id not in job.base_model:
        raise GateClosed(
            f"A customization job named {job.name} exists with other inputs "
            f"({job.base_model}, {job.training_uri}). It is not adopted; delete or rename it."
        )
