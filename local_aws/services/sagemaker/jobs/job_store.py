"""The documents of jobs: create, find, change, list.

A job's document has its request, what the player needs of it in one form for both kinds of job, and
where it is. `secondary` is the state; of a processing job only the status shows. `segments` are the
times during which an instance ran, `[start, end]`, the last end None while one runs.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from local_aws.account.settings import EndpointSettings
from local_aws.operations.context import Context, Request
from local_aws.operations.resource_pages import list_page, read_sagemaker_query
from local_aws.protocol.errors import ServiceError
from local_aws.services.sagemaker import resources
from local_aws.storage.state_store import Document

FOLDER = "sagemaker-jobs"
KINDS = (resources.TRAINING_JOB, resources.PROCESSING_JOB)

STARTING, DOWNLOADING, TRAINING = "Starting", "Downloading", "Training"
INTERRUPTED, UPLOADING, STOPPING = "Interrupted", "Uploading", "Stopping"
COMPLETED, FAILED, STOPPED = "Completed", "Failed", "Stopped"
MAX_RUNTIME, MAX_WAIT = "MaxRuntimeExceeded", "MaxWaitTimeExceeded"

_STATUSES = {
    COMPLETED: COMPLETED,
    FAILED: FAILED,
    STOPPED: STOPPED,
    STOPPING: STOPPING,
    MAX_RUNTIME: STOPPED,
    MAX_WAIT: STOPPED,
}
_ENDED = (COMPLETED, FAILED, STOPPED)
_MISSING = {
    resources.TRAINING_JOB: "Requested resource not found.",
    resources.PROCESSING_JOB: "Could not find requested job with name: {}",
}
_IN_USE = {
    resources.TRAINING_JOB: "Training job names must be unique within an AWS account and region, "
    "and a training job with this name already exists ({})",
    resources.PROCESSING_JOB: "Job name must be unique within an AWS account and region, and a "
    "job with this name already exists ({})",
}


def status(job: Document) -> str:
    """Return the job's status, such as InProgress; `secondary` says more."""
    return _STATUSES.get(job["secondary"], "InProgress")


def has_ended(job: Document) -> bool:
    """Return whether the job is Completed, Failed or Stopped."""
    return status(job) in _ENDED


def refuse_used_name(context: Context, kind: str, arn: str) -> None:
    """Raise ServiceError ResourceInUse if there is a job of this name."""
    if context.state.get(kind, arn) is not None:
        raise ServiceError("ResourceInUse", _IN_USE[kind].format(arn))


def create(context: Context, kind: str, job: Document) -> None:
    """Store a new job; raises ServiceError ResourceInUse if its name is taken."""
    with context.state.transaction():
        refuse_used_name(context, kind, job["arn"])
        context.state.put(kind, job["arn"], job)


def require(context: Context, kind: str, name: str) -> Document:
    """Return the job of that name; raises ServiceError ValidationException."""
    job = context.state.get(kind, resources.arn(context, kind, name))
    if job is None:
        raise ServiceError("ValidationException", _MISSING[kind].format(name))
    return job


def change(context: Context, kind: str, arn: str, **members: Any) -> Document:
    """Replace members of a stored job and return it."""
    with context.state.transaction():
        job = context.state.get(kind, arn)
        assert job is not None, f"{arn} was deleted while it ran"
        job |= members
        context.state.put(kind, arn, job)
    return job


def move(
    context: Context, kind: str, arn: str, before: str, after: str, message: str, **members: Any
) -> None:
    """Let a job that is still in state `before` enter the state `after`, with these members."""
    with context.state.transaction():
        job = context.state.get(kind, arn)
        if job is not None and job["secondary"] == before:
            now = context.now().isoformat()
            job |= {**members, **_enter(job, after, message, now)}
            context.state.put(kind, arn, job)


def _enter(job: Document, secondary: str, message: str, now: str) -> Document:
    """Return the members that change when a job enters a state."""
    entered = {"Status": secondary, "StartTime": now, "StatusMessage": message}
    earlier = [{"EndTime": now, **transition} for transition in job["transitions"]]
    members = {"secondary": secondary, "modified": now, "transitions": [*earlier, entered]}
    if _STATUSES.get(secondary) in _ENDED:
        members |= {"ended": now}
        entered["EndTime"] = now
    return members


def start_document(context: Context) -> Document:
    """Return the members of a new job that say where it is."""
    now = context.now().isoformat()
    job: Document = {
        **{"created": now, "ended": None, "attempt": 1, "paused": False, "interrupted": False},
        **{"stop_reason": None, "failure": None, "segments": [], "transitions": []},
        "planned_failure": _read_planned_failure(context),
    }
    return job | _enter(job, STARTING, "Starting the job", now)


def _read_planned_failure(context: Context) -> Document | None:
    fault = context.injected_failure
    return None if fault is None else {"code": fault.code, "message": fault.message}


def request_stop(context: Context, kind: str, name: str, noun: str) -> None:
    """Let the player stop a job; raises ServiceError ValidationException if it is over."""
    with context.state.transaction():
        job = require(context, kind, name)
        if status(job) != "InProgress":
            raise ServiceError(
                "ValidationException",
                f"The request was rejected because the {noun} job is in status {status(job)}.",
            )
        message = f"Stopping the {noun} job"
        move(*(context, kind, job["arn"], job["secondary"], STOPPING, message), stop_reason=STOPPED)


def delete(context: Context, kind: str, name: str) -> None:
    """Delete a job that is over, with its log.

    Raises ServiceError ValidationException or ResourceInUse.
    """
    with context.state.transaction():
        job = require(context, kind, name)
        if not has_ended(job):
            raise ServiceError("ResourceInUse", f"{job['arn']} is in status {status(job)}.")
        shutil.rmtree(find_folder(context.settings, job), ignore_errors=True)
        context.state.delete(kind, job["arn"])


def count_instances(context: Context, kind: str, instance_type: str, spot: bool) -> int:
    """Return how many instances of a type the jobs of a kind have now."""
    return sum(
        1
        for job in context.state.list(kind)
        if not has_ended(job) and (job["instance_type"], job["spot"]) == (instance_type, spot)
    )


def list_matching(
    request: Request, context: Context, kind: str
) -> tuple[list[Document], str | None]:
    """Return the page that a List* request selects, and the token of the next page."""
    after, before = request.get("LastModifiedTimeAfter"), request.get("LastModifiedTimeBefore")
    matching = [
        job
        for job in resources.all_of(context, kind)
        if request.get("NameContains", "") in job["name"]
        and request.get("StatusEquals") in (None, status(job))
        and (after is None or datetime.fromisoformat(job["modified"]) > after)
        and (before is None or datetime.fromisoformat(job["modified"]) < before)
    ]
    return list_page(matching, read_sagemaker_query(request))


def count_seconds(job: Document, now: datetime) -> float:
    """Return for how many seconds an instance ran until now."""
    return sum((end - start).total_seconds() for start, end in _read_segments(job, now))


def _read_segments(job: Document, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    for start, end in job["segments"]:
        yield datetime.fromisoformat(start), now if end is None else datetime.fromisoformat(end)


def find_folder(settings: EndpointSettings, job: Document) -> Path:
    """Return the private folder of a job."""
    kind, _, name = job["arn"].rpartition(":")[2].partition("/")
    return settings.data_dir.resolve() / FOLDER / f"{kind}-{name}"
