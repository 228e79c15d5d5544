"""The states of a customization job as a function of its document and the time.

A job's document says when it was created, how long it takes, whether and where it fails, and when
a stop was requested. Everything the service shows follows from that and the clock, so a restart
during a job loses nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local_aws.storage.state_store import Document

VALIDATION = "validationDetails"
DATA_PROCESSING = "dataProcessingDetails"
TRAINING = "trainingDetails"

STAGE_ENDS = {VALIDATION: 0.1, DATA_PROCESSING: 0.2, TRAINING: 1.0}
"""Stage -> the share of the job's duration after which it ends."""

STOPPING_SHARE = 0.05
"""How long a stop takes, as a share of the job's duration."""

IN_PROGRESS = "InProgress"
COMPLETED = "Completed"
FAILED = "Failed"
STOPPING = "Stopping"
STOPPED = "Stopped"
NOT_STARTED = "NotStarted"


@dataclass(frozen=True)
class JobView:
    """A job at one moment.

    `stages` is the answer's `statusDetails`; `ended` is None until the job is terminal;
    `trained_share` is the completed share of the training, 0 to 1.
    """

    status: str
    stages: dict[str, dict[str, Any]]
    modified: datetime
    ended: datetime | None
    trained_share: float


def view(job: Document, now: datetime) -> JobView:
    """Return the state of `job` at `now` (timezone-aware)."""
    halt = _find_halt(job)
    if now < halt.at:
        status, ended = IN_PROGRESS, None
    elif now < halt.end:
        status, ended = STOPPING, None
    else:
        status, ended = halt.final, halt.end
    stages = _describe_stages(job, halt, now, status)
    modified = max(details["lastModifiedTime"] for details in stages.values())
    return JobView(status, stages, modified, ended, _compute_trained_share(job, min(now, halt.at)))


@dataclass(frozen=True)
class _Halt:
    """Where a job leaves InProgress: in which stage, when, and when it is terminal."""

    stage: str
    at: datetime
    end: datetime
    final: str


def _find_halt(job: Document) -> _Halt:
    failure, stop = job["failure"], job["stop_requested"]
    stage = TRAINING if failure is None else failure["stage"]
    at = _find_stage_end(job, stage)
    if stop is not None and (stopped := datetime.fromisoformat(stop)) < at:
        current = next(stage for stage in STAGE_ENDS if stopped < _find_stage_end(job, stage))
        return _Halt(current, stopped, stopped + STOPPING_SHARE * _read_duration(job), STOPPED)
    return _Halt(stage, at, at, COMPLETED if failure is None else FAILED)


def _describe_stages(
    job: Document, halt: _Halt, now: datetime, job_status: str
) -> dict[str, dict[str, Any]]:
    created = begin = datetime.fromisoformat(job["created"])
    halted = False
    stages = {}
    for stage in STAGE_ENDS:
        end = _find_stage_end(job, stage)
        if halted or now < begin:
            status, modified = NOT_STARTED, created
        elif stage == halt.stage and now >= halt.at:
            status, modified, halted = job_status, min(now, halt.end), True
        elif now >= end:
            status, modified = COMPLETED, end
        else:
            status, modified = IN_PROGRESS, begin
        stages[stage] = {"status": status, "creationTime": created, "lastModifiedTime": modified}
        begin = end
    return stages


def _compute_trained_share(job: Document, until: datetime) -> float:
    begin, end = _find_stage_end(job, DATA_PROCESSING), _find_stage_end(job, TRAINING)
    return 1.0 if until >= end else max(0.0, (until - begin) / (end - begin))


def _find_stage_end(job: Document, stage: str) -> datetime:
    return datetime.fromisoformat(job["created"]) + STAGE_ENDS[stage] * _read_duration(job)


def _read_duration(job: Document) -> timedelta:
    return timedelta(seconds=job["duration_seconds"])
