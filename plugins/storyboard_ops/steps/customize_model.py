"""Model customization, idempotent: the job's name derives from its inputs, a retry adopts it."""

from __future__ import annotations

import logging
from itertools import count

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import GateClosed, RemoteFailure
from storyboard_ops.domain.model_facts import CustomizedModel
from storyboard_ops.domain.object_keys import aws_name, client_token
from storyboard_ops.domain.paid_usage import Usage
from storyboard_ops.gateways.bedrock_control import BedrockControl, JobRequest, JobState
from storyboard_ops.steps.paid_claims import claim, lease_tags
from storyboard_ops.steps.tool_box import ToolBox

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
        _refuse_other_inputs(job, request)
        if job.status not in ENDED_BADLY:
            log.info("Adopting customization job %s (%s).", job.name, job.status)
            return job.name
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


def stop_customization(tools: ToolBox, job_name: str) -> None:
    """Stop a running job, for a task that is killed."""
    control = BedrockControl(tools.clients("bedrock"))
    job = control.find_job(job_name)
    if job is not None and job.status == "InProgress":
        control.stop_job(job_name)


def _request(tools: ToolBox, dataset: TrainingSet, attempt: int) -> JobRequest:
    settings = tools.settings
    hyperparameters = {
        "stepCount": str(settings.step_count),
        "batchSize": str(settings.batch_size),
        "learningRate": f"{settings.learning_rate:.10f}".rstrip("0"),
    }
    digest = digest_of(dataset.training_sha256, settings.base_model_id, hyperparameters, attempt)
    return JobRequest(
        job_name=aws_name("customize", tools.run_key, digest),
        model_name=aws_name("model", tools.run_key, digest),
        role_arn=tools.training_role_arn,
        base_model_id=settings.base_model_id,
        training_uri=dataset.training_uri,
        output_uri=str(tools.run_root / "model/"),
        hyperparameters=hyperparameters,
        client_token=client_token(digest_of(tools.run_key, digest)),
        tags=lease_tags(tools),
    )


def _create(tools: ToolBox, control: BedrockControl, request: JobRequest) -> str:
    claim(tools, "custom model", request.model_name)
    claim(tools, "customization job", request.job_name)
    arn = control.create_job(request)
    seen = tools.settings.step_count * tools.settings.batch_size
    item = tools.settings.base_model_id
    bought = Usage(service="bedrock", item=item, unit="training_image", amount=seen)
    tools.book(request.job_name, (bought,))
    log.info("Started customization job %s: %s pictures will be seen.", arn, f"{seen:,}")
    return request.job_name


def _refuse_other_inputs(job: JobState, request: JobRequest) -> None:
    if job.training_uri != request.training_uri or request.base_model_id not in job.base_model:
        raise GateClosed(
            f"A customization job named {job.name} exists with other inputs "
            f"({job.base_model}, {job.training_uri}). It is not adopted; delete or rename it."
        )
