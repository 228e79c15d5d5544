"""Start or adopt a SageMaker job, on the first instance type that can be had.

Its name derives from what decides its result and from the attempt, not from the instance: a job
that got no machine never ran and costs nothing, so the next attempt takes the next type.
"""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import (
    GateClosed,
    NotFinished,
    QuotaExhausted,
    error_for_status,
)
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.object_keys import S3Uri, aws_name
from storyboard_ops.domain.training.model_facts import Wait
from storyboard_ops.gateways.money.pricing import billed_amount
from storyboard_ops.gateways.training.model_files import sagemaker_facts
from storyboard_ops.gateways.training.program_files import program_files
from storyboard_ops.gateways.training.sagemaker_jobs import (
    NAME_TAKEN,
    JobRequest,
    JobState,
    SageMakerJobs,
    differences,
    strings,
)
from storyboard_ops.steps.money.adopt_or_create import Purchase, adopt_or_create
from storyboard_ops.steps.money.claims import claim, lease_until, refuse_unclaimed
from storyboard_ops.steps.training.bundle import bundle_place, upload_bundle
from storyboard_ops.steps.training.jobs.job_task import JobTask
from storyboard_ops.steps.training.sagemaker.settle_sagemaker import write_sagemaker_line

log = logging.getLogger(__name__)

ENDED_BADLY = frozenset({"Failed", "Stopped", "Stopping"})
#: The folder that the containers' paths begin with; the program reads it from ML_ROOT.
ML_ROOT = "/opt/ml"
#: Hours for a machine, an image and the inputs, which the limits of a job do not count.
START_HOURS = 1.0


@dataclass(frozen=True)
class SageMakerJob(JobTask, Purchase[JobRequest, JobState]):
    """A job of one run."""

    jobs: SageMakerJobs
    _types: deque[str] = field(init=False)

    name_taken = NAME_TAKEN

    def __post_init__(self) -> None:
        object.__setattr__(self, "_types", deque(self.instance_types))

    @abstractmethod
    def document(self, name: str, instance_type: str, program: S3Uri) -> dict[str, Any]:
        """Return the parameters of the create call but name and tags.

        ``program``: prefix of the training program's files.
        """

    @property
    def instance_types(self) -> Sequence[str]:
        """The instance types of the run by preference, else all that carry the base model."""
        listed = sagemaker_facts().instances
        suited = [one.type for one in listed if one.carries(self.base, self.tools.settings.trains)]
        return self.tools.settings.instance_types or suited

    def start(self) -> Wait:
        """Start the job, or adopt it; returns what to wait for."""
        settled = adopt_or_create(self)
        found = settled.adopted or self.jobs.find(settled.request.name)
        price = (
            billed_amount(self._hour(found), self.tools.region)["usd_per_unit"] if found else None
        )
        return Wait(
            kind=self.jobs.form.kind,
            name=settled.request.name,
            hours=self.hours + START_HOURS,
            progress_uri=str(self.progress_uri(settled.request.name)),
            began_at=found.created_at if found else "",
            usd_per_hour=price,
        )

    def _hour(self, found: JobState) -> Usage:
        return Usage(
            service="sagemaker", item=found.instance_type, unit=self.jobs.form.usage, amount=1
        )

    def request(self, attempt: int) -> JobRequest:
        tools = self.tools
        # A name contains only the start of a long run key: the digest distinguishes runs.
        digest = digest_of(tools.run_key, self.inputs, attempt)
        name = aws_name(self.purpose, tools.run_key, digest)
        end = tools.clock() + timedelta(hours=self.hours + START_HOURS)
        return JobRequest(name, self._document(name, self._types[0]), lease_until(tools, end))

    def _document(self, name: str, instance_type: str) -> dict[str, Any]:
        program, _ = bundle_place(self.tools, program_files())
        return self.document(name, instance_type, program)

    def find(self, request: JobRequest) -> JobState | None:
        return self.jobs.find(request.name)

    def is_spent(self, found: JobState) -> bool:
        if found.got_no_machine:
            self._types.rotate(-1)
        if found.status in ENDED_BADLY:
            log.info("%s is %s; starting a new one.", found.name, found.status)
        return found.status in ENDED_BADLY

    def adopt(self, found: JobState, request: JobRequest) -> None:
        kind = self.jobs.form.kind
        # The program may have been replaced since: its version is no reason to pay twice.
        program = self._program_of(found) or bundle_place(self.tools, program_files())[0]
        asked = self.document(request.name, found.instance_type, program)
        differing = differences(asked, found.document)
        if found.instance_type not in self.instance_types:
            differing.append("instance type")
        if differing:
            raise GateClosed(
                f"A {kind} named {found.name} exists with other inputs: {', '.join(differing)}. It "
                "is not adopted; stop it, find out who made it, and start a new run."
            )
        refuse_unclaimed(self.tools, kind, found.name, self.jobs.tags(found.arn))
        log.info("Adopting %s %s (%s).", kind, found.name, found.status)
        write_sagemaker_line(self.tools, self.jobs.form, found)

    def _program_of(self, found: JobState) -> S3Uri | None:
        """Return the version of our program that a job runs; None when it is none of ours."""
        root = str(self.tools.workspace.program(""))
        return next(
            (S3Uri.parse(uri) for uri in strings(found.document) if uri.startswith(root)), None
        )

    def claim(self, request: JobRequest) -> None:
        upload_bundle(self.tools)
        self.write_inputs(request.name)
        claim(self.tools, self.jobs.form.kind, request.name)

    def create(self, request: JobRequest) -> None:
        """Start the job on the first instance type whose quota allows it."""
        for number, instance_type in enumerate(self._types, start=1):
            document = self._document(request.name, instance_type)
            try:
                arn = self.jobs.create(JobRequest(request.name, document, request.tags))
            except QuotaExhausted as error:
                if number == len(self._types):
                    raise
                log.warning("%s is not allowed now; trying the next type: %s", instance_type, error)
                continue
            log.info("Started %s on %s.", arn, instance_type)
            if job := self.jobs.find(request.name):
                write_sagemaker_line(self.tools, self.jobs.form, job)
            return


def completed_job(job: SageMakerJob, name: str) -> JobState | Wait:
    """Return a job that has completed; a wait when it got no machine and the next was started.

    Raises JobFailed with the service's reason, JobStopped, or NotFinished.
    """
    found, kind = job.jobs.find(name), job.jobs.form.kind
    if found is not None:
        write_sagemaker_line(job.tools, job.jobs.form, found)
        if found.got_no_machine and found.instance_type != job.instance_types[-1]:
            log.warning("%s got no %s: %s", name, found.instance_type, found.failure)
            return job.start()
        if found.status == "Completed":
            return found
        if found.limit_reached:
            raise NotFinished(
                f"The {kind} {name} was stopped at its limit of {job.hours:g} hours "
                f"({found.limit_reached}). Its checkpoints are kept: raise the limit and clear "
                f"{job.task_id} to go on from the last one."
            )
    state = f"is {found.status}. {found.failure}".strip() if found else "no longer exists."
    raise error_for_status(found.status if found else "")(
        f"The {kind} {name} {state} What was made before is kept; clear {job.task_id} to start it "
        "again."
    )
