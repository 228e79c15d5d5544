"""Customize a model at Bedrock: the job's name derives from its inputs, and a retry adopts it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.dataset.dataset_records import TrainingSet
from storyboard_ops.domain.error_tree import GateClosed, error_for_status
from storyboard_ops.domain.object_keys import aws_name, client_token
from storyboard_ops.domain.settings.common import TrainingSettings
from storyboard_ops.domain.training.model_facts import TrainedModel, Wait
from storyboard_ops.gateways.training.bedrock_control import (
    NAME_TAKEN,
    BedrockControl,
    JobRequest,
    JobState,
)
from storyboard_ops.steps.money.adopt_or_create import Purchase, adopt_or_create
from storyboard_ops.steps.money.claims import claim, claims, lease_until, refuse_unclaimed
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.bedrock.settle_bedrock import write_job_line
from storyboard_ops.steps.training.trainer import Trainer

log = logging.getLogger(__name__)

ENDED_BADLY = frozenset({"Failed", "Stopped", "Stopping"})


@dataclass(frozen=True)
class BedrockTrainer(Trainer):
    """Trains by a customization job of Bedrock."""

    tools: ToolBox[TrainingSettings]

    def start(self, dataset: TrainingSet) -> Wait:
        name = start_customization(self.tools, dataset)
        hours = self.tools.settings.training_timeout_h
        return Wait(kind="customization job", name=name, hours=hours)

    def finish(self, dataset: TrainingSet, name: str) -> TrainedModel:
        return finish_customization(self.tools, name)

    def stop(self) -> None:
        stop_customization(self.tools)


def start_customization(tools: ToolBox[TrainingSettings], dataset: TrainingSet) -> str:
    """Start or adopt the customization job; returns its name.

    Raises GateClosed for a job of the same name with other inputs. A job that failed or was
    stopped is left alone, and a new one gets the next name: only clearing the task leads here,
    because failed jobs are not retried automatically.
    """
    job = CustomizationJob(tools, BedrockControl(tools.clients("bedrock")), dataset)
    return adopt_or_create(job).request.job_name


def finish_customization(tools: ToolBox[TrainingSettings], job_name: str) -> TrainedModel:
    """Record and return the customized model; raises JobFailed with the service's reason."""
    job = BedrockControl(tools.clients("bedrock")).find_job(job_name)
    if job is None or job.status != "Completed":
        state = f"is {job.status}. {job.failure}" if job else "no longer exists."
        raise error_for_status(job.status if job else "")(
            f"Customization job {job_name} {state} The approved dataset is kept; clear "
            "customize_model to train again."
        )
    write_job_line(tools, job)
    metrics = ", ".join(f"{name} {value:g}" for name, value in sorted(job.metrics.items()))
    log.info("Customization job %s completed%s.", job_name, f": {metrics}" if metrics else "")
    model = TrainedModel(
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
    """Stop the customization jobs that this run claimed, when it no longer waits for them.

    Claims are the source because a task may be killed before it has seen its own job.
    """
    control = BedrockControl(tools.clients("bedrock"))
    for claimed in claims(tools):
        if claimed.kind != "customization job":
            continue
        job = control.find_job(claimed.name)
        if job is not None and job.status == "InProgress" and control.stop_job(job.name):
            log.warning("Customization job %s was stopped.", job.name)


def training_role_arn(tools: ToolBox[TrainingSettings]) -> str:
    """Return the ARN of the role that Bedrock assumes to read the dataset."""
    return tools.role_arn(tools.settings.role_arn, "StoryboardBedrock")


@dataclass(frozen=True)
class CustomizationJob(Purchase[JobRequest, JobState]):
    """The job that trains a model on a dataset."""

    tools: ToolBox[TrainingSettings]
    control: BedrockControl
    dataset: TrainingSet

    name_taken = NAME_TAKEN

    def request(self, attempt: int) -> JobRequest:
        tools, settings = self.tools, self.tools.settings
        hyperparameters = {
            "stepCount": str(settings.step_count),
            "batchSize": str(settings.batch_size),
            "learningRate": f"{settings.learning_rate:.10f}".rstrip("0"),
        }
        training_end = tools.clock() + timedelta(hours=settings.training_timeout_h)
        model_end = training_end + timedelta(hours=settings.lease_h)
        inputs = (self.dataset.training_sha256, settings.base_model_id, hyperparameters)
        # A name contains only the start of a long run key: the digest distinguishes runs.
        digest = digest_of(tools.run_key, *inputs, attempt)
        return JobRequest(
            job_name=aws_name("customize", tools.run_key, digest),
            model_name=aws_name("model", tools.run_key, digest),
            role_arn=training_role_arn(tools),
            base_model_id=settings.base_model_id,
            training_uri=self.dataset.training_uri,
            output_uri=str(tools.run_root / "model/"),
            hyperparameters=hyperparameters,
            client_token=client_token(digest),
            tags=lease_until(tools, training_end),
            model_tags=lease_until(tools, None if settings.keep_model else model_end),
        )

    def find(self, request: JobRequest) -> JobState | None:
        return self.control.find_job(request.job_name)

    def is_spent(self, found: JobState) -> bool:
        if found.status in ENDED_BADLY:
            log.info("Customization job %s is %s; starting a new one.", found.name, found.status)
        return found.status in ENDED_BADLY

    def adopt(self, found: JobState, request: JobRequest) -> None:
        if differing := _differences(found, request):
            raise GateClosed(
                f"A customization job named {found.name} exists with other inputs: "
                f"{'; '.join(differing)}. It is not adopted; delete or rename it."
            )
        tags = self.control.tags(found.arn)
        refuse_unclaimed(self.tools, "customization job", found.name, tags)
        log.info("Adopting customization job %s (%s).", found.name, found.status)
        write_job_line(self.tools, found)

    def claim(self, request: JobRequest) -> None:
        claim(self.tools, "custom model", request.model_name)
        claim(self.tools, "customization job", request.job_name)

    def create(self, request: JobRequest) -> None:
        arn = self.control.create_job(request)
        seen = f"{self.tools.settings.images_seen:,}"
        log.info("Started customization job %s: %s pictures will be seen.", arn, seen)
        if job := self.control.find_job(request.job_name):
            write_job_line(self.tools, job)


def _differences(job: JobState, request: JobRequest) -> list[str]:
    """List what a job does differently from the request, of all that decides its model."""
    # The service may add defaults to the hyperparameters.
    hyperparameters = {name: job.hyperparameters.get(name) for name in request.hyperparameters}
    compared = {
        "training data": (job.training_uri, request.training_uri),
        "output": (job.output_uri.rstrip("/"), request.output_uri.rstrip("/")),
        "model name": (job.model_name, request.model_name),
        "hyperparameters": (hyperparameters, request.hyperparameters),
    }
    differing = [f"{what} {have}" for what, (have, wanted) in compared.items() if have != wanted]
    same_base = request.base_model_id in job.base_model
    return differing if same_base else [f"base model {job.base_model}", *differing]
