"""Settle a run's SageMaker jobs: stop what still runs, and write the receipt lines."""

from __future__ import annotations

import logging

from storyboard_ops.domain.error_tree import ReleaseFailed
from storyboard_ops.domain.money.paid_usage import HOURS_PER_MONTH, PaidResource, Usage
from storyboard_ops.domain.training.model_facts import Claim
from storyboard_ops.domain.utc_time import hours_between, iso
from storyboard_ops.gateways.money.pricing import billed_amount
from storyboard_ops.gateways.training.sagemaker_jobs import (
    JOB_ENDED,
    JOB_FORMS,
    JobForm,
    JobState,
    SageMakerJobs,
)
from storyboard_ops.steps.money.claims import claims, write_line
from storyboard_ops.steps.run.service_wait import wait_for
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.training.model_files import is_shown

log = logging.getLogger(__name__)

#: Time for a stopped job to end: SageMaker gives it 120 s to save its work, and uploads that.
STOP_SECONDS = 600


def sagemaker_jobs(tools: ToolBox, form: JobForm) -> SageMakerJobs:
    """Return the calls about jobs of one kind."""
    return SageMakerJobs(tools.clients("sagemaker"), form)


def stop_sagemaker_jobs(tools: ToolBox, form: JobForm) -> None:
    """Stop the jobs of one kind that this run claimed, when it no longer waits for them."""
    jobs = sagemaker_jobs(tools, form)
    for claimed in claims(tools):
        if claimed.kind != form.kind:
            continue
        job = jobs.find(claimed.name)
        if job is not None and job.status == "InProgress" and jobs.stop(job.name):
            log.warning("The %s %s was stopped.", form.kind, job.name)


def settle_sagemaker_job(tools: ToolBox, claimed: Claim) -> None:
    """Stop the job if it still runs, and wait for its end: until then it bills."""
    jobs = sagemaker_jobs(tools, JOB_FORMS[claimed.kind])
    job = jobs.find(claimed.name)
    if job is None:
        return
    if job.status == "InProgress":
        jobs.stop(job.name)
    ended = wait_for(lambda: _ended(jobs, claimed.name), STOP_SECONDS)
    if ended is None:
        raise ReleaseFailed(
            f"The {claimed.kind} {claimed.name} has not stopped within {STOP_SECONDS} s."
        )
    write_sagemaker_line(tools, jobs.form, ended)
    if claimed.kind == "training job" and not tools.settings.keep_model:
        _delete_model(tools, claimed.name)


def _delete_model(tools: ToolBox, job_name: str) -> None:
    """Delete the weights of a model and the checkpoints of the run; what the report shows stays."""
    found = [
        one.uri
        for folder in (f"model/output/{job_name}/", "model/checkpoints/")
        for one in tools.objects.list(tools.run_root / folder)
    ]
    tools.objects.delete([uri for uri in found if not is_shown(uri)])
    log.info("The model of %s was deleted (keep_model).", job_name)


def sagemaker_job_bills(tools: ToolBox, claimed: Claim) -> bool:
    """Return whether the service still runs a claimed job."""
    job = sagemaker_jobs(tools, JOB_FORMS[claimed.kind]).find(claimed.name)
    return job is not None and job.status not in JOB_ENDED


def write_sagemaker_line(tools: ToolBox, form: JobForm, job: JobState) -> PaidResource:
    """Write a job's receipt line as of now, and book its hours so far."""
    ended = job.status in JOB_ENDED
    hours = hours_between(job.created_at, job.ended_at or iso(tools.clock()))
    share = job.billed_seconds / 3600 if ended else hours
    billed = Usage(service="sagemaker", item=job.instance_type, unit=form.usage, amount=share)
    months = share * job.volume_gb / HOURS_PER_MONTH
    disk = Usage(service="sagemaker", item="volume", unit="gb_month", amount=months)
    tools.book(job.name, (billed, disk))
    return write_line(
        tools,
        PaidResource(
            kind=form.kind,
            name=job.name,
            arn=job.arn,
            owner=tools.run_key,
            created_at=job.created_at,
            bills=not ended,
            note=f"{job.status} on {job.instance_type}; "
            + ("nothing to delete" if ended else "bills until it ends"),
            hours=round(hours, 4),
            **billed_amount(billed, tools.region),
        ),
    )


def _ended(jobs: SageMakerJobs, name: str) -> JobState | None:
    """Return the job if it has ended; None while it runs."""
    job = jobs.find(name)
    return job if job is not None and job.status in JOB_ENDED else None
